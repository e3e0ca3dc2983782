"""The tables. A change here needs a migration in ``migrations/versions``; a test holds the two
together.

Revisions, ratings, measurements, analyses, drafts and the log are only ever added to: triggers
(created by the migrations) refuse to change or remove their rows.
"""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    CheckConstraint,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

_SHAPE = struct.Struct("<4sIII")
_MARK = b"f4c3"


class Moment(TypeDecorator[datetime]):
    """An aware datetime as text of fixed width in UTC, so that text order is time order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the store needs a time zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A list or an object as compact JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Maps(TypeDecorator[NDArray[np.float32]]):
    """Attention maps (words, rows, columns) as little-endian float32 behind their shape: exact."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(
        self, value: NDArray[np.float32] | None, dialect: Dialect
    ) -> bytes | None:
        if value is None:
            return None
        return _SHAPE.pack(_MARK, *value.shape) + value.astype("<f4").tobytes()

    def process_result_value(
        self, value: bytes | None, dialect: Dialect
    ) -> NDArray[np.float32] | None:
        if value is None:
            return None
        _, *shape = _SHAPE.unpack_from(value)
        maps = np.frombuffer(value, dtype="<f4", offset=_SHAPE.size).reshape(shape)
        return maps.astype(np.float32)


class Vector(TypeDecorator[NDArray[np.float32]]):
    """A vector (d,) as little-endian float16: half a megabyte for a thousand of 256 numbers."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(
        self, value: NDArray[np.float32] | None, dialect: Dialect
    ) -> bytes | None:
        return None if value is None else value.astype("<f2").tobytes()

    def process_result_value(
        self, value: bytes | None, dialect: Dialect
    ) -> NDArray[np.float32] | None:
        return None if value is None else np.frombuffer(value, dtype="<f2").astype(np.float32)


class Base(DeclarativeBase):
    """All tables of the store."""


class StudyRow(Base):
    __tablename__ = "studies"
    __table_args__ = (Index("studies_by_opening", "opened_at"),)

    study_id: Mapped[str] = mapped_column(Text, primary_key=True)
    patient_id: Mapped[str] = mapped_column(Text)
    patient_name: Mapped[str] = mapped_column(Text)
    patient_sex: Mapped[str] = mapped_column(Text)
    patient_birth_date: Mapped[str] = mapped_column(Text)
    patient_age: Mapped[str] = mapped_column(Text)
    study_date: Mapped[str] = mapped_column(Text)
    study_time: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    modality: Mapped[str] = mapped_column(Text)
    view: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    step: Mapped[int] = mapped_column(Integer)
    """How far the study has come: 0 new, 1 drafted, 2 edited, 3 rated. Never goes down."""
    hidden_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a reader took the study off the list; empty while it is on it."""


class AnalysisRow(Base):
    __tablename__ = "analyses"
    __table_args__ = (
        UniqueConstraint("id", "study_id", name="analyses_of_study"),
        Index("analyses_by_image", "study_id", "image_id", "model", "weights_sha256"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.study_id"))
    image_id: Mapped[str] = mapped_column(Text)
    view: Mapped[str] = mapped_column(Text)
    gate_ok: Mapped[bool] = mapped_column()
    gate_reasons: Mapped[list[str]] = mapped_column(Json)
    model: Mapped[str] = mapped_column(Text)
    weights_sha256: Mapped[str] = mapped_column(Text)
    preprocessing: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    seconds: Mapped[dict[str, float]] = mapped_column(Json)
    findings: Mapped[list[list[Any]]] = mapped_column(Json)
    created: Mapped[datetime] = mapped_column(Moment)
    looks: Mapped[str] = mapped_column(Text, server_default="attention")
    """Where the drafts' maps come from; all that were made before it was kept are attention."""


class DraftRow(Base):
    __tablename__ = "drafts"

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[str]] = mapped_column(Json)
    spans: Mapped[list[list[int]]] = mapped_column(Json)
    logprob: Mapped[float] = mapped_column(Float)
    score: Mapped[float | None] = mapped_column(Float)
    """None for drafts from before it was kept: what ranked them then is their ``logprob``."""
    attention: Mapped[NDArray[np.float32]] = mapped_column(Maps)


class RevisionRow(Base):
    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("study_id", "number", name="revisions_numbered"),
        Index("revisions_by_time", "study_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.study_id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    sources: Mapped[list[list[Any]]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(Text)


class RatingRow(Base):
    __tablename__ = "ratings"
    __table_args__ = (
        ForeignKeyConstraint(["analysis_id", "study_id"], ["analyses.id", "analyses.study_id"]),
        ForeignKeyConstraint(["analysis_id", "rank"], ["drafts.analysis_id", "drafts.rank"]),
        CheckConstraint("score BETWEEN 1 AND 5", name="score_on_the_scale"),
        Index("ratings_by_study", "study_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.study_id"))
    analysis_id: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Integer)
    rater: Mapped[str] = mapped_column(Text)
    score: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float] = mapped_column(Float)
    final_text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class MeasurementRow(Base):
    __tablename__ = "measurements"
    __table_args__ = (
        UniqueConstraint("uid", "number", name="measurements_numbered"),
        Index("measurements_by_study", "study_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uid: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.study_id"))
    image_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    points: Mapped[list[list[float]]] = mapped_column(Json)
    text: Mapped[str] = mapped_column(Text)
    results: Mapped[list[list[Any]]] = mapped_column(Json)
    """What was measured, as it was then: name, number and unit of each value."""
    calibration: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    deleted: Mapped[bool] = mapped_column()
    author: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class VectorRow(Base):
    """What an image looks like to the space of similar cases named by ``space``; replaced freely,
    since the image can be looked at again.
    """

    __tablename__ = "image_vectors"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.study_id"), primary_key=True)
    image_id: Mapped[str] = mapped_column(Text)
    space: Mapped[str] = mapped_column(Text)
    vector: Mapped[NDArray[np.float32]] = mapped_column(Vector)
    at: Mapped[datetime] = mapped_column(Moment)


class ActionRow(Base):
    __tablename__ = "actions"
    __table_args__ = (Index("actions_by_study", "study_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    study_id: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)


class SecretRow(Base):
    """Random bytes that belong to this database, such as the key of its pseudonyms."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
