"""Similar cases of the open image, or of words, among the reader's own signed studies.

Without a widget, and with nothing done before the reader asks for it. Vectors are made in the
model's thread behind every draft, files are read behind everything that the reader opens, and the
store keeps what was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import ModelError
from app.imaging.radiograph import Radiograph
from app.inference.retrieval import Index
from app.paths import Paths
from app.reporting.record import StudyRecord
from app.reporting.report import SIGNED, Revision
from app.reporting.similar import Heard, Listener, SignedCase, by_words, impression, joined
from app.ui.lanes import Token
from app.ui.library import Library
from app.ui.loader import LOOK_UP, LoaderWorker
from app.ui.message_bar import about
from app.ui.priors import same_patient
from app.ui.similar_index import Indexer
from app.ui.workers import ModelWorker, Space, SpaceChoice, StoreWorker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.inference.checkpoint import ModelInfo
    from app.store.repository import Repository

MOST = 10
SOON_MS = 200
_DEEP = 50  # of each ranking, before two are joined
_AT_ONCE = 100  # reports that are gone through before something more urgent may come between
_KEY = "similar"

SpaceFinder = Callable[[Paths, "Sequence[ModelInfo]"], SpaceChoice | None]

NO_SPACE = "The weights that similar cases are found with are not installed."
NO_SPACE_HINT = (
    "They belong to the shipped model; install it again, or train them: readingroom similar train."
)
NOTHING_SIGNED = "There is no signed study to compare with yet."
NOTHING_SIGNED_HINT = "Every report that you sign joins in, with its image."


@dataclass(frozen=True)
class Similar:
    """One study that was found: its listed record, what its report comes down to, and, where words
    were asked for, which of them the report says.
    """

    record: StudyRecord
    impression: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """What was found, the most similar first. ``query`` is empty when the open image was asked
    with; ``unknown`` are its words that the space never learned. ``indexed`` of ``signed`` studies
    could be compared.
    """

    found: tuple[Similar, ...]
    query: str = ""
    unknown: tuple[str, ...] = ()
    signed: int = 0
    indexed: int = 0


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The signed studies by id, and the index of those that have a vector."""

    cases: dict[str, SignedCase]
    index: Index
    missing: tuple[str, ...]

    @classmethod
    def of(cls, cases: Sequence[SignedCase]) -> Catalogue:
        rows = [(case.study_id, case.vector) for case in cases if case.vector is not None]
        missing = tuple(case.study_id for case in cases if case.vector is None)
        return cls({case.study_id: case for case in cases}, Index.of(rows), missing)


def find_space(places: Paths, models: Sequence[ModelInfo]) -> SpaceChoice | None:
    """The space in the weights folders and the model that it was made for; None without a space.

    Raises ModelError for a damaged one, and where the weights that it was made for are not there.
    """
    from app.inference import retrieval

    info = retrieval.find(places.weights_folders())
    if info is None:
        return None
    made_for = [model for model in models if model.sha256 == info.model_sha256]
    if not made_for:
        raise ModelError(
            f"Similar cases need the weights of {info.model_id} that they were learned with, and "
            "these are not installed.",
            "Install them again, or learn with yours: readingroom similar train.",
        )
    return SpaceChoice(info, made_for[0].folder)


