"""The report under review: plain text with air between its lines."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit

from app.ui import theme

LINE_HEIGHT: Final = 135.0
"""Per cent of the type's own."""
LEAST_LINES: Final = 5
"""So much of a long report is always in sight; the rest is scrolled to."""


class ReportText(QTextEdit):
    """Words can be selected with the mouse to point at them; keys stay with the window."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("report_under_review")
        self.setAccessibleName("Report under review")
        self.setReadOnly(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)

    def text(self) -> str:
        """What is shown."""
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        self.setPlainText(text)
        self._space_lines()

    def set_pixels(self, size: int) -> None:
        """The size of the type in logical pixels."""
        self.setStyleSheet(
            f"QTextEdit {{ background: transparent; border: none; padding: 0; font-size: {size}px;"
            f" selection-background-color: {theme.ACCENT_DEEP}; }}"
            f"QScrollBar::handle {{ background: {theme.THIRD}; }}"
        )
        font = QFont(self.font())
        font.setPixelSize(size)
        self.document().setDefaultFont(font)
        self._space_lines()

    def whole_height(self, width: int) -> int:
        """Logical pixels that the text needs in a column of ``width``."""
        page = self.document().clone()
        page.setTextWidth(width)
        return math.ceil(page.size().height()) + 1

    def least_height(self) -> int:
        """Of as many lines as are always in sight."""
        return math.ceil(LEAST_LINES * self.fontMetrics().height() * LINE_HEIGHT / 100)

    def scroll_lines(self, lines: int) -> None:
        """Further down by ``lines`` lines of a long report, or up."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + lines * round(self.fontMetrics().height() * LINE_HEIGHT / 100))

    def _space_lines(self) -> None:
        """Block formats are lost with the text: they are given to every new one."""
        spaced = QTextBlockFormat()
        spaced.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spaced)
