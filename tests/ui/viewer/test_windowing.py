"""Window, level, LUT and inversion as the reader sets them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.imaging.radiograph import Lut, Radiograph, Window
from app.ui.viewer.windowing import Windowing, name_of

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
WIDE = Window(2048, 4096, explanation="WIDE")
CURVE = Lut(np.linspace(0, 4095, 4096).astype(np.uint16), 0, 12, "NORMAL")


def image(**changes: object) -> Radiograph:
    return Radiograph(pixels=RAMP, path=Path("x.dcm"), image_id="1", **changes)  # type: ignore[arg-type]


def test_the_files_first_choice_is_used() -> None:
    windowing = Windowing(image(voi=(WIDE, CURVE)))
    assert windowing.voi is WIDE
    assert windowing.label() == "W 4096  C 2048  WIDE"


def test_dragging_right_widens_and_dragging_up_brightens() -> None:
    windowing = Windowing(image(voi=(WIDE,)))
    before = windowing.table()[2048]
    windowing.drag(40, 0)
    assert windowing.window is not None
    assert windowing.window.width > 4096
    windowing.drag(0, -40)
    assert windowing.table()[2048] > before
    assert "WIDE" not in windowing.label()


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("by_hand", [False, True])
def test_up_is_brighter_on_an_inverted_image_too(inverted: bool, by_hand: bool) -> None:
    windowing = Windowing(image(voi=(WIDE,), inverted=inverted))
    if by_hand:
        windowing.toggle_invert()
    before = int(windowing.table()[2048])
    windowing.drag(0, -60)
    assert windowing.table()[2048] > before


def test_the_first_drag_over_a_lut_switches_to_a_window_fitted_to_it() -> None:
    windowing = Windowing(image(voi=(CURVE, WIDE)))
    assert windowing.window is None
    assert windowing.label() == "LUT NORMAL"
    windowing.drag(0.001, 0)
    assert windowing.window is not None
    assert windowing.window.width == pytest.approx(4096, rel=0.02)
    windowing.choose_next()
    assert windowing.voi is CURVE


def test_no_drag_makes_a_window_without_width() -> None:
    windowing = Windowing(image(voi=(WIDE,)))
    for _ in range(100):
        windowing.drag(-500, -500)
    assert windowing.window is not None
    assert windowing.window.width >= 1
    assert np.isfinite(windowing.window.center)
    for _ in range(100):
        windowing.drag(500, 500)
    assert windowing.window.width <= 4 * 4096


def test_reset_brings_the_files_own_window_back() -> None:
    windowing = Windowing(image(voi=(WIDE,)))
    before = windowing.table().copy()
    windowing.drag(30, 30)
    windowing.toggle_invert()
    windowing.reset()
    assert windowing.voi is WIDE
    np.testing.assert_array_equal(windowing.table(), before)


def test_a_colour_image_has_no_window_but_can_be_inverted() -> None:
    colour = Radiograph(np.zeros((4, 4, 3), dtype=np.uint8), Path("x.png"), "1")
    windowing = Windowing(colour)
    windowing.drag(10, 10)
    windowing.choose_next()
    windowing.choose_auto()
    assert windowing.voi is None
    assert windowing.label() == ""
    windowing.toggle_invert()
    assert windowing.table()[0] == 255


def test_names_for_the_menu() -> None:
    assert name_of(WIDE, 1) == "WIDE"
    assert name_of(Window(40, 400), 2) == "Window 2: W 400  C 40"
    assert name_of(Lut(CURVE.table, 0, 12), 3) == "LUT 3"
