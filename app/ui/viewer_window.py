"""The images in a window of their own, on a second screen perhaps, and back.

Worklist and report stay in the main window. Which screens there are is looked up here; where a
window may stand on them is decided in :mod:`app.ui.screens`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QScreen,
)
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme, wording
from app.ui.dropping import files_in
from app.ui.keys.shown import first_key
from app.ui.screens import Place, Screen, brought_back, configuration, first_place

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

_TITLE = f"Images · {wording.PRODUCT}"  # others see it: never a patient's name


class ViewerWindow(QWidget):
    """Holds the viewer while it is away from the main window."""

    closed = Signal()
    escaped = Signal()  # Esc that nobody in the viewer wanted
    activity_changed = Signal()
    dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setObjectName("viewer-window")
        self.setWindowTitle(_TITLE)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"#viewer-window {{ background: {theme.BLACK}; }}")
        self.setMinimumSize(480, 360)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.activity_changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = files_in(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.dropped.emit(files)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.closed.emit()


class ViewerPlace(QObject):
    """Where the viewer is: in the main window, in a window of its own, or full screen for a while.

    :attr:`apart` is what the reader has chosen and is kept between starts; full screen from the
    main window is left again with Esc.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._main = window
        self.window: ViewerWindow | None = None
        self.apart = False
        self._filled = False
        self._absent = _Absent(self.toggle_apart)
        self._absent.hide()

    def begin(self) -> None:
        """As at the end of the last session."""
        if self._main.controller.settings.viewer_apart and not self.apart:
            self.toggle_apart()
            self._main.activateWindow()

    def toggle_apart(self) -> None:
        """Into a window of its own, or back."""
        self.apart = not self.apart
        self._filled = False
        self._main.controller.takes(viewer_apart=self.apart)
        self._arrange()

    def toggle_filled(self) -> None:
        """The image alone on the whole screen, or as before."""
        if self.window is not None and self.apart:
            self._fill(not self.window.isFullScreen())
        else:
            self._filled = not self._filled
            self._arrange()

    def toggle_full_screen(self) -> None:
        """The window in front on its whole screen, or a window again."""
        if self.window is not None and self.window.isActiveWindow():
            self.toggle_filled()
        elif self._main.isFullScreen():
            self._main.showNormal()
        else:
            self._main.showFullScreen()
        self._say()

    def to_reading(self) -> None:
        """The reader goes to a list or a text: the main window comes to the front."""
        if self.window is not None:
            if self._filled:
                self._bring_back()
                self._say()
            self._main.activateWindow()

    def end(self) -> None:
        """The main window closes: so does this one, to be there again at the next start."""
        if self.window is not None:
            self._bring_back()

    # inside

    def _arrange(self) -> None:
        wanted = self.apart or self._filled
        if wanted and self.window is None:
            self._take_away()
        elif not wanted and self.window is not None:
            self._bring_back()
            self._main.activateWindow()
            self._main.viewer.setFocus()
        elif self.window is not None and self.apart:
            self.window.setGeometry(_rect(self._remembered()))
            self._fill(False)
        self._say()

    def _take_away(self) -> None:
        main, viewer = self._main, self._main.viewer
        self.window = window = ViewerWindow()
        window.closed.connect(self._closed)
        window.escaped.connect(self._escaped)
        window.activity_changed.connect(main.watch_activity)
        window.dropped.connect(main.actions_of.open_paths)
        window.addActions([action for _, action in main.actions_of.menus.actions()])
        place = self._remembered()
        sizes = main.splitter.sizes()
        self._absent.follow(main)
        main.splitter.replaceWidget(main.splitter.indexOf(viewer), self._absent)
        window.column.addWidget(viewer)
        self._absent.show()
        main.splitter.setSizes(sizes)
        window.setGeometry(_rect(place))
        if self.apart:
            self._fill(place.full)
        else:
            window.setGeometry(main.screen().availableGeometry())
            window.showFullScreen()
        viewer.show()
        window.activateWindow()
        viewer.setFocus()

    def _bring_back(self) -> None:
        window, main = self.window, self._main
        if window is None:
            return
        self._remember()
        self.window = None
        self._filled = False
        sizes = main.splitter.sizes()
        main.splitter.replaceWidget(main.splitter.indexOf(self._absent), main.viewer)
        self._absent.hide()
        main.viewer.show()
        main.splitter.setSizes(sizes)
        window.blockSignals(True)
        window.hide()
        window.deleteLater()

    def _fill(self, full: bool) -> None:
        if self.window is not None:
            if full:
                self.window.showFullScreen()
            else:
                self.window.showNormal()
        self._say()

    def _closed(self) -> None:
        if self.apart:
            self.toggle_apart()
        elif self._filled:
            self.toggle_filled()

    def _escaped(self) -> None:
        if self.window is not None and self.window.isFullScreen():
            self.toggle_filled()
        else:
            self._main.messages.dismiss_newest()

    def _say(self) -> None:
        """Let the menu agree."""
        commands = self._main.actions_of.commands
        commands["viewer_window"].setChecked(self.apart)
        filled = self.window is not None and self.window.isFullScreen()
        commands["viewer_full_screen"].setChecked(filled)
        commands["full_screen"].setChecked(self._main.isFullScreen())

    # the place

    def _remembered(self) -> Place:
        screens = _screens()
        kept = dict(self._main.controller.settings.viewer_places).get(configuration(screens), "")
        place = Place.of(kept) or first_place(screens, _screen(self._main.screen()))
        return brought_back(place, screens)

    def _remember(self) -> None:
        """Where the window stands, for the screens that are there now."""
        if self.window is None or self._filled:
            return
        at = self.window.normalGeometry()
        if not at.isValid():
            at = self.window.geometry()
        full = self.window.isFullScreen()
        place = Place(at.x(), at.y(), at.width(), at.height(), full)
        controller = self._main.controller
        here = configuration(_screens())
        controller.change_settings(controller.settings.with_viewer_place(here, place.text()))


class _Absent(QWidget):
    """Stands where the viewer was, and says where it is."""

    def __init__(self, bring_back: Callable[[], object]) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"_Absent {{ background: {theme.BLACK}; }}")
        words = QLabel("The images are in a window of their own.")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setWordWrap(True)
        words.setProperty("role", "second")
        self._button = QPushButton("Bring them back")
        self._button.setObjectName("viewer_bring_back")
        self._button.clicked.connect(bring_back)
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def follow(self, main: MainWindow) -> None:
        """Name the key that does the same."""
        key = first_key(main.actions_of.commands["viewer_window"])
        self._button.setToolTip(key)


def _screens() -> list[Screen]:
    return [_screen(one) for one in QGuiApplication.screens()]


def _screen(screen: QScreen) -> Screen:
    room = screen.availableGeometry()
    return Screen(screen.name(), room.x(), room.y(), room.width(), room.height())


def _rect(place: Place) -> QRect:
    return QRect(place.x, place.y, place.width, place.height)
