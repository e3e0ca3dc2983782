"""A word's map as a layer over one image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.inference.attention import cell_of, cell_rect
from app.inference.heatmap import COLOUR_MAPS, attention_image
from app.ui.viewer.geometry import UPRIGHT, Turn
from app.ui.viewer.overlay import LEAD
from app.ui.viewer.rendering import oriented

_LONG_SIDE = 384  # a map of few cells has no detail beyond this; Qt scales it to the image


class AttentionLayer:
    """A map, how it is coloured, and whether it is shown. Off until someone asks for it."""

    def __init__(self, width: int, height: int) -> None:
        shrink = _LONG_SIDE / max(width, height)
        self._size = (max(round(height * shrink), 8), max(round(width * shrink), 8))
        self.map: NDArray[np.float32] | None = None
        self.subject = ""
        self.lead = ""
        self.enabled = False
        self.opacity = 0.6
        self.colour_map = COLOUR_MAPS[0]
        self._key: tuple[object, ...] = ()
        self._image: QImage | None = None

    @property
    def shown(self) -> bool:
        """Whether there is a map and it is switched on."""
        return self.enabled and self.map is not None

    def set_map(
        self, attention: NDArray[np.floating] | None, subject: str, lead: str = LEAD
    ) -> None:
        """Use the map (rows, columns), or none; ``subject`` is the word or sentence it belongs to,
        ``lead`` what kind of map it is.
        """
        self.map = None if attention is None else np.array(attention, dtype=np.float32)
        self.subject, self.lead = subject, lead
        self._image = None

    def image(self, turn: Turn = UPRIGHT) -> QImage | None:
        """The layer turned as on the screen, to be stretched over the whole image."""
        if self.map is None:
            return None
        key = (self.opacity, self.colour_map, turn)
        if self._image is None or key != self._key:
            picture = attention_image(self.map, *self._size, self.colour_map, self.opacity)
            pixels = oriented(picture, turn)
            height, width = pixels.shape[:2]
            image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
            # The conversion copies, so that the array may go.
            self._image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._key = key
        return self._image

    def cell_at(self, x: float, y: float) -> tuple[float, float, float, float] | None:
        """The cell (top, left, bottom, right) around a point, all in [0, 1]; None without a map."""
        if self.map is None:
            return None
        rows, columns = self.map.shape
        cell = cell_of(x, y, 1, 1, (rows, columns))
        return None if cell is None else cell_rect(*cell, 1, 1, (rows, columns))
