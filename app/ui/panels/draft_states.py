"""What stands in place of drafts while there are none: a next step, progress, or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout

from app.ui.panels.keycap import KeyButton
from app.ui.theme import SECOND


class _Card(QFrame):
    """The drafts' frame with a first line; subclasses add to ``column``."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.setProperty("panel", "card")
        self.line = QLabel(line)
        self.line.setWordWrap(True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)
        self.column.addWidget(self.line)
        self.setAccessibleName(line)

    def add_text(self, text: str) -> None:
        label = QLabel(text)
        label.setWordWrap(True)
        label.setStyleSheet(f"color: {SECOND};")
        label.setTextFormat(Qt.TextFormat.PlainText)
        self.column.addWidget(label)


class EmptyState(_Card):
    """No draft yet; ``draft_requested`` when the reader asks for one."""

    draft_requested = Signal()

    def __init__(
        self, line: str = "No draft yet", can_draft: bool = True, action: QAction | None = None
    ) -> None:
        super().__init__(line)
        if can_draft:
            button = KeyButton("drafts this study", "")
            if action is not None:
                button.follow(action)
            button.clicked.connect(self.draft_requested)
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(button)
            row.addStretch(1)
            self.column.addLayout(row)
            key = button.key()
            self.setAccessibleName(f"{line}. {key} drafts this study." if key else f"{line}.")


class BusyState(_Card):
    """The model is at work; ``cancelled`` when the reader has had enough of it."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__("")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._count = QLabel()
        self._count.setStyleSheet(f"color: {SECOND};")
        cancel = QPushButton("Cancel")
        cancel.setProperty("role", "quiet")
        cancel.setObjectName("cancel_draft")
        cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        row.addWidget(cancel)
        self.column.addWidget(self._bar)
        self.column.addLayout(row)

    def show_progress(self, text: str, done: int, total: int) -> None:
        """``done`` of ``total`` words; a ``total`` of 0 means that nobody knows yet."""
        self.line.setText(text)
        # A range of (0, 0) would make Qt's bar slide to and fro.
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(min(done, total))
        self._count.setText(f"{done} of at most {total} words" if total else "")
        self.setAccessibleName(f"{text} {self._count.text()}".strip())


class RefusedState(_Card):
    """The gate said no; ``anyway`` when the reader insists."""

    anyway = Signal()

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("Not drafted: the model is for one frontal chest radiograph")
        for reason in reasons:
            self.add_text(reason)
        button = QPushButton("Draft anyway")
        button.setObjectName("draft_anyway")
        button.clicked.connect(self.anyway)
        self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(" ".join((self.line.text() + ".", *reasons)))


class FailedState(_Card):
    """Something went wrong; says what and what to do. ``again`` tries once more."""

    again = Signal()

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        if hint:
            self.add_text(hint)
        button = QPushButton("Try again")
        button.setObjectName("draft_again")
        button.clicked.connect(self.again)
        self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(f"{message} {hint}".strip())
