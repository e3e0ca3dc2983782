"""The strip of tools that floats over the left edge of the image."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.ui import theme

STRIP_WIDTH = 34
_BUTTON_GAP = 4


class ToolStrip(QFrame):
    """One button per action. It never takes the keyboard's focus from the words."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("viewer_tools")
        self.setStyleSheet(
            f"""
            QFrame#viewer_tools {{ background: transparent; border: none; }}
            QToolButton {{ background: rgba(25, 29, 36, 225); border: 1px solid {theme.LINE};
                border-radius: 6px; padding: 0; }}
            QToolButton:hover {{ background: {theme.HOVER}; }}
            QToolButton:checked {{ background: {theme.ACCENT_DARK}; border-color: {theme.ACCENT}; }}
            """
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_BUTTON_GAP)
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setIconSize(QSize(18, 18))
            button.setFixedSize(STRIP_WIDTH, STRIP_WIDTH)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(action.text())
            layout.addWidget(button)
        self.adjustSize()

    def place(self, area: QWidget, top: int) -> None:
        """Put the strip at the left of ``area`` in the middle of what lies below ``top``."""
        size = self.sizeHint()
        y = top + max((area.height() - top - size.height()) // 2, 4)
        self.setGeometry(10, y, size.width(), size.height())
        self.raise_()
