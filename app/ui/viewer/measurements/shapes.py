"""Where the lines, handles and words of a measurement lie on the screen, and what is under a point.

Everything in logical pixels of the pane. The screen shows pixels in their true proportion, so that
what is perpendicular here is so in the patient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF

from app.imaging.measuring.measurement import Kind, Measurement
from app.imaging.measuring.results import NORMAL_RATIO

ToScreen = Callable[[float, float], QPointF]
Part = int | Literal["whole"]
"""A handle by its number, or the measurement as a whole."""

_HANDLE_REACH: Final = 10.0
_LINE_REACH: Final = 6.0
_TICK: Final = 6.0
_LIMIT_TICK: Final = 12.0
_HEAD: Final = 13.0
_GAP: Final = 12.0


@dataclass(frozen=True)
class Shape:
    """``lines`` are measured along, ``quiet`` ones only lead somewhere; ``box`` is a rectangle or
    the box around an ellipse.
    """

    handles: tuple[QPointF, ...]
    lines: tuple[QLineF, ...] = ()
    quiet: tuple[QLineF, ...] = ()
    box: QRectF | None = None
    ellipse: bool = False
    beside: QRectF | None = None  # what the words stand beside, when that is less than all of it

    @property
    def bounds(self) -> QRectF:
        """What it covers, without words."""
        corners = [point for line in self.lines for point in (line.p1(), line.p2())]
        corners += self.handles
        left, right = min(p.x() for p in corners), max(p.x() for p in corners)
        top, bottom = min(p.y() for p in corners), max(p.y() for p in corners)
        return QRectF(left, top, right - left, bottom - top)


def shape_of(
    measurement: Measurement, to_screen: ToScreen, *, limited: bool = False
) -> Shape | None:
    """The shape of a measurement; None for a key image, which has none.

    ``limited``: mark on the heart's line how wide a normal heart may be in this chest.
    """
    handles = tuple(to_screen(x, y) for x, y in measurement.points)
    match measurement.kind:
        case Kind.LENGTH:
            line = QLineF(handles[0], handles[1])
            return Shape(handles, (line, *_ticks(line)))
        case Kind.ANGLE:
            arms = (QLineF(handles[1], handles[0]), QLineF(handles[1], handles[2]))
            return Shape(handles, arms)
        case Kind.COBB:
            one, other = QLineF(handles[0], handles[1]), QLineF(handles[2], handles[3])
            return Shape(handles, (one, other), (QLineF(one.center(), other.center()),))
        case Kind.RATIO:
            return _ratio(handles, limited)
        case Kind.ELLIPSE | Kind.RECTANGLE:
            box = QRectF(handles[0], handles[1]).normalized()
            return Shape(handles, box=box, ellipse=measurement.kind is Kind.ELLIPSE)
        case Kind.ARROW:
            tip, tail = handles
            lines = (QLineF(tail, tip), *_head(tip, tail))
            return Shape(handles, lines, beside=QRectF(tail, tail))
        case Kind.KEY_IMAGE:
            return None


def part_at(shape: Shape, at: QPointF) -> Part | None:
    """The nearest handle within reach, else the whole when a line is; None beside it."""
    distances = [QLineF(handle, at).length() for handle in shape.handles]
    nearest = min(range(len(distances)), key=distances.__getitem__)
    if distances[nearest] <= _HANDLE_REACH:
        return nearest
    if any(_distance(line, at) <= _LINE_REACH for line in shape.lines):
        return "whole"
    if shape.box is not None and _on_outline(shape, at):
        return "whole"
    return None


def words_place(bounds: QRectF, size: QSizeF, pane: QRectF) -> QRectF:
    """Where words of ``size`` stand: beside the measurement and inside the pane where that fits."""
    middle = bounds.center()
    wide, high = size.width(), size.height()
    places = (
        QPointF(bounds.right() + _GAP, middle.y() - high / 2),
        QPointF(middle.x() - wide / 2, bounds.bottom() + _GAP),
        QPointF(middle.x() - wide / 2, bounds.top() - _GAP - high),
        QPointF(bounds.left() - _GAP - wide, middle.y() - high / 2),
    )
    for place in places:
        if pane.contains(QRectF(place, size)):
            return QRectF(place, size)
    x = min(max(places[0].x(), pane.left()), max(pane.right() - wide, pane.left()))
    y = min(max(places[0].y(), pane.top()), max(pane.bottom() - high, pane.top()))
    return QRectF(QPointF(x, y), size)


def _ratio(handles: tuple[QPointF, ...], limited: bool) -> Shape:
    """The heart's width along the chest's own diameter, what leads from its sides to it, and how
    far a normal heart would reach around the same middle.
    """
    chest = QLineF(handles[2], handles[3])
    size = chest.length()
    along = (chest.p2() - chest.p1()) / size if size > 0 else QPointF(1.0, 0.0)
    normal = QPointF(-along.y(), along.x())
    height = sum(QPointF.dotProduct(side, normal) for side in handles[:2]) / 2
    ends = [along * QPointF.dotProduct(side, along) + normal * height for side in handles[:2]]
    heart = QLineF(ends[0], ends[1])
    leading = tuple(
        QLineF(side, end) for side, end in zip(handles, ends, strict=False) if side != end
    )
    half = along * (size * NORMAL_RATIO / 2)
    normally = QLineF(heart.center() - half, heart.center() + half)
    marks = _ticks(normally, _LIMIT_TICK) if limited and size > 0 else ()
    return Shape(handles, (heart, chest, *_ticks(heart), *_ticks(chest)), (*leading, *marks))


def _ticks(line: QLineF, size: float = _TICK) -> tuple[QLineF, ...]:
    """Short marks across both ends."""
    if line.length() == 0:
        return ()
    across = line.normalVector().unitVector()
    step = (across.p2() - across.p1()) * size
    return tuple(QLineF(end - step, end + step) for end in (line.p1(), line.p2()))


def _head(tip: QPointF, tail: QPointF) -> tuple[QLineF, ...]:
    if tip == tail:
        return ()
    angle = math.atan2(tail.y() - tip.y(), tail.x() - tip.x())
    return tuple(
        QLineF(tip, tip + QPointF(math.cos(angle + turn), math.sin(angle + turn)) * _HEAD)
        for turn in (-0.42, 0.42)
    )


def _distance(line: QLineF, at: QPointF) -> float:
    """From a point to a stretch of line."""
    way = line.p2() - line.p1()
    size = QPointF.dotProduct(way, way)
    share = QPointF.dotProduct(at - line.p1(), way) / size if size > 0 else 0.0
    return QLineF(line.p1() + way * min(max(share, 0.0), 1.0), at).length()


def _on_outline(shape: Shape, at: QPointF) -> bool:
    assert shape.box is not None
    box = shape.box
    if not shape.ellipse:
        corners = (box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft())
        sides = zip(corners, (*corners[1:], corners[0]), strict=True)
        return any(_distance(QLineF(a, b), at) <= _LINE_REACH for a, b in sides)
    a, b = box.width() / 2, box.height() / 2
    if min(a, b) <= _LINE_REACH:
        return box.adjusted(-_LINE_REACH, -_LINE_REACH, _LINE_REACH, _LINE_REACH).contains(at)
    offset = at - box.center()
    radius = math.hypot(offset.x() / a, offset.y() / b)
    return abs(radius - 1) * min(a, b) <= _LINE_REACH
