"""A rectangle on the image whose gray values get the whole range: window by a region."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.imaging.presets import window_of_region
from app.ui import theme
from app.ui.viewer.hands import Hand

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

Box = tuple[int, int, int, int]
"""left, top, right, bottom in image pixels, the last two not included."""

_LEAST = 4  # image pixels on a side: fewer are no region but a slip of the hand


class RegionHand(Hand):
    """Dragging draws the rectangle; when the button comes up the window fits what is in it."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self) -> None:
        self._from: QPointF | None = None
        self._to = QPointF()

    def press(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._from = self._to = at

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._to = at
        pane.update()

    def release(self, pane: ViewPane, at: QPointF, dragged: bool) -> None:
        begun, self._from = self._from, None
        pane.update()
        if begun is None or not dragged:
            return
        left, top, right, bottom = box_between(pane, begun, at)
        if right - left >= _LEAST and bottom - top >= _LEAST:
            window_by(pane, (left, top, right, bottom))

    def put_away(self, pane: ViewPane) -> None:
        self._from = None

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        if self._from is None or self._from == self._to:
            return
        shown = QRectF(self._from, self._to).normalized()
        shown = shown.intersected(QRectF(*pane.view_geometry.image_rect))
        for color, width in ((QColor(0, 0, 0, 150), 3.0), (QColor(theme.ACCENT), 1.5)):
            painter.setPen(QPen(color, width))
            painter.drawRect(shown)


def box_between(pane: ViewPane, one: QPointF, other: QPointF) -> Box:
    """The pixels between two points of the pane, inside the image; may be empty."""
    (x0, y0), (x1, y1) = pane.image_point(one), pane.image_point(other)
    width, height = pane.radiograph.width, pane.radiograph.height
    return (
        max(math.floor(min(x0, x1)), 0),
        max(math.floor(min(y0, y1)), 0),
        min(math.ceil(max(x0, x1)), width),
        min(math.ceil(max(y0, y1)), height),
    )


def window_by(pane: ViewPane, box: Box) -> None:
    """Let the window fit the pixels of ``box``; a colour image has none."""
    if pane.windowing.voi is not None:
        window = window_of_region(pane.radiograph, *box)
        if window is not None:
            pane.set_voi(window)
