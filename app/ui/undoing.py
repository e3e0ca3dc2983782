"""Takes back what was done last, wherever it was: in the report or on the images.

Each of the two keeps its own steps. While the report is being written in, the keys are its own;
otherwise they follow the last change, and go on with the other one when nothing is left there.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from app.ui.panels.report_editor import ReportEditor

_Place = Literal["report", "images"]


class Undoing(QObject):
    """What *Edit → Undo* and *Redo* do."""

    def __init__(self, editor: ReportEditor, images: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._images = images
        self._last: _Place = "report"
        editor.document().undoCommandAdded.connect(lambda: self._changed("report"))
        images.indexChanged.connect(lambda _: self._changed("images"))

    def undo(self) -> None:
        """Take back one step."""
        document = self._editor.document()
        available = (document.isUndoAvailable(), self._images.canUndo())
        if self._place(*available) == "images":
            self._images.undo()
        else:
            self._editor.undo()

    def redo(self) -> None:
        """Do one step again that was taken back."""
        document = self._editor.document()
        available = (document.isRedoAvailable(), self._images.canRedo())
        if self._place(*available) == "images":
            self._images.redo()
        else:
            self._editor.redo()

    def _place(self, report: bool, images: bool) -> _Place:
        if self._editor.hasFocus():
            return "report"
        report = report and not self._editor.isReadOnly()
        if report and images:
            return self._last
        return "images" if images else "report"

    def _changed(self, place: _Place) -> None:
        self._last = place
