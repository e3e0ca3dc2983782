"""Attention maps land where the model looked, for any shape of image."""

from pathlib import Path

import numpy as np
import pytest

from app.imaging.preprocess import SIZE, equalised
from app.imaging.radiograph import Radiograph
from app.inference import attention

SHAPES = [(256, 256), (300, 517), (2140, 1760), (97, 1000), (8, 8), (5, 3)]


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_cells_tile_the_whole_image(height: int, width: int) -> None:
    area = 0.0
    for row in range(8):
        for column in range(8):
            top, left, bottom, right = attention.cell_rect(row, column, height, width)
            area += (bottom - top) * (right - left)
            if row:
                assert top == attention.cell_rect(row - 1, column, height, width)[2]
            if column:
                assert left == attention.cell_rect(row, column - 1, height, width)[3]
    assert area == pytest.approx(height * width)
    assert attention.cell_rect(0, 0, height, width)[:2] == (0, 0)
    assert attention.cell_rect(7, 7, height, width)[2:] == (height, width)


def test_cells_outside_the_grid_are_refused() -> None:
    with pytest.raises(IndexError, match=r"\(8, 0\)"):
        attention.cell_rect(8, 0, 100, 100)


@pytest.mark.parametrize(("height", "width"), [(256, 256), (640, 400), (333, 1201)])
@pytest.mark.parametrize("cell", [(0, 0), (2, 6), (7, 3)])
def test_a_bright_spot_in_the_image_is_in_the_same_cell_of_the_models_input(
    height: int, width: int, cell: tuple[int, int]
) -> None:
    """The known location: through the real preprocessing and back, on non-square images too."""
    pixels = np.zeros((height, width), np.uint8)
    top, left, bottom, right = attention.cell_rect(*cell, height, width)
    y, x = (top + bottom) / 2, (left + right) / 2
    half_height, half_width = (bottom - top) / 4, (right - left) / 4
    pixels[
        int(y - half_height) : int(y + half_height) + 1,
        int(x - half_width) : int(x + half_width) + 1,
    ] = 255
    image = equalised(Radiograph(pixels, Path("spot.png"), "spot")).astype(float)
    image -= image.min()
    side = SIZE // 8
    seen = image.reshape(8, side, 8, side).sum(axis=(1, 3))
    assert np.unravel_index(seen.argmax(), seen.shape) == cell
    assert attention.cell_of(x, y, height, width) == cell
    seen_share = (seen / seen.sum()).astype(np.float32)
    assert attention.at(seen_share, x, y, height, width) > 0.99


def test_at_reads_the_cell_under_the_point() -> None:
    weights = np.arange(64, dtype=np.float32).reshape(8, 8)
    height, width = 400, 1000
    for row in range(8):
        for column in range(8):
            top, left, bottom, right = attention.cell_rect(row, column, height, width)
            assert attention.at(weights, left, top, height, width) == weights[row, column]
            inside = attention.at(weights, right - 1e-6, bottom - 1e-6, height, width)
            assert inside == weights[row, column]
    assert attention.at(weights, -0.1, 5, height, width) == 0.0
    assert attention.at(weights, 1000, 5, height, width) == 0.0


@pytest.mark.parametrize(("height", "width"), [*SHAPES, (1, 1)])
def test_upsampling_stays_in_range_and_covers_the_image(height: int, width: int) -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(64)).reshape(8, 8).astype(np.float32)
    drawn = attention.upsample(weights, height, width)
    assert drawn.shape == (height, width)
    assert drawn.dtype == np.float32
    assert drawn.min() >= weights.min() - 1e-7
    assert drawn.max() <= weights.max() + 1e-7


def test_upsampling_gives_each_cells_weight_at_its_centre() -> None:
    weights = np.random.default_rng(1).random((8, 8), dtype=np.float32)
    height, width = 8 * 5, 8 * 9  # odd cells: a pixel lies on each centre
    drawn = attention.upsample(weights, height, width)
    np.testing.assert_allclose(drawn[2::5, 4::9], weights, rtol=1e-6)


def test_a_single_hot_cell_peaks_inside_its_own_rectangle() -> None:
    height, width = 611, 1493
    for cell in [(0, 0), (3, 5), (7, 7)]:
        weights = np.zeros((8, 8), np.float32)
        weights[cell] = 1.0
        drawn = attention.upsample(weights, height, width)
        top, left, bottom, right = attention.cell_rect(*cell, height, width)
        y, x = (index.mean() + 0.5 for index in np.nonzero(drawn == drawn.max()))
        assert top <= y <= bottom
        assert left <= x <= right
        strong = np.argwhere(drawn > 0.5)
        assert strong[:, 0].min() >= np.floor(top)
        assert strong[:, 0].max() <= np.ceil(bottom)
        assert strong[:, 1].min() >= np.floor(left)
        assert strong[:, 1].max() <= np.ceil(right)


def test_a_sentence_shows_its_words_mean() -> None:
    maps = np.random.default_rng(2).dirichlet(np.ones(64), 4).reshape(4, 8, 8).astype(np.float32)
    mean = attention.mean_of_words(maps, range(1, 3))
    np.testing.assert_allclose(mean, (maps[1] + maps[2]) / 2, rtol=1e-5)
    assert mean.sum() == pytest.approx(1.0, abs=1e-5)
    assert not attention.mean_of_words(maps, []).any()


def test_words_that_looked_at_a_point() -> None:
    maps = np.full((3, 8, 8), 1 / 64, np.float32)  # words that looked everywhere alike
    maps[1] = 0.3 / 63
    maps[1, 6, 2] = 0.7
    x, y = 2.5 / 8, 6.5 / 8
    assert attention.words_looking_at(maps, x, y) == (1,)
    assert attention.words_looking_at(maps, x, y, factor=1.0) == (0, 1, 2)
    assert attention.words_looking_at(maps, y, x) == ()
    assert attention.words_looking_at(maps, 1.2, 0.5) == ()
