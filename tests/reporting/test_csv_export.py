"""The exported file: whole or not at all, safe in a spreadsheet, pseudonyms that last."""

from __future__ import annotations

import csv
import dataclasses
import os
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.errors import StoreError
from app.reporting.csv_export import COLUMNS, RatedDraft, escaped, export_ratings, pseudonym

BERLIN = timezone(timedelta(hours=1))
ROW = RatedDraft(
    study_id="1.2.3",
    image_id="abc",
    patient_id="P-7",
    rater="Dr. Ray",
    score=4,
    comment="minor",
    seconds=12.34567,
    rank=2,
    model="densenet121-lstm",
    weights_sha256="f00",
    draft_text="Heart normal. Lungs clear.",
    final_text="Heart large. Lungs clear.",
    rated_at=datetime(2025, 3, 1, 9, 30, tzinfo=BERLIN),
    drafted_at=datetime(2025, 3, 1, 9, 0, 0, 250_000, tzinfo=BERLIN),
)
SECRET = b"k" * 32


def exported(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_one_row_per_rating_with_all_columns(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    assert export_ratings([ROW, ROW], file) == 2
    row, _ = exported(file)
    assert tuple(row) == COLUMNS
    assert row == {
        "study_id": "1.2.3",
        "image_id": "abc",
        "patient_id": "P-7",
        "rater": "Dr. Ray",
        "score": "4",
        "comment": "minor",
        "seconds": "12.346",
        "rank": "2",
        "model": "densenet121-lstm",
        "weights_sha256": "f00",
        "draft_text": "Heart normal. Lungs clear.",
        "final_text": "Heart large. Lungs clear.",
        "edited": "yes",
        "word_edit_distance": "1",
        "rated_at": "2025-03-01T08:30:00.000Z",
        "drafted_at": "2025-03-01T08:00:00.250Z",
        "measurements": "",
    }


def test_what_was_measured_stands_in_one_cell(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    said = ("Cardiothoracic ratio 0.47", "Arrow “=node”")
    export_ratings([dataclasses.replace(ROW, measurements=said)], file)
    assert exported(file)[0]["measurements"] == "Cardiothoracic ratio 0.47; Arrow “=node”"
    export_ratings([dataclasses.replace(ROW, measurements=("=1+1",))], file)
    assert exported(file)[0]["measurements"] == "'=1+1"


def test_unchanged_draft_is_not_edited(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    export_ratings([dataclasses.replace(ROW, final_text=ROW.draft_text + "\n")], file)
    [row] = exported(file)
    assert (row["edited"], row["word_edit_distance"]) == ("no", "0")


def test_text_with_quotes_lines_and_every_script_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    text = 'He said: "clear",\r\n心脏不大。; 🫁'
    export_ratings([dataclasses.replace(ROW, comment=text)], file)
    assert exported(file)[0]["comment"] == text


@pytest.mark.parametrize("bom", [True, False])
def test_byte_order_mark_only_when_asked_for(tmp_path: Path, bom: bool) -> None:
    file = tmp_path / "ratings.csv"
    export_ratings([ROW], file, bom=bom)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf") is bom


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-cmd",
        "@sum",
        "\tx",
        "\rx",
        "  =1",
        "\n=1",
        " \u00a0-x",
        "\ufeff=1",
        "＝1",
        "- no effusion",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_escaped(tmp_path: Path, text: str) -> None:
    assert escaped(text) == "'" + text
    file = tmp_path / "ratings.csv"
    fields = ("study_id", "image_id", "patient_id", "rater", "comment", "model", "final_text")
    export_ratings([dataclasses.replace(ROW, **dict.fromkeys(fields, text))], file)
    [row] = exported(file)
    assert {row[field] for field in fields} == {"'" + text}


@pytest.mark.parametrize("text", ["", "Heart normal.", "a=b", "2 - 3", "'=1", "\nHeart", " "])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert escaped(text) == text


def test_numbers_are_not_escaped(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    export_ratings([dataclasses.replace(ROW, seconds=-1.5)], file)
    assert exported(file)[0]["seconds"] == "-1.5"


def test_pseudonyms_hide_the_ids_and_stay_the_same(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    for file, secret in ((first, SECRET), (second, SECRET), (other, b"another")):
        export_ratings([ROW], file, pseudonymise=True, secret=secret)
    assert exported(first) == exported(second)
    row, differing = exported(first)[0], exported(other)[0]
    for column in ("study_id", "image_id", "patient_id"):
        assert row[column] != getattr(ROW, column)
        assert row[column] != differing[column]
    assert row["rater"] == "Dr. Ray"


def test_pseudonyms_tell_people_and_things_apart() -> None:
    made = {pseudonym(SECRET, kind, name) for kind in ("patient", "study") for name in "ab"}
    assert len(made) == 4
    assert pseudonym(SECRET, "patient", "") == ""


def test_pseudonyms_without_a_secret_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="secret"):
        export_ratings([ROW], tmp_path / "ratings.csv", pseudonymise=True)


def test_failure_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text("precious")

    def rows() -> Iterator[RatedDraft]:
        yield ROW
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        export_ratings(rows(), file)
    assert file.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [file]


def test_full_disk_is_said_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text("precious")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="disk is full"):
        export_ratings([ROW], file)
    assert file.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [file]


def test_target_that_is_a_folder_or_lies_in_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        export_ratings([ROW], tmp_path)
    with pytest.raises(StoreError, match="does not exist"):
        export_ratings([ROW], tmp_path / "no" / "ratings.csv")
