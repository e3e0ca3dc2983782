"""Where a picture goes, and what it shows: the file dialog with three questions more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QLabel, QWidget

from app.ui import theme
from app.ui.pictures.drawing import as_shown, burned_in, full_size, whole_image
from app.ui.viewer.pane import ViewPane

_NAME = "radiograph.png"  # never a patient's name or number
_FILTER = "PNG, without loss (*.png);;JPEG, smaller (*.jpg *.jpeg)"


@dataclass(frozen=True)
class Wanted:
    """What the reader chose."""

    file: Path
    whole: bool
    identity: bool

    def draw(self, pane: ViewPane) -> QImage:
        """The picture of ``pane``."""
        drawing = whole_image if self.whole else as_shown
        return drawing(pane, identity_hidden=not self.identity)


class SaveDialog(QFileDialog):
    """Asks for a file; identity is left out unless it is ticked."""

    def __init__(self, pane: ViewPane, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Save picture", _NAME, _FILTER)
        self.setObjectName("save-picture")
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setDefaultSuffix("png")
        self.filterSelected.connect(self._use_kind)
        ratio = pane.pixel_ratio()
        shown = f"{round(pane.width() * ratio)} × {round(pane.height() * ratio)}"
        width, height = full_size(pane)
        self.extent = QComboBox()
        self.extent.addItem(f"As shown ({shown} pixels)")
        self.extent.addItem(f"Whole image, full resolution ({width} × {height} pixels)")
        self.extent.setAccessibleName("What the picture shows")
        self.identity = QCheckBox("Write the patient's name and number into the picture")
        asked: list[QWidget] = [self.extent, self.identity]
        said = burned_in(pane.radiograph)
        if said:
            hint = QLabel(said)
            hint.setStyleSheet(f"color: {theme.ATTENTION};")
            asked.append(hint)
        grid = self.layout()
        if isinstance(grid, QGridLayout):  # as Qt's own dialog is laid out
            for widget in asked:
                grid.addWidget(widget, grid.rowCount(), 0, 1, -1)

    def _use_kind(self, chosen: str) -> None:
        """The name ends as the kind asks, also one that was typed before."""
        suffix = "jpg" if "jpg" in chosen else "png"
        self.setDefaultSuffix(suffix)
        for file in self.selectedFiles()[:1]:
            self.selectFile(str(Path(file).with_suffix(f".{suffix}")))

    def wanted(self) -> Wanted | None:
        """What was chosen; None without a file."""
        chosen = self.selectedFiles()
        if not chosen:
            return None
        return Wanted(Path(chosen[0]), self.extent.currentIndex() == 1, self.identity.isChecked())
