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
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import paths
from app.errors import AppError, StoreError
from app.inference.available import installed
from app.paths import Paths
from app.reporting.record import StudyRecord
from app.reporting.report import Rating
from app.settings import Settings
from app.ui import wording
from app.ui.comparing import Comparing
from app.ui.drafting import Drafting
from app.ui.exporting import Exporting
from app.ui.lanes import Token
from app.ui.library import Library
from app.ui.loader import LoadedStudy, LoaderWorker
from app.ui.message_bar import Message, about
from app.ui.model_shelf import ModelShelf
from app.ui.priors import Priors, PriorStudy
from app.ui.report_keeper import ReportKeeper
from app.ui.similar_cases import SimilarCases, SpaceFinder, find_space
from app.ui.stopwatch import Stopwatch
from app.ui.workers import (
    DrafterFactory,
    ModelChoice,
    ModelWorker,
    SpaceFactory,
    StoreWorker,
    repository_at,
    shipped_drafter,
    shipped_space,
)

if TYPE_CHECKING:
    from app.inference.batch import Drafter
    from app.inference.checkpoint import ModelInfo

STOP_MS = 60_000  # loading weights can't be interrupted, and a thread must end before its object

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What a test replaces: how a model is made, and which models there are (None: look for
    them); the same for the space of similar cases.
    """

    drafter: DrafterFactory = shipped_drafter
    models: Callable[[Paths], list[ModelInfo]] | None = None
    space: SpaceFactory = shipped_space
    find_space: SpaceFinder | None = None


class Controller(QObject):
    """Owns the three threads and the open study.

    Signals: ``opened(StudyRecord)`` at once, before any pixel; ``images(LoadedStudy)``;
    ``unreadable(Exception)`` when its files can't be shown; ``closed()``; ``said(Message)`` for
    the reader; ``settled(key)`` when a message's cause is gone; ``models_changed()``;
    ``model_chosen()`` when another model drafts the open study; ``recent_changed()``.
    """

    opened = Signal(object)
    images = Signal(object)
    unreadable = Signal(object)
    closing = Signal()  # while the study is still the open one: a last chance to say something
    closed = Signal()
    said = Signal(object)
    settled = Signal(str)
    models_changed = Signal()
    model_chosen = Signal()
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
        self.current: StudyRecord | None = None
        self.watch = Stopwatch()
        self._parts = parts or Parts()
        self._reading = Token()
        self._wanted = False
        self._shown: tuple[StudyRecord, LoadedStudy] | None = None
        self._waiting: tuple[StudyRecord, LoadedStudy] | None = None

        self.store = StoreWorker(repository_at(places.database), self)
        self.loader = LoaderWorker(self)
        self.model = ModelWorker(self._parts.drafter, self, self._parts.space)
        self.shelf = ModelShelf(self.loader, self._look_for_models, self)
        self.library = Library(self.store, self.loader, self)
        self.report = ReportKeeper(self.store, places.database, self)
        self.drafting = drafting = Drafting(self.model, self.store, self)
        self.comparing = Comparing(self.model, self.store, self)
        self.exporting = Exporting(self.store, self)
        self.priors = Priors(self.library, self.loader, self)
        self.similar = SimilarCases(
            (self.store, self.loader, self.model),
            self.library,
            lambda: (self._parts.find_space or find_space)(places, self.models),
            self,
        )
        self.library.first_found.connect(self._open_found)
        self.priors.shown.connect(self._prior_shown)
        compared = self.comparing.drafting
        said = (self.library, self.report, drafting, compared, self.priors, self.similar)
        for part in (*said, self.exporting):
            part.said.connect(self.said)
        self.report.settled.connect(self.settled)
        self.library.settled.connect(self.settled)
        self.report.advanced.connect(self.library.advance)
        self.drafting.advanced.connect(self.library.advance)
        compared.advanced.connect(self.library.advance)
        self.drafting.model_wanted.connect(self._look_again)
        self.shelf.found.connect(self._models_found)
        self.shelf.failed.connect(lambda error: self.said.emit(about(error, key="models")))
        for settled in (drafting.shown, drafting.refused, drafting.failed, drafting.idle):
            settled.connect(lambda *_: self.priors.begin())
            settled.connect(lambda *_: self.similar.begin())
        self.report.saved.connect(self.similar.saved)
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
        self.shelf.look()
        self.library.load()

    def stop(self) -> bool:
        """Save what waits and end the threads; False when one did not end in time."""
        self.report.flush()
        self.drafting.close()
        self.comparing.close()
        self.similar.set_active(False)
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
        record = self.library.opened(record, self.reader)
        self.current = record
        self.watch.start()
        self.opened.emit(record)
        self.priors.open(record)
        self.similar.open(record)
        self.report.open(record.study_id)
        self._reading = self.loader.read(record, self._show, self.unreadable.emit)

    def _open_found(self, record: StudyRecord) -> None:
        """Show what was looked for; the open study again when it has got more images."""
        if self.current is not None and self.current.study_id == record.study_id:
            if record.path != self.current.path:
                self.current = record
                self._reading.cancel()
                self._reading = self.loader.read(record, self._show, self.unreadable.emit)
        else:
            self.open(record)

    def close(self) -> None:
        """No study is open any more."""
        if self.current is not None:
            self.closing.emit()
        self._reading.cancel()
        self._waiting = self._shown = None
        self.drafting.close()
        self.comparing.close()
        self.priors.close()
        self.similar.close()
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

    # settings and models

    def change_settings(self, settings: Settings) -> None:
        """Use and keep other settings; a running request goes on with the old ones, unless another
        model is chosen: then the open study shows that model's drafts.
        """
        before = self.drafting.choice
        self.settings = settings
        self._apply_settings()
        self._save_settings()
        self._follow(before)

    def takes(self, **values: object) -> None:
        """Change single settings."""
        self.change_settings(self.settings.changed(**values))

    def choose_model(self, model_id: str) -> None:
        """Draft with this model from now on, the open study first.

        What other models drafted and what was written stays as it is.
        """
        self._wanted = True
        self.takes(model=model_id)
        self._wanted = False

    def compare_with(self, model_id: str) -> None:
        """Show this model's drafts beside those of the model that drafts."""
        first, second = self.drafting.choice, self.as_it_drafts(model_id)
        if first is not None and second is not None and first.model_id != model_id:
            self.comparing.begin(first, second)

    @property
    def models(self) -> list[ModelInfo]:
        """The installed models, the default first."""
        return self.shelf.models

    def as_it_drafts(self, model_id: str) -> ModelChoice | None:
        """The model as it would draft now, by its id; None when it isn't installed."""
        return self.shelf.as_it_drafts(model_id, self.settings)

    def _apply_settings(self) -> None:
        self.report.author = self.reader
        self.drafting.automatic = self.settings.draft_automatically
        self.drafting.choice = self.shelf.chosen(self.settings)
        self.comparing.renew(self.drafting.choice, self.as_it_drafts(self.comparing.model_id))

    def new_drafter(self, choice: ModelChoice) -> Drafter:
        """A model of its own; only called in the model's thread."""
        return self._parts.drafter(choice)

    def _save_settings(self) -> None:
        if not self.keeps_settings:
            return
        try:
            self.settings.save(self.places.settings)
        except AppError as error:
            self.said.emit(about(error, key="settings"))

    def _look_again(self) -> None:
        """The reader asks for drafts without a model; one may have been put there meanwhile."""
        self._waiting = self._shown
        self.shelf.look()

    def _look_for_models(self) -> list[ModelInfo]:
        if self._parts.models is not None:
            return self._parts.models(self.places)
        models, damaged = installed(self.places)
        for name, error in damaged.items():
            self.said.emit(about(error, key=f"model {name}"))
        return models

    def _models_found(self, others: bool) -> None:
        before = self.drafting.choice
        self._apply_settings()
        if others:
            self.similar.look_again()
            self.models_changed.emit()
            self._follow(before)
        self._begin_drafting()

    # the open study

    def _show(self, loaded: LoadedStudy) -> None:
        if self.current is None:
            return
        self.images.emit(loaded)
        if not loaded.finished:
            return
        self._shown = self._waiting = (self.current, loaded)
        self.similar.take(loaded.images[loaded.drafted])
        self._begin_drafting()

    def _begin_drafting(self) -> None:
        """Once the images are read and the models are known, whichever comes last."""
        if self.shelf.known and self._waiting is not None:
            (record, loaded), self._waiting = self._waiting, None
            place = loaded.drafted
            what = record.study_id, loaded.images[place], loaded.reasons[place]
            self.drafting.open(*what, wanted=self._wanted)
            self.comparing.open(*what)

    def _follow(self, before: ModelChoice | None) -> None:
        """Where another model drafts than ``before``, or the same with other weights, the open
        study shows its drafts.
        """
        now = self.drafting.choice
        if before is not None and now is not None and not now.same_weights(before):
            self._draft_with_another()

    def _draft_with_another(self) -> None:
        self.model_chosen.emit()
        self.comparing.renamed(self.drafting.choice.model_id if self.drafting.choice else "")
        if self._shown is not None:
            record, loaded = self._shown
            place = loaded.drafted
            self.drafting.open(
                record.study_id, loaded.images[place], loaded.reasons[place], wanted=self._wanted
            )

    def _prior_shown(self, prior: PriorStudy | None) -> None:
        if prior is not None:
            self.library.seen(prior.record.study_id, self.reader)

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
