"""The model's input: one function for training and application."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.imaging import preprocess
from app.imaging.radiograph import Radiograph, Window


def radiograph(pixels: np.ndarray, **facts: object) -> Radiograph:
    return Radiograph(pixels=pixels, path=Path("image"), image_id="0", **facts)  # type: ignore[arg-type]


def ramp(height: int, width: int) -> np.ndarray:
    return np.linspace(0, 255, height * width).reshape(height, width).astype(np.uint8)


def test_equalisation_spreads_any_histogram_over_the_whole_range() -> None:
    rng = np.random.default_rng(0)
    dark = np.clip(rng.normal(20, 4, (256, 256)), 0, 255).astype(np.float32)
    levels = preprocess.equalise(dark)
    counts = np.histogram(levels, bins=4, range=(0, 256))[0] / levels.size
    assert counts == pytest.approx([0.25] * 4, abs=0.06)


def test_equalisation_forgets_brightness_and_contrast() -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 200, (64, 64)).astype(np.float32)
    assert np.array_equal(preprocess.equalise(image), preprocess.equalise(image * 0.5 + 30))


def test_a_blank_image_becomes_mid_gray_instead_of_an_error() -> None:
    assert preprocess.model_input(radiograph(np.zeros((40, 60), np.uint8))) == pytest.approx(
        -1 / 127.5, abs=0.01
    )


@pytest.mark.parametrize(("height", "width"), [(288, 360), (3000, 1000), (256, 256), (100, 90)])
def test_every_image_is_stretched_whole_to_the_same_square(height: int, width: int) -> None:
    pixels = np.zeros((height, width), np.uint8)
    top, left = int(height * 0.75), int(width * 0.125)
    pixels[top : top + height // 8, left : left + width // 8] = 255
    equalised = preprocess.equalised(radiograph(pixels))
    rows, columns = np.nonzero(equalised > equalised.min() + 100)
    assert equalised.shape == (256, 256)
    assert rows.mean() / 256 == pytest.approx(0.8125, abs=0.01)
    assert columns.mean() / 256 == pytest.approx(0.1875, abs=0.01)


def test_an_inverted_radiograph_gives_the_input_of_the_same_one_stored_upright() -> None:
    upright = ramp(300, 280)
    inverted = radiograph(255 - upright, inverted=True, voi=(Window(127.5, 256.0),))
    expected = preprocess.equalised(radiograph(upright, voi=(Window(127.5, 256.0),)))
    difference = preprocess.equalised(inverted).astype(int) - expected
    assert np.abs(difference).max() <= 2


def test_sixteen_bits_and_eight_bits_of_one_picture_agree() -> None:
    eight = ramp(256, 256)
    sixteen = radiograph(eight.astype(np.uint16) * 16, voi=(Window(2040.0, 4080.0),))
    difference = preprocess.equalised(sixteen).astype(int) - preprocess.equalised(radiograph(eight))
    assert np.abs(difference).mean() < 2


def test_colour_counts_by_its_luma() -> None:
    gray = ramp(64, 64)
    colour = np.stack([gray] * 3, axis=2)
    assert np.array_equal(
        preprocess.equalised(radiograph(colour)), preprocess.equalised(radiograph(gray))
    )


def test_how_padding_is_shown_does_not_reach_the_model() -> None:
    pixels = ramp(64, 64)
    pixels[:, :20] = 255
    window = (Window(100.0, 200.0),)
    declared = radiograph(pixels, voi=window, inverted=True, padding=(255, 255))
    silent = radiograph(pixels, voi=window, inverted=True)
    assert np.array_equal(preprocess.equalised(declared), preprocess.equalised(silent))
