"""The reading window: shows the item that the session names, and hands every answer to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from app.errors import AppError, StoreError
from app.imaging.measuring.measurement import Measurement
from app.reading.session import Session, new_sitting
from app.store.reader_study import ReaderStudy
from app.store.reader_study_rescue import ReaderRescue
from app.ui.blinded.form import Form
from app.ui.blinded.frame import TITLE, Frame, washout_sentence, where
from app.ui.blinded.images import Decoded, ItemImages
from app.ui.blinded.viewer import BlindedViewer
from app.ui.message_bar import Message, about

SEAT_MS: Final = 10_000
AGAIN_MS: Final = 3_000
"""How long after a failed save it is tried again."""
CLOCK_SECONDS: Final = 60.0
"""A computer's clock that goes back by less is ordinary time keeping."""

_SAFE: Final = "are kept in a file apart"
_UNSAFE: Final = "are in this window only"
_THEN: Final = {
    "": "go on reading",
    "next": "the next item comes by itself once they are saved",
    "back": "the item before comes by itself once they are saved",
}
_INPUTS: Final = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.KeyPress,
)


class ReadingWindow(QMainWindow):
    """One reader's sitting; ``home`` may take a rescue file while the study can't be written.

    Signal: ``escaped(error)`` for a bug of ours, which is then said here.

    Raises :class:`app.errors.StudyError` when the seat is taken.
    """

    escaped = Signal(object)

    def __init__(self, study: ReaderStudy, reader: str, home: Path | None = None) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.resize(1440, 900)
        self._study, self._reader = study, reader
        self._rescue = ReaderRescue(study, reader, home)
        order, sitting = study.order(reader), new_sitting()
        study.claim(reader, sitting)
        try:
            self._rescue.take_in()
            self.session = Session(
                study.protocol,
                order,
                study.events(reader),
                lambda event: study.append(reader, event),
                sitting=sitting,
                second_from=study.second_from(reader),
            )
        except BaseException:
            with contextlib.suppress(AppError):
                study.release(reader, sitting)
            raise
        self._told_clock = self._closing = self._stopped = self._washing_out = False
        self._waiting = ""  # the code of the item whose image or gap is waited for
        self._gap_over = False
        self._image: Decoded | None = None
        self.images = ItemImages(study, self)
        self.viewer = BlindedViewer()
        self.form = Form(study.protocol)
        self.frame = Frame(self.viewer, self.form)
        self.messages = self.frame.messages
        self.setCentralWidget(self.frame)
        self.escaped.connect(lambda error: self.messages.show_message(about(error, key="bug")))
        self.frame.pause.clicked.connect(self.toggle_pause)
        self.frame.back.clicked.connect(self.back)
        self.frame.leave.clicked.connect(self.close)
        self._make_actions()
        self.form.scored.connect(lambda score: self._do(lambda: self.session.give_score(score)))
        self.form.answered.connect(
            lambda key, value: self._do(lambda: self.session.answer(key, value))
        )
        self.form.commented.connect(lambda text: self._do(lambda: self.session.comment(text)))
        self.viewer.marks.edited.connect(self._marked)
        self.form.next_wanted.connect(self.next_item)
        self.form.back_wanted.connect(self.back)

        self._seat = QTimer(self)
        self._seat.setInterval(SEAT_MS)
        self._seat.timeout.connect(self._keep_seat)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._try_again)
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
        if self.frame.page is not self.frame.reading or self.viewer.close_line():
            return
        self.form.flush()
        if not self.session.missing:
            self._move(self.session.submit)

    def back(self) -> None:
        """To the item before, where the protocol allows; also from the end."""
        if self.frame.page not in (self.frame.reading, self.frame.ended):
            return
        self._flush()
        if self.session.can_go_back:
            self._move(self.session.back)

    def toggle_pause(self) -> None:
        """Cover everything and stop the clock, or go on; in the dark gap too."""
        if self.frame.page is self.frame.paused:
            self._do(self.session.resume)
        elif self.frame.page in (self.frame.reading, self.frame.dark):
            if self.frame.page is self.frame.reading:
                self._flush()
            self._do(self.session.pause)
        self._show_page()
        self.frame.show_progress(self._reader, self.session)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUTS and self.isActiveWindow() and not self._stopped:
            self._do(self.session.touched, quiet=True)
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.form.fit(event.size())
        self.frame.fit(event.size())

    def closeEvent(self, event: QCloseEvent) -> None:
        """What can be kept nowhere is worth one refusal; who closes again wants to go."""
        if not self._stopped:
            self._flush()
            self._do(self.session.leave)
            if not self._rescue.keep(self.session.parting) and not self._closing:
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

    def _move(self, deed: Callable[[], None]) -> None:
        """Run what leads to another item; when it can't be written, the item stays."""
        before = self.session.item
        self._do(deed)
        if self.session.item is not before:
            self._show_item()

    def _flush(self) -> None:
        """What is being written belongs to the item that is still on the screen."""
        self.viewer.close_line()
        self.form.flush()

    def _try_again(self) -> None:
        if self.session.wanted:
            self._flush()  # whoever writes on wants to stay
        self._move(self.session.again)
        if not self.session.unsaved:
            with contextlib.suppress(AppError):  # else the next start does it
                self._rescue.take_in()

    def _do(self, deed: Callable[[], None], *, quiet: bool = False) -> None:
        """Run ``deed``; what can't be written is said, kept and tried again."""
        if self._stopped:
            return
        try:
            deed()
        except StoreError as error:
            safe = self._rescue.keep(self.session.unsaved)
            then = _THEN[self.session.wanted]
            hint = f"Your answers {_SAFE if safe else _UNSAFE} and are tried again; {then}."
            self.messages.show_message(Message(error.message, hint, key="save"))
            self._again.start()
        except AppError as error:
            self._stop(error)
        except ValueError:
            pass  # an answer to an item that isn't on the screen (a key pressed in the gap)
        else:
            if not self.session.unsaved and not self.session.wanted:
                self._closing = False
                self.messages.dismiss("save")
        if not quiet:
            self._show_answers()

    def _stop(self, error: AppError) -> None:
        """The study is locked, or the reader sits elsewhere: nothing more is taken here."""
        self._stopped = True
        self.frame.end(f"{error.message} {error.hint}")

    def _show_item(self) -> None:
        """A dark gap, the next image meanwhile, then both at once."""
        item = self.session.item
        self.frame.show_progress(self._reader, self.session)
        self._image, self._waiting = None, ""
        if item is not None and self.session.waits_until is None and not self._stopped:
            self._waiting, self._gap_over = item.code, False
            self._gap.start(round(1000 * self.session.protocol.dark_gap))
            code = item.code
            self.images.read(code, lambda decoded: self._decoded(code, decoded), self._failed)
        self._show_page()

    def _show_page(self) -> None:
        """The page for what is going on."""
        if self._stopped:
            return
        until = self.session.waits_until
        self._washing_out = until is not None
        if until is not None:
            text = washout_sentence(until, self.session.protocol.washout_days)
            self.frame.end(text, can_go_back=self.session.can_go_back)
        elif self.session.item is None:
            text = "All items are read. Thank you. You can close this window."
            self.frame.end(text, can_go_back=self.session.can_go_back)
        elif self.session.paused:
            self.frame.show_page(self.frame.paused)
        elif self._waiting:
            self.frame.show_page(self.frame.dark)
            self._reveal()
        else:
            self.frame.show_page(self.frame.reading)

    def _decoded(self, code: str, image: Decoded) -> None:
        if code == self._waiting:
            self._image = image
            self._reveal()

    def _failed(self, error: Exception) -> None:
        said = about(error, "image")
        self.messages.show_message(
            Message(said.text, said.hint, key="image", action="Try again", act=self._show_item)
        )

    def _marked(self, _image_id: str, measurement: Measurement, deleted: bool) -> None:
        self._do(lambda: self.session.mark(measurement, deleted=deleted), quiet=True)

    def _gap_ended(self) -> None:
        self._gap_over = True
        self._reveal()

    def _reveal(self) -> None:
        item = self.session.item
        if item is None or self._image is None or not self._gap_over or self._stopped:
            return
        if self.session.paused:
            return
        self.messages.dismiss("image")
        self._waiting = ""
        self.viewer.show_item(self._image, where(self.session), self.session.marks)
        self.form.set_item(item.report)
        self.frame.show_page(self.frame.reading)
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

    def _keep_seat(self) -> None:
        if self._washing_out and self.session.waits_until is None:
            self._show_item()
        if not self.session.finished:
            self._do(lambda: self._study.claim(self._reader, self.session.sitting), quiet=True)

    def _make_actions(self) -> None:
        menu = QMenu(self)
        self.frame.set_menu(menu)
        QShortcut(QKeySequence("F10"), self, self.frame.open_menu)

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
        action("Report further down", ("Alt+Down",), partial(self.form.report.scroll_lines, 3))
        action("Report further up", ("Alt+Up",), partial(self.form.report.scroll_lines, -3))
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
