"""What is read at one pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.imaging import lut
from app.imaging.probe import read_pixel
from app.imaging.radiograph import Lut, Radiograph, Spacing, Window

WINDOW = Window(0, 2000, "LINEAR_EXACT")


def table(radiograph: Radiograph) -> np.ndarray:
    return lut.display_table(radiograph, WINDOW)


def test_stored_modality_and_shown_of_a_signed_pixel() -> None:
    pixels = np.array([[0, -300, 7]], np.int16)
    image = Radiograph(pixels, Path("x"), "x", slope=2.0, intercept=100.0, inverted=True)
    read = read_pixel(image, 1, 0, table(image))
    assert read is not None
    assert (read.column, read.row, read.stored, read.modality) == (1, 0, -300, -500.0)
    assert read.shown == 255 - round((-500 / 2000 + 0.5) * 255)
    assert not read.padding
    assert read.place_mm is None
    assert read.calibration == ""


def test_a_modality_lut_wins() -> None:
    steps = Lut(np.array([10, 20, 30], np.uint16), 5, 16)
    image = Radiograph(np.array([[6]], np.uint8), Path("x"), "x", modality_lut=steps)
    read = read_pixel(image, 0, 0, table(image))
    assert read is not None
    assert read.modality == 20


def test_padding_and_place() -> None:
    image = Radiograph(
        np.array([[65_000, 3], [4, 5]], np.uint16),
        Path("x"),
        "x",
        padding=(64_000, 65_535),
        spacing=Spacing(0.2, 0.1, "detector plane"),
    )
    first, last = read_pixel(image, 0, 0, table(image)), read_pixel(image, 1, 1, table(image))
    assert first is not None
    assert first.padding
    assert last is not None
    assert not last.padding
    assert last.place_mm == pytest.approx((0.15, 0.3))
    assert last.calibration == "detector plane"


def test_colour_is_three_numbers() -> None:
    image = Radiograph(np.array([[[1, 2, 3]]], np.uint8), Path("x"), "x")
    inverted = (255 - np.arange(65536).clip(0, 255)).astype(np.uint8)
    read = read_pixel(image, 0, 0, inverted)
    assert read is not None
    assert (read.stored, read.modality, read.shown) == ((1, 2, 3), None, (254, 253, 252))


@pytest.mark.parametrize(("column", "row"), [(-1, 0), (0, -1), (2, 0), (0, 1)])
def test_there_is_nothing_beside_the_image(column: int, row: int) -> None:
    image = Radiograph(np.zeros((1, 2), np.uint8), Path("x"), "x")
    assert read_pixel(image, column, row, table(image)) is None
