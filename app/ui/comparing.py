"""A second model's drafts of the open study beside those of the model that drafts.

The comparison goes on from study to study until the reader ends it. Both models live in the one
thread that owns models, and the second's drafts are kept like any others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.drafting import Drafting
from app.ui.workers import ModelChoice, ModelWorker, StoreWorker

if TYPE_CHECKING:
    from app.imaging.radiograph import Radiograph


class Comparing(QObject):
    """``began(first id, second id)`` and ``ended()``; the second's drafts come from
    :attr:`drafting`.
    """

    began = Signal(str, str)
    ended = Signal()

    def __init__(
        self, model: ModelWorker, store: StoreWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.drafting = Drafting(model, store, self)
        self._open: tuple[str, Radiograph, tuple[str, ...]] | None = None

    @property
    def model_id(self) -> str:
        """The second model; empty while nothing is compared."""
        return self.drafting.choice.model_id if self.drafting.choice is not None else ""

    def begin(self, first: ModelChoice, second: ModelChoice) -> None:
        """Compare with ``second``, on the open study and those after it."""
        self.drafting.choice = second
        self.began.emit(first.model_id, second.model_id)
        if self._open is not None:
            self.drafting.open(*self._open, wanted=True)

    def renew(self, first: ModelChoice | None, second: ModelChoice | None) -> None:
        """The models as they are now: gone, or the same one twice, is nothing to compare."""
        if not self.model_id:
            return
        if first is None or second is None or first.model_id == second.model_id:
            self.end()
        else:
            before, self.drafting.choice = self.drafting.choice, second
            if before is not None and not second.same_weights(before) and self._open is not None:
                self.drafting.open(*self._open)

    def renamed(self, first: str) -> None:
        """Another model drafts now; what the second has drafted is shown beside it again."""
        if self.model_id:
            self.began.emit(first, self.model_id)
            if self._open is not None:
                self.drafting.open(*self._open, wanted=True)

    def end(self) -> None:
        """One model's drafts are enough; what the second has drafted is kept."""
        if self.model_id:
            self.drafting.close()
            self.drafting.choice = None
            self.ended.emit()

    def open(self, study_id: str, radiograph: Radiograph, reasons: tuple[str, ...]) -> None:
        """Another study is open; it is drafted by the second model too while comparing."""
        self._open = (study_id, radiograph, reasons)
        if self.model_id:
            self.drafting.open(study_id, radiograph, reasons)

    def close(self) -> None:
        """No study is open any more."""
        self._open = None
        self.drafting.close()
