"""Two of the three threads beside the window: one owns the model, one owns the store.

The third, which decodes files, is in :mod:`app.ui.loader`.

Each imports its heavy packages (torch, pydicom, SQLAlchemy) in its own thread on first use, so
that the window stands before any of them is loaded. Ids are integers that grow; an answer to an
old id is dropped by whoever asked (see :mod:`app.ui.controller`) and never reaches a widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from app.errors import StoreError
from app.imaging.radiograph import Radiograph
from app.inference.drafts import Analysis
from app.inference.options import BeamOptions
from app.paths import shipped_gate
from app.reporting import rescue
from app.reporting.measurements import MeasurementRevision
from app.reporting.report import Rating
from app.ui.lanes import Failure, Lane, Token

if TYPE_CHECKING:
    from app.store.repository import Repository

T = TypeVar("T")


@dataclass(frozen=True)
class ModelChoice:
    """Which model drafts, where and how: what a :class:`Drafter` is made from."""

    model_id: str
    sha256: str
    folder: Path
    device: str = "auto"
    options: BeamOptions = field(default_factory=BeamOptions)


class Drafter(Protocol):
    """What the model thread needs of :class:`app.inference.reporter.Reporter`."""

    def draft(
        self,
        radiograph: Radiograph,
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Analysis: ...


DrafterFactory = Callable[[ModelChoice], Drafter]


def shipped_drafter(choice: ModelChoice) -> Drafter:
    """The real thing; imports torch, so it is only called in the model's thread."""
    from app.inference.reporter import Reporter

    return Reporter(choice.folder, choice.device, choice.options, gate=shipped_gate())


class ModelWorker(Lane):
    """The one thread that owns the model.

    Signals: ``started(id)``, ``progress(id, done, total)``, ``drafted(id, Analysis)`` and
    ``failed(id, Exception)`` (an AppError, or our bug). A newer request cancels the older one;
    nothing is reported for it any more.
    """

    started_draft = Signal(int)
    progress = Signal(int, int, int)
    drafted = Signal(int, object)
    failed = Signal(int, object)

    def __init__(self, factory: DrafterFactory, parent: QObject | None = None) -> None:
        super().__init__("model", parent)
        self._factory = factory
        self._made: tuple[ModelChoice, Drafter] | None = None
        self._last_id = 0
        self._token = Token()

    def request(self, radiograph: Radiograph, choice: ModelChoice, *, force: bool = False) -> int:
        """Ask for drafts of ``radiograph``; cancels what was asked for before. Returns the
        request's id.
        """
        self.cancel()
        self._last_id += 1
        request = self._last_id
        token = self._token = Token()

        def work() -> Analysis:
            self.started_draft.emit(request)
            return self._drafter(choice).draft(
                radiograph,
                force=force,
                cancelled=token.cancelled,
                progress=lambda done, total: self.progress.emit(request, done, total),
            )

        self.call(
            work,
            lambda analysis: self.drafted.emit(request, analysis),
            lambda error: self.failed.emit(request, error),
            token=token,
        )
        return request

    def cancel(self) -> None:
        """Give up the running request; the decoder looks between two beam steps."""
        self._token.cancel()

    def _drafter(self, choice: ModelChoice) -> Drafter:
        if self._made is None or self._made[0] != choice:
            self._made = None  # frees the old model before the new one is loaded
            self._made = (choice, self._factory(choice))
        return self._made[1]


class StoreWorker(Lane):
    """The thread that owns the database; every read and write goes through it, in order.

    A database that can't be opened is tried again at the next operation, so that one that was
    locked or on a full disk comes back by itself.
    """

    def __init__(self, open_repository: Callable[[], Repository], parent: QObject | None = None):
        super().__init__("store", parent)
        self._open = open_repository
        self._repository: Repository | None = None

    def ask(
        self,
        run: Callable[[Repository], T],
        success: Callable[[T], None] = lambda _: None,
        failure: Failure | None = None,
    ) -> Token:
        """Run ``run`` with the repository in the store's thread."""
        return self.call(lambda: run(self._opened()), success, failure)

    def keep(
        self, item: rescue.Rescued, database: Path, success: Callable[[Any], None], failure: Failure
    ) -> None:
        """Save a revision, rating or measurement; ``success`` gets what the repository returned.

        When the database can't even be opened, the item goes to the rescue file, which the
        repository takes in when it next opens. (An open repository does that itself when a write
        fails.)
        """

        def save(repository: Repository) -> Any:
            if isinstance(item, Rating):
                return repository.save_rating(item)
            if isinstance(item, MeasurementRevision):
                return repository.save_measurement(item)
            return repository.save_revision(
                item.study_id, item.text, item.sources, item.author, item.kind
            )

        def work() -> Any:
            try:
                repository = self._opened()
            except StoreError as error:
                place = rescue.keep(item, rescue.places(database))
                said = f"Meanwhile it is kept in {place}." if place else "It is kept in memory."
                raise StoreError(error.message, f"{error.hint} {said}".strip()) from error
            return save(repository)

        self.call(work, success, failure)

    def _opened(self) -> Repository:
        if self._repository is None:
            self._repository = self._open()
        return self._repository

    def release(self) -> None:
        if self._repository is not None:
            self._repository.close()
            self._repository = None


def repository_at(path: Path) -> Callable[[], Repository]:
    """How the store's thread opens the database at ``path``."""

    def open_repository() -> Repository:
        from app.store.repository import Repository

        return Repository.open(path)

    return open_repository
