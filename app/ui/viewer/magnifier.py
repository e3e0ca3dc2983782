"""A lens under the mouse: the same gray values and the same turn, two to four times larger.

It shows the image alone, without attention and without measurements, so that one can look under
them. Only the lens is rendered, at the finest level that its size can show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from app.ui import theme
from app.ui.viewer.geometry import Geometry
from app.ui.viewer.hands import Hand
from app.ui.viewer.lettering import draw_text, overlay_font
from app.ui.viewer.rendering import Renderer

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

LEAST, MOST = 2, 4
_SHARE = 0.3  # of the pane's shorter side: larger would hide what lies around
_SMALLEST, _LARGEST = 150.0, 340.0  # logical pixels across
_RING = 1.5


@dataclass
class Power:
    """How many times larger; one for all panes, so that the wheel sets it for the study."""

    times: int = LEAST


class MagnifierHand(Hand):
    """The lens follows the mouse, pressed or not; the wheel changes its power."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, power: Power) -> None:
        self._power = power
        self._at: QPointF | None = None
        self._renderer: Renderer | None = None

    def hover(self, pane: ViewPane, at: QPointF | None, keys: Qt.KeyboardModifier) -> None:
        self._repaint(pane)
        inside = at is not None and pane.view_geometry.contains(at.x(), at.y())
        self._at = at if inside else None
        self._repaint(pane)

    def wheel(self, pane: ViewPane, at: QPointF, notches: float) -> bool:
        step = 1 if notches > 0 else -1
        self._power.times = min(max(self._power.times + step, LEAST), MOST)
        self.hover(pane, at, Qt.KeyboardModifier.NoModifier)
        return True

    def put_away(self, pane: ViewPane) -> None:
        self._repaint(pane)
        self._at = None

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        if self._at is None:
            return
        lens = lens_rect(pane, self._at)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addEllipse(lens)
        painter.save()
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        painter.fillRect(lens, QColor(theme.BLACK))
        painter.translate(lens.topLeft())
        seen = magnified(pane.view_geometry, self._at, self._power.times, lens.width())
        self._paint_image(pane, painter, seen)
        painter.restore()
        painter.setPen(QPen(QColor(theme.BLACK), 2 * _RING + 2))
        painter.drawEllipse(lens)
        painter.setPen(QPen(QColor(theme.ACCENT), _RING))
        painter.drawEllipse(lens)
        self._paint_power(painter, lens)

    def _paint_image(self, pane: ViewPane, painter: QPainter, geometry: Geometry) -> None:
        if self._renderer is None:
            self._renderer = pane.renderer.another()
        scale = geometry.zoom * pane.devicePixelRatioF()
        level = self._renderer.level_for(scale, interacting=False)
        table = pane.windowing.table()
        part = self._renderer.render(geometry.visible(), geometry.turn, level, table)
        if part is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        edge = QRectF(*geometry.image_rect)
        painter.setClipRect(edge, Qt.ClipOperation.IntersectClip)
        place = geometry.screen_rect(part.left, part.top, part.right, part.bottom)
        painter.drawImage(QRectF(*place), part.image)

    def _paint_power(self, painter: QPainter, lens: QRectF) -> None:
        painter.setFont(overlay_font(painter.font(), bold=True))
        text = f"{self._power.times}×"
        metrics = QFontMetricsF(painter.font())
        x = lens.center().x() - metrics.horizontalAdvance(text) / 2
        draw_text(painter, QPointF(x, lens.bottom() - 8), text, theme.ACCENT)

    def _repaint(self, pane: ViewPane) -> None:
        """Only where the lens is: the rest of the pane stays as it was painted."""
        if self._at is not None:
            pane.update(lens_rect(pane, self._at).adjusted(-4, -4, 4, 4).toAlignedRect())


def lens_rect(pane: ViewPane, at: QPointF) -> QRectF:
    """The square around the lens, in logical pixels of the pane, its middle under the mouse."""
    size = min(max(_SHARE * min(pane.width(), pane.height()), _SMALLEST), _LARGEST)
    return QRectF(at.x() - size / 2, at.y() - size / 2, size, size)


def magnified(geometry: Geometry, at: QPointF, times: float, size: float) -> Geometry:
    """``geometry`` through a lens ``size`` across: the image point under ``at`` in its middle."""
    center = geometry.to_image(at.x(), at.y())
    return replace(
        geometry,
        viewport=(size, size),
        zoom=geometry.zoom * times,
        center=center,
        fitted=False,
    )
