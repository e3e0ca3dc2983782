"""How one study looks in the worklist: thumbnail, name, details, status as a shape and a word."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.reporting.report import Status
from app.ui import theme
from app.ui.worklist_model import DETAILS, STATUS

THUMBNAIL = 40
HEIGHT = 52

COLORS = {
    Status.NEW: theme.THIRD,
    Status.DRAFTED: theme.ACCENT,
    Status.EDITED: theme.EDITED,
    Status.RATED: theme.WRITTEN,
}


def paint_status(painter: QPainter, center: QPointF, status: Status, radius: float = 4.0) -> None:
    """A ring, a half, a disc, a ticked disc: told apart without colour too."""
    color = QColor(COLORS[status])
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    circle = QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)
    if status is Status.NEW:
        painter.drawEllipse(circle)
        return
    if status is Status.DRAFTED:
        painter.drawEllipse(circle)
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPie(circle, -90 * 16, -180 * 16)
        return
    painter.setBrush(color)
    painter.drawEllipse(circle)
    if status is Status.RATED:
        painter.setPen(QPen(QColor(theme.BLACK), 1.4))
        x, y, unit = center.x(), center.y(), radius / 4
        painter.drawPolyline(
            [
                QPointF(x - 2 * unit, y),
                QPointF(x - 0.5 * unit, y + 1.6 * unit),
                QPointF(x + 2 * unit, y - 1.6 * unit),
            ]
        )


def status_icon(status: Status) -> QIcon:
    """The same sign as an icon."""
    picture = QPixmap(40, 40)
    picture.setDevicePixelRatio(4)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_status(painter, QPointF(5, 5), status, 3.6)
    painter.end()
    return QIcon(picture)


class StudyRow(QStyledItemDelegate):
    """Paints a row; ``compact`` leaves only the thumbnail with the status on it."""

    compact = False

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(THUMBNAIL + 12, HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        self._ground(painter, area, state)
        place = QRectF(area.left() + 6, area.top() + 6, THUMBNAIL, THUMBNAIL)
        self._thumbnail(painter, place, index)
        status = Status(index.data(STATUS))
        if self.compact:
            dot = QPointF(place.right() - 3, place.bottom() - 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.PANEL))
            painter.drawEllipse(dot, 6.5, 6.5)
            paint_status(painter, dot, status)
        else:
            self._words(painter, area, index, status)
        painter.restore()

    def _ground(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if not selected and not hovered:
            return
        painter.setPen(
            QPen(QColor(theme.ACCENT_DARK), 1)
            if state & QStyle.StateFlag.State_HasFocus
            else Qt.PenStyle.NoPen
        )
        painter.setBrush(QColor(theme.HOVER if selected else theme.RAISED))
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.ACCENT))
            painter.drawRoundedRect(QRectF(area.left(), area.top() + 12, 2.5, HEIGHT - 24), 1, 1)

    def _thumbnail(
        self, painter: QPainter, place: QRectF, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        image = index.data(Qt.ItemDataRole.DecorationRole)
        outline = QPainterPath()
        outline.addRoundedRect(place, 3, 3)
        painter.fillPath(outline, QColor(theme.BLACK))
        if image is not None:
            painter.save()
            painter.setClipPath(outline)
            painter.drawImage(place, image)
            painter.restore()

    def _words(
        self,
        painter: QPainter,
        area: QRect,
        index: QModelIndex | QPersistentModelIndex,
        status: Status,
    ) -> None:
        left = area.left() + THUMBNAIL + 16
        right = area.right() - 10
        font = QFont(painter.font())
        font.setPixelSize(theme.BODY_PX)
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        name = QFontMetrics(font).elidedText(
            index.data(), Qt.TextElideMode.ElideRight, right - left - 16
        )
        painter.drawText(QPointF(left, area.top() + 22), name)
        paint_status(painter, QPointF(right - 4, area.top() + 17.5), status)
        painter.setBrush(Qt.BrushStyle.NoBrush)

        font.setPixelSize(theme.SMALL_PX)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        word = metrics.horizontalAdvance(status.value)
        painter.setPen(QColor(theme.THIRD))
        painter.drawText(QPointF(right - word, area.top() + 39), status.value)
        details = metrics.elidedText(
            index.data(DETAILS), Qt.TextElideMode.ElideRight, right - left - word - 8
        )
        painter.setPen(QColor(theme.SECOND))
        painter.drawText(QPointF(left, area.top() + 39), details)
