"""The reading window: shows the item that the session names, and hands every answer to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError, StoreError
from app.reading.item import Item
from app.reading.session import Session
from app.store.reader_study import ReaderStudy
from app.ui import theme
from app.ui.blinded.form import Form
from app.ui.blinded.images import Decoded, ItemImages
from app.ui.message_bar import Message, MessageBar, about
from app.ui.viewer.area import ViewerArea

TITLE: Final = "Reading session"
SEAT_MS: Final = 10_000
AGAIN_MS: Final = 3_000
"""How long after a failed save it is tried again."""
CLOCK_SECONDS: Final = 60.0
"""A computer's clock that goes back by less is ordinary time keeping."""

HIDDEN: Final = ("attention", "key_image", "compare", "appearance", "link", "layout_four")
"""What the viewer can do and a blinded reader may not, or has no use for."""
_INPUTS: Final = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.KeyPress,
)


class ReadingWindow(QMainWindow):
    """One reader's sitting. Raises :class:`app.errors.StudyError` when the seat is taken."""

    def __init__(self, study: ReaderStudy, reader: str) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.resize(1440, 900)
        self._study, self._reader = study, reader
        self.session = Session(
            study.protocol,
            study.order(reader),
            study.events(reader),
            lambda event: study.append(reader, event),
        )
        study.claim(reader, self.session.sitting)
        self._told_clock = self._closing = self._stopped = False
        self._waiting = ""  # the code of the item whose image or gap is waited for
        self._gap_over = False
        self._image: Decoded | None = None
        self.images = ItemImages(study, self)
        self.viewer = ViewerArea()
        self.viewer.set_identity_hidden(True)
        for name in HIDDEN:
            self.viewer.action(name).setVisible(False)
            self.viewer.action(name).setEnabled(False)
        hidden = [self.viewer.action(name) for name in HIDDEN]
        for button in self.viewer.findChildren(QToolButton):
            if button.defaultAction() in hidden:
                button.hide()
        self.form = Form(study.protocol)
        self.messages = MessageBar()
        self._build()
        self._make_actions()
        self.form.scored.connect(lambda score: self._do(lambda: self.session.give_score(score)))
        self.form.answered.connect(
            lambda key, value: self._do(lambda: self.session.answer(key, value))
        )
        self.form.commented.connect(lambda text: self._do(lambda: self.session.comment(text)))
        self.form.next_wanted.connect(self.next_item)
        self.form.back_wanted.connect(self.back)

        self._seat = QTimer(self)
        self._seat.setInterval(SEAT_MS)
        self._seat.timeout.connect(self._keep_seat)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(lambda: self._do(self.session.save))
        self._gap = QTimer(self)
        self._gap.setSingleShot(True)
        self._gap.timeout.connect(self._gap_ended)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self.images.start()
        self._seat.start()
        self._show_item()

    # what the reader does

    def next_item(self) -> None:
        """Settle this item and go on, when all that is required is answered."""
        if self._pages.currentWidget() is not self._reading:
            return
        self.form.flush()
        if self.session.missing or self._stopped:
            return
        before = self.session.item
        self._do(self.session.submit)
        if self.session.item is not before:
            self._show_item()

    def back(self) -> None:
        """To the item before, where the protocol allows."""
        self.form.flush()
        if self._pages.currentWidget() is self._reading and self.session.can_go_back:
            self._do(self.session.back)
            self._show_item()

    def toggle_pause(self) -> None:
        """Cover image and text and stop the clock, or go on."""
        if self._pages.currentWidget() is self._reading:
            self.form.flush()
            self._do(self.session.pause)
            self._pages.setCurrentWidget(self._paused)
        elif self._pages.currentWidget() is self._paused:
            self._do(self.session.resume)
            self._pages.setCurrentWidget(self._reading)
        self._show_progress()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUTS and self.isActiveWindow() and not self._stopped:
            self._do(self.session.touched, quiet=True)
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What can't be written is worth one refusal; who closes again wants to go."""
        if not self._stopped:
            self.form.flush()
            self._do(self.session.leave)
        if self.session.unsaved and not self._closing and not self._stopped:
            self._closing = True
            event.ignore()
            return
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        for timer in (self._seat, self._again, self._gap):
            timer.stop()
        self.images.cancel_all()
        self.images.stop()
        # Where that fails, the seat is free again half a minute later.
        with contextlib.suppress(AppError):
            self._study.release(self._reader, self.session.sitting)
        super().closeEvent(event)

    # inside

    def _do(self, deed: Callable[[], None], *, quiet: bool = False) -> None:
        """Run ``deed``; what can't be written is said, kept and tried again."""
        if self._stopped:
            return
        try:
            deed()
        except StoreError as error:
            hint = "Your answers stay here and are tried again; go on reading."
            self.messages.show_message(Message(error.message, hint, key="save"))
            self._again.start()
        except AppError as error:
            self._stop(error)
        except ValueError:
            pass  # an answer to an item that isn't on the screen (a key pressed in the gap)
        else:
            if not self.session.unsaved:
                self.messages.dismiss("save")
        if not quiet:
            self._show_answers()

    def _stop(self, error: AppError) -> None:
        """The study is locked, or the reader sits elsewhere: nothing more is taken here."""
        self._stopped = True
        self._end_text.setText(f"{error.message} {error.hint}")
        self._pages.setCurrentWidget(self._ended)

    def _show_item(self) -> None:
        """A dark gap, the next image meanwhile, then both at once."""
        item = self.session.item
        self._show_progress()
        self._image = None
        if item is None:
            self._waiting = ""
            self._end_text.setText("All items are read. Thank you. You can close this window.")
            self._pages.setCurrentWidget(self._ended)
            return
        self._pages.setCurrentWidget(self._dark)
        self._waiting, self._gap_over = item.code, False
        self._gap.start(round(1000 * self.session.protocol.dark_gap))
        code = item.code
        self.images.read(
            code, lambda decoded: self._decoded(code, decoded), lambda error: self._failed(error)
        )

    def _decoded(self, code: str, image: Decoded) -> None:
        if code == self._waiting:
            self._image = image
            self._reveal()

    def _failed(self, error: Exception) -> None:
        said = about(error, "image")
        self.messages.show_message(
            Message(said.text, said.hint, key="image", action="Try again", act=self._show_item)
        )

    def _gap_ended(self) -> None:
        self._gap_over = True
        self._reveal()

    def _reveal(self) -> None:
        item = self.session.item
        if item is None or self._image is None or not self._gap_over or self._stopped:
            return
        self.messages.dismiss("image")
        self._waiting = ""
        self.viewer.clear()
        self.viewer.marks.clear()
        self.viewer.set_radiographs([self._image.radiograph], [self._image.pyramid])
        self.form.set_item(item.report)
        self._pages.setCurrentWidget(self._reading)
        self.viewer.setFocus()
        self._do(self.session.shown)
        if self.session.following is not None:
            self.images.prefetch(self.session.following.code)

    def _show_answers(self) -> None:
        self.form.show_answers(
            self.session.answers, self.session.missing, can_go_back=self.session.can_go_back
        )
        if self.session.clock_set_back > CLOCK_SECONDS and not self._told_clock:
            self._told_clock = True
            self.messages.show_message(
                Message(
                    "The computer's clock was set back.",
                    "Nothing is lost: durations are measured apart from it. Tell the coordinator.",
                    kind="info",
                )
            )

    def _show_progress(self) -> None:
        number, of = self.session.position
        item = self.session.item
        self._where.setText(f"Reader {self._reader} · {_where(item, number, of)}")
        done = number - 1 if item is not None else of
        self._bar.setRange(0, max(of, 1))
        self._bar.setValue(done)
        self._pause.setText("Go on  P" if self.session.paused else "Pause  P")
        self._pause.setEnabled(item is not None)

    def _keep_seat(self) -> None:
        if not self.session.finished:
            self._do(lambda: self._study.claim(self._reader, self.session.sitting), quiet=True)

    def _build(self) -> None:
        title = QLabel(TITLE)
        title.setProperty("role", "title")
        self._where = QLabel()
        self._where.setProperty("role", "second")
        self._where.setFont(theme.tabular(self._where.font()))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(250)
        self._pause = QPushButton()
        self._pause.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pause.clicked.connect(self.toggle_pause)
        self._menu_button = QToolButton()
        self._menu_button.setText("Menu")
        self._menu_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        top = QFrame()
        top.setProperty("panel", "bar")
        line = QHBoxLayout(top)
        line.setContentsMargins(14, 6, 14, 6)
        line.setSpacing(12)
        for part in (title, self._where, self._bar):
            line.addWidget(part)
        line.addStretch(1)
        line.addWidget(self._menu_button)
        line.addWidget(self._pause)

        self._reading = QWidget()
        row = QHBoxLayout(self._reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.viewer, 1)
        row.addWidget(self.form)
        self._dark = QWidget()
        self._dark.setStyleSheet(f"background: {theme.BLACK};")
        self._paused, _ = _page("Paused. The clock stands still. P goes on.")
        self._ended, self._end_text = _page("")
        self._pages = QStackedWidget()
        for page in (self._dark, self._reading, self._paused, self._ended):
            self._pages.addWidget(page)
        foot = QLabel("Answers are saved as you give them. You can leave and go on at any time.")
        foot.setProperty("role", "third")
        foot.setContentsMargins(14, 5, 14, 5)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self.messages)
        column.addWidget(self._pages, 1)
        column.addWidget(foot)
        self.setCentralWidget(whole)

    def _make_actions(self) -> None:
        menu = QMenu(self)
        self._menu_button.setMenu(menu)

        def action(text: str, keys: tuple[str, ...], deed: Callable[[], object]) -> QAction:
            made = QAction(text, self)
            made.setShortcuts([QKeySequence(key) for key in keys])
            made.triggered.connect(lambda _checked=False: deed())
            self.addAction(made)
            menu.addAction(made)
            return made

        for score in range(5, 0, -1):
            action(f"Score {score}", (str(score),), partial(self.form.scored.emit, score))
        menu.addSeparator()
        action("Next item", ("Return", "Enter", "Ctrl+Return"), self.next_item)
        if self.session.protocol.going_back:
            action("Back", ("Ctrl+Left",), self.back)
        action("Comment", ("C",), self.form.comment.setFocus)
        action("To the image", ("Esc",), self.viewer.setFocus)
        action("Pause or go on", ("P",), self.toggle_pause)
        menu.addSeparator()
        for group, actions in self.viewer.action_groups().items():
            shown = [one for one in actions if one.isVisible()]
            if shown:
                menu.addMenu(group).addActions(shown)
        menu.addSeparator()
        action("Full screen", ("F11",), self._toggle_full_screen)
        action("Leave", ("Ctrl+Q",), self.close)

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()


def _page(text: str) -> tuple[QWidget, QLabel]:
    page = QWidget()
    page.setStyleSheet(f"background: {theme.BLACK};")
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setStyleSheet(f"font-size: 17px; color: {theme.SECOND};")
    column = QVBoxLayout(page)
    column.addWidget(label)
    return page, label


def _where(item: Item | None, number: int, of: int) -> str:
    if item is None:
        return "finished"
    what = "training" if item.training else "item"
    return f"{what} {number} of {of} · {item.code}"
