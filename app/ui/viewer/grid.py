"""The cells that the panes stand in, black to the edge."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui import theme
from app.ui.viewer.pane import ViewPane

_GAP = 2
_EMPTY = "No image"


class EmptyCell(QLabel):
    """A cell in which nothing hangs: black, with one quiet line."""

    activated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_EMPTY, parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(120, 120)
        self.set_highlighted(False)

    def set_highlighted(self, highlighted: bool) -> None:
        """Draw a thin edge: the next image that is chosen comes here."""
        edge = theme.ACCENT if highlighted else theme.BLACK
        self.setStyleSheet(
            f"background: {theme.BLACK}; color: {theme.THIRD}; border: 1px solid {edge};"
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()


class PaneGrid(QWidget):
    """Shows panes in equal cells; ``cell_activated(place)`` when an empty one is clicked."""

    cell_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pane-grid")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"#pane-grid {{ background: {theme.BLACK}; }}")
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_GAP)
        self._placed: list[ViewPane] = []
        self._empty: list[EmptyCell] = []
        for place in range(4):
            cell = EmptyCell(self)
            cell.hide()
            cell.activated.connect(lambda place=place: self.cell_activated.emit(place))
            self._empty.append(cell)

    def place(self, cells: Sequence[ViewPane | None], columns: int, left_inset: int) -> None:
        """Put these into the cells, row by row; words in the left column keep clear of the
        inset.
        """
        for widget in (*self._placed, *self._empty):
            self._layout.removeWidget(widget)
        for gone in self._placed:
            if gone not in cells:
                gone.hide()
        self._placed = [pane for pane in cells if pane is not None]
        for place, empty in enumerate(self._empty):
            inside = place < len(cells)
            pane = cells[place] if inside else None
            empty.setVisible(inside and pane is None)
            if inside:
                self._layout.addWidget(pane or empty, place // columns, place % columns)
            if pane is not None:
                pane.set_inset(0 if place % columns else left_inset)
                pane.show()
        used = (len(cells) + columns - 1) // columns
        for line in range(2):
            self._layout.setRowStretch(line, int(line < used))
            self._layout.setColumnStretch(line, int(line < columns))

    def highlight(self, place: int) -> None:
        """Frame the cell ``place`` when it is empty, and no other empty one; -1 frames none."""
        for index, empty in enumerate(self._empty):
            empty.set_highlighted(index == place)
