"""The rows of the similar cases: a model over what was found, and how one row is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme, wording
from app.ui.similar_cases import Similar
from app.ui.worklist_model import WorklistModel

SIMILAR = int(Qt.ItemDataRole.UserRole)
_THUMBNAIL = 52
_LINES = 2
HEIGHT = 68

Index = QModelIndex | QPersistentModelIndex


class SimilarModel(QAbstractListModel):
    """What was found, the most similar first; thumbnails are the worklist's own."""

    def __init__(self, studies: WorklistModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studies = studies
        self._found: tuple[Similar, ...] = ()
        studies.dataChanged.connect(self._changed)

    def set_found(self, found: Sequence[Similar]) -> None:
        self.beginResetModel()
        self._found = tuple(found)
        self.endResetModel()

    def found(self) -> tuple[Similar, ...]:
        return self._found

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one = self._found[index.row()]
        if role == SIMILAR:
            return one
        if role == Qt.ItemDataRole.DisplayRole:
            return one.impression
        if role == Qt.ItemDataRole.DecorationRole:
            row = self._studies.row(one.record.study_id)
            return None if row is None else self._studies.index(row).data(role)
        if role == Qt.ItemDataRole.ToolTipRole:
            return one.impression
        if role == Qt.ItemDataRole.AccessibleTextRole:
            place = f"Place {index.row() + 1}, {wording.details(one.record)}"
            return f"{place}: {one.impression}. {told_words(one)}".strip()
        return None

    def _changed(self) -> None:
        if self._found:
            self.dataChanged.emit(self.index(0), self.index(len(self._found) - 1))


def told_words(one: Similar) -> str:
    """Which of the words the report says, in words; empty when there are none."""
    return f"report says: {', '.join(one.said)}" if one.said else ""


class SimilarRow(QStyledItemDelegate):
    """Rank, thumbnail, who and when without a name, and the first lines of the impression."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(_THUMBNAIL + 12, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one: Similar = index.data(SIMILAR)
        area: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._ground(painter, area, option.state)
        font = QFont(painter.font())
        font.setPixelSize(theme.SMALL_PX)
        painter.setFont(theme.tabular(font))
        painter.setPen(QColor(theme.SECOND))
        rank = QRectF(area.left() + 4, area.top() + 9, 18, 16)
        painter.drawText(rank, Qt.AlignmentFlag.AlignRight, str(index.row() + 1))
        place = QRectF(area.left() + 30, area.top() + 8, _THUMBNAIL, _THUMBNAIL)
        self._picture(painter, place, index)
        left, right = int(place.right()) + 12, area.right() - 8
        metrics = QFontMetrics(font)
        said = told_words(one)
        details = wording.details(one.record)
        painter.setFont(font)
        painter.setPen(QColor(theme.SECOND))
        first = f"{details}   {said}" if said else details
        first = metrics.elidedText(first, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QPointF(left, area.top() + 18), first)
        self._impression(painter, QRectF(left, area.top() + 24, right - left, HEIGHT - 28), one)
        painter.restore()

    def _ground(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            edge = QPen(QColor(theme.ACCENT), 1) if focused else Qt.PenStyle.NoPen
            painter.setPen(edge)
            painter.setBrush(QColor(theme.HOVER if selected else theme.RAISED))
            painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def _picture(self, painter: QPainter, place: QRectF, index: Index) -> None:
        outline = QPainterPath()
        outline.addRoundedRect(place, 3, 3)
        painter.fillPath(outline, QColor(theme.BLACK))
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if image is not None:
            painter.save()
            painter.setClipPath(outline)
            painter.drawImage(place, image)
            painter.restore()

    def _impression(self, painter: QPainter, place: QRectF, one: Similar) -> None:
        font = QFont(painter.font())
        font.setPixelSize(theme.BODY_PX)
        metrics = QFontMetrics(font)
        layout = QTextLayout(one.impression, font)
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.beginLayout()
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        for number in range(_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(place.width())
            start, length = line.textStart(), line.textLength()
            text = one.impression[start : start + length]
            if number == _LINES - 1:
                text = metrics.elidedText(
                    one.impression[start:], Qt.TextElideMode.ElideRight, int(place.width())
                )
            baseline = place.top() + number * (metrics.height() + 2) + metrics.ascent()
            painter.drawText(QPointF(place.left(), baseline), text)
        layout.endLayout()
