"""Ratings in the database: only ever added, the newest of a rater on a draft counts."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from app.reporting.csv_export import RatedDraft
from app.reporting.report import Rating
from app.store import measurements
from app.store.schema import AnalysisRow, DraftRow, RatingRow, StudyRow


def add(session: Session, rating: Rating) -> None:
    session.add(
        RatingRow(
            study_id=rating.study_id,
            analysis_id=rating.analysis_id,
            rank=rating.rank,
            rater=rating.rater,
            score=rating.score,
            comment=rating.comment,
            seconds=float(rating.seconds),
            final_text=rating.final_text,
            at=rating.at,
        )
    )


def of_study(session: Session, study_id: str) -> list[Rating]:
    """All ratings of a study in the order in which they were given."""
    query = (
        select(RatingRow).where(RatingRow.study_id == study_id).order_by(RatingRow.at, RatingRow.id)
    )
    return [
        Rating(
            row.study_id,
            row.analysis_id,
            row.rank,
            row.rater,
            row.score,
            row.comment,
            row.seconds,
            row.final_text,
            row.at,
        )
        for row in session.scalars(query)
    ]


def with_drafts(session: Session, *, superseded: bool) -> list[RatedDraft]:
    """Each rating with the draft it is about, in the order in which they were given."""
    query = (
        select(
            RatingRow.study_id,
            AnalysisRow.image_id,
            StudyRow.patient_id,
            RatingRow.rater,
            RatingRow.score,
            RatingRow.comment,
            RatingRow.seconds,
            RatingRow.rank,
            AnalysisRow.model,
            AnalysisRow.weights_sha256,
            DraftRow.text,
            RatingRow.final_text,
            RatingRow.at,
            AnalysisRow.created,
        )
        .join(StudyRow, StudyRow.study_id == RatingRow.study_id)
        .join(AnalysisRow, AnalysisRow.id == RatingRow.analysis_id)
        .join(
            DraftRow,
            and_(DraftRow.analysis_id == RatingRow.analysis_id, DraftRow.rank == RatingRow.rank),
        )
        .order_by(RatingRow.at, RatingRow.id)
    )
    if not superseded:
        later = aliased(RatingRow)
        query = query.where(
            ~exists().where(
                later.study_id == RatingRow.study_id,
                later.analysis_id == RatingRow.analysis_id,
                later.rank == RatingRow.rank,
                later.rater == RatingRow.rater,
                later.id > RatingRow.id,
            )
        )
    measured = measurements.sentences(session)
    rated = [RatedDraft(*tuple(row)) for row in session.execute(query)]
    return [replace(row, measurements=tuple(measured.get(row.study_id, ()))) for row in rated]
