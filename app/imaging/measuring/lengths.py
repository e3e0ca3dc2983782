"""Lengths and angles in the plane of the image.

Everything is worked out with the size of a pixel, in rows and in columns apart: where pixels are
not square, an angle taken from pixel numbers is wrong too. Without a spacing pixels count as
square.
"""

from __future__ import annotations

import math

from app.imaging.measuring.measurement import Point
from app.imaging.radiograph import Spacing


def scale_of(spacing: Spacing | None) -> tuple[float, float]:
    """(mm per column, mm per row), or (1, 1) in pixels."""
    return (spacing.column_mm, spacing.row_mm) if spacing is not None else (1.0, 1.0)


def length(a: Point, b: Point, scale: tuple[float, float]) -> float:
    """Distance of two points, in mm or pixels."""
    return math.hypot((b[0] - a[0]) * scale[0], (b[1] - a[1]) * scale[1])


def angle(arm: Point, vertex: Point, other: Point, scale: tuple[float, float]) -> float | None:
    """The angle at ``vertex`` in degrees, 0–180; None when an arm has no length."""
    one, two = _vector(vertex, arm, scale), _vector(vertex, other, scale)
    return _between(one, two)


def cobb(a: Point, b: Point, c: Point, d: Point, scale: tuple[float, float]) -> float | None:
    """The angle between the lines a–b and c–d in degrees; None when one has no length.

    Lines have no direction: the smaller of the two angles that they make is meant, 0–90, in
    whichever direction each was drawn.
    """
    found = _between(_vector(a, b, scale), _vector(c, d, scale))
    return None if found is None else min(found, 180.0 - found)


def across(a: Point, b: Point, along: tuple[Point, Point], scale: tuple[float, float]) -> float:
    """How far apart two points are measured along the line ``along``, in mm or pixels.

    The two sides of a heart seldom lie at one height. Its transverse diameter is the sum of the two
    distances from the midline, which is their distance along the chest's own diameter. A diameter
    without length counts as horizontal.
    """
    ux, uy = _vector(*along, scale)
    size = math.hypot(ux, uy)
    ux, uy = (ux / size, uy / size) if size > 0 else (1.0, 0.0)
    x, y = _vector(a, b, scale)
    return abs(x * ux + y * uy)


def _vector(a: Point, b: Point, scale: tuple[float, float]) -> tuple[float, float]:
    return (b[0] - a[0]) * scale[0], (b[1] - a[1]) * scale[1]


def _between(one: tuple[float, float], two: tuple[float, float]) -> float | None:
    if not any(one) or not any(two):
        return None
    # atan2 of cross and dot product keeps its precision where an arc cosine loses it
    cross = one[0] * two[1] - one[1] * two[0]
    dot = one[0] * two[0] + one[1] * two[1]
    return math.degrees(math.atan2(abs(cross), dot))
