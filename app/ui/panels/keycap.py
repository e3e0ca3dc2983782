"""Small painted parts that several panels share: a share's bar, and text buttons with a key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui.keys.shown import first_key
from app.ui.theme import ACCENT, HOVER, LINE, SECOND, SMALL_PX, TEXT, THIRD


def mixed(first: str, second: str, share: float) -> QColor:
    """The colour ``share`` of the way from ``first`` to ``second``."""
    a, b = QColor(first), QColor(second)
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )


QUIET = mixed(THIRD, SECOND, 0.45)
"""For words that are dimmed and yet must be readable: 5 : 1 on the cards, where THIRD has 4 : 1."""


class Bar(QWidget):
    """A thin bar that shows a share in [0, 1]."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 0.0
        self.setFixedHeight(4)

    def set_value(self, value: float) -> None:
        """Show ``value``, cut to [0, 1]."""
        self._value = min(max(value, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(QColor(LINE))
        painter.drawRoundedRect(whole, 2, 2)
        if self._value > 0:
            painter.setBrush(QColor(ACCENT))
            width = max(whole.width() * self._value, 2.0)
            painter.drawRoundedRect(QRectF(0, 0, width, whole.height()), 2, 2)


class KeyButton(QAbstractButton):
    """A quiet text button with its key's cap before it, as in ``[Ctrl+1] take``."""

    def __init__(self, text: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._followed: QAction | None = None
        self._called = text
        self.setText(text)
        self.setAccessibleName(f"{text} ({key})" if key else text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def follow(self, action: QAction) -> None:
        """Show the key of ``action``, also when that is changed."""
        self._followed = action
        self._called = self.accessibleName()
        action.changed.connect(self._agree)
        self._agree()

    def key(self) -> str:
        """What stands on the cap."""
        return self._key

    def _agree(self) -> None:
        key = first_key(self._followed) if self._followed is not None else ""
        if key != self._key:
            self._key = key
            self.setAccessibleName(f"{self._called} ({key})" if key else self._called)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(self.font()).horizontalAdvance(self.text()) + 12
        if self._key:
            width += QFontMetricsF(self._cap_font()).horizontalAdvance(self._key) + 10 + 6
        return QSize(round(width), 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        active = self.isEnabled() and (self.underMouse() or self.isChecked())
        if active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(HOVER))
            painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(QColor(ACCENT), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
        x = 6.0
        if self._key:
            painter.setFont(self._cap_font())
            width = QFontMetricsF(self._cap_font()).horizontalAdvance(self._key) + 10
            cap = QRectF(x, (self.height() - 17) / 2, width, 17).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(QColor(LINE), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap, 3, 3)
            painter.setPen(QColor(SECOND if self.isEnabled() else THIRD))
            painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), self._key)
            x += width + 6
        painter.setFont(self.font())
        painter.setPen(QColor(TEXT if active else SECOND if self.isEnabled() else THIRD))
        rest = QRectF(x, 0, self.width() - x, self.height())
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), self.text())

    def _cap_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(SMALL_PX)
        return font
