"""Measurements and key images in the database: only ever added, the newest state of each counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.imaging.measuring.measurement import Kind, Measurement
from app.imaging.measuring.results import Value
from app.reporting import measurements
from app.reporting.measurement_export import MeasuredOnImage
from app.reporting.measurements import MeasurementRevision
from app.store.schema import MeasurementRow, StudyRow


def add(
    session: Session, revision: MeasurementRevision, *, keep_time: bool = False
) -> tuple[MeasurementRevision, bool]:
    """The revision as it is kept and True, or the newest one and False when it says the same.

    Without ``keep_time`` it is the newest of its measurement, even if the computer's clock was set
    back.
    """
    earlier = _revisions(session, uid=revision.measurement.uid)
    last = earlier[-1] if earlier else None
    if last is not None:
        numbered = replace(revision, number=last.number, at=last.at)
        if numbered == last:
            return last, False
        if not keep_time and revision.at <= last.at:
            revision = replace(revision, at=last.at + timedelta(microseconds=1))
    number = 1 + max((other.number for other in earlier), default=0)
    revision = replace(revision, number=number)
    session.add(_row(revision))
    session.flush()
    return revision, True


def of_study(session: Session, study_id: str) -> list[MeasurementRevision]:
    """All states of a study's measurements in the order in which they were made."""
    return _revisions(session, study_id=study_id)


def known(session: Session, uid: str) -> list[MeasurementRevision]:
    """All states of one measurement."""
    return _revisions(session, uid=uid)


def sentences(session: Session) -> dict[str, list[str]]:
    """What the measurements of each study say; studies without any are missing."""
    by_study: dict[str, list[MeasurementRevision]] = defaultdict(list)
    for revision in _revisions(session):
        by_study[revision.study_id].append(revision)
    said = {
        study_id: measurements.reportable(measurements.newest(revisions))
        for study_id, revisions in by_study.items()
    }
    return {study_id: lines for study_id, lines in said.items() if lines}


def with_patients(session: Session) -> list[MeasuredOnImage]:
    """Every measurement that stands with the patient it belongs to, by study."""
    found = session.execute(select(StudyRow.study_id, StudyRow.patient_id))
    patients: dict[str, str] = {one.study_id: one.patient_id for one in found}
    standing = measurements.newest(_revisions(session))
    return [MeasuredOnImage(revision, patients[revision.study_id]) for revision in standing]


def _revisions(
    session: Session, *, study_id: str | None = None, uid: str | None = None
) -> list[MeasurementRevision]:
    query = select(MeasurementRow).order_by(MeasurementRow.at, MeasurementRow.id)
    if study_id is not None:
        query = query.where(MeasurementRow.study_id == study_id)
    if uid is not None:
        query = query.where(MeasurementRow.uid == uid)
    return [_revision(row) for row in session.scalars(query)]


def _row(revision: MeasurementRevision) -> MeasurementRow:
    measurement = revision.measurement
    return MeasurementRow(
        uid=measurement.uid,
        number=revision.number,
        study_id=revision.study_id,
        image_id=revision.image_id,
        kind=str(measurement.kind),
        points=[[float(x), float(y)] for x, y in measurement.points],
        text=measurement.text,
        results=[[value.name, float(value.number), value.unit] for value in revision.values],
        calibration=revision.calibration,
        sentence=revision.sentence,
        deleted=revision.deleted,
        author=revision.author,
        at=revision.at,
    )


def _revision(row: MeasurementRow) -> MeasurementRevision:
    points = tuple((x, y) for x, y in row.points)
    return MeasurementRevision(
        row.study_id,
        row.image_id,
        Measurement(row.uid, Kind(row.kind), points, row.text),
        tuple(Value(*value) for value in row.results),
        row.calibration,
        row.sentence,
        row.author,
        row.at,
        row.number,
        row.deleted,
    )
