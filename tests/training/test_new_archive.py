"""A hospital's own archive, from the DICOM files to a draft, by the commands of the guide alone."""

from __future__ import annotations

import copy
import csv
import functools
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread, uid
from pydicom.dataset import FileDataset

from app.cli import main

SYNTHETIC = Path(__file__).resolve().parents[2] / "resources" / "synthetic"
STUDIES = 12
SAID = ("left pleural effusion", "right pleural effusion", "cardiomegaly", "clear lungs")

CONFIG = """
name = "st-elsewhere"
title = "St. Elsewhere, first try"
data = "archive"
threads = 1
mixed_precision = false
findings = ["Effusion", "Cardiomegaly", "Lung Opacity"]

[corpora.hospital]
kind = "dicom"
folder = "."
file = "reports.csv"
key = "accession"
columns = { key = "Accession", report = "Report text" }
licence = "the hospital's own"

[classifier]
sources = ["hospital"]
sizes = [32]
epochs = [1]
batch = 4

[writer]
sources = ["hospital"]
epochs = 1
batch = 4
copies = 1
label_batch = 2
"""


def accession(number: int) -> str:
    return f"00{number:04}"


@functools.cache
def phantom(name: str) -> tuple[FileDataset, NDArray[np.int32]]:
    """The project's own study, at a quarter of its width and height."""
    data = dcmread(SYNTHETIC / name)
    return data, np.ascontiguousarray(data.pixel_array[::4, ::4]).astype(np.int32)


def write_image(name: str, target: Path, number: int) -> None:
    """The phantom as another patient's, with a bright spot at a place of its own."""
    data, drawn = phantom(name)
    data, pixels = copy.deepcopy(data), drawn
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    row, column = divmod(number, 4)
    spot = np.exp(-((rows - 90 - 30 * row) ** 2 + (columns - 60 - 40 * column) ** 2) / 400)
    pixels = np.clip(pixels + 900 * spot, 0, 4095)
    data.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    data.PixelData = pixels.astype("<u2").tobytes()
    data["PixelData"].VR = "OW"
    data.Rows, data.Columns = pixels.shape
    data.ImagerPixelSpacing = [1.44, 1.44]
    data.AccessionNumber = accession(number)
    data.PatientID = f"P{number}"
    data.PatientName = f"Secret^Name{number}"
    data.StudyInstanceUID = f"2.25.{7000 + number}"
    data.SeriesInstanceUID = f"2.25.{8000 + number}"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = uid.UID(
        f"2.25.{9000 + 100 * number + len(name)}"
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(target, enforce_file_format=True)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Studies as an archive exports them, one with a lateral view, one report without an image."""
    folder = tmp_path / "archive"
    with (folder.parent / "reports.tmp").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Accession", "Report text", "Reported by"])
        for number in range(STUDIES):
            write_image("frontal.dcm", folder / f"{number:02}" / "IM0001", number)
            text = f"INDICATION: cough.\nFINDINGS: There is {SAID[number % 4]}. No pneumothorax."
            writer.writerow([accession(number), text, "Dr. Secret"])
        writer.writerow(["009999", "FINDINGS: Left pneumothorax.", "Dr. Secret"])
    write_image("lateral.dcm", folder / "00" / "IM0002", 0)
    (folder.parent / "reports.tmp").rename(folder / "reports.csv")
    (tmp_path / "hospital.toml").write_text(CONFIG)
    return folder


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_an_archive_is_trained_on_evaluated_and_drafted(
    archive: Path,
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tmp_path / "hospital.toml"
    monkeypatch.setenv("PATH", "")  # without Java, whose start would take most of the time

    assert run("train", config, "--device", "cpu") == 0
    said = capsys.readouterr().err
    assert f"hospital: {STUDIES} cases taken" in said
    assert "1 (view is lateral)" in said
    assert "1 (report without an image that can be used)" in said
    described = json.loads((home / "weights" / "st-elsewhere" / "model.json").read_text())
    assert described["training"]["data"]["hospital"]["kind"] == "dicom"
    everything = (home / "runs" / "st-elsewhere").rglob("*")
    for file in (*everything, home / "weights" / "st-elsewhere" / "model.json"):
        if file.suffix in (".csv", ".json"):
            assert "Secret" not in file.read_text()

    assert run("models") == 0
    assert "st-elsewhere" in capsys.readouterr().out

    results = tmp_path / "results"
    asked = ("--config", config, "--split", "val", "--out", results)
    assert run("evaluate", "st-elsewhere", *asked) == 0
    measured = json.loads((results / "evaluation.json").read_text())
    assert measured["model"]["id"] == "st-elsewhere"
    assert list(measured["sources"]) == ["hospital"]
    capsys.readouterr()

    # What the picture shows is for the gate's own tests: a phantom is no chest. Its tags are asked.
    monkeypatch.setattr("app.commands.draft.shipped_gate", lambda: tmp_path / "no gate")
    image = archive / "03" / "IM0001"
    assert run("draft", image, "--model", "st-elsewhere", "--json") == 0
    drafted = json.loads(capsys.readouterr().out)
    assert drafted["model"] == "st-elsewhere"
    assert [finding["name"] for finding in drafted["findings"]] == [
        "Effusion",
        "Cardiomegaly",
        "Lung Opacity",
    ]
    assert drafted["drafts"]
    for draft in drafted["drafts"]:
        assert draft["text"]
        assert "<" not in draft["text"]


def test_a_key_column_that_lost_its_zeros_is_told(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = archive / "reports.csv"
    table.write_text(table.read_text().replace("\n00", "\n"))
    assert run("train", tmp_path / "hospital.toml", "--device", "cpu") == 2
    assert "leading zeros" in capsys.readouterr().err
