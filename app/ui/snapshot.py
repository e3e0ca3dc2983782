"""Saves a picture of the window once it has something to show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.errors import AppError, StoreError
from app.ui.looking import telling_word

if TYPE_CHECKING:
    from app.inference.drafts import Analysis
    from app.ui.main_window import MainWindow

SETTLE_MS = 400  # layouts and the viewer's full resolution
MOST_WAITS = 25  # for thumbnails: ten seconds, then without them


class Snapshot(QObject):
    """Waits for drafts, or for the reason that there are none; ``error`` is what kept it from a
    picture.
    """

    def __init__(self, window: MainWindow, file: Path) -> None:
        super().__init__(window)
        self.error: AppError | None = None
        self._window = window
        self._file = file
        self._settling = False
        self._waits = 0
        controller = window.controller
        controller.library.scanned.connect(self._scanned)
        controller.unreadable.connect(self._give_up)
        controller.drafting.shown.connect(self._drafted)
        for signal in (
            controller.drafting.refused,
            controller.drafting.failed,
            controller.drafting.idle,
        ):
            signal.connect(lambda *_: self._settle())

    def _scanned(self, found: int, errors: list[AppError]) -> None:
        if not found and errors:
            self._give_up(errors[0])

    def _give_up(self, error: Exception) -> None:
        if not isinstance(error, AppError):
            raise error
        self.error = error
        self._window.close()

    def _drafted(self, _number: int, analysis: Analysis) -> None:
        QTimer.singleShot(0, lambda: self._point_out(analysis))

    def _point_out(self, analysis: Analysis) -> None:
        first = analysis.drafts[0]
        word = telling_word(first)
        self._window.viewer.set_attention_enabled(True)
        if word is not None:
            self._window.column.drafts.hold(first.rank, word)
        self._settle()

    def _settle(self) -> None:
        if not self._settling:
            self._settling = True
            QTimer.singleShot(SETTLE_MS, self._wait_for_thumbnails)

    def _wait_for_thumbnails(self) -> None:
        self._waits += 1
        if self._window.controller.loader.idle or self._waits > MOST_WAITS:
            QTimer.singleShot(SETTLE_MS, self._save)
        else:
            QTimer.singleShot(SETTLE_MS, self._wait_for_thumbnails)

    def _save(self) -> None:
        if not self._window.grab().save(str(self._file), "PNG"):
            self.error = StoreError(
                f"The picture could not be saved as {self._file}.", "Choose another folder."
            )
        self._window.close()
