"""The measurements of the open study, by image, and what can be undone about them.

Knows neither widgets nor stores: who keeps measurements listens to :attr:`Marks.edited`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.imaging.measuring.measurement import Measurement

_MERGING = 1


class Marks(QObject):
    """``changed()`` whenever something must be drawn anew; ``edited(image_id, Measurement,
    deleted)`` when the reader put, changed or removed one, also by undo.

    At most one is selected: the one that keys act on.
    """

    changed = Signal()
    edited = Signal(str, object, bool)

    def __init__(self, history: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._by_image: dict[str, dict[str, Measurement]] = {}
        self._touched: set[str] = set()  # changed here since the study was opened
        self.selected = ""
        self.shown = True

    def of(self, image_id: str) -> tuple[Measurement, ...]:
        """What stands on an image, in the order in which it was put there."""
        return tuple(self._by_image.get(image_id, {}).values())

    def clear(self) -> None:
        """Another study, or none."""
        self._by_image = {}
        self._touched = set()
        self.selected = ""
        self.changed.emit()

    def bring(self, kept: Mapping[str, Iterable[Measurement]]) -> None:
        """What was measured before, from wherever it is kept; what is newer here stays."""
        for image_id, measurements in kept.items():
            here = self._by_image.get(image_id, {})
            earlier = {m.uid: m for m in measurements if m.uid not in self._touched}
            self._by_image[image_id] = earlier | here
        self.changed.emit()

    def select(self, uid: str) -> None:
        """The one that keys act on; "" for none."""
        if uid != self.selected:
            self.selected = uid
            self.changed.emit()

    def show_all(self, shown: bool) -> None:
        """Draw them or not; hidden ones can't be touched."""
        self.shown = shown
        self.changed.emit()

    def add(self, image_id: str, measurement: Measurement) -> None:
        """Put a new one on the image and select it."""
        self._history.push(_Change(self, image_id, None, measurement))
        self.select(measurement.uid)

    def change(
        self, image_id: str, before: Measurement, after: Measurement, *, merging: bool = False
    ) -> None:
        """Replace one by another state of it; ``merging``: one step with the change just made."""
        if after != before:
            self._history.push(_Change(self, image_id, before, after, merging=merging))

    def remove(self, image_id: str, measurement: Measurement) -> None:
        """Take one away."""
        self._history.push(_Change(self, image_id, measurement, None))

    def preview(self, image_id: str, measurement: Measurement) -> None:
        """Draw another state of one while it is being dragged; nothing is kept or undone."""
        self._by_image.setdefault(image_id, {})[measurement.uid] = measurement
        self.changed.emit()

    def put(self, image_id: str, before: Measurement | None, after: Measurement | None) -> None:
        """As the reader wants it, without a step to undo."""
        here = self._by_image.setdefault(image_id, {})
        standing = after or before
        assert standing is not None, "a change is from or to something"
        self._touched.add(standing.uid)
        if after is not None:
            here[after.uid] = after
        else:
            here.pop(standing.uid, None)
            if self.selected == standing.uid:
                self.selected = ""
        self.changed.emit()
        self.edited.emit(image_id, standing, after is None)


class _Change(QUndoCommand):
    """From one state of a measurement to another; None where it isn't there."""

    def __init__(
        self,
        marks: Marks,
        image_id: str,
        before: Measurement | None,
        after: Measurement | None,
        *,
        merging: bool = False,
    ) -> None:
        standing = after or before
        assert standing is not None, "a change is from or to something"
        verb = "Change" if before and after else "Remove" if before else "Add"
        super().__init__(f"{verb} {standing.kind}")
        self._marks = marks
        self._image_id = image_id
        self._before = before
        self._after = after
        self._merging = merging

    def id(self) -> int:
        return _MERGING if self._merging else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Change) or self._after != other._before:
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        self._marks.put(self._image_id, self._before, self._after)

    def undo(self) -> None:
        self._marks.put(self._image_id, self._after, self._before)
