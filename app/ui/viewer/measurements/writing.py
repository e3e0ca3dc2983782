"""The words of an arrow, written in place: a line on the image, no dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.imaging.measuring.measurement import Measurement
from app.ui import theme
from app.ui.viewer.measurements.marks import Marks

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

_SIZE = (220, 30)
_SAVED_AFTER_MS = 700


def write_on(pane: ViewPane, marks: Marks, image_id: str, measurement: Measurement) -> None:
    """Open a line for the words of an arrow where they stand."""
    _Line(pane, marks, image_id, measurement)


class _Line(QLineEdit):
    """Keeps what is typed within a second; Enter, Esc or a click elsewhere closes it."""

    def __init__(
        self, pane: ViewPane, marks: Marks, image_id: str, measurement: Measurement
    ) -> None:
        super().__init__(measurement.text, pane)
        self.setObjectName("arrow_text")
        self.setAccessibleName("Words of the arrow")
        self.setPlaceholderText("What is there?")
        self.setMaxLength(200)
        self.setStyleSheet(
            f"QLineEdit {{ background: {theme.RAISED}; color: {theme.TEXT};"
            f" border: 1px solid {theme.ACCENT}; padding: 2px 6px; }}"
        )
        self._marks = marks
        self._image_id = image_id
        self._kept = measurement
        self._timer = QTimer(self, singleShot=True, interval=_SAVED_AFTER_MS)
        self._timer.timeout.connect(self._keep)
        self.textEdited.connect(lambda _: self._timer.start())
        self.returnPressed.connect(self._close)
        at = pane.screen_point(*measurement.points[1])
        x = min(max(int(at.x()), 4), max(pane.width() - _SIZE[0] - 4, 4))
        y = min(max(int(at.y()), 4), max(pane.height() - _SIZE[1] - 4, 4))
        self.setGeometry(x, y, *_SIZE)
        self.show()
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._close()

    def _keep(self) -> None:
        """One step to undo, however long the words are."""
        words = self._kept.with_text(self.text().strip())
        self._marks.change(self._image_id, self._kept, words, merging=True)
        self._kept = words

    def _close(self) -> None:
        if self.isHidden():
            return
        self._timer.stop()
        self._keep()
        pane = self.parentWidget()
        self.hide()
        self.deleteLater()
        if pane is not None:
            pane.setFocus()
