"""Which models are installed, and as what they draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.inference.available import named
from app.inference.options import BeamOptions
from app.settings import Settings
from app.ui.loader import LoaderWorker
from app.ui.workers import ModelChoice

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo


class ModelShelf(QObject):
    """The models of the weights folders, the default first.

    ``found(others)`` once the folders were looked through, also when that failed, which ``failed``
    tells before; ``others`` is whether there is anything else than at the last look.
    """

    found = Signal(bool)
    failed = Signal(Exception)

    def __init__(
        self,
        loader: LoaderWorker,
        look: Callable[[], list[ModelInfo]],
        parent: QObject | None = None,
    ) -> None:
        """``look`` reads the folders; it is called in the loader's thread."""
        super().__init__(parent)
        self.models: list[ModelInfo] = []
        self.known = False
        self._loader, self._look = loader, look

    def look(self) -> None:
        """Look through the folders, again if need be."""
        self._loader.call(self._look, self._found, self._failed, priority=0)

    def chosen(self, settings: Settings) -> ModelChoice | None:
        """The reader's model as it drafts, the first one where theirs isn't installed; None
        without any.
        """
        info = self._with_id(settings.model) or next(iter(self.models), None)
        return None if info is None else _as_it_drafts(info, settings)

    def as_it_drafts(self, model_id: str, settings: Settings) -> ModelChoice | None:
        """A model as it would draft now; None when it isn't installed."""
        info = self._with_id(model_id)
        return None if info is None else _as_it_drafts(info, settings)

    def for_study(self, model_id: str, device: str) -> ModelChoice:
        """A model with the options that every study of reports uses.

        Raises :class:`~app.errors.ModelError` when it isn't installed.
        """
        info = named(self.models, model_id)
        return ModelChoice(info.model_id, info.sha256, info.folder, device)

    def _with_id(self, model_id: str) -> ModelInfo | None:
        return next((info for info in self.models if info.model_id == model_id), None)

    def _found(self, models: list[ModelInfo]) -> None:
        others = not self.known or models != self.models
        self.models, self.known = models, True
        self.found.emit(others)

    def _failed(self, error: Exception) -> None:
        self.failed.emit(error)
        self._found([])


def _as_it_drafts(info: ModelInfo, settings: Settings) -> ModelChoice:
    options = BeamOptions(beams=settings.beams, length_normalised=settings.length_normalised)
    return ModelChoice(info.model_id, info.sha256, info.folder, settings.device, options)
