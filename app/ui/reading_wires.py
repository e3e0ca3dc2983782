"""The right column's wires: drafts, findings, report and rating with what the controller says
and keeps.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.errors import AppError
from app.inference.drafts import Analysis
from app.paths import builtin_templates
from app.reporting import templates
from app.reporting.report import SIGNED, Rating, Revision, Source
from app.ui.map_words import map_words
from app.ui.message_bar import about
from app.ui.panels.drafts import DraftsPanel
from app.ui.report_keeper import Written
from app.ui.top_bar import device_name, model_text, model_tip

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


class ReadingWires(QObject):
    """Shows the open study's drafts, report and ratings, and hands on what the reader makes of
    them.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._column = window.column
        self._controller = window.controller
        self._analysis_id = 0
        self._ratings: tuple[Rating, ...] = ()
        self._names: dict[int, str] = {}  # which model each analysis of the study is by
        self._waiting: list[tuple[int, int, int, str]] = []  # ratings, until there is a name
        self._listen()
        self._clear()
        self.load_templates()

    def flush(self) -> None:
        """Hand over what was typed and not said yet: a comment in its field, the report.

        A rating that waits for the reader's name is kept under the login's.
        """
        self.rate_as_named()
        self._column.rating.comment.editingFinished.emit()
        self._controller.report.flush()

    def load_templates(self) -> None:
        """The built-in templates and the user's own; the user's win."""
        places = self._controller.places
        own = self._controller.settings.templates_path
        found: dict[str, templates.Template] = {}
        for file in (builtin_templates(), own or places.templates):
            try:
                found.update({one.shortcut: one for one in templates.load(_path(file))})
            except AppError as error:
                self._window.messages.show_message(about(error, key="templates"))
        self._column.report.set_templates(list(found.values()))

    def _listen(self) -> None:
        controller, column = self._controller, self._column
        controller.opened.connect(self._clear)
        controller.closing.connect(self.flush)
        controller.closed.connect(self._clear)
        controller.models_changed.connect(self._know_models)
        controller.model_chosen.connect(self._wait_for_another)
        drafting, keeper = controller.drafting, controller.report
        drafting.busy.connect(column.drafts.set_busy)
        drafting.shown.connect(self._show_drafts)
        drafting.refused.connect(column.drafts.set_refused)
        drafting.idle.connect(lambda: column.drafts.set_analysis(0, None))
        drafting.failed.connect(self._show_failure)
        column.drafts.draft_requested.connect(lambda: drafting.draft())
        column.drafts.draft_anyway.connect(lambda: drafting.draft(force=True))
        column.drafts.cancel_requested.connect(drafting.cancel)
        for panel in (column.drafts, column.compared.second):
            panel.take_draft.connect(partial(self._take_draft, panel))
            panel.take_sentence.connect(partial(self._take_sentence, panel))
        column.compared.at_hand_changed.connect(lambda _: self.show_at_hand())
        self._window.link.meant.connect(self._name_maps)
        keeper.loaded.connect(self._show_written)
        keeper.saved.connect(self._show_saved)
        keeper.rated.connect(self._show_rated)
        column.report.changed.connect(self._edited)
        column.report.sign_requested.connect(self.sign)
        column.report.amend_requested.connect(self.amend)
        column.report.history_requested.connect(lambda: self._window.actions_of.show_history())
        column.rating.rated.connect(self._rate)

    # drafts

    def _clear(self) -> None:
        column = self._column
        self._analysis_id = 0
        self._ratings = ()
        self._names = {}
        self._window.link.clear()
        if self._controller.current is None:
            column.drafts.set_unavailable("Open a study to draft it")
        else:
            column.drafts.set_busy("Opening the study…")
        self._show_nothing_drafted()
        column.report.set_report("", ())
        column.report.set_drafts(0, ())
        column.report.set_models({})
        column.report.set_signed(None)
        column.report.set_read_only(True)  # until its newest revision has come from the store
        column.report.set_status("")
        self._name_model()

    def _show_drafts(self, analysis_id: int, analysis: Analysis, stored: bool) -> None:
        column = self._column
        column.drafts.set_analysis(analysis_id, analysis)
        self._window.link.forget(column.drafts)
        column.compared.show_difference()
        self.know(analysis_id, analysis)
        self.show_at_hand()
        self._window.top.set_model(model_text(analysis), model_tip(analysis, stored))

    def know(self, analysis_id: int, analysis: Analysis) -> None:
        """Tell the report whose drafts can be taken and compared with."""
        report = self._column.report
        shown = [panel for panel in self._column.compared.panels if panel.analysis() is not None]
        report.set_drafts(0, ())
        for panel in shown:
            known = panel.analysis()
            report.add_drafts(panel.analysis_id(), known.drafts if known is not None else ())
        if analysis_id:
            self._names[analysis_id] = analysis.model
        report.set_models(self._names)

    def show_at_hand(self) -> None:
        """Findings, rating and the maps' name are about the drafts that the reader is at."""
        column = self._column
        panel = column.compared.at_hand
        analysis = panel.analysis()
        if analysis is None:
            return
        column.rating.flush()
        self._analysis_id = panel.analysis_id()
        column.findings.set_findings(analysis.findings)
        column.findings.set_model(panel.model_name)
        column.rating.set_model(panel.model_name)
        column.rating.set_drafts(panel.ranks())
        column.rating.set_rank(panel.active_rank())
        self._show_ratings()
        self._name_maps(analysis.looks)

    def _wait_for_another(self) -> None:
        """Another model was chosen: what the one before drafted goes, what was written stays."""
        column = self._column
        column.rating.flush()
        self._analysis_id = 0
        if self._controller.current is not None:
            column.drafts.set_busy("Looking for drafts…")
        self._window.link.forget(column.drafts)
        self._show_nothing_drafted()
        self._name_model()

    def _show_nothing_drafted(self) -> None:
        """No findings and nothing to rate, of no model."""
        column = self._column
        column.findings.set_findings(())
        column.findings.set_model("")
        column.rating.set_drafts(())
        column.rating.set_model("")

    def _name_maps(self, looks: str) -> None:
        said = map_words(looks)
        self._window.viewer.name_maps(said.action, said.explanation)
        self._window.status.name_maps(said.label, said.explanation)

    def _show_failure(self, error: Exception) -> None:
        trouble = about(error, key="draft")
        self._column.drafts.set_failed(trouble.text, trouble.hint)
        if not isinstance(error, AppError):
            self._window.messages.show_message(trouble)

    def _know_models(self) -> None:
        """Drafts that are shown keep their own model's name."""
        if self._column.drafts.analysis() is None:
            self._name_model()

    def _name_model(self) -> None:
        choice = self._controller.drafting.choice
        if choice is None:
            self._window.top.set_model("" if self._controller.shelf.known else "…")
            return
        info = next((one for one in self._controller.models if one.sha256 == choice.sha256), None)
        if info is not None:
            self._name_maps(info.looks)
        device = "" if choice.device == "auto" else f" · {device_name(choice.device)}"
        self._window.top.set_model(choice.model_id + device)

    def _take_draft(self, panel: DraftsPanel, rank: int) -> None:
        self._take(panel.draft_source(rank))

    def _take_sentence(self, panel: DraftsPanel, rank: int, first: int, end: int) -> None:
        self._take(panel.sentence_source(rank, first, end))

    def _take(self, source: Source) -> None:
        report = self._column.report
        report.insert_source(source)
        if report.is_signed():
            self._window.status.hint("The report is signed. Amend it to take more into it.")

    # report

    def _edited(self) -> None:
        report = self._column.report
        report.set_status("not saved yet")
        self._controller.report.edit(report.text(), report.sources())

    def sign(self) -> None:
        report = self._column.report
        if report.text().strip() and not report.is_read_only():
            self._controller.report.sign(report.text(), report.sources())

    def amend(self) -> None:
        """Write on: the signed text stays a revision of its own."""
        report = self._column.report
        report.set_signed(None)
        report.set_read_only(self._controller.current is None)
        report.set_status("amending")
        report.setFocus()

    def restore(self, revision: Revision) -> None:
        """Let the report read as it did in an earlier revision; that is one change more."""
        report = self._column.report
        if report.is_signed():
            self._window.status.hint("The report is signed; amend it to change it.")
            return
        report.bring_back(revision.text, revision.sources)
        report.setFocus()

    def _show_written(self, written: Written) -> None:
        report, revision = self._column.report, written.revision
        report.set_read_only(False)
        if revision is not None:
            report.set_report(revision.text, revision.sources)
            self._show_saved(revision)
        self._names = {**written.drafted_by, **self._names}
        report.set_models(self._names)
        self._ratings = written.ratings
        self._show_ratings()

    def _show_saved(self, revision: Revision) -> None:
        report = self._column.report
        report.set_status(f"revision {revision.number} · saved" if revision.number else "not saved")
        if revision.kind in SIGNED:
            report.set_signed(revision.author, revision.at)

    # rating

    def _rate(self, score: int, comment: str) -> None:
        """Keep a rating; the first one waits until the reader has said a name."""
        rank = self._column.rating.rank()
        if self._controller.settings.user_name or not self._analysis_id:
            self._keep(self._analysis_id, rank, score, comment)
        else:
            held = [one for one in self._waiting if one[:2] != (self._analysis_id, rank)]
            self._waiting = [*held, (self._analysis_id, rank, score, comment)]
            self._window.user_bar.ask()

    def rate_as_named(self) -> None:
        """Keep the ratings that waited for a name."""
        waiting, self._waiting = self._waiting, []
        for analysis_id, rank, score, comment in waiting:
            self._keep(analysis_id, rank, score, comment)

    def _keep(self, analysis_id: int, rank: int, score: int, comment: str) -> None:
        text = self._column.report.text()
        self._controller.rate(analysis_id, rank, score, comment, text)
        if not analysis_id:  # it was refused; no score may stand there as if it were kept
            self._column.rating.set_ratings(())

    def _show_rated(self, rating: Rating) -> None:
        self._ratings += (rating,)
        self._show_ratings()

    def _show_ratings(self) -> None:
        """This reader's ratings of the drafts shown; another reader's would sway."""
        mine = [
            rating
            for rating in self._ratings
            if rating.analysis_id == self._analysis_id and rating.rater == self._controller.reader
        ]
        if self._analysis_id:
            self._column.rating.set_ratings(mine)


def _path(file: object) -> Path:
    return file if isinstance(file, Path) else Path(str(file))
