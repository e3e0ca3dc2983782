"""What the pixels inside an ellipse or a rectangle say, in modality values (PS3.3 C.11.1).

A pixel belongs to a region when its middle lies in it. Values are counted, block of rows by block
of rows, so that a region over a whole 15-megapixel image takes a few megabytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.imaging.lut import modality_values
from app.imaging.measuring.measurement import Point
from app.imaging.radiograph import Radiograph

_BLOCK = 1 << 20
_ENTRIES = 65_536


@dataclass(frozen=True)
class Statistics:
    """Of the pixels of a region. ``deviation`` is divided by n: these pixels are all there are."""

    mean: float
    deviation: float
    lowest: float
    highest: float
    pixels: int


def area(a: Point, b: Point, scale: tuple[float, float], *, ellipse: bool) -> float:
    """The area of the shape as it was drawn, in mm² or pixels²."""
    box = abs(b[0] - a[0]) * scale[0] * abs(b[1] - a[1]) * scale[1]
    return box * math.pi / 4 if ellipse else box


def statistics(radiograph: Radiograph, a: Point, b: Point, *, ellipse: bool) -> Statistics | None:
    """Statistics of the shape in the box between two corners; None when no pixel lies in it.

    Pixel padding is left out (PS3.3 C.7.5.1.1.2). A colour image has no modality values: its
    luminance is used (ITU-R BT.601).
    """
    counts = _counts(radiograph, a, b, ellipse=ellipse)
    if radiograph.padding is not None and not radiograph.colour:
        low, high = radiograph.padding
        counts[np.arange(low, high + 1) % _ENTRIES] = 0
    used = np.flatnonzero(counts)
    if not used.size:
        return None
    values = used.astype(np.float64) if radiograph.colour else modality_values(radiograph)[used]
    weights = counts[used].astype(np.float64)
    total = float(weights.sum())
    mean = float((values * weights).sum() / total)
    spread = float((weights * (values - mean) ** 2).sum() / total)
    return Statistics(mean, math.sqrt(spread), float(values.min()), float(values.max()), int(total))


def _counts(radiograph: Radiograph, a: Point, b: Point, *, ellipse: bool) -> NDArray[np.int64]:
    """(65536,) how often each stored value (read as unsigned), or luminance, lies in the shape."""
    counts = np.zeros(_ENTRIES, np.int64)
    left, right = _whole(a[0], b[0], radiograph.width)
    top, bottom = _whole(a[1], b[1], radiograph.height)
    radius_x, radius_y = abs(b[0] - a[0]) / 2, abs(b[1] - a[1]) / 2
    if right <= left or bottom <= top or not radius_x or not radius_y:
        return counts
    columns = np.arange(left, right) + 0.5
    across = ((columns - (a[0] + b[0]) / 2) / radius_x) ** 2
    rows = max(1, _BLOCK // (right - left))
    for first in range(top, bottom, rows):
        last = min(first + rows, bottom)
        block = _values(radiograph.pixels[first:last, left:right])
        if ellipse:
            down = ((np.arange(first, last) + 0.5 - (a[1] + b[1]) / 2) / radius_y) ** 2
            block = block[across[np.newaxis, :] + down[:, np.newaxis] <= 1.0]
        counts += np.bincount(block.ravel(), minlength=_ENTRIES)
    return counts


def _whole(one: float, other: float, size: int) -> tuple[int, int]:
    """The pixels whose middle lies between two coordinates: first and one past the last."""
    first = math.ceil(min(one, other) - 0.5)
    last = math.floor(max(one, other) - 0.5) + 1
    return max(first, 0), min(last, size)


def _values(pixels: NDArray[np.generic]) -> NDArray[np.integer]:
    if pixels.ndim == 3:
        red, green, blue = (pixels[..., part].astype(np.uint32) for part in range(3))
        return (red * 19_595 + green * 38_470 + blue * 7_471 + 32_768) >> 16
    return np.ascontiguousarray(pixels).view(np.uint16 if pixels.dtype.itemsize == 2 else np.uint8)
