"""What measurements say, with pixels that are not square, and where there is nothing to say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.imaging.measuring.measurement import Kind, Measurement, Point, measured
from app.imaging.measuring.results import Result, limit_note, result, sentence
from app.imaging.radiograph import Patient, Radiograph, Spacing, View

CALIBRATED = Spacing(0.2, 0.1, "calibrated")  # a pixel twice as high as wide
DETECTOR = Spacing(0.15, 0.15, "detector plane")


def radiograph(**changes: Any) -> Radiograph:
    pixels = np.zeros((2000, 2000), np.uint16)
    return replace(Radiograph(pixels, Path("x"), "x", view=View.PA), **changes)


PLAIN = radiograph()


def say(kind: Kind, *points: Point, of: Radiograph = PLAIN, text: str = "") -> Result:
    return result(measured(kind, points, text), of)


def test_length_in_millimetres_uses_rows_and_columns_apart() -> None:
    image = radiograph(spacing=CALIBRATED)
    across = say(Kind.LENGTH, (0, 0), (300, 0), of=image)
    down = say(Kind.LENGTH, (0, 0), (0, 300), of=image)
    both = say(Kind.LENGTH, (0, 0), (300, 200), of=image)
    assert [round(found.values[0].number, 6) for found in (across, down, both)] == [30, 60, 50]
    assert both.lines == ("50.0 mm · calibrated",)
    assert both.sentence == "Length 50.0 mm (calibrated)"


def test_length_says_what_its_size_is_worth() -> None:
    assert say(Kind.LENGTH, (0, 0), (3, 4)).sentence == "Length 5.0 px"
    on_detector = say(Kind.LENGTH, (0, 0), (1000, 0), of=radiograph(spacing=DETECTOR))
    assert on_detector.sentence == "Length 150 mm (detector plane)"
    assert on_detector.calibration == "detector plane"


def test_angle_is_that_in_the_patient_not_that_of_pixel_numbers() -> None:
    corner = ((100, 0), (0, 0), (100, 50))
    assert say(Kind.ANGLE, *corner).sentence == "Angle 26.6°"
    assert say(Kind.ANGLE, *corner, of=radiograph(spacing=CALIBRATED)).sentence == "Angle 45.0°"
    assert say(Kind.ANGLE, (0, 0), (5, 0), (10, 0)).sentence == "Angle 180.0°"


@pytest.mark.parametrize("turned", [False, True])
def test_cobb_angle_is_the_smaller_one_however_the_lines_were_drawn(turned: bool) -> None:
    second = ((0, 100), (100, 120))
    lines = ((0, 0), (100, 0), *(reversed(second) if turned else second))
    assert say(Kind.COBB, *lines).sentence == "Cobb angle 11.3°"


HEART_AND_CHEST = ((600, 900), (1070, 1000), (500, 1200), (1500, 1200))


def test_cardiothoracic_ratio_takes_the_widths_along_the_chest() -> None:
    found = say(Kind.RATIO, *HEART_AND_CHEST, of=radiograph(spacing=DETECTOR))
    assert found.lines[0] == "CTR 0.47 · limit 0.50"
    assert found.sentence == (
        "Cardiothoracic ratio 0.47 (cardiac 70.5 mm, thoracic 150 mm, detector plane)"
    )
    assert not found.above


def test_cardiothoracic_ratio_needs_no_calibration() -> None:
    found = say(Kind.RATIO, *HEART_AND_CHEST)
    assert found.sentence == "Cardiothoracic ratio 0.47 (cardiac 470 px, thoracic 1,000 px)"
    assert found.values[0].number == pytest.approx(0.47)


def test_cardiothoracic_ratio_is_the_same_on_a_picture_that_lies_on_its_side() -> None:
    turned = [(2000 - y, x) for x, y in HEART_AND_CHEST]
    assert say(Kind.RATIO, *turned).values[0].number == pytest.approx(0.47)


def test_a_heart_above_the_limit_is_said_where_the_limit_holds() -> None:
    wide = ((600, 900), (1160, 1000), (500, 1200), (1500, 1200))
    marked = say(Kind.RATIO, *wide)
    assert marked.above
    assert marked.lines[0] == "CTR 0.56 · above limit 0.50"
    assert "0.56, above the limit of 0.50 (" in marked.sentence
    supine = say(Kind.RATIO, *wide, of=radiograph(view=View.AP))
    assert not supine.above
    assert supine.lines[0] == "CTR 0.56 · AP view, limit not valid"
    assert "AP view" in supine.sentence


def test_a_ratio_that_is_shown_as_the_limit_is_not_above_it() -> None:
    found = say(Kind.RATIO, (0, 0), (503, 0), (0, 0), (1000, 0))
    assert (found.lines[0], found.above) == ("CTR 0.50 · limit 0.50", False)


@pytest.mark.parametrize(
    ("age", "note"),
    [
        ("012Y", "child, limit not valid"),
        ("006M", "child, limit not valid"),
        ("018Y", ""),
        ("65", ""),
        ("", ""),
        ("odd", ""),
    ],
)
def test_the_limit_is_for_adults(age: str, note: str) -> None:
    assert limit_note(radiograph(patient=Patient(age=age))) == note


def test_a_picture_of_unknown_view_gets_the_limit_with_the_view_it_is_for() -> None:
    found = say(Kind.RATIO, *HEART_AND_CHEST, of=radiograph(view=View.UNKNOWN))
    assert found.lines[0] == "CTR 0.47 · limit 0.50 (PA)"


def test_region_says_area_and_values() -> None:
    pixels = np.arange(100, dtype=np.uint16).reshape(10, 10)
    image = radiograph(pixels=pixels, spacing=CALIBRATED, slope=2.0, intercept=-10.0)
    found = say(Kind.RECTANGLE, (2, 3), (5, 5), of=image)
    inside = pixels[3:5, 2:5] * 2.0 - 10.0
    numbers = {value.name: value.number for value in found.values}
    assert numbers == {
        "area": pytest.approx(3 * 0.1 * 2 * 0.2),
        "mean": pytest.approx(inside.mean()),
        "SD": pytest.approx(inside.std()),
        "min": inside.min(),
        "max": inside.max(),
        "pixels": 6,
    }
    assert found.sentence == (
        "Rectangle 0.1 mm² (calibrated): mean 66.0, SD 10.1, min 54, max 78, 6 pixels"
    )


def test_arrow_is_its_words() -> None:
    assert say(Kind.ARROW, (0, 0), (5, 5), text=" node \n here").sentence == "Arrow “node here”"
    assert say(Kind.ARROW, (0, 0), (5, 5)).lines == ()
    assert say(Kind.KEY_IMAGE).sentence == "Key image"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("at", [(5.0, 5.0), (-50.0, 99999.0), (1e6, -1e6)])
@pytest.mark.parametrize("spacing", [None, CALIBRATED])
def test_points_on_top_of_each_other_or_beside_the_image_are_no_failure(
    kind: Kind, at: Point, spacing: Spacing | None
) -> None:
    pixels = np.zeros((1, 1), np.int16)
    image = radiograph(pixels=pixels, spacing=spacing, padding=(0, 0))
    measurement = measured(kind, [at] * kind.points)
    assert sentence(measurement, image)
    assert not result(measurement, image).above


def test_values_that_make_no_sense_are_no_failure() -> None:
    image = radiograph(slope=float("nan"))
    with np.errstate(invalid="ignore"):
        assert "mean –" in sentence(measured(Kind.ELLIPSE, [(0, 0), (9, 9)]), image)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e9])
def test_a_place_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="no place"):
        Measurement("1", Kind.LENGTH, ((0.0, bad), (1.0, 1.0)))


def test_a_wrong_number_of_points_is_refused() -> None:
    with pytest.raises(ValueError, match="has 3 points, not 2"):
        measured(Kind.ANGLE, [(0, 0), (1, 1)])
