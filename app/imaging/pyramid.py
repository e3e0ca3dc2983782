"""Area-averaged levels of one image, so that a window change touches few pixels.

Averages are taken of the stored values, whole numbers in and out, and only when a level is asked
for. Padding (PS3.3 C.7.5.1.1.2) is no part of the image and never averaged into it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.radiograph import Radiograph

_SMALLEST = 64
_BLOCK = 1 << 20


class Pyramid:
    """Level k is the image at 1/2^k of its size; level 0 is the image itself.

    ``pixels`` (H, W) or (H, W, 3), uint8, uint16 or int16. Level k has ⌈H/2^k⌉ × ⌈W/2^k⌉ pixels;
    each is the mean of the 2^k × 2^k stored pixels under it, rounded to the nearest. Where the size
    is no multiple of 2^k the last row and column average only what there is; padding is left out,
    and a pixel with nothing but padding under it stays padding.
    """

    def __init__(self, pixels: NDArray[Any], padding: tuple[int, int] | None = None) -> None:
        """``padding``: the (lowest, highest) stored values that stand for no image."""
        self._padding = padding
        self._known: dict[int, NDArray[Any]] = {0: pixels}
        shorter = max(1, min(pixels.shape[:2]))
        self.levels = 1 + max(0, int(math.log2(shorter / _SMALLEST))) if shorter > _SMALLEST else 1

    @classmethod
    def of(cls, radiograph: Radiograph) -> Pyramid:
        return cls(radiograph.pixels, None if radiograph.colour else radiograph.padding)

    def level(self, k: int) -> NDArray[Any]:
        """Return level ``k`` (0 ≤ k < levels), computed on first use."""
        if not 0 <= k < self.levels:
            raise IndexError(f"level {k} of {self.levels}")
        if k not in self._known:
            self._known[k] = reduce(self._known[0], 1 << k, self._padding)
        return self._known[k]

    @property
    def nbytes(self) -> int:
        """Bytes of all levels that have been made so far, the image itself included."""
        return sum(level.nbytes for level in tuple(self._known.values()))

    def prepare(self, shortest: int, longest: int = 1 << 30) -> None:
        """Make the levels whose longer side has ``shortest`` to ``longest`` pixels, for a paint."""
        height, width = self._known[0].shape[:2]
        for k in range(1, self.levels):
            if shortest <= max(height, width) >> k <= longest:
                self.level(k)

    def best(self, scale: float) -> tuple[int, NDArray[Any]]:
        """Return (k, level k): the smallest level with at least one pixel per screen pixel.

        ``scale`` screen pixels per image pixel; 1 or more gives the image itself.
        """
        k = int(math.log2(1.0 / scale) + 1e-9) if 0 < scale < 1 else 0
        k = min(k, self.levels - 1)
        return k, self.level(k)


def reduce(
    pixels: NDArray[Any], factor: int, padding: tuple[int, int] | None = None
) -> NDArray[Any]:
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
        _average(strip[: whole * factor], factor, factor, target[:whole], padding)
        if left:
            _average(strip[whole * factor :], left, factor, target[whole : whole + 1], padding)
    return averaged


def _average(
    strip: NDArray[Any],
    lines: int,
    factor: int,
    target: NDArray[Any],
    padding: tuple[int, int] | None,
) -> None:
    """Average ``lines`` × ``factor`` pixels each into ``target``, the last column as it falls."""
    if padding is not None:
        image = (strip < padding[0]) | (strip > padding[1])
        if not image.all():
            _average_image(strip, image, lines, factor, target, padding[0])
            return
    sums = _sums(strip, lines, factor)
    whole, left = strip.shape[1] // factor, strip.shape[1] % factor
    target[:, :whole] = _divided(sums[:, :whole], lines * factor)
    if left:
        target[:, whole] = _divided(sums[:, whole], lines * left)


def _average_image(
    strip: NDArray[Any],
    image: NDArray[np.bool_],
    lines: int,
    factor: int,
    target: NDArray[Any],
    padding: int,
) -> None:
    """The same where only the pixels marked in ``image`` count."""
    limits = np.iinfo(target.dtype)
    counts = _sums(image, lines, factor)
    sums = _sums(np.where(image, strip, 0).astype(strip.dtype), lines, factor)
    sums += counts // 2
    sums //= np.maximum(counts, 1)
    target[...] = np.where(counts > 0, sums, min(max(padding, limits.min), limits.max))


def _sums(strip: NDArray[Any], lines: int, factor: int) -> NDArray[np.int32]:
    """Sums over ``lines`` rows and ``factor`` columns, fewer in the last column as they are."""
    sums = strip[::lines].astype(np.int32)
    for line in range(1, lines):
        sums += strip[line::lines]
    whole = sums.shape[1] // factor
    body = sums[:, : whole * factor]
    total = np.empty((len(sums), -(-sums.shape[1] // factor), *sums.shape[2:]), np.int32)
    total[:, :whole] = body[:, ::factor]
    for column in range(1, factor):
        total[:, :whole] += body[:, column::factor]
    if whole < total.shape[1]:
        total[:, whole] = sums[:, whole * factor :].sum(axis=1, dtype=np.int32)
    return total


def _divided(sums: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Nearest whole number of sums / count, halves upward, also below zero."""
    sums += count // 2
    if count & (count - 1) == 0:
        return np.right_shift(sums, count.bit_length() - 1)
    return sums // count
