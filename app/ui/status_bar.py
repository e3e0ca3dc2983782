"""The line at the bottom: where the data stay, how far the worklist is, and the controls of
the maps over the image.
"""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from app.inference.heatmap import COLOUR_MAPS
from app.reporting.report import Status
from app.ui import theme
from app.ui.keys.shown import follow

HINT_MS = 6000


class StatusBar(QFrame):
    """``opacity_changed(float)`` and ``colour_map_changed(str)`` from its controls, shown while
    maps are shown.
    """

    shortcuts_wanted = Signal()
    opacity_changed = Signal(float)
    colour_map_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status-bar")
        self.setFixedHeight(28)
        self.setStyleSheet(
            f"#status-bar {{ background: {theme.PANEL}; border-top: 1px solid {theme.LINE}; }}"
            f"QLabel {{ font-size: 12px; color: {theme.SECOND}; }}"
        )
        self._promise = QLabel("Everything stays on this computer")
        self._counts = QLabel()
        self._hint = QLabel()
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        self._timer = QTimer(self, interval=HINT_MS, singleShot=True)
        self._timer.timeout.connect(self._hint.clear)
        self._shortcuts = shortcuts = QPushButton("Shortcuts")
        shortcuts.setProperty("role", "quiet")
        shortcuts.setStyleSheet("font-size: 12px; padding: 1px 6px;")
        shortcuts.clicked.connect(self.shortcuts_wanted)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 0, 8, 0)
        line.setSpacing(18)
        line.addWidget(self._promise)
        line.addWidget(self._counts)
        line.addWidget(self._hint, 1)
        line.addWidget(self._make_attention())
        line.addWidget(shortcuts)

    def follow(self, sheet: QAction) -> None:
        """Show the key of the shortcut sheet on its button."""
        follow(sheet, lambda key: self._shortcuts.setText(f"Shortcuts  {key}".rstrip()))

    def hint(self, text: str) -> None:
        """Say something small for a few seconds."""
        self._hint.setText(text)
        self._timer.start()

    def hint_text(self) -> str:
        return self._hint.text()

    def set_counts(self, counts: Counter[Status]) -> None:
        """``5 studies · 1 drafted · 1 edited · 1 rated``."""
        total = sum(counts.values())
        if not total:
            self._counts.clear()
            return
        parts = [f"{total:,} {'study' if total == 1 else 'studies'}"]
        parts += [
            f"{counts[status]:,} {status.value}"
            for status in (Status.DRAFTED, Status.EDITED, Status.RATED)
            if counts[status]
        ]
        self._counts.setText(" · ".join(parts))

    def counts_text(self) -> str:
        return self._counts.text()

    def set_attention(self, on: bool) -> None:
        self._attention.setVisible(on)
        self._hint.clear()  # which may say how to turn it on

    def name_maps(self, label: str, explanation: str) -> None:
        """What the maps over the image are: attention, or something else."""
        self.map_label.setText(label)
        self.map_label.setToolTip(explanation)

    def set_opacity(self, opacity: float) -> None:
        self.slider.setValue(round(opacity * 100))

    def set_colour_map(self, name: str) -> None:
        self.maps.setCurrentText(name)

    def _make_attention(self) -> QWidget:
        self._attention = QWidget()
        row = QHBoxLayout(self._attention)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.map_label = QLabel("Attention")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setFixedWidth(110)
        self.slider.setAccessibleName("Opacity of the map")
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        self.maps = QComboBox()
        self.maps.addItems(list(COLOUR_MAPS))
        self.maps.setAccessibleName("Colours of the map")
        self.maps.setStyleSheet("padding: 0 6px; font-size: 12px;")
        self.maps.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.maps.currentTextChanged.connect(self.colour_map_changed)
        row.addWidget(self.map_label)
        row.addWidget(self.slider)
        row.addWidget(self.maps)
        self._attention.hide()
        return self._attention
