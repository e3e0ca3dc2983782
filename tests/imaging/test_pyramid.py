"""Levels are exact averages of the stored values, whatever the size."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from app.imaging.pyramid import Pyramid, reduce


def plain(pixels: np.ndarray, factor: int) -> np.ndarray:
    """The definition, pixel by pixel, in floating point."""
    height, width = pixels.shape[:2]
    return np.array(
        [
            [
                np.floor(
                    pixels[y : y + factor, x : x + factor].astype(float).mean(axis=(0, 1)) + 0.5
                )
                for x in range(0, width, factor)
            ]
            for y in range(0, height, factor)
        ]
    )


@pytest.mark.parametrize("shape", [(64, 64), (65, 67), (97, 130), (33, 1), (1, 50), (21, 30, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_a_level_is_the_mean_of_the_pixels_under_it(
    shape: tuple[int, ...], dtype: type, factor: int
) -> None:
    info = np.iinfo(dtype)
    rng = np.random.default_rng(3)
    pixels = rng.integers(info.min, info.max + 1, shape).astype(dtype)
    reduced = reduce(pixels, factor)
    assert reduced.dtype == dtype
    np.testing.assert_array_equal(reduced, plain(pixels, factor))


@pytest.mark.parametrize("value", [65_535, 0])
def test_extremes_survive_the_largest_factor(value: int) -> None:
    assert (reduce(np.full((300, 260), value, np.uint16), 128) == value).all()


def test_levels_halve_until_the_image_is_small() -> None:
    pyramid = Pyramid(np.zeros((1001, 777), np.uint16))
    assert [pyramid.level(k).shape for k in range(pyramid.levels)] == [
        (1001, 777),
        (501, 389),
        (251, 195),
        (126, 98),
    ]
    assert Pyramid(np.zeros((10, 12), np.uint8)).levels == 1
    with pytest.raises(IndexError):
        pyramid.level(pyramid.levels)


def test_a_level_is_computed_once_and_level_zero_is_no_copy() -> None:
    pixels = np.zeros((256, 256), np.uint16)
    pyramid = Pyramid(pixels)
    assert pyramid.level(0) is pixels
    assert pyramid.level(1) is pyramid.level(1)


@pytest.mark.parametrize(
    ("scale", "level"), [(2.0, 0), (1.0, 0), (0.99, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.001, 3)]
)
def test_the_best_level_never_has_fewer_pixels_than_the_screen(scale: float, level: int) -> None:
    pyramid = Pyramid(np.zeros((1024, 512), np.uint8))
    k, pixels = pyramid.best(scale)
    assert k == level
    assert pixels.shape == (1024 >> level, 512 >> level)


def test_a_large_image_needs_no_large_copy() -> None:
    pixels = np.zeros((3000, 2500), np.uint16)
    tracemalloc.start()
    reduce(pixels, 8)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < pixels.nbytes
