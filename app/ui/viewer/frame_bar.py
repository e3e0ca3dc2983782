"""The quiet bar at the bottom of an image with several frames: which one is shown, and a slider."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QWidget

from app.ui import theme

BAR_HEIGHT = 32
_WIDEST = 420


def frame_words(frame: int, frames: int) -> str:
    """``frame 3 / 40``; ``frame`` counts from 0."""
    return f"frame {frame + 1} / {frames}"


class FrameBar(QFrame):
    """``wanted(frame)``, counted from 0, as soon as the reader moves; the image may come later."""

    wanted = Signal(int)

    def __init__(self, frame: int, frames: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._frames = frames
        self.setObjectName("frame_bar")
        self.setStyleSheet(
            "QFrame#frame_bar { background: rgba(25, 29, 36, 225); border-radius: 6px;"
            f" border: 1px solid {theme.LINE}; }} QLabel {{ color: {theme.TEXT}; }}"
            f" QSlider::sub-page:horizontal {{ background: {theme.ACCENT}; border-radius: 2px; }}"
        )
        self._words = QLabel(frame_words(frames - 1, frames), self)
        self._words.setFont(theme.tabular(self._words.font()))
        self._words.setMinimumWidth(self._words.sizeHint().width())
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, frames - 1)
        self._slider.setPageStep(max(1, frames // 10))
        self._slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._slider.setAccessibleName("Frame")
        self._slider.valueChanged.connect(self._moved)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        row.addWidget(self._words)
        row.addWidget(self._slider, 1)
        self.settle(frame)

    @property
    def frame(self) -> int:
        """The frame that the reader wants, shown or not yet."""
        return self._slider.value()

    def step(self, by: int) -> None:
        """That many frames on; the first and the last are the ends."""
        self._slider.setValue(self._slider.value() + by)

    def settle(self, frame: int) -> None:
        """Say that this frame is shown, without asking for it."""
        blocked = self._slider.blockSignals(True)
        self._slider.setValue(frame)
        self._slider.blockSignals(blocked)
        self._say(frame)

    def place(self, width: int, height: int) -> None:
        """At the bottom of a pane of this size, in the middle."""
        own = min(_WIDEST, width - 24)
        self.setGeometry((width - own) // 2, height - BAR_HEIGHT - 6, own, BAR_HEIGHT)

    def _moved(self, frame: int) -> None:
        self._say(frame)
        self.wanted.emit(frame)

    def _say(self, frame: int) -> None:
        self._words.setText(frame_words(frame, self._frames))
        self._slider.setToolTip(frame_words(frame, self._frames))
