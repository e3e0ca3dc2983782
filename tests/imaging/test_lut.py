"""The grayscale pipeline against the formulas of DICOM PS3.3 C.11."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.imaging import lut
from app.imaging.radiograph import Lut, Radiograph, Window


def radiograph(pixels: np.ndarray, **kwargs: Any) -> Radiograph:
    return Radiograph(pixels=pixels, path=Path("x"), image_id="x", **kwargs)


DEEP = radiograph(np.arange(4096, dtype=np.uint16).reshape(64, 64))


def test_linear_is_the_formula_of_the_standard() -> None:
    center, width = 2048.0, 1000.0
    table = lut.display_table(DEEP, Window(center, width, "LINEAR"))
    for x in (0, 1547, 1548, 1549, 2000, 2048, 2546, 2547, 2548, 4095):
        if x <= center - 0.5 - (width - 1) / 2:
            y = 0.0
        elif x > center - 0.5 + (width - 1) / 2:
            y = 255.0
        else:
            y = ((x - (center - 0.5)) / (width - 1) + 0.5) * 255
        assert table[x] == round(y)


def test_linear_exact_is_the_formula_of_the_standard() -> None:
    table = lut.display_table(DEEP, Window(2048, 1000, "LINEAR_EXACT"))
    for x in (1548, 1549, 2048, 2300, 2548):
        assert table[x] == round(min(max((x - 2048) / 1000 + 0.5, 0), 1) * 255)


def test_sigmoid_is_the_formula_of_the_standard() -> None:
    table = lut.display_table(DEEP, Window(2048, 1000, "SIGMOID"))
    for x in (0, 1000, 2048, 2500, 4000):
        assert table[x] == round(255 / (1 + math.exp(-4 * (x - 2048) / 1000)))
    extreme = lut.display_table(DEEP, Window(2048, 0.001, "SIGMOID"))
    assert extreme[0] == 0
    assert extreme[4095] == 255


def test_a_linear_width_of_one_is_a_threshold() -> None:
    table = lut.display_table(DEEP, Window(100, 1, "LINEAR"))
    assert table[99] == 0
    assert table[100] == 255


def test_inversion_happens_once_and_the_reader_can_undo_it() -> None:
    window = Window(2048, 4096)
    plain = lut.display_table(DEEP, window)
    monochrome1 = replace(DEEP, inverted=True)
    np.testing.assert_array_equal(lut.display_table(monochrome1, window), 255 - plain)
    np.testing.assert_array_equal(lut.display_table(monochrome1, window, invert=True), plain)
    np.testing.assert_array_equal(lut.display_table(DEEP, window, invert=True), 255 - plain)


def test_rescale_comes_before_the_window() -> None:
    rescaled = replace(DEEP, slope=2.0, intercept=-1000.0)
    table = lut.display_table(rescaled, Window(0, 200, "LINEAR_EXACT"))
    assert table[500] == round(0.5 * 255)
    assert table[450] == 0
    assert table[550] == 255


def test_a_modality_lut_wins_over_the_rescale_and_is_clamped() -> None:
    modality = Lut(np.array([10, 20, 30], np.uint16), first_value=100, bits=8)
    image = replace(DEEP, modality_lut=modality, slope=5.0)
    table = lut.display_table(image, Window(20, 20, "LINEAR_EXACT"))
    assert [table[i] for i in (0, 100, 101, 102, 4000)] == [0, 0, 128, 255, 255]


def test_a_voi_lut_is_looked_up_and_clamped() -> None:
    voi = Lut(np.array([0, 1023, 4095], np.uint16), first_value=7, bits=12)
    table = lut.display_table(DEEP, voi)
    assert [table[i] for i in (0, 7, 8, 9, 4000)] == [0, 0, round(1023 / 4095 * 255), 255, 255]


def test_signed_values_are_indexed_by_their_bit_pattern() -> None:
    signed = radiograph(np.array([[-1000, 0, 1000]], np.int16))
    table = lut.display_table(signed, Window(0, 2000, "LINEAR_EXACT"))
    np.testing.assert_array_equal(lut.render(signed.pixels, table), [[0, 128, 255]])


def test_rendering_looks_up_every_pixel() -> None:
    table = np.random.default_rng(0).integers(0, 256, 65_536).astype(np.uint8)
    deep = np.random.default_rng(1).integers(0, 65_536, (1500, 1301)).astype(np.uint16)
    np.testing.assert_array_equal(lut.render(deep, table), table[deep])
    colour = np.random.default_rng(2).integers(0, 256, (30, 20, 3)).astype(np.uint8)
    np.testing.assert_array_equal(lut.render(colour, table), table[colour])
    np.testing.assert_array_equal(lut.render(deep[::2, 1::3], table), table[deep[::2, 1::3]])


def test_eight_bits_without_a_window_are_shown_as_stored() -> None:
    image = radiograph(np.arange(256, dtype=np.uint8).reshape(16, 16))
    default = lut.choices(image)[0]
    assert default.explanation == "As stored"
    np.testing.assert_array_equal(lut.display_table(image, default)[:256], np.arange(256))


def test_the_files_own_choices_come_first_and_auto_last() -> None:
    own = (Window(1, 2, explanation="SOFT"), Lut(np.arange(9, dtype=np.uint16), 0, 8, "BONE"))
    names = [voi.explanation for voi in lut.choices(replace(DEEP, voi=own))]
    assert names == ["SOFT", "BONE", "Auto"]
    assert [voi.explanation for voi in lut.choices(DEEP)] == ["Auto"]


def test_auto_leaves_padding_and_the_collimator_out() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(1000, 2000, (200, 200)).astype(np.uint16)
    pixels[:, :50] = 0
    pixels[:20] = 4095
    pixels[:, -30:] = 60_000
    window = lut.auto_window(radiograph(pixels, padding=(60_000, 60_000)))
    assert 1000 <= window.center - window.width / 2 <= 1010
    assert 1990 <= window.center + window.width / 2 <= 2000


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_a_constant_image_still_has_a_window(dtype: type) -> None:
    window = lut.auto_window(radiograph(np.full((70, 70), 7, dtype)))
    assert window.width > 0


def test_auto_speaks_modality_units_also_below_zero() -> None:
    pixels = np.random.default_rng(0).integers(-500, 500, (100, 100)).astype(np.int16)
    window = lut.auto_window(radiograph(pixels, slope=-2.0, intercept=10.0))
    assert abs(window.center - 10) < 20
    assert 1900 < window.width < 2000


def test_everything_padded_is_not_nothing() -> None:
    image = radiograph(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64), padding=(0, 65_535))
    assert lut.auto_window(image).width > 1000


def test_a_straight_lut_becomes_a_window_of_exactly_its_range() -> None:
    straight = Lut(np.arange(0, 4096, 4).astype(np.uint16), first_value=300, bits=12)
    window = lut.as_window(DEEP, straight)
    assert window.center == pytest.approx(300 + 1023 / 2)
    assert window.width == pytest.approx(1023)


def test_a_curved_lut_becomes_a_window_close_to_it() -> None:
    x = np.arange(4096)
    curve = Lut((4095 / (1 + np.exp(-(x - 1500) / 150))).astype(np.uint16), 0, 12, "CURVE")
    window = lut.as_window(DEEP, curve)
    assert abs(window.center - 1500) < 5
    bent, straight = lut.display_table(DEEP, curve), lut.display_table(DEEP, window)
    assert np.abs(bent.astype(int) - straight)[:4096].max() < 30


def test_a_window_is_its_own_window_and_a_flat_lut_falls_back_to_auto() -> None:
    window = Window(10, 20)
    assert lut.as_window(DEEP, window) is window
    flat = Lut(np.full(50, 9, np.uint16), 0, 8)
    assert lut.as_window(DEEP, flat).explanation == "Auto"


def test_the_modality_range_is_what_occurs() -> None:
    image = radiograph(np.array([[-5, 10]], np.int16), slope=2.0, intercept=1.0)
    assert lut.modality_range(image) == (-9.0, 21.0)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize(
    "voi", [Window(0, 100), Lut(np.array([255, 0], np.uint16), 0, 8), Window(-3000, 5, "SIGMOID")]
)
def test_padding_is_black_whatever_else_happens(inverted: bool, invert: bool, voi: Any) -> None:
    pixels = np.array([[-2000, -1990, -5, 40]], np.int16)
    image = radiograph(pixels, padding=(-2000, -1990), inverted=inverted)
    bare = replace(image, padding=None)
    with_padding = lut.render(pixels, lut.display_table(image, voi, invert))
    without = lut.render(pixels, lut.display_table(bare, voi, invert))
    assert with_padding[0, :2].tolist() == [0, 0]
    np.testing.assert_array_equal(with_padding[0, 2:], without[0, 2:])


def test_the_modality_range_leaves_padding_out() -> None:
    image = radiograph(np.array([[-2000, -5, 10]], np.int16), slope=2.0, padding=(-2000, -2000))
    assert lut.modality_range(image) == (-10.0, 20.0)
    assert lut.modality_range(replace(image, padding=(-2000, 10)))[1] > 60_000
