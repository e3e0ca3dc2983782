"""“Why does it look like this”: a box over the viewer that follows the image in front."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.imaging.appearance import badges, facts
from app.ui import theme
from app.ui.viewer.pane import ViewPane

_WIDTH = 420
_EDGE = 12
_HEAD = 72  # the title and the margins around what is said


class AppearanceBox(QFrame):
    """Never modal; ``closed()`` when the reader has put it away."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("appearance")
        self.setStyleSheet(
            f"QFrame#appearance {{ background: {theme.PANEL}; border: 1px solid {theme.LINE};"
            " border-radius: 8px; }"
        )
        self._shown: object = None
        title = QLabel("Why does it look like this")
        title.setStyleSheet(f"color: {theme.TEXT}; font-size: 15px; font-weight: 600;")
        close = QToolButton()
        close.setIcon(theme.icon("close"))
        close.setToolTip("Close  (Esc)")
        close.setAccessibleName("Close")
        close.setAutoRaise(True)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        self._page = QWidget()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setStyleSheet(
            "QScrollArea, QScrollArea > QWidget > QWidget { background: none; }"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        self.hide()

    def tell(self, pane: ViewPane | None) -> None:
        """Say it of this pane's image as it is shown now."""
        if pane is None:
            self.hide()
            return
        voi, invert = pane.windowing.voi, pane.windowing.invert
        said = (badges(pane.radiograph), facts(pane.radiograph, voi, invert))
        if said != self._shown:
            self._shown = said
            self._fill(pane)
        self.show()
        self.place()
        self.raise_()

    def lines(self) -> list[str]:
        """Every text in the box, in order."""
        return [label.text() for label in self._area.findChildren(QLabel)]

    def place(self) -> None:
        """At the right edge of the viewer, as high as what it says, at most the whole height."""
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(_WIDTH, parent.width() - 2 * _EDGE)
        self._page.setFixedWidth(width - 44)
        layout = self._page.layout()
        inside = layout.heightForWidth(width - 44) if layout is not None else 0
        needed = inside + _HEAD
        height = min(needed, parent.height() - 2 * _EDGE)
        self.setGeometry(parent.width() - width - _EDGE, _EDGE, width, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _fill(self, pane: ViewPane) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        for badge in badges(pane.radiograph):
            column.addWidget(_badge(badge.label, badge.sentence))
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        told = facts(pane.radiograph, pane.windowing.voi, pane.windowing.invert)
        for row, fact in enumerate(told):
            name = QLabel(fact.name)
            name.setStyleSheet(f"color: {theme.SECOND};")
            value = _words(fact.value)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        column.addLayout(grid)
        column.addStretch(1)
        self._page = page
        self._area.setWidget(page)


def _badge(label: str, sentence: str) -> QWidget:
    row = QFrame()
    row.setStyleSheet(
        f"QFrame {{ background: {theme.RAISED}; border: none; border-radius: 3px;"
        f" border-left: 3px solid {theme.EDITED}; }}"
        " QLabel { background: none; border: none; }"
    )
    column = QVBoxLayout(row)
    column.setContentsMargins(10, 6, 8, 6)
    column.setSpacing(2)
    name = QLabel(label)
    name.setStyleSheet(f"color: {theme.EDITED}; font-weight: 600;")
    column.addWidget(name)
    column.addWidget(_words(sentence))
    return row


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # what a file says is never markup
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setStyleSheet(f"color: {theme.TEXT};")
    return label