class SimilarCases(QObject):
    """``listed(Listing)``; ``waiting(text)`` while it is being found out;
    ``unavailable(sentence, hint)`` when there is nothing to find; ``indexing(done, total)`` while
    images are looked at for the first time, ``(0, 0)`` at the end; ``said(Message)``.
    """

    listed = Signal(object)
    waiting = Signal(str)
    unavailable = Signal(str, str)
    indexing = Signal(int, int)
    said = Signal(object)

    def __init__(
        self,
        lanes: tuple[StoreWorker, LoaderWorker, ModelWorker],
        library: Library,
        find: Callable[[], SpaceChoice | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._loader, self._model = lanes
        self._library = library
        self._find = find
        self._active = False
        self._record: StudyRecord | None = None
        self._radiograph: Radiograph | None = None
        self._may_begin = False
        self._query = ""
        self._looked = False
        self._choice: SpaceChoice | None = None
        self._lacking = NO_SPACE, NO_SPACE_HINT  # why there is none
        self._catalogue: Catalogue | None = None
        self._vector: tuple[str, NDArray[np.float32]] | None = None  # of the image of that id
        self._asking = Token()
        self._indexer = Indexer(lanes, library, self)
        self._indexer.progress.connect(self.indexing)
        self._indexer.said.connect(self.said)
        self._indexer.grown.connect(self._stale)
        # Together, and after what the store is told meanwhile: a removal is noted there only then.
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._refresh)
        library.model.rowsInserted.connect(lambda *_: self._stale())
        library.model.rowsRemoved.connect(lambda *_: self._stale())

    @property
    def active(self) -> bool:
        return self._active

    @property
    def query(self) -> str:
        """The words that are looked for; empty when it is the open image."""
        return self._query

    def set_active(self, active: bool) -> None:
        """The reader wants to see similar cases, or no longer."""
        self._active = active
        if active:
            if self._choice is None:
                self._looked = False  # they may have been installed or mended meanwhile
            self._refresh()
        else:
            self._asking.cancel()
            self._indexer.stop()

    def open(self, record: StudyRecord) -> None:
        """Another study is open; its image comes with :meth:`take`."""
        self.close()
        self._record = record
        self._refresh()

    def close(self) -> None:
        """No study is open."""
        self._asking.cancel()
        self._record = self._radiograph = None
        self._may_begin = False
        self._query = ""

    def take(self, radiograph: Radiograph) -> None:
        """The open study's image that is drafted."""
        self._radiograph = radiograph

    def begin(self) -> None:
        """The drafts stand, or can't: the model's thread is free for this."""
        self._may_begin = self._radiograph is not None
        self._refresh()

    def look_again(self) -> None:
        """Other models are known: the space's own may be among them now."""
        self._looked = False
        self._choice = None
        self._refresh()

    def search(self, words: str) -> None:
        """Look for words, or with none for the open image again."""
        self._query = " ".join(words.split())
        self._refresh()

    def saved(self, revision: Revision) -> None:
        """A signed report joins in at once, if the reader uses similar cases at all."""
        if revision.kind not in SIGNED:
            return
        radiograph, choice = self._radiograph, self._choice
        if choice is None or radiograph is None or revision.study_id != self._study_id:
            self._stale()
            return
        self._model.ask_space(
            choice,
            lambda space: space.image(radiograph),
            lambda vector: self._keep(revision.study_id, radiograph.image_id, vector),
            self._failed,
        )

    def cancel_indexing(self) -> None:
        """The reader has had enough: no image is looked at for the index any more."""
        self._indexer.give_up()

    @property
    def _study_id(self) -> str:
        return "" if self._record is None else self._record.study_id

    def _stale(self) -> None:
        """What the store has is another; it is read again soon, if anybody looks."""
        self._catalogue = None
        if self._active:
            self._soon.start()

    def _refresh(self) -> None:
        """Go as far as what is known allows; each answer comes back here."""
        if not self._active:
            return
        self._asking.cancel()
        choice, catalogue = self._choice, self._catalogue
        if not self._looked:
            self.waiting.emit("Looking for similar cases…")
            self._asking = self._loader.call(self._find, self._space_found, self._not_found)
        elif choice is None:
            self.unavailable.emit(*self._lacking)
        elif catalogue is None:
            key = choice.info.key

            def read(repository: Repository) -> Catalogue:
                return Catalogue.of(repository.signed_cases(key))

            self._asking = self._store.ask(read, self._catalogued, self._failed)
        elif not catalogue.cases:
            self.unavailable.emit(NOTHING_SIGNED, NOTHING_SIGNED_HINT)
        elif self._query:
            self._ask_words(choice, catalogue, self._query)
        elif self._record is None:
            self.unavailable.emit("No study is open.", "Open one, or search by words.")
        elif self._radiograph is None or not self._may_begin:
            self.waiting.emit("Waiting for the image and its drafts…")
        else:
            self._ask_image(choice, catalogue, self._radiograph)

    def _space_found(self, choice: SpaceChoice | None) -> None:
        self._looked = True
        if self._choice is None or choice is None or self._choice.info.key != choice.info.key:
            self._catalogue = self._vector = None
        self._choice = choice
        self._lacking = NO_SPACE, NO_SPACE_HINT
        self._refresh()

    def _not_found(self, error: Exception) -> None:
        """It is said as often as it is asked for."""
        shown = about(error, key=_KEY)
        self._lacking = shown.text, shown.hint
        self._failed(error)

    def _catalogued(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._refresh()

    def _ask_image(self, choice: SpaceChoice, catalogue: Catalogue, radiograph: Radiograph) -> None:
        without = self._without()
        known = self._vector
        if known is not None and known[0] != radiograph.image_id:
            known = None
        if known is None:
            self.waiting.emit("Comparing the image…")

        def work(space: Space) -> tuple[NDArray[np.float32], list[str]]:
            vector = space.image(radiograph) if known is None else known[1]
            return vector, catalogue.index.search(vector, MOST, without)

        def done(answer: tuple[NDArray[np.float32], list[str]]) -> None:
            vector, found = answer
            self._vector = (radiograph.image_id, vector)
            self._list(catalogue, found)

        self._asking = self._model.ask_space(choice, work, done, self._failed)

    def _ask_words(self, choice: SpaceChoice, catalogue: Catalogue, query: str) -> None:
        """First what the reports say, behind all that the reader opens; then what images show."""
        without = self._without()
        asked = {key: case for key, case in catalogue.cases.items() if key not in without}
        heard: dict[str, Heard] = {}
        self.waiting.emit("Looking for these words…")

        def steps() -> Iterator[int]:
            listener = Listener(query)
            for number, (study_id, case) in enumerate(asked.items(), start=1):
                heard[study_id] = listener.hear(case.text)
                if number % _AT_ONCE == 0:
                    yield number

        def told(number: int) -> None:
            self.waiting.emit(f"Looking for these words… {number:,} of {len(asked):,} reports")

        def work(space: Space) -> tuple[list[str], tuple[str, ...]]:
            said, denying = by_words(heard, asked)
            rankings = [said[:_DEEP]]
            vector = space.words(query)
            if vector is not None:
                rankings.append(catalogue.index.search(vector, _DEEP, without))
            return joined(rankings, MOST, denying), space.unknown(query)

        def done(answer: tuple[list[str], tuple[str, ...]]) -> None:
            self._list(catalogue, answer[0], query, answer[1], heard)

        def finished() -> None:
            self._asking = self._model.ask_space(choice, work, done, self._failed)

        self._asking = self._loader.submit(
            steps(), told, self._failed, finished=finished, priority=LOOK_UP
        )

    def _without(self) -> frozenset[str]:
        """The open study and every other one of its patient."""
        record = self._record
        if record is None:
            return frozenset()
        others = self._library.model.records()
        return frozenset(
            {record.study_id} | {one.study_id for one in others if same_patient(record, one)}
        )

    def _list(
        self,
        catalogue: Catalogue,
        found: Sequence[str],
        query: str = "",
        unknown: tuple[str, ...] = (),
        heard: Mapping[str, Heard] | None = None,
    ) -> None:
        rows = []
        for study_id in found:
            record, case = self._library.model.record(study_id), catalogue.cases[study_id]
            if record is not None:
                said = heard[study_id].said if heard is not None else ()
                rows.append(Similar(record, impression(case.text), said))
        signed = len(catalogue.cases)
        indexed = signed - len(catalogue.missing)
        self.listed.emit(Listing(tuple(rows), query, unknown, signed, indexed))
        if self._choice is not None:
            self._indexer.start(self._choice, catalogue.missing)

    def _keep(self, study_id: str, image_id: str, vector: NDArray[np.float32]) -> None:
        if self._choice is not None:
            self._indexer.keep(self._choice, study_id, image_id, vector)
            self._stale()

    def _failed(self, error: Exception) -> None:
        self._looked = True
        shown = about(error, key=_KEY)
        self.unavailable.emit(shown.text, shown.hint)
