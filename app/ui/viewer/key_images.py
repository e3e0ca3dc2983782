"""Which images of the study are marked as key images: those that show what the report speaks of.

Knows ids of images only; who keeps the marks listens to :attr:`KeyImages.marked`.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack


class KeyImages(QObject):
    """``changed()`` whenever a mark comes or goes; ``marked(image_id, on)`` when the reader did
    it, also by undo.
    """

    changed = Signal()
    marked = Signal(str, bool)

    def __init__(self, history: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._ids: frozenset[str] = frozenset()

    def __contains__(self, image_id: str) -> bool:
        return image_id in self._ids

    def set(self, image_ids: Iterable[str]) -> None:
        """What was marked before, from wherever it is kept."""
        self._ids = frozenset(image_ids)
        self.changed.emit()

    def toggle(self, image_id: str) -> None:
        """Mark an image, or take its mark away; can be undone."""
        self._history.push(_Mark(self, image_id, image_id not in self._ids))

    def mark(self, image_id: str, on: bool) -> None:
        """As the reader wants it, without a step to undo."""
        self._ids = self._ids | {image_id} if on else self._ids - {image_id}
        self.changed.emit()
        self.marked.emit(image_id, on)


class _Mark(QUndoCommand):
    def __init__(self, images: KeyImages, image_id: str, on: bool) -> None:
        super().__init__("Mark key image" if on else "Unmark key image")
        self._images = images
        self._image_id = image_id
        self._on = on

    def redo(self) -> None:
        self._images.mark(self._image_id, self._on)

    def undo(self) -> None:
        self._images.mark(self._image_id, not self._on)
