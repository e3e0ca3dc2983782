"""How a row of the palette looks: icon, name with the typed letters bright, menu, keys."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.palette.entries import Entry
from app.ui.panels.keycap import QUIET

ENTRY = int(Qt.ItemDataRole.UserRole)
HEIGHT = 30
HEADING_HEIGHT = 26
_ICON = 16


class PaletteRow(QStyledItemDelegate):
    """Paints one :class:`Entry`."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        entry: Entry = index.data(ENTRY)
        return QSize(100, HEADING_HEIGHT if entry.heading else HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry: Entry = index.data(ENTRY)
        rect = QRectF(option.rect)
        font = QFont(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry.heading:
            _heading(painter, rect, font, entry.name)
        else:
            state = option.state
            _row(painter, rect, font, entry, bool(state & QStyle.StateFlag.State_Selected))
        painter.restore()


def _heading(painter: QPainter, rect: QRectF, font: QFont, text: str) -> None:
    font.setPixelSize(theme.SMALL_PX)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QUIET)
    place = rect.adjusted(14, 6, -14, 0)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text.upper())


def _row(painter: QPainter, rect: QRectF, font: QFont, entry: Entry, chosen: bool) -> None:
    if chosen:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.ACCENT_DARK))
        painter.drawRoundedRect(rect.adjusted(6, 1, -6, -1), 5, 5)
    if entry.icon is not None:
        mode = QIcon.Mode.Normal if entry.available else QIcon.Mode.Disabled
        place = QRectF(rect.left() + 14, rect.center().y() - _ICON / 2 + 0.5, _ICON, _ICON)
        entry.icon.paint(painter, place.toRect(), Qt.AlignmentFlag.AlignCenter, mode)
    right = _keys(painter, rect, font, entry)
    left = rect.left() + 14 + _ICON + 10
    name_end = _name(painter, QRectF(left, rect.top(), right - left, rect.height()), font, entry)
    beside = entry.menu if entry.available else entry.about
    if entry.checked:
        beside = f"{beside} · on"
    _beside(painter, QRectF(name_end, rect.top(), right - name_end, rect.height()), font, beside)


def _keys(painter: QPainter, rect: QRectF, font: QFont, entry: Entry) -> float:
    """The caps at the right; returns where they begin."""
    small = QFont(font)
    small.setPixelSize(theme.SMALL_PX)
    metrics = QFontMetricsF(small)
    painter.setFont(small)
    x = rect.right() - 14
    for text in reversed(entry.keys):
        width = max(metrics.horizontalAdvance(text) + 10, 18)
        cap = QRectF(round(x - width) + 0.5, round(rect.center().y() - 8) + 0.5, round(width), 17)
        painter.setPen(QPen(QColor(theme.LINE), 1))
        painter.setBrush(QColor(theme.PANEL))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setPen(QColor(theme.SECOND if entry.available else theme.THIRD))
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), text)
        x = cap.left() - 5
    return x - 8


def _name(painter: QPainter, rect: QRectF, font: QFont, entry: Entry) -> float:
    """The name, typed letters bright and bold; returns where it ends."""
    bold = QFont(font)
    bold.setWeight(QFont.Weight.Bold)
    x = rect.left()
    baseline = (
        rect.center().y() + (QFontMetricsF(font).ascent() - QFontMetricsF(font).descent()) / 2
    )
    bright = set(entry.letters)
    plain = QColor(theme.TEXT if entry.available else theme.THIRD)
    for text, typed in _runs(entry.name, bright):
        painter.setFont(bold if typed else font)
        painter.setPen(QColor(theme.ACCENT) if typed and entry.available else plain)
        metrics = QFontMetricsF(painter.font())
        room = rect.right() - x
        if metrics.horizontalAdvance(text) > room:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(x, baseline), text)
        x += metrics.horizontalAdvance(text)
        if text.endswith("…"):
            break
    return x + 12


def _runs(name: str, bright: set[int]) -> list[tuple[str, bool]]:
    """``name`` in pieces: (letters, whether they were typed)."""
    runs: list[tuple[str, bool]] = []
    for place, letter in enumerate(name):
        typed = place in bright
        if runs and runs[-1][1] == typed:
            runs[-1] = (runs[-1][0] + letter, typed)
        else:
            runs.append((letter, typed))
    return runs


def _beside(painter: QPainter, rect: QRectF, font: QFont, text: str) -> None:
    if rect.width() < 40 or not text:
        return
    small = QFont(font)
    small.setPixelSize(12)
    painter.setFont(small)
    painter.setPen(QUIET)
    shown = QFontMetricsF(small).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    place = rect.adjusted(0, 0.5, 0, 0.5)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)
