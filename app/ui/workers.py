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
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from app.errors import StoreError
from app.imaging.radiograph import Radiograph
from app.inference.batch import Drafter
from app.inference.drafts import Analysis
from app.inference.options import BeamOptions
from app.paths import shipped_gate
from app.reporting import rescue
from app.reporting.measurements import MeasurementRevision
from app.reporting.report import Rating
from app.ui.lanes import Failure, Lane, Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.inference.joint_space import SpaceInfo
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

    def same_weights(self, other: ModelChoice) -> bool:
        """Whether both are one model, however it drafts."""
        return (self.model_id, self.sha256) == (other.model_id, other.sha256)


DrafterFactory = Callable[[ModelChoice], Drafter]


def shipped_drafter(choice: ModelChoice) -> Drafter:
    """The real thing; imports torch, so it is only called in the model's thread."""
    from app.inference.reporter import Reporter

    return Reporter(choice.folder, choice.device, choice.options, gate=shipped_gate())


@dataclass(frozen=True)
class SpaceChoice:
    """Which space of similar cases, on which drafting weights and device."""

    info: SpaceInfo
    model: Path
    device: str = "auto"


class Space(Protocol):
    """What the model thread needs of :class:`app.inference.retrieval.Retriever`."""

    def image(self, radiograph: Radiograph) -> NDArray[np.float32]: ...

    def words(self, text: str) -> NDArray[np.float32] | None: ...

    def unknown(self, text: str) -> tuple[str, ...]: ...


SpaceFactory = Callable[[SpaceChoice], Space]


def shipped_space(choice: SpaceChoice) -> Space:
    """The real thing; imports torch, so it is only called in the model's thread."""
    from app.inference.retrieval import Retriever

    return Retriever(choice.info, choice.model, choice.device)


class ModelWorker(Lane):
    """The one thread that owns the models.

    Signals: ``started(id)``, ``progress(id, done, total)``, ``drafted(id, Analysis)``,
    ``measured(id, seconds, device)`` and ``failed(id, Exception)`` (an AppError, or our bug).
    Requests are served one after another; nothing is reported any more for one that was cancelled.
    The last ``KEPT`` models stay in memory, so that two can be compared from study to study.
    """

    KEPT = 2

    started_draft = Signal(int)
    progress = Signal(int, int, int)
    drafted = Signal(int, object)
    measured = Signal(int, float, str)
    failed = Signal(int, object)

    def __init__(
        self,
        factory: DrafterFactory,
        parent: QObject | None = None,
        space: SpaceFactory = shipped_space,
    ) -> None:
        super().__init__("model", parent)
        self._factory = factory
        self._space_factory = space
        self._made_space: tuple[SpaceChoice, Space] | None = None
        self._made: dict[ModelChoice, Drafter] = {}  # the one used last at the end
        self._last_id = 0
        self._tokens: dict[int, Token] = {}

    def request(self, radiograph: Radiograph, choice: ModelChoice, *, force: bool = False) -> int:
        """Ask for drafts of ``radiograph``. Returns the request's id."""

        def work(request: int, token: Token) -> Analysis:
            return self._drafter(choice).draft(
                radiograph,
                force=force,
                cancelled=token.cancelled,
                progress=lambda done, total: self.progress.emit(request, done, total),
            )

        return self._ask(work, self.drafted.emit)

    def measure(self, file: Path, choice: ModelChoice, runs: int) -> int:
        """Ask for the median seconds of ``runs`` drafts of the image in ``file``, after one more
        that warms the model up. Returns the request's id; progress counts runs.
        """

        def work(request: int, token: Token) -> tuple[float, str]:
            from app.imaging.reading import read_image

            radiograph, drafter = read_image(file), self._drafter(choice)
            spent = []
            for run in range(runs + 1):
                self.progress.emit(request, run, runs + 1)
                made = drafter.draft(radiograph, force=True, cancelled=token.cancelled)
                spent.append(made.seconds.total - made.seconds.load)
            return median(spent[1:]), made.device

        return self._ask(work, lambda request, found: self.measured.emit(request, *found))

    def cancel(self, request: int) -> None:
        """Give up a request; the decoder looks between two beam steps."""
        if request in self._tokens:
            self._tokens.pop(request).cancel()

    def _ask(self, work: Callable[[int, Token], T], answer: Callable[[int, T], None]) -> int:
        self._last_id += 1
        request, token = self._last_id, Token()
        self._tokens[request] = token

        def begin() -> T:
            self.started_draft.emit(request)
            return work(request, token)

        def done(result: T) -> None:
            self._tokens.pop(request, None)
            answer(request, result)

        def failed(error: Exception) -> None:
            self._tokens.pop(request, None)
            self.failed.emit(request, error)

        self.call(begin, done, failed, token=token)
        return request

    def ask_space(
        self,
        choice: SpaceChoice,
        work: Callable[[Space], T],
        success: Callable[[T], None],
        failure: Failure,
    ) -> Token:
        """Run ``work`` with the space of similar cases; drafting that waits comes first."""

        def run() -> T:
            if self._made_space is None or self._made_space[0] != choice:
                self._made_space = None
                self._made_space = (choice, self._space_factory(choice))
            return work(self._made_space[1])

        return self.call(run, success, failure, priority=2)

    def _drafter(self, choice: ModelChoice) -> Drafter:
        drafter = self._made.pop(choice, None)
        if drafter is None:
            same = [one for one in self._made if one.folder == choice.folder]
            oldest = list(self._made)[: max(len(self._made) - self.KEPT + 1, 0)]
            for one in same or oldest:
                del self._made[one]  # frees an old model before the new one is loaded
            drafter = self._factory(choice)
        self._made[choice] = drafter
        return drafter


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
