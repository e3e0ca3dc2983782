"""Which drafts stand beside the image: stored ones when there are any, else the model's.

The model is asked with an id; an answer to any other id than the last one is dropped, so that a
late answer never lands on another study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import ModelError
from app.imaging.radiograph import Radiograph
from app.inference.drafts import Analysis
from app.reporting.report import Status
from app.ui.lanes import Token
from app.ui.message_bar import about
from app.ui.workers import ModelChoice, ModelWorker, StoreWorker

if TYPE_CHECKING:
    from app.store.repository import Repository

NO_MODEL = "There is no model to draft with."


class Drafting(QObject):
    """The drafts of the one open study by one model.

    Signals: ``busy(text, done, total)``; ``shown(analysis_id, Analysis, stored)``, where 0 stands
    for an analysis that could not be stored; ``refused(reasons)``; ``failed(Exception)``;
    ``idle()`` when nothing was drafted and nothing will be; ``model_wanted()`` when there is none
    to draft with: look for one and :meth:`open` again; ``advanced(study_id, Status)``;
    ``said(Message)``.
    """

    busy = Signal(str, int, int)
    shown = Signal(int, object, bool)
    refused = Signal(object)
    failed = Signal(object)
    idle = Signal()
    model_wanted = Signal()
    advanced = Signal(str, object)
    said = Signal(object)

    def __init__(
        self, model: ModelWorker, store: StoreWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.choice: ModelChoice | None = None
        self.automatic = True
        self.weights_folder = ""  # where a reader may put models; said when there is none
        self._model = model
        self._store = store
        self._study_id = ""
        self._radiograph: Radiograph | None = None
        self._reasons: tuple[str, ...] = ()
        self._request = 0
        self._wanted = True
        self._asking = Token()
        model.started_draft.connect(self._on_started)
        model.progress.connect(self._on_progress)
        model.drafted.connect(self._on_drafted)
        model.failed.connect(self._on_failed)

    @property
    def running(self) -> bool:
        return self._request != 0

    @property
    def image_id(self) -> str:
        """The image that is or would be drafted; empty without one."""
        return "" if self._radiograph is None else self._radiograph.image_id

    def close(self) -> None:
        """No study is open any more; what the model still says about it is dropped."""
        self._asking.cancel()
        self._model.cancel(self._request)
        self._request = 0
        self._study_id, self._radiograph, self._reasons = "", None, ()

    def open(
        self,
        study_id: str,
        radiograph: Radiograph,
        reasons: tuple[str, ...],
        *,
        wanted: bool = False,
    ) -> None:
        """Show the stored drafts of this image by the chosen model, or draft it.

        Where nothing is drafted automatically, only if it is ``wanted``.
        """
        self.close()
        self._wanted = wanted or self.automatic
        self._study_id, self._radiograph, self._reasons = study_id, radiograph, reasons
        choice = self.choice
        if choice is None:
            self._without_model()
            return

        def look(repository: Repository) -> tuple[int, Analysis] | None:
            return repository.analysis(
                study_id, radiograph.image_id, choice.model_id, choice.sha256
            )

        self._asking = self._store.ask(look, self._found, lambda _error: self._found(None))

    def draft(self, *, force: bool = False) -> None:
        """Run the model on the open image, whether drafts are stored or not."""
        if self._radiograph is None:
            return
        if self.choice is None:
            self.model_wanted.emit()
            return
        if self._reasons and not force:
            self.refused.emit(self._reasons)
            return
        self._asking.cancel()
        self._model.cancel(self._request)
        self.busy.emit("Getting the model ready…", 0, 0)
        self._request = self._model.request(self._radiograph, self.choice, force=force)

    def cancel(self) -> None:
        """The reader has had enough of waiting."""
        self._model.cancel(self._request)
        if self._request:
            self._request = 0
            self.idle.emit()

    def _without_model(self) -> None:
        if self._reasons:
            self.refused.emit(self._reasons)
        else:
            hint = f"Put the folder of a model into {self.weights_folder}, then try again."
            self.failed.emit(ModelError(NO_MODEL, hint))

    def _found(self, stored: tuple[int, Analysis] | None) -> None:
        if stored is not None and stored[1].drafts:
            self.shown.emit(*stored, True)
        elif self._reasons:
            self.refused.emit(self._reasons)
        elif self._wanted:
            self.draft()
        else:
            self.idle.emit()

    def _on_started(self, request: int) -> None:
        if request == self._request:
            self.busy.emit("Getting the model ready…", 0, 0)

    def _on_progress(self, request: int, done: int, total: int) -> None:
        if request == self._request:
            self.busy.emit("Drafting…", done, total)

    def _on_drafted(self, request: int, analysis: Analysis) -> None:
        if request != self._request:
            return
        self._request = 0
        if not analysis.drafts:
            self.refused.emit(analysis.gate.reasons)
            return
        study_id = self._study_id

        def kept(number: int) -> None:
            self.advanced.emit(study_id, Status.DRAFTED)
            show(number)

        def not_kept(error: Exception) -> None:
            self.said.emit(about(error, key="store"))
            show(0)

        def show(number: int) -> None:
            if self._study_id == study_id:
                self.shown.emit(number, analysis, False)

        # Without a token: the drafts are worth keeping even when the reader has gone on meanwhile.
        self._store.ask(
            lambda repository: repository.save_analysis(study_id, analysis), kept, not_kept
        )

    def _on_failed(self, request: int, error: Exception) -> None:
        if request == self._request:
            self._request = 0
            self.failed.emit(error)
