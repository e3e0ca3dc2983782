"""The studies that the window knows: found in files and folders, remembered in the store, listed
on the left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from app.errors import AppError, StudyError
from app.imaging.progress import Looked
from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.ui.loader import LoaderWorker
from app.ui.message_bar import Message, about
from app.ui.workers import StoreWorker
from app.ui.worklist_model import WorklistModel

if TYPE_CHECKING:
    from app.imaging.study import Study
    from app.store.repository import Repository

THUMBNAIL_PX = 88  # twice the shown size, for crisp pictures on a dense screen
BATCH_MS = 120
FEW_FILES = 12
SOON_MS = 500  # a search that is over by then says nothing
SEARCHING = "searching"
_STEPS = list(Status)


class Search:
    """A running search through files and folders."""

    def __init__(self) -> None:
        self.files = 0
        self.stopped = False
        self.stop: Callable[[], None] = lambda: None
        self.clock = QElapsedTimer()
        self.clock.start()


class Library(QObject):
    """Fills a :class:`WorklistModel`.

    ``first_found(record)`` comes once per :meth:`open_paths`, for the study to show;
    ``scanned(found, errors)`` when everything has been looked through; ``said(Message)`` for the
    reader.
    """

    first_found = Signal(object)
    scanned = Signal(int, list)
    loaded = Signal(list)
    said = Signal(object)
    settled = Signal(str)

    def __init__(
        self, store: StoreWorker, loader: LoaderWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.model = WorklistModel(self)
        self.model.thumbnail_wanted.connect(self._make_thumbnail)
        self._store = store
        self._loader = loader
        self._unlisted = False  # what the store remembers could not be read yet
        self._batch: list[StudyRecord] = []
        self._searches: list[Search] = []
        self._place = 0  # where the next study of a running scan goes: below those before it
        self._timer = QTimer(self, interval=BATCH_MS, singleShot=True)
        self._timer.timeout.connect(self._put_batch)

    def load(self) -> None:
        """List what the store remembers."""
        self._store.ask(lambda repository: repository.studies(), self._list, self._store_failed)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Look for studies in files and folders; they are listed as they are found."""
        errors: list[AppError] = []
        found: list[str] = []
        search = Search()
        self._place = 0

        def take(item: Study | AppError | Looked) -> None:
            if isinstance(item, AppError):
                errors.append(item)
                return
            if isinstance(item, Looked):
                search.files += item.files
                self._say_progress(search, len(set(found)))
                return
            record = self._known(record_of(item))
            found.append(record.study_id)
            self._batch.append(record)
            if len(found) == 1:
                self._put_batch()
                self.first_found.emit(record)
            elif not self._timer.isActive():
                self._timer.start()

        def finished() -> None:
            self._put_batch()
            if not found and not errors:
                errors.append(nothing_in(paths))
            self._searches.remove(search)
            self._say_end(search, len(set(found)))
            self._say_errors(errors, len(found))
            self.scanned.emit(len(found), errors)

        search.stop = self._loader.scan(paths, take, finished).cancel
        self._searches.append(search)

    @property
    def searching(self) -> bool:
        """Whether files are being looked through."""
        return bool(self._searches)

    def stop_searching(self) -> None:
        """Look at no further file; what was found stays listed."""
        for search in self._searches:
            search.stopped = True
            search.stop()

    def opened(self, record: StudyRecord, who: str) -> StudyRecord:
        """Note that the study is open now, and to whom."""
        current = replace(self._known(record), opened_at=datetime.now(UTC))
        self.model.put([current])
        self._remember([current])
        self.seen(record.study_id, who)
        return current

    def seen(self, study_id: str, who: str) -> None:
        """Keep who has looked at a study: in a blinded study it is no longer shown to them."""
        self._store.ask(
            lambda repository: repository.note_opening(study_id, who),
            failure=lambda error: self.said.emit(about(error, key="store")),
        )

    def remove(self, record: StudyRecord, who: str) -> None:
        """Take a study off the list; what was written about it stays in the store."""
        self.model.remove(record.study_id)
        self._store.ask(
            lambda repository: repository.hide_study(record.study_id, who),
            failure=lambda error: self.said.emit(about(error, key="store")),
        )

    def put_back(self, record: StudyRecord) -> None:
        """List a removed study again, on top."""
        self.model.put([record])
        self._remember([record])

    def advance(self, study_id: str, status: Status) -> None:
        """A study has come at least as far as ``status``; the store notes that by itself."""
        record = self.model.record(study_id)
        if record is not None and _STEPS.index(record.status) < _STEPS.index(status):
            self.model.put([replace(record, status=status)])

    def _list(self, records: list[StudyRecord]) -> None:
        listed = {record.study_id for record in self.model.records()}
        self.model.put((record for record in records if record.study_id not in listed), len(listed))
        self.loaded.emit(records)

    def _store_failed(self, error: Exception) -> None:
        self._unlisted = True
        self.said.emit(about(error, key="store"))
        self.loaded.emit([])

    def _known(self, record: StudyRecord) -> StudyRecord:
        """``record`` with the status that the list has for it."""
        listed = self.model.record(record.study_id)
        return record if listed is None else replace(record, status=listed.status)

    def _put_batch(self) -> None:
        self._timer.stop()
        batch, self._batch = self._batch, []
        if batch:
            self._place += self.model.put(batch, self._place)
            self._remember(batch)

    def _remember(self, records: Sequence[StudyRecord]) -> None:
        def run(repository: Repository) -> list[StudyRecord | None]:
            repository.remember_studies(records)
            return [repository.study(record.study_id) for record in records]

        self._store.ask(
            run,
            self._catch_up,
            lambda error: self.said.emit(about(error, key="store")),
        )

    def _catch_up(self, kept: Sequence[StudyRecord | None]) -> None:
        if self._unlisted:  # the store is back
            self._unlisted = False
            self.load()
        for record in kept:
            if record is not None:
                self.advance(record.study_id, record.status)

    def _make_thumbnail(self, record: StudyRecord) -> None:
        self._loader.thumbnail(
            record,
            THUMBNAIL_PX,
            lambda image: self.model.set_thumbnail(record.study_id, image),
            lambda _error: None,  # said when the study itself is opened
        )

    def _say_progress(self, search: Search, studies: int) -> None:
        """Only of a search that takes longer than a blink."""
        if search.stopped or not search.clock.hasExpired(SOON_MS):
            return
        counted = f"{studies:,} {'study' if studies == 1 else 'studies'}"
        self.said.emit(
            Message(
                f"Looking through the folder: {search.files:,} files so far, {counted}.",
                kind="info",
                key=SEARCHING,
                action="Cancel",
                act=self.stop_searching,
            )
        )

    def _say_end(self, search: Search, studies: int) -> None:
        if not self._searches:
            self.settled.emit(SEARCHING)
        if search.stopped:
            counted = f"{studies:,} {'study' if studies == 1 else 'studies'}"
            text = f"The search was stopped after {search.files:,} files; {counted} were found."
            self.said.emit(Message(text, kind="info", key="scan"))

    def _say_errors(self, errors: Sequence[AppError], found: int) -> None:
        if len(errors) == 1:
            self.said.emit(about(errors[0], key="scan"))
        elif errors:
            text = f"{len(errors):,} files could not be opened" + (
                f"; {found:,} {'study' if found == 1 else 'studies'} could." if found else "."
            )
            self.said.emit(Message(text, f"The first: {errors[0]}", key="scan"))


def record_of(study: Study) -> StudyRecord:
    """What the worklist keeps of a study that was found in files."""
    first = study.images[0]  # frontal views come first
    files = [str(path) for path in dict.fromkeys(study.archive or i.path for i in study.images)]
    return StudyRecord(
        study_id=study.study_id,
        patient=study.patient,
        study_date=study.study_date,
        study_time=study.study_time,
        description=study.description,
        modality=study.modality,
        view=first.view.value,
        status=Status.NEW,
        # Its own files: what else lies in a folder of thousands need not be looked through again.
        path="\n".join(files) if len(files) <= FEW_FILES else str(study.folder),
        opened_at=datetime.now(UTC),
    )


def nothing_in(paths: Iterable[Path]) -> StudyError:
    names = ", ".join(f"“{path}”" for path in paths)
    return StudyError(
        f"There is no image in {names}.",
        "Reading Room opens DICOM, PNG, JPEG, WebP and TIFF files.",
    )
