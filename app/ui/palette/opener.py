"""The way to the palette that can be seen: a quiet button that looks like a field, with its key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui import theme
from app.ui.keys.shown import first_key

_WIDTH = (150, 264)
_HEIGHT = 28
_TEXT = "Search or command…"


class PaletteButton(QAbstractButton):
    """Does what the action it follows does, and shows that action's key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette-opener")
        self.setAccessibleName("Search or command")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(_WIDTH[0])
        self.setMaximumWidth(_WIDTH[1])
        self._key = ""

    def follow(self, action: QAction) -> None:
        """Open with ``action`` and show its key, also when that is changed."""

        def agree() -> None:
            self._key = first_key(action)
            self.setToolTip(action.toolTip())
            self.update()

        self.clicked.connect(lambda: action.trigger())
        action.changed.connect(agree)
        agree()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH[1], _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.ACCENT if self.hasFocus() else theme.LINE), 1))
        painter.setBrush(QColor(theme.HOVER if self.underMouse() else theme.RAISED))
        painter.drawRoundedRect(box, 5, 5)
        right = box.right() - 6
        if self._key:
            small = QFont(self.font())
            small.setPixelSize(theme.SMALL_PX)
            painter.setFont(small)
            width = QFontMetricsF(small).horizontalAdvance(self._key) + 10
            cap = QRectF(right - width, (self.height() - 17) / 2, width, 17)
            painter.setPen(QPen(QColor(theme.LINE), 1))
            painter.setBrush(QColor(theme.PANEL))
            painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setPen(QColor(theme.SECOND))
            painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), self._key)
            right = cap.left() - 8
        painter.setFont(self.font())
        painter.setPen(QColor(theme.THIRD))
        place = QRectF(9, 0, right - 9, self.height())
        shown = self.fontMetrics().elidedText(
            _TEXT, Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)
