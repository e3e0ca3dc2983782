"""Attention maps → image coordinates, with numpy only, so that the window can use it without torch.

Preprocessing stretches the *whole* image to the model's square input, without crop or padding. A
grid of (R, C) cells over the input is therefore the same grid over the image: cell (r, c) covers
the rows [r·H/R, (r + 1)·H/R) and the columns [c·W/C, (c + 1)·W/C) of an (H, W) image, exactly, for
any H and W.

Coordinates are continuous image coordinates in pixels: (0, 0) is the top left corner of the top
left pixel, whose centre is (0.5, 0.5). x runs along columns, y along rows.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


def cell_rect(
    row: int, column: int, height: int, width: int, grid: tuple[int, int] = (8, 8)
) -> tuple[float, float, float, float]:
    """What the cell (row, column) covers in an image of height × width pixels.

    Returns (top, left, bottom, right) in pixels, not rounded. Raises IndexError outside the grid.
    """
    rows, columns = grid
    if not (0 <= row < rows and 0 <= column < columns):
        raise IndexError(f"There is no cell ({row}, {column}) in a grid of {rows} × {columns}.")
    return (
        row * height / rows,
        column * width / columns,
        (row + 1) * height / rows,
        (column + 1) * width / columns,
    )


def cell_of(
    x: float, y: float, height: int, width: int, grid: tuple[int, int] = (8, 8)
) -> tuple[int, int] | None:
    """The (row, column) of the cell under the point (x, y) in pixels, or None outside the image."""
    if not (0 <= x < width and 0 <= y < height):
        return None
    rows, columns = grid
    return min(int(y * rows / height), rows - 1), min(int(x * columns / width), columns - 1)


def at(attention: Map, x: float, y: float, height: int, width: int) -> float:
    """The weight of the cell of an (R, C) map under (x, y) in pixels; 0.0 outside the image."""
    cell = cell_of(x, y, height, width, _grid(attention))
    return 0.0 if cell is None else float(attention[cell])


def upsample(attention: Map, height: int, width: int) -> Map:
    """An (R, C) map drawn over an image: (height, width) float32, bilinear between the cells'
    centres.

    Values stay weights of a cell (they are not divided among its pixels) and never leave the map's
    range; the half cell along each edge keeps the edge cell's weight. ``height`` and ``width`` may
    be those of a shrunken image: the map always covers the whole of it.
    """
    rows, columns = _grid(attention)
    down = _interpolation(rows, height)
    across = _interpolation(columns, width)
    return down @ attention.astype(np.float32, copy=False) @ across.T


def mean_of_words(attention: Map, indices: Iterable[int]) -> Map:
    """The mean map, (R, C), of the words ``indices`` in ``attention`` (n, R, C); sums to 1 as each
    does.

    Without any word the result is all zeros.
    """
    chosen = list(indices)
    if not chosen:
        return np.zeros(attention.shape[1:], np.float32)
    mean: Map = attention[chosen].mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def words_looking_at(attention: Map, x: float, y: float, factor: float = 2.0) -> tuple[int, ...]:
    """Which words looked at a point.

    ``attention`` (n, R, C); ``x``, ``y`` in [0, 1], fractions of the image's width and height. A
    word counts when its cell under the point has at least ``factor`` times the weight that an even
    look would give it (1 / (R · C)). Indices come in the text's order; outside the image there are
    none.
    """
    rows, columns = attention.shape[1:]
    cell = cell_of(x, y, 1, 1, (rows, columns))
    if cell is None:
        return ()
    weights = attention[:, cell[0], cell[1]]
    return tuple(int(index) for index in np.flatnonzero(weights * (rows * columns) >= factor))


def _grid(attention: Map) -> tuple[int, int]:
    rows, columns = attention.shape
    return rows, columns


def _interpolation(cells: int, pixels: int) -> Map:
    """(pixels, cells): how much of each cell's value a pixel takes; every row sums to 1."""
    centres = (np.arange(pixels) + 0.5) * (cells / pixels) - 0.5
    centres = np.clip(centres, 0.0, cells - 1.0)
    lower = np.minimum(centres.astype(np.int64), max(cells - 2, 0))
    upper = np.minimum(lower + 1, cells - 1)
    share = centres - lower
    weights = np.zeros((pixels, cells), np.float32)
    np.add.at(weights, (np.arange(pixels), lower), (1.0 - share).astype(np.float32))
    np.add.at(weights, (np.arange(pixels), upper), share.astype(np.float32))
    return weights
