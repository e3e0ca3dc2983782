"""Messages between the top bar and the work: a sentence, what to do, and never a dialog in the
way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.ui import theme

MOST = 3
BUG = "Something went wrong inside Reading Room. This is our fault; nothing you wrote is lost."


@dataclass(frozen=True)
class Message:
    """What to say. ``key`` makes a newer message replace an older one about the same thing."""

    text: str
    hint: str = ""
    kind: str = "problem"  # or "info"
    key: str = ""
    action: str = ""
    act: Callable[[], None] | None = None


def about(error: Exception, key: str = "") -> Message:
    """An error in a reader's words: its own if a user can mend it, else that it is our bug."""
    if isinstance(error, AppError):
        return Message(error.message, error.hint, key=key)
    return Message(BUG, f"The log has the details ({type(error).__name__}).", key=key)


class MessageBar(QFrame):
    """A stack of at most three messages, the newest on top; empty it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message-bar")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    def show_message(self, message: Message) -> None:
        """Show a message; the same one again is shown once.

        Progress only changes its words, so that a button can be pressed meanwhile.
        """
        same = message.key or message.text
        for row in self._rows:
            if message.key and row.goes_on_as(message):
                row.say(message)
                return
        for row in [row for row in self._rows if (row.message.key or row.message.text) == same]:
            self._remove(row)
        while len(self._rows) >= MOST:
            self._remove(self._rows[-1])
        row = _Row(message, self._remove)
        self._rows.insert(0, row)
        self._column.insertWidget(0, row)
        self.show()

    def dismiss(self, key: str) -> None:
        """Take away the message with ``key``, because its cause has gone."""
        for row in [row for row in self._rows if row.message.key == key]:
            self._remove(row)

    def dismiss_newest(self) -> bool:
        """Take away the newest message; False when there is none."""
        if not self._rows:
            return False
        self._remove(self._rows[0])
        return True

    def messages(self) -> list[Message]:
        """What is shown, the newest first."""
        return [row.message for row in self._rows]

    def _remove(self, row: _Row) -> None:
        if row in self._rows:
            self._rows.remove(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(self._rows))


class _Row(QFrame):
    def __init__(self, message: Message, remove: Callable[[_Row], None]) -> None:
        super().__init__()
        self.message = message
        problem = message.kind == "problem"
        color = theme.EDITED if problem else theme.ACCENT
        self.setObjectName("message")
        self.setStyleSheet(
            f"#message {{ background: {theme.RAISED}; border-left: 3px solid {color};"
            f" border-bottom: 1px solid {theme.LINE}; }}"
        )
        sign = QLabel()
        sign.setPixmap(
            theme.pixmap("warning" if problem else "info", color, 18, self.devicePixelRatioF())
        )
        self._text = text = QLabel(message.text)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(text)
        if message.hint:
            hint = QLabel(message.hint)
            hint.setProperty("role", "second")
            hint.setWordWrap(True)
            hint.setTextFormat(Qt.TextFormat.PlainText)
            hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(hint)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 7, 8, 7)
        line.setSpacing(10)
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        if message.action and message.act is not None:
            button = QPushButton(message.action)

            def clicked() -> None:
                act = self.message.act
                remove(self)
                if act is not None:
                    act()

            button.clicked.connect(clicked)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        close = QToolButton()
        close.setIcon(theme.icon("close"))
        close.setIconSize(QSize(14, 14))
        close.setToolTip("Dismiss (Esc)")
        close.setAccessibleName("Dismiss this message")
        close.clicked.connect(lambda: remove(self))
        line.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(message.text)

    def goes_on_as(self, message: Message) -> bool:
        """Whether ``message`` is this one with other words."""
        ours = (self.message.key, self.message.kind, self.message.hint, self.message.action)
        theirs = (message.key, message.kind, message.hint, message.action)
        return ours == theirs and bool(message.action)

    def say(self, message: Message) -> None:
        """Other words; the button does what it did."""
        self.message = message
        self._text.setText(message.text)
        self.setAccessibleName(message.text)
