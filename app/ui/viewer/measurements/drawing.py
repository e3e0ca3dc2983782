"""How a measurement looks: light lines with a dark halo, readable on bone and on air."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.ui import theme
from app.ui.viewer.lettering import draw_block, overlay_font
from app.ui.viewer.measurements.shapes import Shape, words_place

_HALO = QColor(0, 0, 0, 170)
_WIDTH, _HALO_WIDTH = 1.6, 4.0
_HANDLE = 4.0
_EDGE = 6.0
_LEADING = 1.3
_MARK = "▲"


def draw(
    painter: QPainter,
    shape: Shape,
    words: Sequence[str],
    pane: QRectF,
    *,
    selected: bool,
    above: bool = False,
) -> None:
    """Draw one measurement with its words, in logical pixels of ``pane``.

    ``above`` puts a mark before the first line, and a colour: above its limit, also for whoever
    doesn't tell colours apart.
    """
    color = QColor(theme.ACCENT if selected else theme.TEXT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(_HALO, _HALO_WIDTH), QPen(color, _WIDTH)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLines(list(shape.lines))
        if shape.box is not None:
            (painter.drawEllipse if shape.ellipse else painter.drawRect)(shape.box)
    for pen in (QPen(_HALO, 3.0), QPen(color, 1.0, Qt.PenStyle.DashLine)):
        painter.setPen(pen)
        painter.drawLines(list(shape.quiet))
    if selected:
        _handles(painter, shape.handles, color)
    if words:
        _words(painter, shape, words, pane, above)


def _handles(painter: QPainter, handles: Sequence[QPointF], color: QColor) -> None:
    painter.setPen(QPen(color, _WIDTH))
    painter.setBrush(QColor(theme.BLACK))
    for handle in handles:
        painter.drawEllipse(handle, _HANDLE, _HANDLE)


def _words(
    painter: QPainter, shape: Shape, words: Sequence[str], pane: QRectF, above: bool
) -> None:
    first, *rest = words
    first = f"{_MARK} {first}" if above else first
    painter.setFont(overlay_font(painter.font()))
    metrics = QFontMetricsF(painter.font())
    step = metrics.height() * _LEADING / 1.2
    size = QSizeF(
        max(metrics.horizontalAdvance(line) for line in (first, *rest)), step * len(words)
    )
    inside = pane.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
    place = words_place(shape.beside or shape.bounds, size, inside)
    color = theme.ATTENTION if above else theme.TEXT
    draw_block(painter, place.topLeft(), [first], color, step)
    draw_block(painter, place.topLeft() + QPointF(0, step), rest, theme.TEXT, step)
