"""The viewer of a blinded study: every item is shown as if it were the first one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from app.imaging.measuring.measurement import Measurement
from app.ui.blinded.images import Decoded
from app.ui.viewer.area import ViewerArea

HIDDEN: Final = ("attention", "key_image", "compare", "appearance", "link", "layout_four")
"""What the viewer can do and a blinded reader may not, or has no use for."""


class BlindedViewer(ViewerArea):
    """Says nothing of an image but the item's own words and the window in use.

    What the file says (its size, its calibration, whether it is a DICOM file) may tell a source.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_identity_hidden(True)
        hidden = [self.action(name) for name in HIDDEN]
        for action in hidden:
            action.setVisible(False)
            action.setEnabled(False)
        for button in self.findChildren(QToolButton):
            if button.defaultAction() in hidden:
                button.hide()

    def show_item(self, image: Decoded, words: str, marks: Sequence[Measurement]) -> None:
        """An item with ``words`` over it and its own ``marks``; nothing is left of what was done to
        the one before."""
        self.clear()
        self._tools.start_over()
        self._worn.words = (words,)
        self.set_radiographs([image.radiograph], [image.pyramid])
        self.marks.bring({image.radiograph.image_id: marks})

    def close_line(self) -> bool:
        """Keep the words that are being written on the image; False when none are."""
        line = self.window().focusWidget()
        if not isinstance(line, QLineEdit) or not self.isAncestorOf(line):
            return False
        self.setFocus()  # the line closes and keeps its words
        return True
