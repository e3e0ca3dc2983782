"""Levels are exact averages of the stored values, whatever the size."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from app.imaging.pyramid import Pyramid, reduce
from app.imaging.radiograph import Radiograph


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


@pytest.mark.parametrize("shape", [(64, 64), (65, 67), (97, 130)])
@pytest.mark.parametrize(
    ("dtype", "padding"),
    [(np.uint8, (0, 3)), (np.uint16, (65_000, 70_000)), (np.int16, (-2000, -2000))],
)
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_padding_is_never_averaged_into_the_image(
    shape: tuple[int, int], dtype: type, padding: tuple[int, int], factor: int
) -> None:
    rng = np.random.default_rng(4)
    pixels = rng.integers(10, 200, shape).astype(dtype)
    value = min(padding[1], np.iinfo(dtype).max)
    rows, columns = np.indices(shape)
    pixels[(rows - 30) ** 2 + (columns - 30) ** 2 > 28**2] = value  # a round image
    reduced = reduce(pixels, factor, padding)
    for y, x in np.ndindex(reduced.shape):
        block = pixels[y * factor : (y + 1) * factor, x * factor : (x + 1) * factor].ravel()
        image = block[block != value].astype(float)
        if image.size:
            assert reduced[y, x] == np.floor(image.mean() + 0.5)
        else:
            assert padding[0] <= reduced[y, x] <= padding[1]


def test_a_padded_corner_costs_little_memory() -> None:
    pixels = np.full((3000, 2500), 50, np.uint16)
    pixels[:1500, :40] = 0
    tracemalloc.start()
    reduce(pixels, 8, (0, 0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < pixels.nbytes * 1.5


def test_a_radiograph_brings_its_padding_along() -> None:
    pixels = np.full((256, 256), 100, np.uint16)
    pixels[:101] = 0
    image = Radiograph(pixels, Path("x"), "x", padding=(0, 0))
    assert set(np.unique(Pyramid.of(image).level(1))) == {0, 100}


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
