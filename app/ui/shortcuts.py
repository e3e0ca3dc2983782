"""The sheet of all keys, made from the actions themselves, so that it can't be out of date."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.keys.shown import keys_of, name_of

COLUMNS = 4  # at most
_BAR = 24  # for the scroll bar
_MOUSE = (
    ("Wheel", "Zoom at the mouse"),
    ("Left drag", "Move the image"),
    ("Right drag", "Contrast across, brightness up and down"),
    ("Ctrl+right drag", "Contrast for a region"),
    ("Point at a word", "Its map over the image"),
    ("Click a word", "Hold it"),
    ("Point at the image", "Words whose maps peak there"),
)
_WORKLIST = (
    ("↑ ↓", "Study by study"),
    ("Enter", "Open the study"),
    ("Delete", "Take it off the list"),
)
_DRAFTS = (
    ("← →", "Word by word"),
    ("↑ ↓", "Draft by draft"),
    ("Enter", "Take the draft"),
    ("Shift+Enter", "Take the sentence"),
    ("Esc", "Let the word go"),
)


class ShortcutSheet(QWidget):
    """A window of its own beside the work, not in its way; Esc or ? closes it.

    ``change_wanted()`` when the reader wants other keys.
    """

    change_wanted = Signal()

    def __init__(
        self, actions: Sequence[tuple[str, QAction]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Shortcuts · Reading Room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"ShortcutSheet {{ background: {theme.PANEL}; }}")
        sections = _sections(actions)
        room = (parent or self).screen().availableGeometry()
        page = _page(sections, COLUMNS)
        for count in range(COLUMNS - 1, 0, -1):  # fewer, rather than scroll sideways
            if page.sizeHint().width() + _BAR <= room.width():
                break
            page = _page(sections, count)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area, 1)
        layout.addWidget(_foot(self.change_wanted.emit))
        hint = page.sizeHint()
        width = min(hint.width() + _BAR, room.width())
        self.resize(width, min(hint.height() + 52, 860, room.height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape or event.text() == "?":
            self.close()
        else:
            super().keyPressEvent(event)


def _page(sections: list[tuple[str, Rows]], count: int) -> QWidget:
    page = QWidget()
    columns = QHBoxLayout(page)
    columns.setContentsMargins(20, 16, 20, 16)
    columns.setSpacing(28)
    for part in _balanced(sections, count):
        column = QVBoxLayout()
        column.setSpacing(14)
        for title, rows in part:
            column.addWidget(_section(title, rows))
        column.addStretch(1)
        columns.addLayout(column)
    return page


def _foot(change: Callable[[], None]) -> QWidget:
    foot = QWidget()
    line = QHBoxLayout(foot)
    line.setContentsMargins(20, 0, 20, 12)
    line.addStretch(1)
    button = QPushButton("Change keys…")
    button.setObjectName("change-keys")
    button.clicked.connect(change)
    line.addWidget(button)
    return foot


Rows = list[tuple[str, str]]


def rows_of(actions: Sequence[tuple[str, QAction]]) -> dict[str, Rows]:
    """(keys, what they do) of every action that has keys, by menu."""
    sections: dict[str, Rows] = {}
    for menu, action in actions:
        keys = keys_of(action)
        if keys:
            place = menu.replace("&", "")
            sections.setdefault(place, []).append(("  ".join(keys), name_of(action)))
    return sections


def _sections(actions: Sequence[tuple[str, QAction]]) -> list[tuple[str, Rows]]:
    made = list(rows_of(actions).items())
    return [
        *made,
        ("In the worklist", list(_WORKLIST)),
        ("In the drafts", list(_DRAFTS)),
        ("Mouse", list(_MOUSE)),
    ]


def _balanced(sections: list[tuple[str, Rows]], count: int) -> list[list[tuple[str, Rows]]]:
    """The sections in their order, in ``count`` columns of about the same height."""
    total = sum(len(rows) + 2 for _, rows in sections)
    columns: list[list[tuple[str, Rows]]] = [[] for _ in range(count)]
    height = 0
    for title, rows in sections:
        place = min(count - 1, (height + (len(rows) + 2) // 2) * count // total)
        columns[place].append((title, rows))
        height += len(rows) + 2
    return [column for column in columns if column]


def _section(title: str, rows: Rows) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(4)
    heading = QLabel(title.upper())
    heading.setProperty("role", "heading")
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (keys, text) in enumerate(rows, start=1):
        key = QLabel(keys)
        key.setProperty("role", "key")
        grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft)
        words = QLabel(text)
        words.setProperty("role", "second")
        grid.addWidget(words, row, 1)
    grid.setColumnStretch(1, 1)
    return box
