"""A whole small run: files in, a weights folder out, twice the same."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import AppError, StoreError
from app.inference import checkpoint
from app.inference.checkpoint import ModelInfo
from app.training import loop, trainer
from app.training.config import ClassifierConfig, TrainConfig, WriterConfig
from app.training.journal import Journal

REPORTS = (
    "Chest X-ray showing left pleural effusion.",
    "Chest X-ray showing right pleural effusion.",
    "Chest X-ray showing normal heart.",
)


def picture(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (64, 64)).astype(np.uint8)
    Image.fromarray(pixels).save(file)


def table(file: Path, columns: str, rows: list[list[object]]) -> None:
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns.split())
        writer.writerows(rows)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    data = tmp_path / "archive"
    rows: list[list[object]] = []
    for row in range(12):
        picture(data / "roco" / "images" / f"{row}.png", row)
        rows.append([f"{row}.png", REPORTS[row % 3], "val" if row > 8 else "train"])
    table(data / "roco" / "captions.csv", "image caption split", rows)
    rows = []
    for row in range(10):
        picture(data / "nih" / "images" / f"{row}.png", 100 + row)
        label = "Effusion" if row % 2 else "No Finding"
        rows.append([f"{row}.png", label, row, "val" if row > 5 else "train"])
    table(data / "nih" / "labels.csv", "image labels patient_id split", rows)
    return data


def config(data: Path) -> TrainConfig:
    return TrainConfig(
        "small",
        data=data,
        mixed_precision=False,
        threads=1,
        classifier=ClassifierConfig(sources=("nih",), sizes=(32,), epochs=(1,), batch=4),
        writer=WriterConfig(epochs=1, batch=4, copies=1, label_batch=2),
    )


def train(config: TrainConfig, folder: Path, say: Callable[[str], None] = print) -> ModelInfo:
    return trainer.train(config, folder / "run", folder / "weights", say, "cpu")


def test_the_same_seed_gives_the_same_weights(archive: Path, tmp_path: Path) -> None:
    said: list[str] = []
    runs = [train(config(archive), tmp_path / run, said.append) for run in ("one", "two")]
    assert runs[0].sha256 == runs[1].sha256
    loaded = checkpoint.load(tmp_path / "one" / "weights" / "small")
    assert "effusion" in list(loaded.vocabulary)
    assert loaded.prior is not None
    assert any("12 cases taken" in line for line in said)

    record = json.loads((tmp_path / "one" / "run" / "run.json").read_text())
    assert record["pairs"] == {"train": 9, "validation": 3}
    assert record["data"]["nih"]["split"] == {"train": 6, "val": 4}
    assert record["seconds_in"]["step"] > 0
    assert str(tmp_path) not in json.dumps(record)
    with (tmp_path / "one" / "run" / "curves.csv").open() as stream:
        assert [row["stage"] for row in csv.DictReader(stream)] == ["classifier", "writer"]


class Killed(Exception):
    pass


@pytest.mark.parametrize("stage", ["classifier", "writer"])
def test_a_killed_run_goes_on_and_gives_the_same_weights(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The whole way, with the first stage's result taken from the disk in the second case."""
    unbroken = train(config(archive), tmp_path / "unbroken")

    def dies(self: Journal, name: str, epoch: int, epochs: int, step: int, steps: int) -> None:
        if name == stage and step == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loop, "SAVE_SECONDS", 0.0)
        patch.setattr(Journal, "step", dies)
        with pytest.raises(Killed):
            train(config(archive), tmp_path / "killed")
    said: list[str] = []
    resumed = train(config(archive), tmp_path / "killed", said.append)
    assert resumed.sha256 == unbroken.sha256
    assert any("done already" in line for line in said) == (stage == "writer")


def test_a_source_of_another_name_and_reports_without_images_are_used(
    archive: Path, tmp_path: Path
) -> None:
    """Labels come from the reports where a source has none, and reports go to labelled images."""
    (archive / "language").mkdir()
    (archive / "language" / "annotation.json").write_text(
        json.dumps(
            {
                "train": [
                    {"id": str(n), "report": "Small pleural effusion .", "image_path": [f"{n}.png"]}
                    for n in range(3)
                ]
            }
        )
    )
    mine = dataclasses.replace(
        config(archive),
        corpora={
            "pairs": {"kind": "roco", "folder": "roco"},
            "texts": {"kind": "iu-xray-annotation", "folder": "language", "text_only": True},
        },
        classifier=ClassifierConfig(sources=("nih", "pairs"), sizes=(32,), epochs=(1,), batch=4),
        writer=WriterConfig(
            sources=("pairs",),
            borrowed=("texts",),
            borrowers=("nih",),
            borrow_limit=2,
            epochs=1,
            batch=4,
            cache=False,
        ),
    )
    said: list[str] = []
    train(mine, tmp_path, said.append)
    assert any(line.startswith("9 pairs to train on") and "15 labelled" in line for line in said)
    assert "3 labelled images may borrow a report" in said


def test_folders_that_can_not_be_written_to_are_told_before_any_work(
    archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "small").write_text("in the way")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run").write_text("in the way")
    said: list[str] = []
    for folder, name in ((tmp_path, "small"), (tmp_path / "other", "run")):
        with pytest.raises(StoreError, match=f"{name} can't be created: a file is in its way"):
            train(config(archive), folder, said.append)
    assert said == []


def test_an_image_that_can_not_be_read_is_left_out_and_named(archive: Path, tmp_path: Path) -> None:
    (archive / "roco" / "images" / "3.png").write_bytes(b"no picture")
    said: list[str] = []
    train(config(archive), tmp_path, said.append)
    assert any("left out" in line and "3.png" in line for line in said)


def test_a_table_that_names_a_file_outside_its_folder_is_refused(
    archive: Path, tmp_path: Path
) -> None:
    table(
        archive / "roco" / "captions.csv",
        "image caption split",
        [["../../../outside.png", REPORTS[0], "train"]],
    )
    with pytest.raises(AppError, match="outside"):
        train(config(archive), tmp_path)


def test_a_missing_collection_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"captions\.csv can't be read"):
        train(config(tmp_path), tmp_path)


def test_a_table_without_its_columns_is_named(archive: Path, tmp_path: Path) -> None:
    table(archive / "nih" / "labels.csv", "picture labels", [["1.png", "Mass"]])
    with pytest.raises(AppError, match="no column 'image'"):
        train(config(archive), tmp_path)
