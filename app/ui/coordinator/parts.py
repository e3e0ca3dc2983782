"""Small parts that the coordinator's pages share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui.palette.reasons import WHY

WIDEST: Final = 1200
"""Pixels: a line of text or a field that is longer is no easier to read."""


class ActionButton(QPushButton):
    """A button that does what a menu's action does, and is enabled when that is."""

    def __init__(self, action: QAction, *, primary: bool = False) -> None:
        super().__init__()
        self._action = action
        if primary:
            self.setProperty("role", "primary")
        self.setObjectName(f"button_{action.objectName()}")
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text().rstrip("…"))
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(str(self._action.property(WHY) or "") or self._action.toolTip())


def indent(box: QAbstractSpinBox) -> None:
    """Let a number begin where the text of a line beside it does; a style sheet can't."""
    box.lineEdit().setTextMargins(8, 0, 0, 0)


def form(*rows: tuple[str, QWidget]) -> QFormLayout:
    """Names and what belongs to them."""
    made = QFormLayout()
    made.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setHorizontalSpacing(16)
    made.setVerticalSpacing(8)
    for name, part in rows:
        made.addRow(name, part)
    return made


def heading(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setProperty("role", "heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label


def quiet(text: str = "") -> QLabel:
    """A wrapped line in the second colour."""
    label = QLabel(text)
    label.setProperty("role", "second")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label


def table(name: str, columns: Sequence[str]) -> QTableWidget:
    """A table that is read, a row at a time; ``name`` is what a screen reader calls it."""
    made = QTableWidget(0, len(columns))
    made.setAccessibleName(name)
    made.setHorizontalHeaderLabels(columns)
    made.verticalHeader().hide()
    made.setShowGrid(False)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setTabKeyNavigation(False)
    header = made.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    return made


def chosen_by(line: QLineEdit, name: str, choose: Callable[[], None]) -> QWidget:
    """A line for a path, and a button that asks for one; ``name`` is what a screen reader says."""
    line.setAccessibleName(name)
    row = QWidget()
    inside = QHBoxLayout(row)
    inside.setContentsMargins(0, 0, 0, 0)
    button = QPushButton("Choose…")
    button.setAccessibleName(f"Choose: {name}")
    button.clicked.connect(choose)
    inside.addWidget(line, 1)
    inside.addWidget(button)
    return row


def card(title: str, *parts: QWidget) -> tuple[QFrame, QVBoxLayout]:
    """A framed group with a heading, and the column to add more to."""
    frame = QFrame()
    frame.setProperty("panel", "card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(16, 8, 16, 12)
    column.setSpacing(8)
    column.addWidget(heading(title))
    for part in parts:
        column.addWidget(part)
    return frame, column


def scrolled(widget: QWidget) -> QScrollArea:
    """A page that scrolls when it must and doesn't grow with a large screen."""
    widget.setMaximumWidth(WIDEST)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes to its fields, and it scrolls with them
    area.setWidget(widget)
    return area


class Decimal(QDoubleSpinBox):
    """A number without zeros behind it, so that 0.5 is not 0.500000."""

    def textFromValue(self, value: float) -> str:
        return f"{value:g}"


def decimal(low: float, high: float, value: float, step: float, suffix: str) -> QDoubleSpinBox:
    box = Decimal()
    indent(box)
    box.setLocale(QLocale.c())  # as in the protocol's text
    box.setRange(low, high)
    box.setDecimals(6)
    box.setSingleStep(step)
    box.setValue(value)
    box.setSuffix(suffix)
    return box
