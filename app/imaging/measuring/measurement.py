"""What a reader marked on an image: a kind and a few points. Plain data, never changed in place.

Points are image coordinates: x to the right over columns, y down over rows, pixel (row r, column c)
covers [c, c+1) × [r, r+1). What follows from them is computed
(:mod:`app.imaging.measuring.results`), because it depends on the image's spacing and pixels.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Point = tuple[float, float]
"""(x, y) in image pixels."""

FARTHEST = 1_000_000.0
"""No point lies farther out; the largest image has some 16,000 pixels per side."""


class Kind(StrEnum):
    """What a measurement is. The points of each, in order, stand beside it.

    A key image has no points: it marks the whole image.
    """

    LENGTH = "length"  # both ends
    ANGLE = "angle"  # end of one arm, vertex, end of the other arm
    COBB = "Cobb angle"  # both ends of one line, both ends of the other
    RATIO = "cardiothoracic ratio"  # both sides of the heart, both sides of the chest
    ELLIPSE = "ellipse"  # two opposite corners of the box around it
    RECTANGLE = "rectangle"  # two opposite corners
    ARROW = "arrow"  # its tip, and where its words stand
    KEY_IMAGE = "key image"

    @property
    def points(self) -> int:
        """How many points it has."""
        return _POINTS[self]


_POINTS = {
    Kind.LENGTH: 2,
    Kind.ANGLE: 3,
    Kind.COBB: 4,
    Kind.RATIO: 4,
    Kind.ELLIPSE: 2,
    Kind.RECTANGLE: 2,
    Kind.ARROW: 2,
    Kind.KEY_IMAGE: 0,
}


@dataclass(frozen=True)
class Measurement:
    """One measurement on one image. ``uid`` stays the same however often it is changed.

    Raises ValueError for a number of points that its kind doesn't have, and for points that are no
    place (not a number, infinite, beyond :data:`FARTHEST`).
    """

    uid: str
    kind: Kind
    points: tuple[Point, ...]
    text: str = ""

    def __post_init__(self) -> None:
        if len(self.points) != self.kind.points:
            raise ValueError(f"{self.kind} has {self.kind.points} points, not {len(self.points)}")
        for x, y in self.points:
            # "not <=" because every comparison with NaN is false
            if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
                raise ValueError(f"({x}, {y}) is no place on an image")

    def moved(self, dx: float, dy: float) -> Measurement:
        """The whole of it, moved by image pixels."""
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))

    def with_point(self, index: int, point: Point) -> Measurement:
        """One point put elsewhere."""
        points = list(self.points)
        points[index] = point
        return replace(self, points=tuple(points))

    def with_text(self, text: str) -> Measurement:
        """Other words."""
        return replace(self, text=text)


def measured(kind: Kind, points: Sequence[Point], text: str = "") -> Measurement:
    """A new measurement with an identity of its own."""
    return Measurement(uuid.uuid4().hex, kind, tuple((float(x), float(y)) for x, y in points), text)


def measurement_of(stored: Mapping[str, Any]) -> Measurement:
    """What ``dataclasses.asdict`` and JSON have made of a measurement, as it was.

    Raises ValueError, KeyError or TypeError for anything else.
    """
    points = tuple((float(x), float(y)) for x, y in stored["points"])
    return Measurement(str(stored["uid"]), Kind(stored["kind"]), points, str(stored["text"]))


def kept_inside(measurement: Measurement, width: int, height: int) -> Measurement:
    """The measurement with every point inside an image of ``width`` × ``height`` pixels."""
    return replace(
        measurement,
        points=tuple(
            (min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height)))
            for x, y in measurement.points
        ),
    )


def moved_inside(
    measurement: Measurement, dx: float, dy: float, width: int, height: int
) -> Measurement:
    """Moved as a whole by (dx, dy) image pixels, no farther than the image's edge: it keeps its
    shape."""
    if not measurement.points:
        return measurement
    xs, ys = zip(*measurement.points, strict=True)
    dx = _clamped(dx, -min(xs), width - max(xs))
    dy = _clamped(dy, -min(ys), height - max(ys))
    return measurement.moved(dx, dy)


def _clamped(step: float, lowest: float, highest: float) -> float:
    if not math.isfinite(step):
        return 0.0
    return min(max(step, min(lowest, 0.0)), max(highest, 0.0))
