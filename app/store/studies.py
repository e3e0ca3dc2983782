"""Studies and the log of actions in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from app.imaging.radiograph import Patient
from app.reporting.record import Action, StudyRecord
from app.reporting.report import Status
from app.store.schema import ActionRow, StudyRow

_STEPS = tuple(Status)

_COLUMNS = (
    StudyRow.study_id,
    StudyRow.patient_id,
    StudyRow.patient_name,
    StudyRow.patient_sex,
    StudyRow.patient_birth_date,
    StudyRow.patient_age,
    StudyRow.study_date,
    StudyRow.study_time,
    StudyRow.description,
    StudyRow.modality,
    StudyRow.view,
    StudyRow.path,
    StudyRow.opened_at,
    StudyRow.step,
)


def remember(session: Session, records: Sequence[StudyRecord]) -> None:
    """Insert studies or bring them up to date, and list them again if they were hidden.

    How far they have come never goes back.
    """
    if not records:
        return
    new = insert(StudyRow)
    changed: dict[str, Any] = {column.key: new.excluded[column.key] for column in _COLUMNS[1:]}
    changed["step"] = func.max(StudyRow.step, new.excluded.step)
    changed["hidden_at"] = None
    upsert = new.on_conflict_do_update(index_elements=["study_id"], set_=changed)
    session.execute(upsert, [_values(record) for record in records])


def remember_bare(session: Session, study_id: str, seen: datetime) -> None:
    """Insert a study of which only the id is known, unless it is there already."""
    if find(session, study_id) is None:
        bare = StudyRecord(study_id, Patient(), "", "", "", "", "", Status.NEW, "", seen)
        remember(session, [bare])


def advance(session: Session, study_id: str, status: Status) -> None:
    """Note that a study has come at least as far as ``status``."""
    step = _STEPS.index(status)
    behind = update(StudyRow).where(StudyRow.study_id == study_id, StudyRow.step < step)
    session.execute(behind.values(step=step))


def hide(session: Session, study_id: str) -> None:
    """Take a study off the list; nothing of it is removed."""
    hidden = update(StudyRow).where(StudyRow.study_id == study_id)
    session.execute(hidden.values(hidden_at=datetime.now(UTC)))


def newest(session: Session, limit: int | None = None) -> list[StudyRecord]:
    """Studies on the list by last opening, newest first."""
    # Plain columns, not objects: two thousand rows are listed in a few milliseconds.
    query = (
        select(*_COLUMNS)
        .where(StudyRow.hidden_at.is_(None))
        .order_by(StudyRow.opened_at.desc(), StudyRow.study_id)
        .limit(limit)
    )
    return [_record(*tuple(row)) for row in session.execute(query)]


def find(session: Session, study_id: str) -> StudyRecord | None:
    row = session.execute(select(*_COLUMNS).where(StudyRow.study_id == study_id)).first()
    return None if row is None else _record(*tuple(row))


def note(
    session: Session, who: str, action: str, study_id: str, detail: str, at: datetime | None = None
) -> None:
    """Add a line to the log."""
    moment = at or datetime.now(UTC)
    session.add(ActionRow(at=moment, who=who, action=action, study_id=study_id, detail=detail))


def history(session: Session, study_id: str) -> list[Action]:
    """The log of one study, oldest first; of everything for an empty id."""
    query = select(ActionRow).order_by(ActionRow.id)
    if study_id:
        query = query.where(ActionRow.study_id == study_id)
    return [
        Action(row.at, row.who, row.action, row.study_id, row.detail)
        for row in session.scalars(query)
    ]


def _record(
    study_id: str,
    patient_id: str,
    name: str,
    sex: str,
    birth_date: str,
    age: str,
    study_date: str,
    study_time: str,
    description: str,
    modality: str,
    view: str,
    path: str,
    opened_at: datetime,
    step: int,
) -> StudyRecord:
    patient = Patient(patient_id, name, sex, birth_date, age)
    status = _STEPS[step]
    return StudyRecord(
        study_id,
        patient,
        study_date,
        study_time,
        description,
        modality,
        view,
        status,
        path,
        opened_at,
    )


def _values(record: StudyRecord) -> dict[str, Any]:
    return {
        "study_id": record.study_id,
        "patient_id": record.patient.patient_id,
        "patient_name": record.patient.name,
        "patient_sex": record.patient.sex,
        "patient_birth_date": record.patient.birth_date,
        "patient_age": record.patient.age,
        "study_date": record.study_date,
        "study_time": record.study_time,
        "description": record.description,
        "modality": record.modality,
        "view": record.view,
        "path": record.path,
        "opened_at": record.opened_at,
        "step": _STEPS.index(record.status),
    }
