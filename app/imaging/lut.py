"""From stored values to gray: modality LUT → VOI → one inversion, as one table of 65,536 entries.

A whole image is never turned into floating point: the transform is worked out once per possible
stored value (PS3.3 C.11.1 and C.11.2) and then looked up. The inversion is decided here and nowhere
else; after it, padding is made black (PS3.3 C.7.5.1.1.2: it is no part of the image, so no window,
no polarity and no wish of the reader may make it shine).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.radiograph import Lut, Radiograph, Voi, Window

AS_STORED = Window(127.5, 255.0, "LINEAR_EXACT", "As stored")
"""Leaves eight bits as they are: an 8-bit picture has been windowed by whoever exported it."""

_ENTRIES = 65_536
_BLOCK = 1 << 20
_SAMPLES = 1 << 20
_LOW, _HIGH = 0.005, 0.995
_FLOOD = 0.01


def display_table(radiograph: Radiograph, voi: Voi, invert: bool = False) -> NDArray[np.uint8]:
    """Return the (65536,) uint8 table of gray levels for every stored value.

    The index is the stored value read as uint16 (``pixels.view(np.uint16)`` for int16); uint8
    images use the first 256 entries. ``invert`` is the reader's own wish, on top of the file's
    polarity. Padding is 0 in any case.
    """
    gray = np.rint(_apply(voi, modality_values(radiograph)) * 255.0).astype(np.uint8)
    table = 255 - gray if radiograph.inverted != invert else gray
    table[_padding(radiograph)] = 0
    return table


def render(pixels: NDArray[Any], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Look every pixel up: integer (H, W) or (H, W, 3) → uint8 of the same shape.

    Works in blocks of rows, because numpy's lookup makes 64-bit indices of what it is given.
    """
    indices = _indices(pixels)
    shown = np.empty(indices.shape, np.uint8)
    rows = max(1, _BLOCK // max(1, indices[:1].size))
    for top in range(0, len(indices), rows):
        # Every index is inside the table; "clip" only spares numpy a second copy for its check.
        block = indices[top : top + rows]
        np.take(table, block, out=shown[top : top + rows], mode="clip")
    return shown


def choices(radiograph: Radiograph) -> tuple[Voi, ...]:
    """Every way to show this image: the file's VOI LUTs and windows, then Auto. [0] is the default.

    Without any in the file, eight bits are shown as stored, others and those that a modality
    transform takes to another scale by Auto.
    """
    auto = auto_window(radiograph)
    if radiograph.voi:
        return (*radiograph.voi, auto)
    plain = radiograph.modality_lut is None and (radiograph.slope, radiograph.intercept) == (1, 0)
    return (AS_STORED, auto) if plain and radiograph.pixels.dtype == np.uint8 else (auto,)


def auto_window(radiograph: Radiograph) -> Window:
    """Window from the 0.5th to the 99.5th percentile, in modality units.

    Taken from the stored values, padding left out; a flood of pixels at the very lowest or highest
    value (collimator, direct exposure) is left out too, as it would decide the percentiles alone.
    """
    counts = _histogram(radiograph)
    used = np.flatnonzero(counts)
    values = modality_values(radiograph)[used]
    order = np.argsort(values, kind="stable")
    values, weights = values[order], counts[used][order]
    total = weights.sum()
    first, last = 0, len(values)
    if last - first > 2 and weights[first] > _FLOOD * total:
        first += 1
    if last - first > 2 and weights[last - 1] > _FLOOD * total:
        last -= 1
    values, cumulated = values[first:last], np.cumsum(weights[first:last])
    low = float(values[np.searchsorted(cumulated, _LOW * cumulated[-1])])
    high = float(values[np.searchsorted(cumulated, _HIGH * cumulated[-1])])
    if high <= low:
        low, high = float(values[0]), float(values[-1])
    return Window((low + high) / 2, high - low or 1.0, "LINEAR_EXACT", "Auto")


def as_window(radiograph: Radiograph, voi: Voi) -> Window:
    """Return a window to drag from: ``voi`` itself, or a line through a LUT's 10 % and 90 % points.

    For a straight LUT that is exactly its range.
    """
    if isinstance(voi, Window):
        return voi
    output = voi.table.astype(np.float64)
    low, high = float(output.min()), float(output.max())
    if high <= low:
        return auto_window(radiograph)
    share = (output - low) / (high - low)
    if share[0] > share[-1]:
        share = share[::-1]
    tenth, ninetieth = _crossing(share, 0.1), _crossing(share, 0.9)
    if output[0] > output[-1]:
        tenth, ninetieth = len(output) - 1 - ninetieth, len(output) - 1 - tenth
    width = max((ninetieth - tenth) / 0.8, 1.0)
    center = voi.first_value + (tenth + ninetieth) / 2
    return Window(center, width, "LINEAR_EXACT", voi.explanation)


def modality_range(radiograph: Radiograph) -> tuple[float, float]:
    """Lowest and highest modality value that occurs in the image, padding left out."""
    occurring = np.zeros(_ENTRIES, np.bool_)
    if radiograph.padding is None:
        low, high = int(radiograph.pixels.min()), int(radiograph.pixels.max())
        occurring[np.arange(low, high + 1) % _ENTRIES] = True
    else:
        for row in _indices(radiograph.pixels):
            occurring[row] = True
        occurring[_padding(radiograph)] = False
    if not occurring.any():
        occurring[:] = True
    values = modality_values(radiograph)[occurring]
    return float(values.min()), float(values.max())


def modality_values(radiograph: Radiograph) -> NDArray[np.float64]:
    """(65536,) modality value of every stored value (PS3.3 C.11.1): LUT first, else rescale.

    The index is the stored value read as uint16, as in :func:`display_table`.
    """
    stored = np.arange(_ENTRIES, dtype=np.uint16)
    if radiograph.pixels.dtype == np.int16:
        values = stored.view(np.int16).astype(np.int64)
    else:
        values = stored.astype(np.int64)
    if radiograph.modality_lut is not None:
        return _look_up(radiograph.modality_lut, values).astype(np.float64)
    return np.asarray(values * radiograph.slope + radiograph.intercept, np.float64)


def _look_up(lut: Lut, values: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Inputs below or above the table take its first or last entry (PS3.3 C.11.2.1.1)."""
    return lut.table[np.clip(values - lut.first_value, 0, len(lut.table) - 1)]


def _apply(voi: Voi, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Modality values → [0, 1]."""
    if isinstance(voi, Lut):
        output = _look_up(voi, np.rint(x).astype(np.int64)).astype(np.float64)
        return np.minimum(output / ((1 << voi.bits) - 1), 1.0)
    center, width = voi.center, voi.width
    if voi.function == "SIGMOID":
        # PS3.3 C.11.2.1.3.1; beyond ±700 the exponential overflows and nothing changes any more.
        exponent = np.clip(-4.0 * (x - center) / width, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(exponent)), np.float64)
    if voi.function == "LINEAR" and width >= 1.0:
        # PS3.3 C.11.2.1.2.1, which allows no width below 1; such a file means LINEAR_EXACT.
        center, width = center - 0.5, width - 1.0
    if width == 0.0:
        return (x > center).astype(np.float64)
    # C.11.2.1.2.2; the clip covers both outer branches, which meet the line at its ends.
    return np.clip((x - center) / width + 0.5, 0.0, 1.0)


def _histogram(radiograph: Radiograph) -> NDArray[np.int64]:
    """(65536,) how often each stored value occurs, on a regular grid of about a million pixels."""
    pixels = radiograph.pixels
    step = max(1, int(np.sqrt(pixels.shape[0] * pixels.shape[1] / _SAMPLES)))
    sample = _indices(np.ascontiguousarray(pixels[::step, ::step]))
    counts = np.bincount(sample.ravel(), minlength=_ENTRIES)
    kept = counts.copy()
    kept[_padding(radiograph)] = 0
    return kept if kept.any() else counts


def _indices(pixels: NDArray[Any]) -> NDArray[Any]:
    """Stored values as places in a table: 16 bits read without their sign."""
    return pixels.view(np.uint16) if pixels.dtype.itemsize == 2 else pixels.view(np.uint8)


def _padding(radiograph: Radiograph) -> NDArray[np.intp]:
    """The places in a table that belong to padding."""
    low, high = radiograph.padding or (1, 0)
    return np.arange(low, high + 1) % _ENTRIES


def _crossing(share: NDArray[np.float64], level: float) -> float:
    """Index, with fraction, at which ``share`` first reaches ``level``."""
    right = int(np.argmax(share >= level))
    if right == 0:
        return 0.0
    below, above = float(share[right - 1]), float(share[right])
    return right - 1 + (level - below) / (above - below)
