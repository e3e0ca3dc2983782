"""Signed reports in the database, with everybody who had the study before them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.reporting.record import SignedStudy
from app.reporting.report import SIGNED, Revision
from app.store import reports, studies
from app.store.schema import (
    ActionRow,
    AnalysisRow,
    DraftRow,
    MeasurementRow,
    RatingRow,
    RevisionRow,
)

OPENED = "opened"
_NOT_SEEING = ("drafted", "refused", "took off the list")
"""Actions of a model, or on a line of the list: nobody looked at the study."""


def note_opening(session: Session, study_id: str, who: str) -> None:
    """Say in the log that ``who`` had the study open; once is enough."""
    known = select(ActionRow.id).where(
        ActionRow.study_id == study_id, ActionRow.who == who, ActionRow.action == OPENED
    )
    if session.scalars(known.limit(1)).first() is None:
        studies.note(session, who, OPENED, study_id, "")


def listed(session: Session) -> list[SignedStudy]:
    """The studies on the list whose report is signed, by id."""
    reports_of: dict[str, Revision] = {}
    for revision in reports.of_kinds(session, SIGNED):
        reports_of[revision.study_id] = revision  # oldest first: the newest stays
    people = _people(session)
    first_draft = _first_drafts(session)
    return [
        SignedStudy(
            study=record,
            report=reports_of[record.study_id],
            people=tuple(sorted(people[record.study_id])),
            drafted_before=record.study_id in first_draft
            and first_draft[record.study_id] < reports_of[record.study_id].at,
        )
        for record in sorted(studies.newest(session), key=lambda one: one.study_id)
        if record.study_id in reports_of
    ]


def _people(session: Session) -> dict[str, set[str]]:
    """Names by study: of whom the log, a report, a measurement or a rating tells."""
    found: dict[str, set[str]] = defaultdict(set)
    seen = select(ActionRow.study_id, ActionRow.who).where(ActionRow.action.not_in(_NOT_SEEING))
    for query in (
        seen,
        select(RevisionRow.study_id, RevisionRow.author),
        select(MeasurementRow.study_id, MeasurementRow.author),
        select(RatingRow.study_id, RatingRow.rater),
    ):
        for study_id, who in session.execute(query.distinct()):
            if who:
                found[study_id].add(who)
    return found


def _first_drafts(session: Session) -> dict[str, datetime]:
    """When each study first had drafts."""
    query = (
        select(AnalysisRow.study_id, func.min(AnalysisRow.created))
        .join(DraftRow, DraftRow.analysis_id == AnalysisRow.id)
        .group_by(AnalysisRow.study_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
