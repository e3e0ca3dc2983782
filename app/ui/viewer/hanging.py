"""Which image stands in which cell of the viewer, worked out without a widget.

As films hang on a light box: the frontal view at the left, the lateral at the right, those of a
prior study below, view under view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from app.imaging.radiograph import View


class Layout(Enum):
    """Rows and columns of cells."""

    ONE = (1, 1)
    TWO = (1, 2)
    FOUR = (2, 2)

    @property
    def cells(self) -> int:
        return self.value[0] * self.value[1]

    @property
    def columns(self) -> int:
        return self.value[1]


@dataclass(frozen=True)
class Film:
    """What hanging needs to know of an image: its view, and whether a prior study holds it."""

    view: View
    prior: bool = False

    @property
    def lateral(self) -> bool:
        return self.view is View.LATERAL


@dataclass(frozen=True)
class Hanging:
    """``cells`` hold places of images, row by row, None where nothing hangs; ``cell`` is the one
    that keys act on.
    """

    cells: tuple[int | None, ...] = (None,)
    cell: int = 0

    @property
    def active(self) -> int | None:
        """The image that keys act on."""
        return self.cells[self.cell]

    def showing(self, image: int) -> Hanging:
        """The image in front: its own cell becomes the active one, else it takes the active
        cell.
        """
        if image in self.cells:
            return replace(self, cell=self.cells.index(image))
        cells = list(self.cells)
        cells[self.cell] = image
        return replace(self, cells=tuple(cells))


def hang(films: Sequence[Film], layout: Layout, front: int) -> Hanging:
    """Hang ``films`` anew; ``front`` is the image that keys act on.

    It stays in sight wherever there is room for it by the rules. One image alone fills the viewer.
    """
    if not films:
        return Hanging()
    if layout is Layout.ONE or len(films) == 1:
        return Hanging((front,))
    cells = _pair(films, front) if layout is Layout.TWO else _block(films)
    first = next(place for place, image in enumerate(cells) if image is not None)
    return Hanging(cells, cells.index(front) if front in cells else first)


def to_compare(films: Sequence[Film]) -> Layout:
    """The least layout in which every current view has its prior beside or below it."""
    current = [film for film in films if not film.prior]
    both = len({film.lateral for film in current}) > 1
    return Layout.FOUR if both else Layout.TWO


def _pair(films: Sequence[Film], front: int) -> tuple[int | None, ...]:
    """Frontal and lateral; where the study has only one of them, current and prior."""
    here = films[front]
    current = [image for image, film in enumerate(films) if not film.prior]
    priors = [image for image, film in enumerate(films) if film.prior]
    one_kind = len({films[image].lateral for image in current}) < 2
    if current and priors and (here.prior or one_kind):
        facing = current if here.prior else priors
        alike = [image for image in facing if films[image].lateral == here.lateral]
        other = (alike or facing)[0]
        return (other, front) if here.prior else (front, other)
    others = [image for image in (current or priors) if image != front]
    if not others:
        return front, None
    counterparts = [
        image for image in others if films[image].view.frontal != here.view.frontal
    ] or others
    pair = sorted((front, counterparts[0]), key=lambda i: (not films[i].view.frontal, i))
    return tuple(pair)


def _block(films: Sequence[Film]) -> tuple[int | None, ...]:
    """Two rows: current and prior, or the first four images of the one study there is."""
    current = [image for image, film in enumerate(films) if not film.prior]
    priors = [image for image, film in enumerate(films) if film.prior]
    if priors and current:
        return (*_row(films, current), *_row(films, priors))
    images = current or priors
    first = _row(films, images)
    rest = [image for image in images if image not in first]
    return (*first, *_row(films, rest))


def _row(films: Sequence[Film], images: Sequence[int]) -> tuple[int | None, int | None]:
    """Two cells: what isn't lateral at the left, frontal first; a lateral at the right."""
    fronts = sorted(
        (image for image in images if not films[image].lateral),
        key=lambda image: not films[image].view.frontal,
    )
    laterals = [image for image in images if films[image].lateral]
    left = fronts.pop(0) if fronts else None
    right = laterals.pop(0) if laterals else None
    if right is None and fronts:
        right = fronts.pop(0)
    if left is None and laterals:
        left, right = right, laterals.pop(0)
    return left, right
