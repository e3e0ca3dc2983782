"""Measurements in a table: numbers with their units, and no formula in any cell."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from app.errors import StoreError
from app.imaging.measuring.measurement import Kind, Point, measured
from app.imaging.measuring.results import result
from app.imaging.radiograph import Radiograph, Spacing, View
from app.reporting.csv_export import pseudonym
from app.reporting.measurement_export import COLUMNS, MeasuredOnImage, export_measurements
from app.reporting.measurements import reportable, revision_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
IMAGE = Radiograph(
    np.full((400, 400), 7, np.uint16),
    Path("x"),
    "abc",
    View.PA,
    spacing=Spacing(0.5, 0.25, "detector plane"),
)


def row(kind: Kind, *points: Point, text: str = "") -> MeasuredOnImage:
    made = measured(kind, points, text)
    kept = revision_of("1.2", "abc", made, result(made, IMAGE), "Dr. Ray", NOON)
    return MeasuredOnImage(kept, "P-7")


def exported(rows: list[MeasuredOnImage], file: Path, secret: bytes = b"") -> list[dict[str, str]]:
    assert export_measurements(rows, file, secret=secret) == len(rows)
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_each_kind_fills_its_columns(tmp_path: Path) -> None:
    rows = [
        row(Kind.LENGTH, (0, 0), (40, 0)),
        row(Kind.ANGLE, (10, 0), (0, 0), (0, 10)),
        row(Kind.RATIO, (0, 0), (100, 0), (0, 9), (200, 9)),
        row(Kind.ELLIPSE, (0, 0), (10, 10)),
        row(Kind.ARROW, (1, 2), (3.456, 4), text="node"),
        row(Kind.KEY_IMAGE),
    ]
    length, angle, ratio, ellipse, arrow, key = exported(rows, tmp_path / "out.csv")
    assert tuple(length) == COLUMNS
    assert (length["length"], length["unit"], length["calibration"]) == (
        "10.0",
        "mm",
        "detector plane",
    )
    assert (angle["angle"], angle["unit"], angle["calibration"]) == ("90.0", "", "")
    assert (ratio["ratio"], ratio["cardiac_width"], ratio["thoracic_width"]) == (
        "0.5",
        "25.0",
        "50.0",
    )
    assert (ellipse["area"], ellipse["unit"], ellipse["mean"]) == ("9.8175", "mm", "7.0")
    assert (arrow["text"], json.loads(arrow["points"])) == ("node", [[1.0, 2.0], [3.46, 4.0]])
    assert (key["kind"], key["points"]) == ("key image", "[]")
    assert {line["measured_at"] for line in (length, key)} == {"2026-03-04T12:00:00.000Z"}


@pytest.mark.parametrize("text", ["=1+1", "@sum", "\t=1", "＝1"])
def test_words_that_a_spreadsheet_would_run_are_escaped(tmp_path: Path, text: str) -> None:
    (line,) = exported([row(Kind.ARROW, (0, 0), (1, 1), text=text)], tmp_path / "out.csv")
    assert line["text"] == "'" + text


def test_pseudonyms_are_those_of_the_ratings(tmp_path: Path) -> None:
    secret = b"k" * 32
    (line,) = exported([row(Kind.LENGTH, (0, 0), (1, 1))], tmp_path / "out.csv", secret)
    for kind, identifier in (("study", "1.2"), ("image", "abc"), ("patient", "P-7")):
        assert line[f"{kind}_id"] == pseudonym(secret, kind, identifier)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        export_measurements([], tmp_path / "no" / "out.csv")


def test_marks_without_words_are_nothing_to_report() -> None:
    made = [
        row(Kind.ARROW, (0, 0), (1, 1)).revision,
        row(Kind.ARROW, (0, 0), (1, 1), text="node").revision,
        row(Kind.KEY_IMAGE).revision,
        row(Kind.LENGTH, (0, 0), (40, 0)).revision,
    ]
    assert reportable(made) == ["Arrow “node”", "Length 10.0 mm (detector plane)"]


def test_numbers_that_are_none_are_not_kept() -> None:
    odd = replace(IMAGE, slope=float("nan"))
    made = measured(Kind.RECTANGLE, [(0, 0), (9, 9)])
    with np.errstate(invalid="ignore"):
        kept = revision_of("1.2", "abc", made, result(made, odd), "me", NOON)
    assert [value.name for value in kept.values] == ["area", "pixels"]
