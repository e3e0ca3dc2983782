"""An item's image beside its text, as readers will see it: what can't be judged by words alone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.blinded.viewer import BlindedViewer
from app.ui.coordinator.told import Seen


class ItemImage(QWidget):
    """A window of its own with the tools of the viewer; Esc closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.viewer = BlindedViewer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.viewer)
        self.resize(720, 760)

    def show_image(self, seen: Seen) -> None:
        self.setWindowTitle(f"{seen.item.code} · {seen.item.case} · Reading Room")
        self.viewer.show_item(seen.image, f"{seen.item.code} · {seen.item.case}", ())
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
