"""Exactly the pixels that a region means, whatever the image is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.imaging.measuring import regions
from app.imaging.radiograph import Lut, Radiograph


def radiograph(pixels: np.ndarray, **changes: Any) -> Radiograph:
    return replace(Radiograph(pixels, Path("x"), "x"), **changes)


def random_pixels(dtype: type, shape: tuple[int, ...] = (60, 80)) -> np.ndarray:
    info = np.iinfo(dtype)
    return np.random.default_rng(4).integers(info.min, info.max, shape, dtype, endpoint=True)


def by_hand(pixels: np.ndarray, a: Any, b: Any, ellipse: bool) -> np.ndarray:
    """The pixels whose middle lies in the shape, one by one."""
    chosen = []
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            x, y = column + 0.5, row + 0.5
            inside = min(a[0], b[0]) <= x <= max(a[0], b[0])
            inside &= min(a[1], b[1]) <= y <= max(a[1], b[1])
            if ellipse:
                u = (x - (a[0] + b[0]) / 2) / ((b[0] - a[0]) / 2)
                v = (y - (a[1] + b[1]) / 2) / ((b[1] - a[1]) / 2)
                inside = u * u + v * v <= 1
            if inside:
                chosen.append(pixels[row, column])
    return np.array(chosen)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
@pytest.mark.parametrize("ellipse", [True, False])
@pytest.mark.parametrize(
    ("a", "b"),
    [((10.2, 5.5), (40.7, 33.1)), ((40, 30), (20, 10)), ((-20, -20), (30.5, 25)), ((5, 5), (6, 6))],
)
def test_statistics_are_those_of_the_pixels_inside(
    dtype: type, ellipse: bool, a: Any, b: Any
) -> None:
    pixels = random_pixels(dtype)
    found = regions.statistics(radiograph(pixels), a, b, ellipse=ellipse)
    chosen = by_hand(pixels, a, b, ellipse).astype(float)
    assert found is not None
    assert found.pixels == len(chosen)
    assert (found.lowest, found.highest) == (chosen.min(), chosen.max())
    assert found.mean == pytest.approx(chosen.mean())
    assert found.deviation == pytest.approx(chosen.std())


def test_padding_is_left_out() -> None:
    pixels = np.full((10, 10), 100, np.int16)
    pixels[:, :5] = -2000
    image = radiograph(pixels, padding=(-2000, -1990))
    found = regions.statistics(image, (0, 0), (10, 10), ellipse=False)
    assert found is not None
    assert (found.pixels, found.mean, found.deviation) == (50, 100, 0)
    assert regions.statistics(image, (0, 0), (4, 4), ellipse=False) is None


def test_values_are_modality_values() -> None:
    table = Lut(np.arange(256, dtype=np.uint16)[::-1] * 10, 0, 16)
    image = radiograph(np.full((4, 4), 3, np.uint8), modality_lut=table)
    found = regions.statistics(image, (0, 0), (4, 4), ellipse=False)
    assert found is not None
    assert found.mean == 2520


def test_a_colour_image_gives_its_luminance() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[..., 1] = 255
    found = regions.statistics(radiograph(pixels), (0, 0), (4, 4), ellipse=True)
    assert found is not None
    assert found.mean == 150  # 0.587 × 255


def test_a_large_region_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = random_pixels(np.uint16)
    whole = regions.statistics(radiograph(pixels), (3, 3), (70, 55), ellipse=True)
    monkeypatch.setattr(regions, "_BLOCK", 100)
    assert regions.statistics(radiograph(pixels), (3, 3), (70, 55), ellipse=True) == whole


@pytest.mark.parametrize("b", [(5.0, 30.0), (5.0, 5.0), (5.4, 5.4)])
def test_a_region_without_a_pixel_has_no_statistics(b: Any) -> None:
    assert regions.statistics(radiograph(random_pixels(np.uint8)), (5, 5), b, ellipse=True) is None
    assert regions.statistics(radiograph(random_pixels(np.uint8)), (5, 5), b, ellipse=False) is None


def test_area_is_that_of_the_shape() -> None:
    assert regions.area((0, 0), (10, 20), (0.1, 0.2), ellipse=False) == pytest.approx(4.0)
    assert regions.area((10, 20), (0, 0), (1, 1), ellipse=True) == pytest.approx(157.0796, abs=1e-4)
