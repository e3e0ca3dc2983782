"""The right column's wires: drafts, findings, report and rating with what the controller says
and keeps.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.errors import AppError
from app.inference.drafts import Analysis
from app.paths import builtin_templates
from app.reporting import templates
from app.reporting.report import Rating, Revision
from app.ui.message_bar import about
from app.ui.report_keeper import SIGNED, Written
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
        self._waiting: dict[int, tuple[int, str]] = {}  # ratings by rank, until there is a name
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
        controller.models_changed.connect(self._name_model)
        drafting, keeper = controller.drafting, controller.report
        drafting.busy.connect(column.drafts.set_busy)
        drafting.shown.connect(self._show_drafts)
        drafting.refused.connect(column.drafts.set_refused)
        drafting.idle.connect(lambda: column.drafts.set_analysis(0, None))
        drafting.failed.connect(self._show_failure)
        column.drafts.draft_requested.connect(lambda: drafting.draft())
        column.drafts.draft_anyway.connect(lambda: drafting.draft(force=True))
        column.drafts.cancel_requested.connect(drafting.cancel)
        column.drafts.take_draft.connect(self._take_draft)
        column.drafts.take_sentence.connect(self._take_sentence)
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
        self._window.link.set_analysis(None)
        if self._controller.current is None:
            column.drafts.set_unavailable("Open a study to draft it")
        else:
            column.drafts.set_busy("Opening the study…")
        column.findings.set_findings(())
        column.rating.set_drafts(())
        column.report.set_report("", ())
        column.report.set_drafts(0, ())
        column.report.set_signed(None)
        column.report.set_read_only(True)  # until its newest revision has come from the store
        column.report.set_status("")
        self._name_model()

    def _show_drafts(self, analysis_id: int, analysis: Analysis, stored: bool) -> None:
        column = self._column
        self._analysis_id = analysis_id
        self._window.link.set_analysis(analysis)
        column.drafts.set_analysis(analysis_id, analysis)
        column.findings.set_findings(analysis.findings)
        column.report.set_drafts(analysis_id, analysis.drafts)
        column.rating.set_drafts([draft.rank for draft in analysis.drafts])
        self._show_ratings()
        self._window.top.set_model(model_text(analysis), model_tip(analysis, stored))

    def _show_failure(self, error: Exception) -> None:
        trouble = about(error, key="draft")
        self._column.drafts.set_failed(trouble.text, trouble.hint)
        if not isinstance(error, AppError):
            self._window.messages.show_message(trouble)

    def _name_model(self) -> None:
        choice = self._controller.drafting.choice
        if choice is None:
            self._window.top.set_model("" if self._controller.models_known else "…")
            return
        device = "" if choice.device == "auto" else f" · {device_name(choice.device)}"
        self._window.top.set_model(choice.model_id + device)

    def _take_draft(self, rank: int) -> None:
        self._column.report.insert_source(self._column.drafts.draft_source(rank))

    def _take_sentence(self, rank: int, first: int, end: int) -> None:
        source = self._column.drafts.sentence_source(rank, first, end)
        self._column.report.insert_source(source)

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
            self._keep(rank, score, comment)
        else:
            self._waiting[rank] = (score, comment)
            self._window.user_bar.ask()

    def rate_as_named(self) -> None:
        """Keep the ratings that waited for a name."""
        waiting, self._waiting = self._waiting, {}
        for rank, (score, comment) in waiting.items():
            self._keep(rank, score, comment)

    def _keep(self, rank: int, score: int, comment: str) -> None:
        text = self._column.report.text()
        self._controller.rate(self._analysis_id, rank, score, comment, text)
        if not self._analysis_id:  # it was refused; no score may stand there as if it were kept
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
