"""Asks once, without a dialog, under which name reports and ratings are kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.ui import theme


class UserBar(QFrame):
    """A line with a name field; ``named`` carries the answer. Reading goes on while it is open."""

    named = Signal(str)

    def __init__(self, suggestion: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("user-bar")
        self.setStyleSheet(
            f"#user-bar {{ background: {theme.RAISED}; border-bottom: 1px solid {theme.LINE}; }}"
        )
        question = QLabel("Who is reading? Reports and ratings are kept under this name.")
        self.field = QLineEdit(suggestion)
        self.field.setObjectName("user-name")
        self.field.setAccessibleName("Your name")
        self.field.setFixedWidth(200)
        self.field.setMaxLength(80)
        self.field.returnPressed.connect(self._answer)
        keep = QPushButton("Keep")
        keep.clicked.connect(self._answer)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 8, 6)
        line.addWidget(question)
        line.addWidget(self.field)
        line.addWidget(keep)
        line.addStretch(1)

    def ask(self) -> None:
        """The name is wanted now: go to its field."""
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def _answer(self) -> None:
        name = " ".join(self.field.text().split())
        if name:
            self.hide()
            self.named.emit(name)
