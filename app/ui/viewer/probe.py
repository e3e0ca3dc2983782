"""The values of the pixel under the mouse, beside the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.imaging.probe import PixelReading, read_pixel
from app.ui import theme
from app.ui.viewer.hands import Hand
from app.ui.viewer.lettering import overlay_font

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

_AWAY = 18.0  # logical pixels between the mouse and the words: what is pointed at stays free
_PAD = 8.0


class ProbeHand(Hand):
    """Reads wherever the mouse is, pressed or not."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self) -> None:
        self._at: QPointF | None = None

    def hover(self, pane: ViewPane, at: QPointF | None, keys: Qt.KeyboardModifier) -> None:
        self._at = at
        pane.update()

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        reading = self._read(pane)
        if reading is None or self._at is None:
            return
        x, y, width, height = pane.view_geometry.screen_rect(
            reading.column, reading.row, reading.column + 1, reading.row + 1
        )
        if width >= 4:  # large enough to be framed
            painter.setPen(QPen(QColor(theme.ACCENT), 1))
            painter.drawRect(QRectF(x, y, width, height))
        draw_plate(painter, QRectF(pane.rect()), self._at, lines(reading))

    def _read(self, pane: ViewPane) -> PixelReading | None:
        if self._at is None:
            return None
        x, y = pane.image_point(self._at)
        return read_pixel(pane.radiograph, int(x // 1), int(y // 1), pane.windowing.table())


def lines(reading: PixelReading) -> list[tuple[str, str]]:
    """(name, value) of everything that is known of a pixel."""
    told = [("column, row", f"{reading.column}, {reading.row}")]
    if isinstance(reading.stored, tuple):
        told.append(("R G B", " ".join(str(value) for value in reading.stored)))
        if reading.shown != reading.stored and isinstance(reading.shown, tuple):
            told.append(("shown", " ".join(str(value) for value in reading.shown)))
    else:
        told.append(("stored", _signed(reading.stored)))
        if reading.modality is not None:
            told.append(("modality", _signed(reading.modality)))
        told.append(("shown", f"{reading.shown} of 255"))
    if reading.padding:
        told.append(("padding", "no image here"))
    if reading.place_mm is not None:
        across, down = reading.place_mm
        told.append((f"mm, {reading.calibration}", f"{across:.1f}, {down:.1f}"))
    return told


def draw_plate(painter: QPainter, area: QRectF, at: QPointF, told: list[tuple[str, str]]) -> None:
    """Two columns of words on a dark plate near ``at``, inside ``area``."""
    painter.setFont(overlay_font(painter.font()))
    metrics = QFontMetricsF(painter.font())
    names = max(metrics.horizontalAdvance(name) for name, _ in told)
    values = max(metrics.horizontalAdvance(value) for _, value in told)
    width, height = names + 14 + values + 2 * _PAD, len(told) * metrics.height() + 2 * _PAD
    left, top = at.x() + _AWAY, at.y() + _AWAY
    if left + width > area.right():
        left = at.x() - _AWAY - width
    if top + height > area.bottom():
        top = at.y() - _AWAY - height
    plate = QRectF(max(left, area.left()), max(top, area.top()), width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.LINE), 1))
    ground = QColor(theme.PANEL)
    ground.setAlpha(230)
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, 5, 5)
    y = plate.top() + _PAD + metrics.ascent()
    for name, value in told:
        painter.setPen(QColor(theme.SECOND))
        painter.drawText(QPointF(plate.left() + _PAD, y), name)
        painter.setPen(QColor(theme.TEXT))
        right = plate.right() - _PAD - metrics.horizontalAdvance(value)
        painter.drawText(QPointF(right, y), value)
        y += metrics.height()


def _signed(value: float) -> str:
    """Whole numbers whole, others with two decimals, with a minus that can be seen."""
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
    return text.replace("-", "−")
