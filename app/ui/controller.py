"""What happens when a study is opened, without a widget: files, drafts, report, rating, in the
right order.

The window shows what the parts of this object say and calls their methods; it decides nothing
itself.
"""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from app import paths
from app.errors import AppError, StoreError
from app.inference.options import BeamOptions
from app.paths import Paths
from app.reporting.record import StudyRecord
from app.reporting.report import Rating
from app.settings import Settings
from app.ui import wording
from app.ui.drafting import Drafting
from app.ui.lanes import Token
from app.ui.library import Library
from app.ui.loader import LoadedStudy, LoaderWorker
from app.ui.message_bar import Message, about
from app.ui.priors import Priors
from app.ui.report_keeper import ReportKeeper
from app.ui.stopwatch import Stopwatch
from app.ui.workers import (
    DrafterFactory,
    ModelChoice,
    ModelWorker,
    StoreWorker,
    repository_at,
    shipped_drafter,
)

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo
    from app.store.repository import Repository

Exported = Literal["ratings", "measurements"]

STOP_MS = 60_000  # loading weights can't be interrupted, and a thread must end before its object

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What a test replaces: how a model is made, and which models there are (None: look for
    them).
    """

    drafter: DrafterFactory = shipped_drafter
    models: Callable[[Paths], list[ModelInfo]] | None = None


class Controller(QObject):
    """Owns the three threads and the open study.

    Signals: ``opened(StudyRecord)`` at once, before any pixel; ``images(LoadedStudy)``;
    ``unreadable(Exception)`` when its files can't be shown; ``closed()``; ``said(Message)`` for
    the reader; ``settled(key)`` when a message's cause is gone; ``models_changed()``;
    ``recent_changed()``.
    """

    opened = Signal(object)
    images = Signal(object)
    unreadable = Signal(object)
    closing = Signal()  # while the study is still the open one: a last chance to say something
    closed = Signal()
    said = Signal(object)
    settled = Signal(str)
    models_changed = Signal()
    recent_changed = Signal()
    escaped = Signal(Exception)  # an error that nobody caught, from any thread

    def __init__(
        self,
        places: Paths,
        settings: Settings,
        parts: Parts | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.places = places
        self.settings = settings
        self.keeps_settings = True
        self.models: list[ModelInfo] = []
        self.current: StudyRecord | None = None
        self.watch = Stopwatch()
        self._parts = parts or Parts()
        self._reading = Token()
        self._models_known = False
        self._shown: tuple[StudyRecord, LoadedStudy] | None = None
        self._waiting: tuple[StudyRecord, LoadedStudy] | None = None

        self.store = StoreWorker(repository_at(places.database), self)
        self.loader = LoaderWorker(self)
        self.model = ModelWorker(self._parts.drafter, self)
        self.library = Library(self.store, self.loader, self)
        self.report = ReportKeeper(self.store, places.database, self)
        self.drafting = drafting = Drafting(self.model, self.store, self)
        self.priors = Priors(self.library, self.loader, self)
        self.library.first_found.connect(self._open_found)
        for part in (self.library, self.report, self.drafting, self.priors):
            part.said.connect(self.said)
        self.report.settled.connect(self.settled)
        self.library.settled.connect(self.settled)
        self.report.advanced.connect(self.library.advance)
        self.drafting.advanced.connect(self.library.advance)
        self.drafting.model_wanted.connect(self._look_again)
        for settled in (drafting.shown, drafting.refused, drafting.failed, drafting.idle):
            settled.connect(lambda *_: self.priors.begin())
        self.drafting.weights_folder = str(places.weights)
        for lane in self._lanes:
            lane.crashed.connect(self._crashed)
        self.escaped.connect(self._crashed)
        self._apply_settings()

    # starting and ending

    def start(self) -> None:
        """Start the threads; called once the window has painted."""
        for lane in self._lanes:
            lane.start()
        self._find_models()
        self.library.load()

    def stop(self) -> bool:
        """Save what waits and end the threads; False when one did not end in time."""
        self.report.flush()
        self.drafting.close()
        self._reading.cancel()
        self.loader.cancel_all()
        self.model.cancel_all()
        # The store's thread first: what was typed matters more than what is still being loaded.
        ended = [lane.stop(STOP_MS) for lane in (self.store, self.loader, self.model)]
        self._save_settings()
        return all(ended)

    # studies

    def open(self, record: StudyRecord) -> None:
        """Show a study; what was written about the one before is saved first."""
        if self.current is not None and self.current.study_id == record.study_id:
            return
        self.close()
        record = self.library.opened(record)
        self.current = record
        self.watch.start()
        self.opened.emit(record)
        self.priors.open(record)
        self.report.open(record.study_id)
        self._reading = self.loader.read(record, self._show, self._unreadable)

    def _open_found(self, record: StudyRecord) -> None:
        """Show what was looked for; the open study again when it has got more images."""
        if self.current is not None and self.current.study_id == record.study_id:
            if record.path != self.current.path:
                self.current = record
                self._reading.cancel()
                self._reading = self.loader.read(record, self._show, self._unreadable)
        else:
            self.open(record)

    def close(self) -> None:
        """No study is open any more."""
        if self.current is not None:
            self.closing.emit()
        self._reading.cancel()
        self._waiting = self._shown = None
        self.drafting.close()
        self.priors.close()
        self.report.flush()
        if self.current is not None:
            self.current = None
            self.closed.emit()

    def open_paths(self, files: list[Path]) -> None:
        """Open files and folders and remember them as recent."""
        for file in files:
            self.settings = self.settings.with_recent(file)
        self._save_settings()
        self.recent_changed.emit()
        self.library.open_paths(files)

    def open_synthetic(self) -> None:
        """The study that the project made itself."""
        self.library.open_paths([paths.resources() / "synthetic"])

    def remove(self, record: StudyRecord) -> None:
        """Take a study off the list; opening its file lists it again."""
        if self.current is not None and self.current.study_id == record.study_id:
            self.close()
        self.library.remove(record, self.reader)
        called = wording.name(record, self.settings.hide_identity)
        self.said.emit(
            Message(
                f"{called} is off the list. What was written about it is kept.",
                "Opening its file lists it again.",
                kind="info",
                key="removed",
                action="Put back",
                act=lambda: self.library.put_back(record),
            )
        )

    # rating

    @property
    def reader(self) -> str:
        """Under which name reports and ratings are kept."""
        return self.settings.user_name or login_name()

    def rate(self, analysis_id: int, rank: int, score: int, comment: str, final_text: str) -> None:
        """Keep a rating of the draft ``rank`` of the open study."""
        if self.current is None:
            return
        if analysis_id == 0:
            trouble = StoreError(
                "This draft is not stored, so it can't be rated.", "Draft the study once more."
            )
            self.said.emit(about(trouble, key="rating"))
            return
        self.report.rate(
            Rating(
                study_id=self.current.study_id,
                analysis_id=analysis_id,
                rank=rank,
                rater=self.reader,
                score=score,
                comment=comment,
                seconds=round(self.watch.seconds, 1),
                final_text=final_text,
                at=datetime.now(UTC),
            )
        )

    def export(self, what: Exported, file: Path, *, pseudonymise: bool, bom: bool) -> None:
        """Write all ratings or measurements to a CSV file; says how many there were."""
        who = self.reader

        def run(repository: Repository) -> int:
            ratings, measurements = repository.export_ratings, repository.export_measurements
            write = ratings if what == "ratings" else measurements
            return write(file, pseudonymise=pseudonymise, bom=bom, who=who)

        def done(count: int) -> None:
            written = f"1 {what.removesuffix('s')}" if count == 1 else f"{count:,} {what}"
            self.said.emit(Message(f"Wrote {written} to {file}.", kind="info", key="export"))

        self.store.ask(
            run,
            done,
            lambda error: self.said.emit(about(error, key="export")),
        )

    # settings and models

    def change_settings(self, settings: Settings) -> None:
        """Use and keep other settings; a running request goes on with the old ones."""
        self.settings = settings
        self._apply_settings()
        self._save_settings()

    def takes(self, **values: object) -> None:
        """Change single settings."""
        self.change_settings(self.settings.changed(**values))

    @property
    def models_known(self) -> bool:
        """Whether the folders of weights have been looked through."""
        return self._models_known

    def _apply_settings(self) -> None:
        self.report.author = self.reader
        self.drafting.automatic = self.settings.draft_automatically
        self.drafting.choice = self._choice()

    def _choice(self) -> ModelChoice | None:
        wanted = [info for info in self.models if info.model_id == self.settings.model]
        info = next(iter(wanted or self.models), None)
        if info is None:
            return None
        options = BeamOptions(
            beams=self.settings.beams, length_normalised=self.settings.length_normalised
        )
        return ModelChoice(info.model_id, info.sha256, info.folder, self.settings.device, options)

    def _save_settings(self) -> None:
        if not self.keeps_settings:
            return
        try:
            self.settings.save(self.places.settings)
        except AppError as error:
            self.said.emit(about(error, key="settings"))

    def _find_models(self) -> None:
        self.loader.call(self._look_for_models, self._models_found, self._models_failed, priority=0)

    def _look_again(self) -> None:
        """The reader asks for drafts without a model; one may have been put there meanwhile."""
        self._waiting = self._shown
        self._find_models()

    def _look_for_models(self) -> list[ModelInfo]:
        if self._parts.models is not None:
            return self._parts.models(self.places)
        from app.inference.checkpoint import list_models

        return list_models(self.places.weights_folders())

    def _models_found(self, models: list[ModelInfo]) -> None:
        self.models = models
        self._models_known = True
        self._apply_settings()
        self.models_changed.emit()
        self._begin_drafting()

    def _models_failed(self, error: Exception) -> None:
        self.said.emit(about(error, key="models"))
        self._models_found([])

    # the open study

    def _show(self, loaded: LoadedStudy) -> None:
        if self.current is None:
            return
        self.images.emit(loaded)
        if not loaded.finished:
            return
        self._shown = self._waiting = (self.current, loaded)
        self._begin_drafting()

    def _begin_drafting(self) -> None:
        """Once the images are read and the models are known, whichever comes last."""
        if self._models_known and self._waiting is not None:
            (record, loaded), self._waiting = self._waiting, None
            place = loaded.drafted
            self.drafting.open(record.study_id, loaded.images[place], loaded.reasons[place])

    def _unreadable(self, error: Exception) -> None:
        self.unreadable.emit(error)

    def _crashed(self, error: Exception) -> None:
        self.report.flush()
        self.said.emit(about(error, key="bug"))

    @property
    def _lanes(self) -> tuple[StoreWorker, LoaderWorker, ModelWorker]:
        return self.store, self.loader, self.model


def login_name() -> str:
    """Who is logged in, as a first suggestion for the reader's name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "reader"
