"""The line above each panel: what it is, one quiet remark, and room for a control at its end."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.ui.theme import ACCENT, SECOND, SMALL_PX, TEXT


class Heading(QWidget):
    """A small bold title with an aside; ``add`` puts a control at the right end."""

    def __init__(self, title: str, aside: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(title.upper())
        self._title.setProperty("role", "heading")
        self._title.setStyleSheet(f"color: {SECOND}; letter-spacing: 1px;")
        self._title.setAccessibleName(title)
        self._aside = ElidedLabel(aside)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._title)
        self._row.addWidget(self._aside, 1)
        self.setMinimumHeight(24)

    def set_pixels(self, size: int) -> None:
        """The size of the title's letters in logical pixels."""
        self._title.setStyleSheet(f"color: {SECOND}; letter-spacing: 1px; font-size: {size}px;")

    def add(self, widget: QWidget) -> None:
        """Put ``widget`` at the right end of the line."""
        self._row.addWidget(widget)

    def add_left(self, widget: QWidget) -> None:
        """Put ``widget`` behind the title, before the remark."""
        self._row.insertWidget(self._row.indexOf(self._aside), widget)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title.upper() if title.islower() or title.istitle() else title)
        self._title.setAccessibleName(title)

    def set_aside(self, text: str) -> None:
        """Change the quiet remark."""
        self._aside.setText(text)

    def aside(self) -> str:
        """The quiet remark as it stands."""
        return self._aside.text()


class ElidedLabel(QLabel):
    """A quiet line that ends in … where there is no room, and says the rest in its tooltip."""

    def __init__(self, text: str = "", color: str = SECOND) -> None:
        super().__init__(text)
        self._color = color
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(self._color))
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)
        self.setToolTip(self.text() if shown != self.text() else "")


class FoldingHeading(QAbstractButton):
    """A title that folds what is below it; ``toggled(bool)`` says open or not."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(self._say)
        self._say(True)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self.setText(title)
        self.updateGeometry()
        self._say(self.isChecked())

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self._font()).horizontalAdvance(self.text().upper())
        return QSize(width + 28, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        painter.setPen(QColor(TEXT if self.underMouse() else SECOND))
        title = self.text().upper()
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), title)
        x = painter.fontMetrics().horizontalAdvance(title) + 12.0
        y = self.height() / 2
        painter.setPen(QPen(QColor(TEXT if self.underMouse() else SECOND), 1.5))
        if self.isChecked():
            chevron = [QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)]
        else:
            chevron = [QPointF(x - 2, y - 4), QPointF(x + 2, y), QPointF(x - 2, y + 4)]
        painter.drawPolyline(chevron)
        if self.hasFocus():
            painter.setPen(QPen(QColor(ACCENT), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _font(self) -> QFont:
        font = self.font()
        font.setPixelSize(SMALL_PX)
        font.setBold(True)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 1.0)
        return font

    def _say(self, open_: bool) -> None:
        self.setAccessibleName(f"{self.text()}, {'shown' if open_ else 'folded'}")
