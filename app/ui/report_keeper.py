"""Keeps what a person makes of a study: the report's revisions, its signature, the ratings.

Text is written within a second (:class:`app.ui.autosave.Autosave`), every state as a revision of
its own. What can't be written stays in memory and in the rescue file, is said, and is tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.reporting.report import SIGNED, Rating, Revision, Source, Status
from app.ui.autosave import Autosave
from app.ui.lanes import Token
from app.ui.message_bar import Message, about
from app.ui.workers import StoreWorker

if TYPE_CHECKING:
    from app.store.repository import Repository

TRY_AGAIN_MS = 15_000


@dataclass(frozen=True)
class Written:
    """What the store has of a study when it is opened. ``revision`` is the newest, None without
    any; ``drafted_by`` names the model of each of its analyses.
    """

    revision: Revision | None
    signed_before: bool
    ratings: tuple[Rating, ...]
    drafted_by: dict[int, str] = field(default_factory=dict)


class ReportKeeper(QObject):
    """One open report at a time; late answers about another study never reach it.

    Signals: ``loaded(Written)``; ``saved(Revision)`` for the open study; ``advanced(study_id,
    Status)`` for any; ``rated(Rating)``; ``said(Message)``; ``settled(key)`` when a message's
    cause is gone.
    """

    loaded = Signal(object)
    saved = Signal(object)
    rated = Signal(object)
    advanced = Signal(str, object)
    said = Signal(object)
    settled = Signal(str)

    def __init__(self, store: StoreWorker, database: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.author = ""
        self._store = store
        self._database = database
        self._study_id = ""
        self._loading = Token()
        self._signed_before = False
        self._pending: Revision | None = None
        self._unsaved: dict[str, Revision] = {}
        self._autosave = Autosave(self)
        self._autosave.due.connect(self._save_pending)
        self._again = QTimer(self, interval=TRY_AGAIN_MS, singleShot=True)
        self._again.timeout.connect(self.try_again)

    @property
    def study_id(self) -> str:
        return self._study_id

    def open(self, study_id: str) -> None:
        """Save what waits, then bring the study's newest revision and ratings."""
        self.flush()
        self._loading.cancel()
        self._study_id = study_id
        self._signed_before = False

        def read(repository: Repository) -> Written:
            revisions = repository.revisions(study_id)
            return Written(
                revisions[-1] if revisions else None,
                any(revision.kind in SIGNED for revision in revisions),
                tuple(repository.ratings(study_id)),
                repository.drafted_by(study_id),
            )

        self._loading = self._store.ask(read, self._show, self._not_loaded)

    def edit(self, text: str, sources: tuple[Source, ...]) -> None:
        """The report has changed; it is saved within a second."""
        if self._study_id:
            self._pending = self._revision(text, sources, "draft")
            self._autosave.touch()

    def history(self, show: Callable[[list[Revision]], None]) -> None:
        """Bring every revision of the open report, what is typed so far included."""
        self.flush()
        study_id = self._study_id
        self._store.ask(
            lambda repository: repository.revisions(study_id),
            show,
            lambda error: self.said.emit(about(error, key="store")),
        )

    def flush(self) -> None:
        """Hand what waits to the store's thread now."""
        self._autosave.flush()

    def sign(self, text: str, sources: tuple[Source, ...]) -> None:
        """Save the report as signed, or as amended when it was signed before."""
        if self._study_id:
            self._autosave.drop()
            self._pending = None
            self._save(
                self._revision(text, sources, "amended" if self._signed_before else "signed")
            )

    def rate(self, rating: Rating) -> None:
        """Keep a rating; what is typed so far is saved before it."""
        self.flush()

        def failed(error: Exception) -> None:
            trouble = about(error, key="rating")
            self.said.emit(replace(trouble, action="Try again", act=lambda: self.rate(rating)))

        self._store.keep(rating, self._database, lambda _: self._rating_kept(rating), failed)

    def try_again(self) -> None:
        """Save once more what could not be saved."""
        unsaved, self._unsaved = self._unsaved, {}
        for revision in unsaved.values():
            self._save(revision)

    @property
    def unsaved(self) -> bool:
        """Whether something could not be written yet."""
        return bool(self._unsaved)

    def _revision(self, text: str, sources: tuple[Source, ...], kind: str) -> Revision:
        now = datetime.now(UTC)
        return Revision(self._study_id, 0, text, sources, self.author, now, kind)

    def _show(self, written: Written) -> None:
        self._signed_before = written.signed_before
        self.loaded.emit(written)

    def _not_loaded(self, error: Exception) -> None:
        self.said.emit(about(error, key="store"))
        self._show(Written(self._unsaved.get(self._study_id), False, ()))

    def _save_pending(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self._save(pending)

    def _save(self, revision: Revision) -> None:
        self._unsaved.pop(revision.study_id, None)  # a newer state takes its place
        self._store.keep(
            revision,
            self._database,
            self._revision_kept,
            lambda error: self._not_saved(revision, error),
        )

    def _revision_kept(self, revision: Revision) -> None:
        self.advanced.emit(revision.study_id, Status.EDITED)
        self.settled.emit("store")
        if not self._unsaved:
            self.settled.emit("save")
        if revision.study_id == self._study_id:
            self._signed_before |= revision.kind in SIGNED
            self.saved.emit(revision)

    def _not_saved(self, revision: Revision, error: Exception) -> None:
        newer = self._pending is not None and self._pending.study_id == revision.study_id
        if not newer:
            self._unsaved[revision.study_id] = revision
            self._again.start()
        trouble = about(error, key="save")
        self.said.emit(
            Message(
                f"The report is not saved: {trouble.text}",
                trouble.hint,
                key="save",
                action="Try again",
                act=self.try_again,
            )
        )

    def _rating_kept(self, rating: Rating) -> None:
        self.settled.emit("rating")
        self.advanced.emit(rating.study_id, Status.RATED)
        if rating.study_id == self._study_id:
            self.rated.emit(rating)
