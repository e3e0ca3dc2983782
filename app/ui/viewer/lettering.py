"""Text on top of an image: light letters with a thin dark halo on a shade, readable on bone and on
air.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from app.ui import theme
from app.ui.viewer.markers import Edge
from app.ui.viewer.overlay import KEY_IMAGE, Corners

Piece = tuple[str, str]
"""A run of text and its colour."""

_TEXT_PX = 14
_MARKER_PX = 20
_LEADING = 1.38
_GAP = 16.0
_LEAST_BESIDE = 150.0  # a date and a time
_HALO = tuple((dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
_HALO_COLOR = QColor(0, 0, 0, 150)
_PLATE_COLOR = QColor(0, 0, 0, 90)
_ELIDE = Qt.TextElideMode.ElideRight


def overlay_font(base: QFont, pixels: int = _TEXT_PX, bold: bool = False) -> QFont:
    """``base`` at overlay size, with figures of equal width."""
    font = theme.tabular(base)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def draw_corners(painter: QPainter, area: QRectF, corners: Corners) -> None:
    """Write every corner's lines inside ``area`` (logical pixels), as many as fit."""
    painter.setFont(overlay_font(painter.font()))
    left = [[(line, theme.TEXT)] for line in corners.top_left]
    right = [[(line, theme.TEXT)] for line in corners.top_right]
    if corners.key_image:
        right.append([("★ ", theme.ACCENT), (KEY_IMAGE, theme.TEXT)])
    below = [[(line, theme.TEXT)] for line in corners.bottom_left]
    if corners.odd:
        below.append([(corners.odd, theme.SECOND)])
    model: list[list[Piece]] = []
    if corners.attention:
        lead, quoted, rest = corners.attention
        model = [[(lead.strip(), theme.TEXT)], [(quoted, theme.ATTENTION), (rest, theme.TEXT)]]
        if not quoted:
            model = [[(lead + rest, theme.TEXT)]]
    metrics = QFontMetricsF(painter.font())
    if corners.prior:
        area = area.adjusted(0, _tag(painter, area, corners.prior), 0, 0)
    _column(painter, area, left, at_right=False, at_bottom=False)
    _column(painter, area, model, at_right=True, at_bottom=True)
    # Where two columns don't fit side by side (several panes on a small screen), the right one is
    # cut short; without room even for a date one of them moves out of the way.
    beside = area.adjusted(_widest(metrics, left) + _GAP, 0, 0, 0)
    dated = beside if left and beside.width() >= _LEAST_BESIDE else area
    step = _TEXT_PX * _LEADING
    down = 0.0 if dated is beside or _fits(metrics, area, left, right) else step * len(left)
    up = 0.0 if _fits(metrics, area, below, model) else step * len(model)
    _column(painter, dated.adjusted(0, down, 0, 0), right, at_right=True, at_bottom=False)
    _column(painter, area.adjusted(0, 0, 0, -up), below, at_right=False, at_bottom=True)


def draw_markers(painter: QPainter, area: QRectF, markers: dict[Edge, str]) -> None:
    """Write side markers at the middle of the edges of ``area``."""
    font = overlay_font(painter.font(), _MARKER_PX, bold=True)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    middle = area.center().y() + metrics.capHeight() / 2
    for edge, letter in markers.items():
        width = metrics.horizontalAdvance(letter)
        places = {
            "left": QPointF(area.left(), middle),
            "right": QPointF(area.right() - width, middle),
            "top": QPointF(area.center().x() - width / 2, area.top() + metrics.capHeight()),
            "bottom": QPointF(area.center().x() - width / 2, area.bottom()),
        }
        draw_text(painter, places[edge], letter, theme.TEXT)


def draw_text(painter: QPainter, at: QPointF, text: str, color: str) -> None:
    """Write ``text`` with its baseline starting at ``at``."""
    painter.setPen(_HALO_COLOR)
    for dx, dy in _HALO:
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(QColor(color))
    painter.drawText(at, text)


def draw_block(
    painter: QPainter, at: QPointF, lines: Sequence[str], color: str, step: float
) -> None:
    """Write ``lines`` below each other from the top left corner ``at``, ``step`` apart."""
    metrics = QFontMetricsF(painter.font())
    y = at.y() + metrics.ascent()
    for line in lines:
        wide = metrics.horizontalAdvance(line)
        _plate(painter, QRectF(at.x(), y - metrics.ascent(), wide, metrics.height()))
        draw_text(painter, QPointF(at.x(), y), line, color)
        y += step


def _column(
    painter: QPainter,
    area: QRectF,
    lines: Sequence[Sequence[Piece]],
    *,
    at_right: bool,
    at_bottom: bool,
) -> None:
    metrics = QFontMetricsF(painter.font())
    step = _TEXT_PX * _LEADING
    y = area.bottom() - metrics.descent() - step * (len(lines) - 1)
    if not at_bottom:
        y = area.top() + metrics.ascent()
    for line in lines:
        spare = area.width() - _width(metrics, line[1:])
        cut = [(metrics.elidedText(line[0][0], _ELIDE, spare), line[0][1]), *line[1:]]
        x = area.left()
        if at_right:
            x = area.right() - _width(metrics, cut)
        _plate(painter, QRectF(x, y - metrics.ascent(), _width(metrics, cut), metrics.height()))
        for text, color in cut:
            draw_text(painter, QPointF(x, y), text, color)
            x += metrics.horizontalAdvance(text)
        y += step


def _tag(painter: QPainter, area: QRectF, text: str) -> float:
    """A line in dark letters on a light plate, as nothing else is written; returns its height."""
    regular = painter.font()
    painter.save()
    painter.setFont(overlay_font(regular, bold=True))
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, _ELIDE, area.width() - 16)
    plate = QRectF(area.left() - 4, area.top(), metrics.horizontalAdvance(shown) + 16, 24)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.SECOND))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(QColor(theme.BLACK))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()
    return plate.height() + 6


def _plate(painter: QPainter, line: QRectF) -> None:
    """A shade behind a line of text: seen on white, where a halo alone does not do."""
    if line.width() > 0:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE_COLOR)
        painter.drawRoundedRect(line.adjusted(-4, 0, 4, 0), 3, 3)
        painter.restore()


def _width(metrics: QFontMetricsF, line: Sequence[Piece]) -> float:
    return sum(metrics.horizontalAdvance(text) for text, _ in line)


def _fits(
    metrics: QFontMetricsF,
    area: QRectF,
    one: Sequence[Sequence[Piece]],
    other: Sequence[Sequence[Piece]],
) -> bool:
    """Whether two columns of text stand side by side in ``area`` with a gap between them."""
    return _widest(metrics, one) + _widest(metrics, other) + _GAP <= area.width()


def _widest(metrics: QFontMetricsF, lines: Sequence[Sequence[Piece]]) -> float:
    return max((_width(metrics, line) for line in lines), default=0.0)
