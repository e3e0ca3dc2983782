"""Which panes are in sight, in which cells, and which of them keys act on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.ui.viewer.grid import PaneGrid
from app.ui.viewer.hanging import Film, Hanging, Layout, hang, to_compare
from app.ui.viewer.pane import ViewPane

LAYOUTS = {
    "layout_one": Layout.ONE,
    "side_by_side": Layout.TWO,
    "layout_four": Layout.FOUR,
}
"""The layouts by the names of their actions."""


def kept_or_made(
    before: Sequence[ViewPane],
    radiographs: Sequence[Radiograph],
    pyramids: Sequence[Pyramid],
    make: Callable[[Radiograph, Pyramid | None], ViewPane],
) -> list[ViewPane]:
    """The panes of ``radiographs``: those of ``before`` that show them already, others made.

    The rest of ``before`` is given up. ``pyramids`` may be fewer. A whole image takes over how its
    preview was set.
    """
    known: dict[str, ViewPane | None] = {pane.radiograph.image_id: pane for pane in before}
    previews = {_source(pane.radiograph): pane for pane in before if pane.radiograph.reduction > 1}
    kept = []
    for radiograph, pyramid in zip_longest(radiographs, pyramids[: len(radiographs)]):
        pane = known.pop(radiograph.image_id, None) or make(radiograph, pyramid)
        preview = previews.get(_source(radiograph))
        if preview is not None and preview is not pane:
            pane.resize(preview.size())
            pane.restore(preview.state())
        kept.append(pane)
    # Not those left in ``known``: two images of one id would leave a pane of theirs in sight.
    for pane in [pane for pane in before if pane not in kept]:
        pane.setParent(None)
        pane.deleteLater()
    return kept


def _source(radiograph: Radiograph) -> tuple[Path, int]:
    return radiograph.path, radiograph.frame


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
        self._chosen = Layout.ONE
        self._comparing: bool | None = None  # None: a prior hangs where the layout has room

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the actions about layouts and images do, by their names."""
        return {
            "layout_one": lambda: self.use(Layout.ONE),
            "side_by_side": lambda: self._toggle(Layout.TWO),
            "layout_four": lambda: self._toggle(Layout.FOUR),
            "compare": self.compare,
            "next_image": lambda: self.show(self._front() + 1),
            "previous_image": lambda: self.show(self._front() - 1),
        }

    def set_panes(self, panes: Sequence[ViewPane], front: ViewPane | None = None) -> None:
        """Hang these, priors last; ``front`` is the active one, else the first frontal one is."""
        self.panes = tuple(panes)
        frontal = [pane for pane in panes if pane.radiograph.view.frontal and not pane.prior]
        first = front or next(iter((*frontal, *panes)), None)
        self._hang(self.panes.index(first) if first is not None else 0)

    @property
    def layout(self) -> Layout:
        """The cells in use: those that the reader has chosen, or more while comparing."""
        if self._comparing and any(pane.prior for pane in self.panes):
            return max(self._chosen, to_compare(self._films()), key=lambda one: one.cells)
        return self._chosen

    @property
    def prior_in_sight(self) -> bool:
        """Whether an image of an earlier study is shown."""
        return any(pane is not None and pane.prior for pane in self.cells())

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
        self._chosen = layout
        self._comparing = None
        self._hang(self._front())

    def compare(self) -> None:
        """Show the prior's images too, in as many cells as that takes, or no more of them."""
        self._comparing = not self.prior_in_sight
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
        films = self._films()
        if self._comparing is False:  # they stand behind the open study's
            films = [film for film in films if not film.prior]
            front = front if front < len(films) else 0
        self._hanging = hang(films, self.layout, front)
        self.arrange()

    def _films(self) -> list[Film]:
        return [Film(pane.radiograph.view, bool(pane.prior)) for pane in self.panes]

    def _toggle(self, layout: Layout) -> None:
        self.use(Layout.ONE if layout is self.layout else layout)
