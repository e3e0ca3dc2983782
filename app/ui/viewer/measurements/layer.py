"""The measurements of one image as a layer over its pane: drawn, touched and moved by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.imaging.measuring.measurement import Kind, Measurement, moved_inside
from app.imaging.measuring.results import Result, limit_note, result
from app.ui.viewer.hands import Hand
from app.ui.viewer.measurements.drawing import draw
from app.ui.viewer.measurements.hands import HoldHand, PlaceHand
from app.ui.viewer.measurements.marks import Marks
from app.ui.viewer.measurements.shapes import part_at, shape_of

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_MANY = 64  # results kept; a drag makes a new one with every step


class MeasurementLayer:
    """Draws what stands on the image of the pane it is given."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._results: dict[Measurement, Result] = {}

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        for measurement in self._shown(pane):
            limited = limit_note(pane.radiograph) == ""
            shape = shape_of(measurement, pane.screen_point, limited=limited)
            if shape is not None:
                selected = measurement.uid == self._marks.selected
                said = self._result(pane, measurement)
                draw(
                    painter,
                    shape,
                    said.lines,
                    QRectF(pane.rect()),
                    selected=selected,
                    above=said.above,
                )

    def hand_at(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> Hand | None:
        if isinstance(pane.hand, PlaceHand) and pane.hand.pending:
            return None
        for measurement in reversed(self._shown(pane)):  # the last one lies on top
            shape = shape_of(measurement, pane.screen_point)
            part = part_at(shape, at) if shape is not None else None
            if part is not None:
                return HoldHand(self._marks, measurement, part)
        self._marks.select("")
        return None

    def key(self, pane: ViewPane, event: QKeyEvent) -> bool:
        chosen = [m for m in self._shown(pane) if m.uid == self._marks.selected]
        if not chosen:
            return False
        (measurement,) = chosen
        image_id = pane.radiograph.image_id
        if event.key() == Qt.Key.Key_Delete:
            self._marks.remove(image_id, measurement)
        elif event.key() == Qt.Key.Key_Escape:
            self._marks.select("")
        elif event.key() in _STEPS and event.modifiers() in _PLAIN:
            x, y = pane.image_point(pane.screen_point(0, 0) + QPointF(*_STEPS[Qt.Key(event.key())]))
            zoom = pane.view_geometry.zoom
            width, height = pane.radiograph.width, pane.radiograph.height
            moved = moved_inside(measurement, x * zoom, y * zoom, width, height)
            self._marks.change(image_id, measurement, moved, merging=True)
        else:
            return False
        return True

    def _shown(self, pane: ViewPane) -> tuple[Measurement, ...]:
        """What can be seen and touched; a preview has its image's pixels only nearly."""
        if not self._marks.shown or pane.radiograph.reduction > 1:
            return ()
        return tuple(
            m for m in self._marks.of(pane.radiograph.image_id) if m.kind is not Kind.KEY_IMAGE
        )

    def _result(self, pane: ViewPane, measurement: Measurement) -> Result:
        if measurement not in self._results:
            if len(self._results) >= _MANY:
                self._results.clear()
            self._results[measurement] = result(measurement, pane.radiograph)
        return self._results[measurement]


_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
