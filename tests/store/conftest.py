"""A database with one study and two drafts, as most tests of the store need it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.imaging.measuring.measurement import Kind, Point, measured
from app.imaging.measuring.results import Value
from app.imaging.radiograph import Patient
from app.inference.drafts import Analysis, Draft, Finding, Gate, Timing
from app.reporting.measurements import MeasurementRevision
from app.reporting.record import StudyRecord
from app.reporting.report import Rating, Status
from app.store.repository import Repository

MORNING = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)


class Make:
    """Domain objects with sensible values."""

    def record(self, study_id: str = "1.2.3", opened_at: datetime = MORNING) -> StudyRecord:
        patient = Patient("P-7", "Doe^Jane", "F", "19500101", "075Y")
        return StudyRecord(
            study_id,
            patient,
            "20250301",
            "075500",
            "Chest PA",
            "DX",
            "PA",
            Status.NEW,
            "/archive/7",
            opened_at,
        )

    def draft(self, rank: int, text: str) -> Draft:
        words = tuple(text.split())
        starts = [sum(len(word) + 1 for word in words[:i]) for i in range(len(words))]
        spans = tuple((start, start + len(word)) for start, word in zip(starts, words, strict=True))
        maps = np.random.default_rng(rank).random((len(words), 8, 8), dtype=np.float32)
        maps /= maps.sum(axis=(1, 2), keepdims=True)
        return Draft(rank, text, words, spans, -1.25 * rank, -0.5 * rank, maps)

    def analysis(self, image_id: str = "image-1", weights: str = "abc") -> Analysis:
        return Analysis(
            image_id=image_id,
            view="PA",
            gate=Gate(True),
            model="densenet121-lstm",
            weights_sha256=weights,
            preprocessing="1",
            device="cpu",
            seconds=Timing(0.5, 0.01, 0.2, 0.1),
            findings=(Finding("Effusion", 0.75), Finding("Nodule", 0.1)),
            drafts=(self.draft(1, "Heart normal ."), self.draft(2, "Heart enlarged 心 .")),
            created=MORNING,
        )

    def measurement(
        self, *points: Point, kind: Kind = Kind.LENGTH, text: str = "", **other: Any
    ) -> MeasurementRevision:
        values: dict[str, Any] = {
            "study_id": "1.2.3",
            "image_id": "image-1",
            "measurement": measured(kind, points or ((1.5, 2), (4.5, 6)), text),
            "values": (Value("length", 5.0, "mm"),),
            "calibration": "calibrated",
            "sentence": "Length 5.0 mm (calibrated)",
            "author": "Dr. Ray",
            "at": MORNING,
        }
        return MeasurementRevision(**{**values, **other})

    def rating(self, analysis_id: int, score: int = 4, **other: object) -> Rating:
        values: dict[str, object] = {
            "study_id": "1.2.3",
            "analysis_id": analysis_id,
            "rank": 1,
            "rater": "Dr. Ray",
            "score": score,
            "comment": "minor",
            "seconds": 42.5,
            "final_text": "Heart normal.",
            "at": MORNING,
        }
        return Rating(**{**values, **other})  # type: ignore[arg-type]


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "readingroom.sqlite"


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a study, made once and copied: that is faster."""
    path = tmp_path_factory.mktemp("fresh") / "readingroom.sqlite"
    Repository.open(path).close()
    return path


@pytest.fixture
def repository(database: Path, fresh_database: Path, make: Make) -> Iterator[Repository]:
    """Open, with study ``1.2.3``; doesn't wait for locks."""
    database.parent.mkdir()
    shutil.copy(fresh_database, database)
    with Repository.open(database, busy_seconds=0.05) as opened:
        opened.remember_study(make.record())
        yield opened
