"""Stored pixels → a QImage of what the pane shows, and no more than that.

A 15-megapixel image is windowed fluidly because three things are never done: converting the stored
integers, touching a pixel outside the pane, and touching more pixels than the screen can show. One
65,536-entry table is applied to the visible part of an area-averaged level of the image. While the
reader drags, that is the level nearest to the screen's resolution; when idle, the next finer one,
so that nothing the screen could show is left out (at 1:1 and above that is the full resolution).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.ui.viewer.geometry import Turn

_SNAP = 64  # level pixels; small pans reuse what is rendered
_CHUNK = 32  # rows at a time: numpy's index copy stays inside the processor's cache


@dataclass(frozen=True, eq=False)
class Rendered:
    """A part of the image, turned as the screen shows it.

    ``image`` is RGB32 because Qt scales that several times faster than Grayscale8; ``left`` …
    ``bottom`` is what it covers, in image pixels (may end beyond an odd-sized image's edge by part
    of a level pixel).
    """

    image: QImage
    buffer: NDArray[Any]  # QImage does not own its pixels
    level: int
    left: float
    top: float
    right: float
    bottom: float


class Renderer:
    """Renders parts of one radiograph; keeps the last part."""

    def __init__(self, radiograph: Radiograph, pyramid: Pyramid | None = None) -> None:
        self._radiograph = radiograph
        self._pyramid = pyramid or Pyramid.of(radiograph)
        self._table: NDArray[np.uint8] | None = None
        self._table32: NDArray[np.uint32] = np.zeros(65536, dtype=np.uint32)
        self._key: tuple[object, ...] = ()
        self._last: Rendered | None = None

    def another(self) -> Renderer:
        """A second renderer of the same image, which keeps a part of its own."""
        return Renderer(self._radiograph, self._pyramid)

    def level_for(self, scale: float, interacting: bool) -> int:
        """The pyramid level for ``scale`` device pixels per image pixel."""
        steps = -math.log2(max(scale, 1e-6))
        level = round(steps) if interacting else math.floor(steps + 1e-6)
        return min(max(level, 0), self._pyramid.levels - 1)

    def render(
        self,
        visible: tuple[int, int, int, int],
        turn: Turn,
        level: int,
        table: NDArray[np.uint8],
    ) -> Rendered | None:
        """Render ``visible`` at ``level`` through ``table``.

        ``visible`` is left, top, right, bottom in image pixels, ``table`` (65536,) uint8. Returns
        None when nothing is visible.
        """
        pixels = self._pyramid.level(level)
        step = 1 << level
        left, top, right, bottom = visible
        if right <= left or bottom <= top:
            return None
        x0 = max((left // step - 1) // _SNAP * _SNAP, 0)
        y0 = max((top // step - 1) // _SNAP * _SNAP, 0)
        x1 = min(-(-(right // step + 2) // _SNAP) * _SNAP, pixels.shape[1])
        y1 = min(-(-(bottom // step + 2) // _SNAP) * _SNAP, pixels.shape[0])
        if table is not self._table:
            self._table = table
            self._table32 = table.astype(np.uint32) * np.uint32(0x010101) + np.uint32(0xFF000000)
            self._key = ()
        key = (level, x0, y0, x1, y1, turn)
        if self._last is None or key != self._key:
            part = oriented(pixels[y0:y1, x0:x1], turn)
            image, buffer = self._colour(part) if pixels.ndim == 3 else self._gray(part)
            # The last level pixel of an odd-sized image covers only what is left of the image.
            self._last = Rendered(
                image, buffer, level, x0 * step, y0 * step, float(x1 * step), float(y1 * step)
            )
            self._key = key
        return self._last

    def _gray(self, part: NDArray[Any]) -> tuple[QImage, NDArray[Any]]:
        index: NDArray[Any] = part if part.dtype.itemsize == 1 else part.view(np.uint16)
        height, width = part.shape
        buffer = np.empty((height, width), dtype=np.uint32)
        for row in range(0, height, _CHUNK):
            rows = slice(row, row + _CHUNK)
            np.take(self._table32, index[rows], out=buffer[rows], mode="wrap")
        image = QImage(buffer.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        return image, buffer

    def _colour(self, part: NDArray[Any]) -> tuple[QImage, NDArray[Any]]:
        assert self._table is not None
        buffer = self._table[part]
        height, width = buffer.shape[:2]
        image = QImage(buffer.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        return image.convertToFormat(QImage.Format.Format_RGB32), buffer


def oriented(pixels: NDArray[Any], turn: Turn) -> NDArray[Any]:
    """``pixels`` (H, W, …) turned and mirrored as on the screen, contiguous.

    Done here because Qt draws an upright image many times faster than a turned one.
    """
    a, b, c, d = turn
    if a == 0:
        pixels = pixels.swapaxes(0, 1)
        across, down = b, c
    else:
        across, down = a, d
    return np.ascontiguousarray(pixels[::down, ::across])
