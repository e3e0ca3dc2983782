"""Signed reports in a database, with a picture for each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from app.imaging.radiograph import Patient
from app.imaging.study import open_study
from app.reporting.record import SignedStudy, StudyRecord
from app.reporting.report import Revision, Source, Status
from app.store.repository import Repository

MORNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
WORDS = ("heart", "normal", "lungs", "clear", "effusion", "left", "base", "nodule", "apex", "mild")


def record(folder: Path, number: int) -> StudyRecord:
    """A study of one picture; number 7 is patient P7."""
    file = folder / f"image{number:03}.png"
    if not file.exists():
        pixels = np.random.default_rng(number).integers(0, 255, (32, 24), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
    [study] = open_study(file)
    patient = Patient(f"P{number}")
    where = str(file)
    return StudyRecord(
        study.study_id, patient, "", "", "", "PNG", "", Status.EDITED, where, MORNING
    )


def text(number: int) -> str:
    rng = np.random.default_rng(1000 + number)
    return " ".join(rng.choice(WORDS, int(rng.integers(6, 12)))).capitalize() + "."


def signed(
    folder: Path,
    number: int,
    *,
    author: str = "Anna",
    people: tuple[str, ...] = (),
    report: str | None = None,
    sources: tuple[Source, ...] = (),
) -> SignedStudy:
    study = record(folder, number)
    words = text(number) if report is None else report
    revision = Revision(study.study_id, 1, words, sources, author, MORNING, "signed")
    return SignedStudy(study, revision, tuple(sorted({author, *people})), drafted_before=False)


def fill(database: Path, folder: Path, count: int, *, author: str = "Anna") -> None:
    """Sign ``count`` reports in ``database``; every third study was also opened by Ben."""
    folder.mkdir(exist_ok=True)
    with Repository.open(database) as repository:
        for number in range(count):
            study = record(folder, number)
            repository.remember_study(study)
            repository.save_revision(study.study_id, text(number), (), author, "signed")
            if number % 3 == 0:
                repository.note_opening(study.study_id, "Ben")
