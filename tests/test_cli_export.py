"""``readingroom export ratings`` and ``readingroom export measurements``."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from app import cli
from app.imaging.measuring.measurement import Kind, measured
from app.imaging.measuring.results import Value
from app.imaging.radiograph import Patient
from app.inference.drafts import Analysis, Draft, Gate, Timing
from app.paths import Paths
from app.reporting.measurements import MeasurementRevision
from app.reporting.record import StudyRecord
from app.reporting.report import Rating, Status
from app.store.repository import Repository

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def rated(home: Path) -> Path:
    """A data folder with one rating in it."""
    draft = Draft(
        rank=1,
        text="no effusion .",
        words=("no", "effusion", "."),
        spans=((0, 2), (3, 11), (12, 13)),
        logprob=-1.5,
        score=-1.5,
        attention=np.full((3, 8, 8), 1 / 64, dtype=np.float32),
    )
    analysis = Analysis(
        image_id="f" * 64,
        view="PA",
        gate=Gate(ok=True),
        model="densenet121-lstm",
        weights_sha256="a" * 64,
        preprocessing="p/1",
        device="cpu",
        seconds=Timing(),
        findings=(),
        drafts=(draft,),
        created=NOON,
    )
    study = StudyRecord(
        study_id="1.2.3",
        patient=Patient(patient_id="P-77"),
        study_date="20260304",
        study_time="110000",
        description="Chest",
        modality="DX",
        view="PA",
        status=Status.NEW,
        path=str(home),
        opened_at=NOON,
    )
    with Repository.open(Paths.find().create().database) as repository:
        repository.remember_study(study)
        number = repository.save_analysis("1.2.3", analysis)
        repository.save_rating(
            Rating("1.2.3", number, 1, "Dr Grün", 4, "=1+1", 12.5, "small effusion .", NOON)
        )
        repository.save_measurement(
            MeasurementRevision(
                study_id="1.2.3",
                image_id="f" * 64,
                measurement=measured(Kind.LENGTH, [(0, 0), (3, 4)]),
                values=(Value("length", 5.0, "px"),),
                calibration="px",
                sentence="Length 5.0 px",
                author="Dr Grün",
                at=NOON,
            )
        )
    return home


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_one_row_per_rating(
    rated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ratings.csv"
    assert cli.main(["export", "ratings", "--out", str(out)]) == 0
    (row,) = rows(out)
    assert (row["patient_id"], row["rater"], row["score"]) == ("P-77", "Dr Grün", "4")
    assert row["final_text"] == "small effusion ."
    assert row["measurements"] == "Length 5.0 px"
    assert str(out) in capsys.readouterr().err


def test_one_row_per_measurement(
    rated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "measurements.csv"
    assert cli.main(["export", "measurements", "--out", str(out)]) == 0
    (row,) = rows(out)
    assert (row["patient_id"], row["length"], row["unit"]) == ("P-77", "5.0", "px")
    assert "Wrote 1 measurement to" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["ratings", "measurements"])
def test_pseudonyms_hide_who_it_was(what: str, rated: Path, tmp_path: Path) -> None:
    out = tmp_path / f"{what}.csv"
    assert cli.main(["export", what, "--out", str(out), "--pseudonymise"]) == 0
    assert "P-77" not in out.read_text(encoding="utf-8")
    assert "1.2.3" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("bom", [True, False])
def test_the_byte_order_mark_comes_only_when_asked_for(
    bom: bool, rated: Path, tmp_path: Path
) -> None:
    out = tmp_path / "ratings.csv"
    assert cli.main(["export", "ratings", "--out", str(out), *["--bom"] * bom]) == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf") is bom


def test_without_a_database_nothing_is_made(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "ratings", "--out", str(tmp_path / "r.csv")]) == 2
    assert str(home) in capsys.readouterr().err
    assert not list(home.iterdir())


def test_a_folder_that_is_not_there_is_named(
    rated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "ratings", "--out", str(tmp_path / "no" / "r.csv")]) == 2
    assert str(tmp_path / "no") in capsys.readouterr().err
