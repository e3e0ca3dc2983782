"""Which panes are in sight, in which cells, and which of them keys act on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.ui.viewer.grid import PaneGrid
from app.ui.viewer.hanging import Film, Hanging, Layout, hang
from app.ui.viewer.pane import ViewPane

LAYOUTS = {
    "layout_one": Layout.ONE,
    "side_by_side": Layout.TWO,
    "layout_four": Layout.FOUR,
}
"""The layouts by the names of their actions."""


class Stage(QObject):
    """Hangs panes into a :class:`PaneGrid`.

    ``arranged()`` when other panes are in sight; ``activated()`` when only the active cell is
    another one.
    """

    arranged = Signal()
    activated = Signal()

    def __init__(self, grid: PaneGrid, left_inset: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self._grid.cell_activated.connect(self.activate_cell)
        self._left_inset = left_inset
        self._hanging = Hanging()
        self.panes: tuple[ViewPane, ...] = ()
        self.layout = Layout.ONE

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the actions about layouts and images do, by their names."""
        return {
            "layout_one": lambda: self.use(Layout.ONE),
            "side_by_side": lambda: self._toggle(Layout.TWO),
            "layout_four": lambda: self._toggle(Layout.FOUR),
            "next_image": lambda: self.show(self._front() + 1),
            "previous_image": lambda: self.show(self._front() - 1),
        }

    def set_panes(self, panes: Sequence[ViewPane], front: ViewPane | None = None) -> None:
        """Hang these; ``front`` is the active one, else the first frontal one is."""
        self.panes = tuple(panes)
        frontal = [pane for pane in panes if pane.radiograph.view.frontal]
        first = front or next(iter((*frontal, *panes)), None)
        self._hang(self.panes.index(first) if first is not None else 0)

    @property
    def active(self) -> int:
        """The place of the image that keys act on; -1 when its cell is empty."""
        image = self._hanging.active
        return image if image is not None and self.panes else -1

    @property
    def active_pane(self) -> ViewPane | None:
        """The pane that keys act on."""
        return self.panes[self.active] if self.active >= 0 else None

    def cells(self) -> list[ViewPane | None]:
        """The cells row by row, None for an empty one; no cell at all without an image."""
        cells = self._hanging.cells if self.panes else ()
        return [self.panes[image] if image is not None else None for image in cells]

    def use(self, layout: Layout) -> None:
        """Other cells, hung anew; the image in front stays in front."""
        self.layout = layout
        self._hang(self._front())

    def show(self, image: int) -> None:
        """Let keys act on an image; it takes the active cell when it is in none."""
        if 0 <= image < len(self.panes):
            self._hanging = self._hanging.showing(image)
            self.arrange()

    def activate(self, pane: ViewPane) -> None:
        """Let keys act on a pane that is in sight."""
        if pane in self.cells():
            self.activate_cell(self.cells().index(pane))

    def activate_cell(self, place: int) -> None:
        """Let keys act on what hangs there; the next image that is chosen comes there."""
        if place != self._hanging.cell:
            self._hanging = replace(self._hanging, cell=place)
            self.mark()
            self.activated.emit()

    def arrange(self) -> None:
        """Put the right panes in sight."""
        cells = self.cells()
        columns = self.layout.columns if len(cells) > 1 else 1
        self._grid.place(cells, columns, self._left_inset)
        self.mark()
        self.arranged.emit()

    def mark(self) -> None:
        """Frame the active one of several cells."""
        several = len(self._hanging.cells) > 1
        for pane in self.panes:
            pane.set_highlighted(several and pane is self.active_pane)
        self._grid.highlight(self._hanging.cell if self.active_pane is None else -1)

    def _front(self) -> int:
        """The active image, or the first one in sight while the active cell is empty."""
        filled = [image for image in self._hanging.cells if image is not None]
        return self.active if self.active >= 0 else (filled or [0])[0]

    def _hang(self, front: int) -> None:
        films = [Film(pane.radiograph.view) for pane in self.panes]
        self._hanging = hang(films, self.layout, front)
        self.arrange()

    def _toggle(self, layout: Layout) -> None:
        self.use(Layout.ONE if layout is self.layout else layout)
