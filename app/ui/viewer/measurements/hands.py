"""What the left button does to measurements: put a new one, or take hold of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.imaging.measuring.measurement import (
    Kind,
    Measurement,
    Point,
    kept_inside,
    measured,
    moved_inside,
)
from app.imaging.measuring.results import Result, result
from app.ui.viewer.hands import Hand
from app.ui.viewer.measurements.drawing import draw
from app.ui.viewer.measurements.marks import Marks
from app.ui.viewer.measurements.shapes import Part, shape_of
from app.ui.viewer.measurements.writing import write_on

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

_LINES: Final = {Kind.COBB: (0, 2), Kind.RATIO: (0, 2)}
"""At which point a line of a measurement begins; one line from the first point otherwise."""
_SECOND_LINE: Final = {Kind.COBB: "now the other line", Kind.RATIO: "now across the chest"}
_LEAST_PX: Final = 3.0  # logical pixels: a shorter line was not meant
_LIVE_PIXELS: Final = 2_000_000  # of a region whose values are worked out while it is drawn


class PlaceHand(Hand):
    """Puts a measurement on the image point by point: drag from end to end, or click each.

    Shift keeps a line level or upright; Esc gives up what is half drawn. A preview of an image
    can't be measured.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, kind: Kind, marks: Marks) -> None:
        self._kind = kind
        self._marks = marks
        self._fixed: list[Point] = []
        self._floating: Point | None = None
        self._began = False

    @property
    def pending(self) -> bool:
        """Whether one is half drawn."""
        return bool(self._fixed)

    def press(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        if pane.radiograph.reduction > 1 or not self._marks.shown:
            return
        self._began = len(self._fixed) in _LINES.get(self._kind, (0,))
        if self._began:
            self._fixed.append(_inside(pane, pane.image_point(at)))
            self._marks.select("")

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._float(pane, at, keys)

    def release(self, pane: ViewPane, at: QPointF, dragged: bool) -> None:
        if not self._fixed or (self._began and not dragged):
            return
        end = self._floating or _inside(pane, pane.image_point(at))
        if len(self._fixed) not in _LINES.get(self._kind, (0,)) and self._short(pane, end):
            return
        self._fixed.append(end)
        if len(self._fixed) == self._kind.points:
            self._finish(pane)
        pane.update()

    def hover(self, pane: ViewPane, at: QPointF | None, keys: Qt.KeyboardModifier) -> None:
        if self._fixed and at is not None:
            self._float(pane, at, keys)

    def double_click(self, pane: ViewPane, at: QPointF) -> None:
        """Not the whole image again: whoever measures clicks fast."""

    def key(self, pane: ViewPane, event: QKeyEvent) -> bool:
        if event.key() != Qt.Key.Key_Escape or not self._fixed:
            return False
        self.put_away(pane)
        return True

    def put_away(self, pane: ViewPane) -> None:
        self._fixed, self._floating = [], None
        pane.update()

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        if not self._fixed:
            return
        last = self._floating or self._fixed[-1]
        missing = self._kind.points - len(self._fixed)
        measurement = measured(self._kind, [*self._fixed, *[last] * missing])
        shape = shape_of(measurement, pane.screen_point)
        if shape is not None:
            said = self._said(pane, measurement)
            draw(painter, shape, said.lines, QRectF(pane.rect()), selected=True, above=said.above)

    def _said(self, pane: ViewPane, measurement: Measurement) -> Result:
        """What the half drawn one says so far, or what comes next."""
        missing = self._kind.points - len(self._fixed)
        if missing == 2 and self._kind in _SECOND_LINE:
            return Result(lines=(_SECOND_LINE[self._kind],))
        (x0, y0), (x1, y1) = measurement.points[0], measurement.points[-1]
        large = abs((x1 - x0) * (y1 - y0)) > _LIVE_PIXELS
        region = self._kind in (Kind.ELLIPSE, Kind.RECTANGLE)
        if missing > 1 or self._kind is Kind.ARROW or (region and large):
            return Result()
        return result(measurement, pane.radiograph)

    def _short(self, pane: ViewPane, end: Point) -> bool:
        way = pane.screen_point(*end) - pane.screen_point(*self._fixed[-1])
        return way.manhattanLength() < _LEAST_PX

    def _float(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        begins = len(self._fixed) in _LINES.get(self._kind, (0,))
        anchor = None if begins or not self._fixed else self._fixed[-1]
        self._floating = _inside(pane, _straightened(pane, anchor, at, keys))
        pane.update()

    def _finish(self, pane: ViewPane) -> None:
        measurement = measured(self._kind, self._fixed)
        self._fixed, self._floating = [], None
        image_id = pane.radiograph.image_id
        self._marks.add(image_id, measurement)
        if self._kind is Kind.ARROW:
            write_on(pane, self._marks, image_id, measurement)


class HoldHand(Hand):
    """Moves one handle of a measurement, or all of it; one step to undo per drag."""

    def __init__(self, marks: Marks, measurement: Measurement, part: Part) -> None:
        self._marks = marks
        self._before = measurement
        self._now = measurement
        self._part = part
        self._from: Point = (0.0, 0.0)

    def press(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._from = pane.image_point(at)
        self._marks.select(self._before.uid)

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        width, height = pane.radiograph.width, pane.radiograph.height
        if self._part == "whole":
            x, y = pane.image_point(at)
            dx, dy = x - self._from[0], y - self._from[1]
            self._now = moved_inside(self._before, dx, dy, width, height)
        else:
            anchor = self._before.points[_partner(self._before.kind, self._part)]
            point = _straightened(pane, anchor, at, keys)
            moved = self._before.with_point(self._part, _inside(pane, point))
            self._now = kept_inside(moved, width, height)
        self._marks.preview(pane.radiograph.image_id, self._now)

    def release(self, pane: ViewPane, at: QPointF, dragged: bool) -> None:
        if dragged:
            self._marks.change(pane.radiograph.image_id, self._before, self._now)

    def double_click(self, pane: ViewPane, at: QPointF) -> None:
        """The words of an arrow can be written anew."""
        if self._before.kind is Kind.ARROW:
            write_on(pane, self._marks, pane.radiograph.image_id, self._before)


def _inside(pane: ViewPane, point: Point) -> Point:
    x, y = point
    width, height = pane.radiograph.width, pane.radiograph.height
    return min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))


def _partner(kind: Kind, index: int) -> int:
    """The point at the other end of the line that a point belongs to."""
    if kind is Kind.ANGLE:
        return 1 if index != 1 else 0
    return index ^ 1


def _straightened(
    pane: ViewPane, anchor: Point | None, at: QPointF, keys: Qt.KeyboardModifier
) -> Point:
    """The image point under the mouse; with Shift level with ``anchor`` or straight above it."""
    if anchor is None or not keys & Qt.KeyboardModifier.ShiftModifier:
        return pane.image_point(at)
    start = pane.screen_point(*anchor)
    level = abs(at.x() - start.x()) >= abs(at.y() - start.y())
    return pane.image_point(QPointF(at.x(), start.y()) if level else QPointF(start.x(), at.y()))
