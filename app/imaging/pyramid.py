"""Area-averaged levels of one image, so that a window change touches few pixels.

Averages are taken of the stored values, whole numbers in and out, and only when a level is asked
for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 64
_BLOCK = 1 << 20


class Pyramid:
    """Level k is the image at 1/2^k of its size; level 0 is the image itself.

    ``pixels`` (H, W) or (H, W, 3), uint8, uint16 or int16. Level k has ⌈H/2^k⌉ × ⌈W/2^k⌉ pixels;
    each is the mean of the 2^k × 2^k stored pixels under it, rounded to the nearest. Where the size
    is no multiple of 2^k the last row and column average only what there is.
    """

    def __init__(self, pixels: NDArray[Any]) -> None:
        self._known: dict[int, NDArray[Any]] = {0: pixels}
        shorter = max(1, min(pixels.shape[:2]))
        self.levels = 1 + max(0, int(math.log2(shorter / _SMALLEST))) if shorter > _SMALLEST else 1

    def level(self, k: int) -> NDArray[Any]:
        """Return level ``k`` (0 ≤ k < levels), computed on first use."""
        if not 0 <= k < self.levels:
            raise IndexError(f"level {k} of {self.levels}")
        if k not in self._known:
            self._known[k] = reduce(self._known[0], 1 << k)
        return self._known[k]

    def best(self, scale: float) -> tuple[int, NDArray[Any]]:
        """Return (k, level k): the smallest level with at least one pixel per screen pixel.

        ``scale`` screen pixels per image pixel; 1 or more gives the image itself.
        """
        k = int(math.log2(1.0 / scale) + 1e-9) if 0 < scale < 1 else 0
        k = min(k, self.levels - 1)
        return k, self.level(k)


def reduce(pixels: NDArray[Any], factor: int) -> NDArray[Any]:
    """Average ``factor`` × ``factor`` blocks; integers of ``pixels``' own type, ragged edges exact.

    ``factor`` is at most 128, so that sums of 16-bit values stay exact in 32 bits. Works in strips
    of rows, so that the memory beside the result is a few megabytes.
    """
    if factor == 1:
        return pixels
    height, width = pixels.shape[:2]
    shape = (-(-height // factor), -(-width // factor), *pixels.shape[2:])
    averaged = np.empty(shape, pixels.dtype)
    rows = max(1, _BLOCK // (factor * max(1, pixels[:1].size)))
    for top in range(0, height, rows * factor):
        strip = pixels[top : top + rows * factor]
        target = averaged[top // factor :][:rows]
        whole, left = len(strip) // factor, len(strip) % factor
        _average(strip[: whole * factor], factor, factor, target[:whole])
        if left:
            _average(strip[whole * factor :], left, factor, target[whole : whole + 1])
    return averaged


def _average(strip: NDArray[Any], lines: int, factor: int, target: NDArray[Any]) -> None:
    """Average ``lines`` × ``factor`` pixels each into ``target``, the last column as it falls."""
    sums = strip[::lines].astype(np.int32)
    for line in range(1, lines):
        sums += strip[line::lines]
    whole, left = sums.shape[1] // factor, sums.shape[1] % factor
    body = sums[:, : whole * factor]
    total = body[:, ::factor].copy()
    for column in range(1, factor):
        total += body[:, column::factor]
    target[:, :whole] = _divided(total, lines * factor)
    if left:
        edge = sums[:, whole * factor :].sum(axis=1, dtype=np.int32)
        target[:, whole] = _divided(edge, lines * left)


def _divided(sums: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Nearest whole number of sums / count, halves upward, also below zero."""
    sums += count // 2
    if count & (count - 1) == 0:
        return np.right_shift(sums, count.bit_length() - 1)
    return sums // count
