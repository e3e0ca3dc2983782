"""``readingroom similar rebuild``: every signed study of the database gets a vector."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from app import cli
from app.imaging.radiograph import Patient
from app.imaging.study import open_study
from app.inference import checkpoint, joint_space
from app.inference.joint_space import Shape, SpaceInfo
from app.inference.towers import Towers
from app.inference.vocabulary import Vocabulary
from app.paths import Paths, resources
from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.store.repository import Repository

WORDS = Vocabulary.learn(["effusion at the right base ."] * 3)
SHAPE = Shape(grid=2, reduced=4, hidden=16, words=8, dimension=12)


@pytest.fixture
def space(home: Path, random_weights: Path) -> SpaceInfo:
    weights = home / "weights"
    weights.mkdir()
    (weights / "densenet121-lstm").symlink_to(random_weights / "densenet121-lstm")
    known = checkpoint.describe(weights / "densenet121-lstm")
    torch.manual_seed(1)
    return joint_space.save(
        weights / "similar",
        Towers(SHAPE, len(WORDS)),
        tuple(WORDS),
        model_id=known.model_id,
        model_sha256=known.sha256,
        training={},
    )


def signed(home: Path, study_id: str, path: Path) -> None:
    with Repository.open(Paths(home).database) as repository:
        now = datetime.now(UTC)
        record = StudyRecord(
            study_id, Patient(), "20250301", "", "", "DX", "PA", Status.NEW, str(path), now
        )
        repository.remember_study(record)
        repository.save_revision(study_id, "Effusion.", (), "Anna", "signed")


def test_signed_studies_get_vectors_and_a_lost_one_is_told(
    home: Path, space: SpaceInfo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = resources() / "synthetic"
    study_id = open_study(folder)[0].study_id
    signed(home, study_id, folder)
    assert cli.main(["similar", "rebuild", "--device", "cpu"]) == 0
    assert "Indexed 1 of 1" in capsys.readouterr().out
    signed(home, "1.2.3", tmp_path / "gone.dcm")
    assert cli.main(["similar", "rebuild", "--device", "cpu"]) == 2
    captured = capsys.readouterr()
    assert "Indexed 1 of 2" in captured.out
    assert "gone.dcm" in captured.err
    with Repository.open(Paths(home).database) as repository:
        vectors = {case.study_id: case.vector for case in repository.signed_cases(space.key)}
    assert vectors["1.2.3"] is None
    found = vectors[study_id]
    assert found is not None
    assert found.shape == (12,)


def test_without_a_database_there_is_nothing_to_index(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["similar", "rebuild"]) == 2
    assert "nothing to index" in capsys.readouterr().err


def test_the_search_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {
        "vectors": 100_000,
        "dimension": 256,
        "seconds": 0.02,
        "reference_seconds": 0.05,
        "ratio": 2.5,
    }
    monkeypatch.setattr("app.inference.retrieval.benchmark", lambda runs: figures)
    assert cli.main(["bench", "similar"]) == 0
    assert "20.0 ms" in capsys.readouterr().out
    assert cli.main(["bench", "similar", "--json"]) == 0
    assert '"ratio": 2.5' in capsys.readouterr().out
    assert cli.main(["bench", "similar", "--image", "x.png"]) == 2
