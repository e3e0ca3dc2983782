"""The window: top bar, worklist, viewer, reading column, status bar, and the wires between them.

Decisions are made in :mod:`app.ui.controller` and its parts; here what they say is shown, and
what the reader does is handed to them (:mod:`app.ui.window_actions` has the commands of the
menus).
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from app.inference.heatmap import COLOUR_MAPS
from app.reporting.record import StudyRecord
from app.settings import Settings
from app.ui import theme, wording
from app.ui.attention_link import AttentionLink
from app.ui.comparison_wires import ComparisonWires
from app.ui.controller import Controller, login_name
from app.ui.dropping import files_in
from app.ui.frame_wires import FrameWires
from app.ui.key_image_keeper import KeyImageKeeper
from app.ui.loader import LoadedStudy
from app.ui.measurement_keeper import MeasurementKeeper
from app.ui.message_bar import Message, MessageBar, about
from app.ui.panels.column import ReadingColumn
from app.ui.prior_wires import PriorWires
from app.ui.reading_wires import ReadingWires
from app.ui.similar_wires import SimilarWires
from app.ui.status_bar import StatusBar
from app.ui.top_bar import TopBar
from app.ui.user_bar import UserBar
from app.ui.viewer.area import ViewerArea
from app.ui.viewer_window import ViewerPlace
from app.ui.window_actions import WindowActions
from app.ui.worklist import LEAST_WIDTH, STRIP_WIDTH, Worklist

FOLD_BELOW = 1360
FIRST_SIZE = (1440, 900)
_WORKLIST_WIDTH = 240


class MainWindow(QMainWindow):
    """``painted`` comes once, after the first paint: only then are the threads started."""

    painted = Signal()

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("main-window")
        self.controller = controller
        self._painted = False
        self._folded_by_hand = False
        self.setAcceptDrops(True)
        self.setMinimumSize(1000, 640)
        self._build()
        self.link = AttentionLink(
            (self.column.drafts, self.column.compared.second), self.viewer, self
        )
        self.link.hinted.connect(self.status.hint)
        self.reading = ReadingWires(self)
        self.comparison = ComparisonWires(self)
        self.key_images = KeyImageKeeper(controller, self.viewer.key_images, self)
        self.measurements = MeasurementKeeper(
            controller, self.viewer.marks, lambda: [p.radiograph for p in self.viewer.panes], self
        )
        self.similar = SimilarWires(self)
        self.place = ViewerPlace(self)
        self.actions_of = WindowActions(self)
        self.similar.begin()
        self.actions_of.desk.enable()
        self.frames = FrameWires(self.viewer, controller.loader, self.say, self)
        self.priors = PriorWires(controller, self.viewer, self.actions_of.menus.priors, self)
        self._wire()
        self._use_settings(controller.settings)
        self._set_title()
        self._restore_geometry()
        self.viewer.setFocus()

    # building

    def _build(self) -> None:
        self.top = TopBar()
        self.messages = MessageBar()
        self.user_bar = UserBar(login_name())
        self.user_bar.setVisible(not self.controller.settings.user_name)
        self.worklist = Worklist(self.controller.library.model)
        self.viewer = ViewerArea()
        self.column = ReadingColumn()
        self.status = StatusBar()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.worklist)
        self.splitter.addWidget(self.viewer)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([_WORKLIST_WIDTH, 900])
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.splitter, 1)
        middle.addWidget(_line())
        middle.addWidget(self.column)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.top, self.user_bar, self.messages):
            column.addWidget(part)
        column.addLayout(middle, 1)
        column.addWidget(self.status)
        self.setCentralWidget(central)

    def _wire(self) -> None:
        controller = self.controller
        self.painted.connect(self.place.begin)
        controller.opened.connect(self._opened)
        controller.closed.connect(self._closed)
        controller.images.connect(self._show_images)
        controller.unreadable.connect(self._show_unreadable)
        controller.said.connect(self.say)
        controller.settled.connect(self.messages.dismiss)
        controller.recent_changed.connect(lambda: self.actions_of.refresh_recent())
        model = controller.library.model
        model.counts_changed.connect(lambda: self.status.set_counts(model.counts()))
        self.worklist.chosen.connect(controller.open)
        self.worklist.removed.connect(controller.remove)
        self.worklist.fold_wanted.connect(self.fold_worklist)
        self.viewer.open_requested.connect(self.actions_of.open_files)
        self.viewer.synthetic_requested.connect(controller.open_synthetic)
        self.viewer.attention_toggled.connect(self.status.set_attention)
        self.viewer.link_toggled.connect(lambda linked: controller.takes(link_views=linked))
        self.status.opacity_changed.connect(self.set_opacity)
        self.status.colour_map_changed.connect(self.set_colour_map)
        self.status.shortcuts_wanted.connect(self.actions_of.show_shortcuts)
        self.top.model_clicked.connect(self.actions_of.desk.show)
        self.user_bar.named.connect(lambda name: controller.takes(user_name=name))
        self.user_bar.named.connect(lambda _: self.reading.rate_as_named())
        self.user_bar.named.connect(lambda _: self.viewer.setFocus())

    # what the controller says

    def _opened(self, record: StudyRecord) -> None:
        self.worklist.select(record.study_id)
        self.viewer.clear()
        self.viewer.set_loading("Opening the study…")
        self.messages.dismiss("study")
        self._set_title()

    def _closed(self) -> None:
        self.viewer.clear()
        self._set_title()

    def _show_images(self, loaded: LoadedStudy) -> None:
        self.viewer.set_loading("")
        self.viewer.set_radiographs(loaded.images, loaded.pyramids)
        drafted = loaded.images[loaded.drafted]
        self.viewer.set_drafted_image(drafted.image_id)
        self.viewer.set_banner(" ".join(_notes(loaded)))
        if loaded.finished:
            self._look_ahead()
        if self.focusWidget() is None:
            self.viewer.setFocus()

    def _look_ahead(self) -> None:
        """Read the studies that ``N`` and ``P`` would open."""
        record = self.controller.current
        if record is not None:
            beside = (self.worklist.neighbour(record.study_id, step) for step in (1, -1))
            self.controller.loader.prefetch([one for one in beside if one is not None])

    def _show_unreadable(self, error: Exception) -> None:
        trouble = about(error, key="study")
        self.viewer.set_loading("")
        shown = self.say(trouble)
        self.viewer.set_message(shown.text, shown.hint)
        self.column.drafts.set_unavailable("There is no image to draft")

    def say(self, message: Message) -> Message:
        """Show a message, without the names of files while identity is hidden; what was shown."""
        if self.controller.settings.hide_identity:
            text, hint = wording.masked(message.text), wording.masked(message.hint)
            message = replace(message, text=text, hint=hint)
        self.messages.show_message(message)
        return message

    # settings

    def change_settings(self, settings: Settings) -> None:
        """Use other settings and keep them."""
        self.controller.change_settings(settings)
        self._use_settings(settings)

    def set_opacity(self, opacity: float) -> None:
        opacity = min(max(round(opacity, 2), 0.0), 1.0)
        self.viewer.set_attention_opacity(opacity)
        self.status.set_opacity(opacity)
        if opacity != self.controller.settings.attention_opacity:
            self.controller.takes(attention_opacity=opacity)

    def set_colour_map(self, name: str) -> None:
        self.viewer.set_colour_map(name)
        self.status.set_colour_map(name)
        self.actions_of.menus.set_colour_map(name)
        if name != self.controller.settings.colour_map:
            self.controller.takes(colour_map=name)

    def set_identity_hidden(self, hidden: bool) -> None:
        """Show no name and no number of a patient anywhere in the window."""
        self.viewer.set_identity_hidden(hidden)
        self.controller.library.model.set_identity_hidden(hidden)
        self.actions_of.commands["hide_identity"].setChecked(hidden)
        if hidden != self.controller.settings.hide_identity:
            self.controller.takes(hide_identity=hidden)
        if hidden:
            for message in reversed(self.messages.messages()):  # again, without names
                self.say(message)
        self.actions_of.refresh_recent()
        self.similar.say_back()
        self._set_title()

    def _use_settings(self, settings: Settings) -> None:
        self.set_opacity(settings.attention_opacity)
        known = settings.colour_map in COLOUR_MAPS
        self.set_colour_map(settings.colour_map if known else COLOUR_MAPS[0])
        self.set_identity_hidden(settings.hide_identity)
        self.viewer.set_linked(settings.link_views)
        self.column.report.set_font_size(settings.font_size)
        for panel in (self.column.drafts, self.column.compared.second):
            panel.set_font_size(settings.font_size - 1)
        self.user_bar.setVisible(not settings.user_name)

    def _set_title(self) -> None:
        record = self.controller.current
        if record is None:
            self.top.title.setText("")
            self.setWindowTitle(wording.PRODUCT)
            return
        text = wording.title(record, self.controller.settings.hide_identity)
        self.top.title.setText(text)
        self.top.title.setToolTip(text)
        # Task bars and screen sharing show a window's title to others: never a name there.
        self.setWindowTitle(f"{wording.title(record, hidden=True)} · {wording.PRODUCT}")

    # the worklist's width

    def fold_worklist(self, folded: bool) -> None:
        """Fold or show it because the reader said so; that holds until the next start."""
        self._folded_by_hand = True
        self._fold(folded)

    def _fold(self, folded: bool) -> None:
        self.worklist.set_folded(folded)
        self.actions_of.commands["fold_worklist"].setChecked(not folded)
        width = STRIP_WIDTH if folded else max(LEAST_WIDTH, _WORKLIST_WIDTH)
        self.splitter.setSizes([width, max(1, self.splitter.width() - width)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.column.set_room(event.size().width())
        narrow = event.size().width() < FOLD_BELOW
        if not self._folded_by_hand and narrow != self.worklist.folded:
            self._fold(narrow)

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if not self.messages.dismiss_newest():
                self.viewer.setFocus()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.watch_activity()

    def watch_activity(self) -> None:
        """Time counts while one of the two windows is in front."""
        images = self.place.window
        if self.isActiveWindow() or (images is not None and images.isActiveWindow()):
            self.controller.watch.go_on()
        else:
            self.controller.watch.pause()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = files_in(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.actions_of.open_paths(files)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reading.flush()
        self.actions_of.close_beside()
        self.place.end()
        self.hide()  # threads may take a moment to end; nobody needs to watch
        self.controller.settings = self.controller.settings.changed(
            window_geometry=bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        )
        self.controller.stop()
        event.accept()

    def _restore_geometry(self) -> None:
        stored = self.controller.settings.window_geometry.encode("ascii", "ignore")
        if not stored or not self.restoreGeometry(QByteArray.fromBase64(stored)):
            self.resize(QSize(*FIRST_SIZE).boundedTo(self.screen().availableSize()))


def _notes(loaded: LoadedStudy) -> list[str]:
    """What is odd about the image in front, and how many images are not shown."""
    said = list(loaded.images[loaded.drafted].notes)
    if loaded.left_out:
        said.append(f"{loaded.left_out} more images of this study are not shown.")
    return said


def _line() -> QFrame:
    line = QFrame()
    line.setFixedWidth(1)
    line.setStyleSheet(f"background: {theme.LINE};")
    return line
