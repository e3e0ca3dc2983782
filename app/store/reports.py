"""Report revisions in the database: only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.reporting.report import Revision, Source
from app.store.schema import RevisionRow


def add(
    session: Session,
    study_id: str,
    text: str,
    sources: Sequence[Source],
    author: str,
    kind: str,
    at: datetime | None = None,
) -> tuple[Revision, bool]:
    """The new revision and True, or the newest one and False when it says exactly the same.

    Without ``at`` the revision is the newest of its study, even if the computer's clock was set
    back.
    """
    last = latest(session, study_id)
    same = (text, tuple(sources), author, kind)
    if last is not None and same == (last.text, last.sources, last.author, last.kind):
        return last, False
    if at is None:
        at = datetime.now(UTC)
        if last is not None and at <= last.at:
            at = last.at + timedelta(microseconds=1)
    highest = session.scalar(
        select(func.max(RevisionRow.number)).where(RevisionRow.study_id == study_id)
    )
    revision = Revision(study_id, (highest or 0) + 1, text, tuple(sources), author, at, kind)
    session.add(
        RevisionRow(
            study_id=study_id,
            number=revision.number,
            text=text,
            sources=[[source.analysis_id, source.rank, source.text] for source in sources],
            author=author,
            at=at,
            kind=kind,
        )
    )
    return revision, True


def of_study(session: Session, study_id: str) -> list[Revision]:
    """All revisions in the order in which they were written.

    That is the order of their numbers, but for text that a rescue file brought back later.
    """
    query = (
        select(RevisionRow)
        .where(RevisionRow.study_id == study_id)
        .order_by(RevisionRow.at, RevisionRow.number)
    )
    return [_revision(row) for row in session.scalars(query)]


def of_kinds(session: Session, kinds: Sequence[str]) -> list[Revision]:
    """The revisions of all studies that are of one of ``kinds``, in the order of their time."""
    query = (
        select(RevisionRow)
        .where(RevisionRow.kind.in_(kinds))
        .order_by(RevisionRow.at, RevisionRow.number)
    )
    return [_revision(row) for row in session.scalars(query)]


def latest(session: Session, study_id: str) -> Revision | None:
    query = (
        select(RevisionRow)
        .where(RevisionRow.study_id == study_id)
        .order_by(RevisionRow.at.desc(), RevisionRow.number.desc())
        .limit(1)
    )
    row = session.scalars(query).first()
    return None if row is None else _revision(row)


def _revision(row: RevisionRow) -> Revision:
    sources = tuple(Source(*source) for source in row.sources)
    return Revision(row.study_id, row.number, row.text, sources, row.author, row.at, row.kind)
