"""Rescued work finds its way back into the database (see :mod:`app.reporting.rescue`)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.reporting.measurements import MeasurementRevision
from app.reporting.report import Rating, Revision, Status
from app.reporting.rescue import Rescued
from app.store import analyses, measurements, ratings, reports, studies


def take_in(session: Session, item: Rescued) -> bool:
    """Add what is not there yet, with the time at which it was done; False when it fits nowhere."""
    studies.remember_bare(session, item.study_id, item.at)
    if isinstance(item, Rating):
        return _rating(session, item)
    if isinstance(item, MeasurementRevision):
        return _measurement(session, item)
    _revision(session, item)
    return True


def _revision(session: Session, item: Revision) -> None:
    saved = reports.of_study(session, item.study_id)
    if any(old.text == item.text and old.at >= item.at for old in saved):
        return
    # A signature that could not be saved was never given: the text comes back as a draft.
    text, sources, author = item.text, item.sources, item.author
    _, new = reports.add(session, item.study_id, text, sources, author, "draft", item.at)
    if new:
        studies.advance(session, item.study_id, Status.EDITED)
        studies.note(session, author, "rescued a report", item.study_id, "")


def _rating(session: Session, item: Rating) -> bool:
    saved = ratings.of_study(session, item.study_id)
    if any((old.rater, old.at) == (item.rater, item.at) for old in saved):
        return True
    known = dict(analyses.of_study(session, item.study_id))
    drafts = known[item.analysis_id].drafts if item.analysis_id in known else ()
    if item.rank not in [draft.rank for draft in drafts] or item.score not in range(1, 6):
        return False
    ratings.add(session, item)
    studies.advance(session, item.study_id, Status.RATED)
    studies.note(session, item.rater, "rescued a rating", item.study_id, "")
    return True


def _measurement(session: Session, item: MeasurementRevision) -> bool:
    saved = measurements.known(session, item.measurement.uid)
    same = (item.measurement, item.deleted)
    if any((old.measurement, old.deleted) == same and old.at >= item.at for old in saved):
        return True
    measurements.add(session, item, keep_time=True)
    studies.note(session, item.author, "rescued a measurement", item.study_id, "")
    return True
