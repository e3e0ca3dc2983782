"""Windows that a reader asks for by name: of the lungs, of mediastinum and bone, of a region.

A radiograph has no fixed scale as CT has, so there are no fixed numbers: they are taken from the
image itself, in modality units, whatever its polarity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.imaging import lut
from app.imaging.radiograph import Radiograph, Voi, Window

LUNG, DENSE, REGION = "Lung", "Mediastinum and bone", "Region"

_EDGE = 0.12  # of each side: collimation, clothes and markers lie there
_SAMPLES = 1 << 18
_BINS = 256
_ENDS = (0.01, 0.995)
_REGION_ENDS = (0.005, 0.995)


def presets(radiograph: Radiograph) -> tuple[Voi, ...]:
    """Every named way to show this image: the file's own, then Auto, lung, mediastinum and bone.

    Empty for a colour image.
    """
    if radiograph.colour:
        return ()
    return (*lut.choices(radiograph), lung(radiograph), dense(radiograph))


def lung(radiograph: Radiograph) -> Window:
    """The darker half of the chest gets the grays: from black lung to the middle of what is
    denser.
    """
    dark, bright = _halves(radiograph)
    return _between(radiograph, _at(dark, _ENDS[0]), _at(bright, 0.65), LUNG)


def dense(radiograph: Radiograph) -> Window:
    """The brighter half gets the grays: vessels behind the heart, spine, ribs, below the
    diaphragm.
    """
    dark, bright = _halves(radiograph)
    return _between(radiograph, _at(dark, 0.35), _at(bright, _ENDS[1]), DENSE)


def window_of_region(
    radiograph: Radiograph, left: int, top: int, right: int, bottom: int
) -> Window | None:
    """The window that spreads the pixels of a rectangle over all grays; right and bottom are not
    part of it.

    None when nothing lies in it but padding, or for a colour image.
    """
    if radiograph.colour:
        return None
    part = radiograph.pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    values = _modality(radiograph, part)
    if values.size == 0:
        return None
    low, high = (float(value) for value in np.quantile(values, _REGION_ENDS))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    return Window((low + high) / 2, high - low or _finest(radiograph), "LINEAR_EXACT", REGION)


def _halves(radiograph: Radiograph) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The inner pixels that are shown dark and those shown bright, as brightness, sorted.

    Brightness is the modality value, or its negative where larger values are darker. They are
    divided where the two differ most (Otsu 1979).
    """
    height, width = radiograph.pixels.shape[:2]
    rows, columns = round(_EDGE * height), round(_EDGE * width)
    inner = radiograph.pixels[rows : height - rows or None, columns : width - columns or None]
    step = max(1, int(np.sqrt(inner.size / _SAMPLES)))
    values = _modality(radiograph, inner[::step, ::step])
    if values.size == 0:
        values = np.zeros(1)
    brightness = np.sort(-values if radiograph.inverted else values)
    split = int(np.searchsorted(brightness, _otsu(brightness), side="right"))
    split = min(max(split, 1), len(brightness) - 1)
    if len(brightness) < 2:
        return brightness, brightness
    return brightness[:split], brightness[split:]


def _otsu(ordered: NDArray[np.float64]) -> float:
    low, high = _at(ordered, _ENDS[0]), _at(ordered, _ENDS[1])
    if high <= low:
        return low
    counts, edges = np.histogram(ordered, bins=_BINS, range=(low, high))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(np.float64)
    above = below[-1] + counts[-1] - below
    sums = np.cumsum(counts * middles)
    between = below * above
    means = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    return float(edges[1 + int(np.argmax(between * means**2))])


def _modality(radiograph: Radiograph, part: NDArray[np.generic]) -> NDArray[np.float64]:
    """The modality values of a part of the stored pixels, padding left out, flat."""
    stored = np.ascontiguousarray(part).ravel()
    index = stored.view(np.uint16) if stored.dtype.itemsize == 2 else stored.astype(np.uint16)
    if radiograph.padding is not None:
        low, high = radiograph.padding
        index = index[(stored < low) | (stored > high)]
    return lut.modality_values(radiograph)[index]


def _between(radiograph: Radiograph, dark: float, bright: float, name: str) -> Window:
    low, high = sorted((-dark, -bright) if radiograph.inverted else (dark, bright))
    return Window((low + high) / 2, high - low or _finest(radiograph), "LINEAR_EXACT", name)


def _at(ordered: NDArray[np.float64], share: float) -> float:
    return float(ordered[round(share * (len(ordered) - 1))])


def _finest(radiograph: Radiograph) -> float:
    """One step of the modality values: the width of a window over a single value."""
    return abs(radiograph.slope) or 1.0
