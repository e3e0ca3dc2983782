"""The line at the top: what is open, the way to the palette, and which model drafts where and how
fast.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from app.inference.drafts import Analysis
from app.ui import theme
from app.ui.palette.opener import PaletteButton
from app.ui.wording import PRODUCT

HEIGHT = 42
_MODEL_WIDTH = 320  # a longer name would push the menus out of the window
_DEVICES = {"cpu": "CPU", "cuda": "GPU", "mps": "GPU"}


class TopBar(QFrame):
    """``model_clicked`` when the reader wants to choose another model."""

    model_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top-bar")
        self.setStyleSheet(
            f"#top-bar {{ background: {theme.PANEL}; border-bottom: 1px solid {theme.LINE}; }}"
        )
        self.setFixedHeight(HEIGHT)
        product = QLabel(PRODUCT)
        product.setProperty("role", "title")
        self.title = ElidedLabel()
        self.menus = QMenuBar()
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.commands = PaletteButton()
        self.model = QPushButton()
        self.model.setProperty("role", "chip")
        self.model.setStyleSheet(f"font-size: 12px; padding: 3px 10px; color: {theme.TEXT};")
        self.model.setAccessibleName("Model")
        self.model.clicked.connect(self.model_clicked)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 0, 14, 0)
        line.setSpacing(14)
        line.addWidget(product)
        line.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.title, 1)
        line.addWidget(self.commands)
        line.addWidget(self.model)
        self.set_model("")

    def set_model(self, text: str, tip: str = "") -> None:
        self.model.ensurePolished()
        shown = self.model.fontMetrics().elidedText(
            text or "no model", Qt.TextElideMode.ElideMiddle, _MODEL_WIDTH
        )
        self.model.setText(shown)
        self.model.setToolTip(tip or f"{text}\nChoose another model".strip())


class ElidedLabel(QLabel):
    """A line of text that ends in … where the room ends."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(theme.SECOND))
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)


def device_name(device: str) -> str:
    """``cuda`` → ``GPU``."""
    return _DEVICES.get(device, device)


def model_text(analysis: Analysis) -> str:
    """``densenet121-lstm · CPU · 0.31 s``."""
    seconds = analysis.seconds.total - analysis.seconds.load  # loading happens once
    parts = (analysis.model, device_name(analysis.device_kind), f"{seconds:.2f} s")
    return " · ".join(parts)


def model_tip(analysis: Analysis, stored: bool) -> str:
    """The whole provenance of the drafts, for the chip's tooltip."""
    seconds = analysis.seconds
    lines = [
        f"Model {analysis.model}, weights {analysis.weights_sha256[:12]}…",
        f"Preprocessing {analysis.preprocessing}, on {device_name(analysis.device_kind)}",
        f"Loading {seconds.load:.2f} s, preparing {seconds.preprocess:.2f} s,"
        f" seeing {seconds.encode:.2f} s, writing {seconds.decode:.2f} s",
        f"Drafted {analysis.created.astimezone():%d %b %Y %H:%M}"
        + (", kept from then" if stored else ""),
    ]
    return "\n".join(lines)
