"""How large the words of the reading window are: as large as its screen allows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize

BASE_HEIGHT: Final = 900.0
"""Logical pixels of a window in which everything has its plain size."""
_LEAST, _MOST = 0.9, 1.6
_SMALLEST_PX: Final = 12
_FORM: Final = 560.0
_FORM_SHARE: Final = 0.4


def scale_of(window: QSize) -> float:
    """1 for a window 900 logical pixels high, 0.9 to 1.6: at arm's length a screen of 1440 lines
    shows letters of the plain size too small."""
    return min(max(window.height() / BASE_HEIGHT, _LEAST), _MOST)


def px(size: float, scale: float) -> int:
    """A size of type in whole logical pixels, never too small to be read."""
    return max(round(size * scale), _SMALLEST_PX)


def form_width(window: QSize, scale: float) -> int:
    """Of the report and the questions; the larger part of the window is the image's."""
    return round(min(_FORM * scale, _FORM_SHARE * window.width()))
