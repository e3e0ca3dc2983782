"""What a user can choose, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.inference.heatmap import COLOUR_MAPS
from app.settings import DEVICES, Settings

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo

_DEVICE_NAMES = {"auto": "GPU when there is one, else CPU", "cpu": "CPU", "cuda": "GPU (CUDA)"}
_FONT_PX = (14, 17)


class SettingsDialog(QDialog):
    """``chosen(Settings)`` when the user keeps the choices. Not modal: reading can go on."""

    chosen = Signal(object)

    def __init__(
        self,
        settings: Settings,
        models: Sequence[ModelInfo],
        home: Path,
        suggested_name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings · Reading Room")
        self.setModal(False)
        self._settings = settings
        self._make_fields(settings, models, suggested_name)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        _heading(form, "Reader")
        form.addRow("Name", self.name)
        form.addRow("", self.hide_identity)
        _heading(form, "Model")
        form.addRow("Model", self.model)
        form.addRow("Device", self.device)
        form.addRow("Drafts", self.beams)
        form.addRow("", self.normalised)
        form.addRow("", self.automatic)
        _heading(form, "Appearance")
        form.addRow("Colours of maps", self.colour_map)
        form.addRow("Opacity of maps", self.opacity)
        form.addRow("Report text", self.font_size)
        _heading(form, "Data")
        form.addRow("Folder", _folder_row(home))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._keep)
        self.buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(520)

    def result_settings(self) -> Settings:
        """The settings as they stand in the fields."""
        return self._settings.changed(
            user_name=" ".join(self.name.text().split()),
            model=self.model.currentData() or "",
            device=self.device.currentData(),
            beams=self.beams.value(),
            length_normalised=self.normalised.isChecked(),
            draft_automatically=self.automatic.isChecked(),
            colour_map=self.colour_map.currentText(),
            attention_opacity=self.opacity.value() / 100,
            font_size=self.font_size.value(),
            hide_identity=self.hide_identity.isChecked(),
        )

    def _make_fields(
        self, settings: Settings, models: Sequence[ModelInfo], suggested_name: str
    ) -> None:
        self.name = QLineEdit(settings.user_name, placeholderText=suggested_name, maxLength=80)
        self.hide_identity = QCheckBox("Hide names and numbers of patients")
        self.hide_identity.setChecked(settings.hide_identity)
        self.model = QComboBox()
        for info in models:
            self.model.addItem(f"{info.model_id}  ({info.title})", info.model_id)
        if not models:
            self.model.addItem("no model was found", "")
            self.model.setEnabled(False)
        self.model.setCurrentIndex(max(0, self.model.findData(settings.model)))
        self.device = QComboBox()
        for device in DEVICES:
            self.device.addItem(_DEVICE_NAMES[device], device)
        self.device.setCurrentIndex(max(0, self.device.findData(settings.device)))
        self.beams = QSpinBox(minimum=1, maximum=10, value=settings.beams)
        self.beams.setSuffix(" most probable")
        self.normalised = QCheckBox("Rank by probability per word, not per draft")
        self.normalised.setChecked(settings.length_normalised)
        self.automatic = QCheckBox("Draft a study when it is opened")
        self.automatic.setChecked(settings.draft_automatically)
        self.colour_map = QComboBox()
        self.colour_map.addItems(list(COLOUR_MAPS))
        self.colour_map.setCurrentText(settings.colour_map)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(round(settings.attention_opacity * 100))
        self.font_size = QSpinBox(minimum=_FONT_PX[0], maximum=_FONT_PX[1])
        self.font_size.setValue(settings.font_size)
        self.font_size.setSuffix(" px")

    def _keep(self) -> None:
        self.chosen.emit(self.result_settings())
        self.close()


def _heading(form: QFormLayout, text: str) -> None:
    label = QLabel(text.upper())
    label.setProperty("role", "heading")
    label.setContentsMargins(0, 8, 0, 0)
    form.addRow(label)


def _folder_row(home: Path) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    shown = QLabel(str(home))
    shown.setProperty("role", "second")
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    shown.setWordWrap(True)
    opener = QPushButton("Show")
    opener.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(home))))
    line.addWidget(shown, 1)
    line.addWidget(opener)
    return row
