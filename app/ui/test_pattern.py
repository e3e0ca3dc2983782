"""The test pattern on the screen it is looked at: 1:1 in the screen's own pixels."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.imaging.test_pattern import EXPECTED, TestPattern, test_pattern
from app.ui import theme

_TEXT_WIDTH = 300


class PatternView(QWidget):
    """Paints the pattern; makes it anew for another size, screen or scaling."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pattern: TestPattern | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(256, 256)
        self.setAccessibleName("Test pattern")

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        if self.pattern is None or self.pattern.pixels.shape != (height, width):
            self.pattern = test_pattern(width, height)
        pixels = self.pattern.pixels
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()


class TestPatternWindow(QWidget):
    """A window of its own; Esc closes it, F11 or a double click fills the screen, T hides the
    text.
    """

    __test__ = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Test pattern · Reading Room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"TestPatternWindow {{ background: {theme.PANEL}; }}")
        self.view = PatternView()
        self.words = _words()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.view, 1)  # at the window's corner: on whole pixels at any scaling
        row.addWidget(self.words)
        self.resize(1100, 800)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close()
        elif key in (Qt.Key.Key_F11, Qt.Key.Key_F):
            self.toggle_full_screen()
        elif key == Qt.Key.Key_T:
            self.words.setVisible(self.words.isHidden())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.toggle_full_screen()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ScreenChangeInternal, QEvent.Type.DevicePixelRatioChange):
            self.view.update()
        return super().event(event)

    def toggle_full_screen(self) -> None:
        """The whole screen that the window is on, or a window again."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()


def _words() -> QWidget:
    side = QWidget()
    side.setFixedWidth(_TEXT_WIDTH)
    column = QVBoxLayout(side)
    column.setContentsMargins(20, 20, 20, 20)
    column.setSpacing(14)
    title = QLabel("What you should see")
    title.setStyleSheet(f"font-size: 16px; font-weight: 600; color: {theme.TEXT};")
    column.addWidget(title)
    for what, how in EXPECTED:
        line = QLabel(f"<b>{what}</b><br>{how}")
        line.setWordWrap(True)
        line.setProperty("role", "second")
        column.addWidget(line)
    column.addStretch(1)
    worth = QLabel(
        "Look from where you read, in the light you read in. A look is no measurement: luminance "
        "and contrast response take a photometer."
    )
    worth.setWordWrap(True)
    worth.setProperty("role", "third")
    column.addWidget(worth)
    keys = QLabel("F11 full screen · T this text · Esc closes")
    keys.setProperty("role", "third")
    column.addWidget(keys)
    return side
