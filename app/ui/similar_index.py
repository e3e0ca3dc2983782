"""Looks at the images of signed studies that have no vector yet, one after the other.

Reading files waits for all that the reader opens, and the model's thread drafts first, so that
this may take its time without anybody waiting for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import StudyError
from app.imaging.radiograph import Radiograph
from app.ui.lanes import Token
from app.ui.library import Library
from app.ui.loader import LoaderWorker
from app.ui.message_bar import about
from app.ui.workers import ModelWorker, SpaceChoice, StoreWorker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROWN_AFTER = 50


class Indexer(QObject):
    """``progress(done, total)`` studies, ``(0, 0)`` at the end; ``grown()`` when there are new
    vectors in the store; ``said(Message)``.
    """

    progress = Signal(int, int)
    grown = Signal()
    said = Signal(object)

    def __init__(
        self,
        lanes: tuple[StoreWorker, LoaderWorker, ModelWorker],
        library: Library,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._loader, self._model = lanes
        self._library = library
        self._queue: list[str] = []
        self._total = 0
        self._made = 0
        self._running: Token | None = None
        self._passed_over: set[str] = set()  # can't be read, or the reader has had enough

    def start(self, choice: SpaceChoice, missing: Sequence[str]) -> None:
        """Look at the images of the studies ``missing``, unless this is going on already."""
        wanted = [one for one in missing if one not in self._passed_over]
        if self._running is None and wanted:
            self._queue, self._total, self._made = wanted, len(wanted), 0
            self._running = Token()
            self._next(choice, self._running)

    def stop(self) -> None:
        """Stop for now; what was made stays, and can be compared."""
        if self._running is not None:
            self._running.cancel()
            self._end()
            if self._made:
                self.grown.emit()

    def give_up(self) -> None:
        """Stop, and leave out what is waiting until the program starts again."""
        self._passed_over.update(self._queue)
        self.stop()

    def keep(
        self, choice: SpaceChoice, study_id: str, image_id: str, vector: NDArray[np.float32]
    ) -> None:
        """Hand a vector (d,) to the store's thread."""
        self._store.ask(
            lambda repository: repository.save_vector(study_id, image_id, choice.info.key, vector),
            failure=lambda error: self.said.emit(about(error, key="store")),
        )

    def _next(self, choice: SpaceChoice, token: Token) -> None:
        if not self._queue:
            self._end()
            if self._made:
                self.grown.emit()
            return
        if self._made and self._made % GROWN_AFTER == 0:
            self.grown.emit()
        self.progress.emit(self._total - len(self._queue), self._total)
        study_id = self._queue[0]
        record = self._library.model.record(study_id)
        if record is None:
            self._pass_over(choice, token)
            return

        def failed(error: Exception) -> None:
            if not token.cancelled():
                self.give_up()
                self.said.emit(about(error, key="similar"))

        def unread(error: Exception) -> None:
            if isinstance(error, StudyError):  # its files are away: the others go on
                self._pass_over(choice, token)
            else:
                failed(error)

        def read(image: Radiograph) -> None:
            def made(vector: NDArray[np.float32]) -> None:
                self.keep(choice, study_id, image.image_id, vector)
                if token.cancelled():
                    self.grown.emit()
                else:
                    self._queue.pop(0)
                    self._made += 1
                    self._next(choice, token)

            if not token.cancelled():
                self._model.ask_space(choice, lambda space: space.image(image), made, failed)

        self._loader.read_drafted(record, read, unread)

    def _pass_over(self, choice: SpaceChoice, token: Token) -> None:
        if not token.cancelled():
            self._passed_over.add(self._queue.pop(0))
            self._next(choice, token)

    def _end(self) -> None:
        self._running = None
        self._queue = []
        self.progress.emit(0, 0)
