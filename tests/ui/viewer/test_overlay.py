"""What is written over the image, and what is never written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.imaging.radiograph import Header, Patient, Radiograph, View
from app.ui.viewer.geometry import UPRIGHT, Geometry
from app.ui.viewer.markers import side_markers
from app.ui.viewer.overlay import (
    age_of,
    caption,
    display_date,
    display_time,
    odd_line,
    patient_lines,
    prior_title,
    study_lines,
    time_before,
)


@pytest.fixture
def radiograph() -> Radiograph:
    return Radiograph(
        pixels=np.zeros((4, 6), dtype=np.uint8),
        path=Path("x.dcm"),
        image_id="1",
        view=View.PA,
        patient=Patient("4711", "Doe^Jane^Q", "F", "19850131", "041Y"),
        header=Header(
            study_date="20261120", study_time="104207.12", study_description="Chest erect"
        ),
    )


def test_patient_and_study_are_written_as_people_write_them(radiograph: Radiograph) -> None:
    assert patient_lines(radiograph, False) == ("Doe, Jane Q", "4711", "F 41 y")
    assert study_lines(radiograph, False) == ("PA", "20 Nov 2026 10:42", "Chest erect")


def test_hidden_identity_writes_no_name_no_id_and_says_so(radiograph: Radiograph) -> None:
    written = " ".join(patient_lines(radiograph, True) + study_lines(radiograph, True))
    assert "identity hidden" in written
    for secret in ("Doe", "Jane", "4711", "1985", "Chest erect"):
        assert secret not in written


def test_a_file_that_says_nothing_gets_no_empty_lines() -> None:
    bare = Radiograph(np.zeros((4, 6), dtype=np.uint8), Path("x.png"), "1")
    assert patient_lines(bare, False) == ()
    assert patient_lines(bare, True) == ("identity hidden",)
    assert study_lines(bare, False) == ()


@pytest.mark.parametrize(
    ("age", "born", "expected"),
    [
        ("041Y", "", "41 y"),
        ("006M", "", "6 months"),
        ("58", "", "58 y"),
        ("", "19850131", "41 y"),
        ("", "19851231", "40 y"),
        ("", "20300101", ""),
        ("old", "not a date", ""),
    ],
)
def test_age(radiograph: Radiograph, age: str, born: str, expected: str) -> None:
    patient = replace(radiograph.patient, age=age, birth_date=born)
    assert age_of(replace(radiograph, patient=patient)) == expected


def test_odd_dates_are_shown_as_they_are_and_never_fail() -> None:
    assert display_date("20261399") == "20261399"
    assert display_date("") == ""
    assert display_time("9:4") == ""


def test_the_caption_says_where_the_model_looked_and_never_evidence() -> None:
    assert "".join(caption("effusion", 0.6)) == (
        "where the model looked for “effusion” · opacity 60 %"
    )
    long = "".join(caption("word " * 60, 1.0))
    assert "…" in long
    assert len(long) < 120


def test_markers_stand_where_the_file_says_and_follow_every_turn() -> None:
    assert side_markers(("L", "F"), UPRIGHT) == {"right": "L", "left": "R"}
    base = Geometry((10, 10), (10.0, 10.0))
    mirrored = base.flipped_horizontally().turn
    assert side_markers(("L", "F"), mirrored) == {"left": "L", "right": "R"}
    upside = base.flipped_vertically().turn
    assert side_markers(("L", "F"), upside) == {"right": "L", "left": "R"}
    assert side_markers(("L", "F"), base.rotated(1).turn) == {"bottom": "L", "top": "R"}
    assert side_markers(("L", "F"), base.rotated(2).turn) == {"left": "L", "right": "R"}
    assert side_markers(("A", "F"), UPRIGHT) == {"right": "A", "left": "P"}
    assert side_markers(("A", "F"), UPRIGHT, lateral=True) == {"right": "A", "left": "P"}
    assert side_markers(("F", "L"), UPRIGHT) == {"bottom": "L", "top": "R"}


@pytest.mark.parametrize("bad", [("", ""), ("X", "?"), ("L", "L"), ("L", "R"), ("1", "F")])
def test_markers_are_never_invented(bad: tuple[str, str]) -> None:
    assert side_markers(bad, UPRIGHT) == {}


def test_a_lateral_view_has_no_left_and_right_in_the_picture() -> None:
    assert side_markers(("L", "F"), UPRIGHT, lateral=True) == {}


@pytest.mark.parametrize(
    ("earlier", "later", "said"),
    [
        ("20240312", "20241115", "8 months before"),
        ("20240312", "20241111", "7 months before"),
        ("20200229", "20240228", "3 years before"),
        ("20220301", "20240228", "23 months before"),
        ("20240101", "20240225", "7 weeks before"),
        ("20240101", "20240110", "9 days before"),
        ("20231231", "20240101", "1 day before"),
        ("20240101", "20240101", ""),
        ("", "20240101", ""),
    ],
)
def test_how_long_before(earlier: str, later: str, said: str) -> None:
    assert time_before(earlier, later) == said


def test_a_prior_is_marked_as_one_whatever_its_file_says() -> None:
    assert prior_title("20240312", "20241115") == "PRIOR · 12 Mar 2024 · 8 months before"
    assert prior_title("", "") == "PRIOR"


def test_what_is_odd_about_a_file_is_seen_over_the_image(radiograph: Radiograph) -> None:
    odd = Header(
        sop_instance_uid="1.2",
        photometric="MONOCHROME2",
        presentation_lut_shape="INVERSE",
        presentation_intent="FOR PROCESSING",
        lossy="01",
        conversion_type="WSD",
    )
    assert odd_line(replace(radiograph, header=odd)) == "LUT shape · FOR PROCESSING · lossy"
    assert odd_line(radiograph) == ""  # a picture without a header claims nothing
