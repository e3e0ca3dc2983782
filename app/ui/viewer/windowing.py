"""What a reader does to gray values: choosing a VOI, dragging the window, inverting.

Without widgets. One table of 65,536 entries is all that ever changes; the stored pixels never do,
and the drafts never depend on any of it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.imaging import lut, presets
from app.imaging.radiograph import Lut, Radiograph, Voi, Window

_DOUBLING = 220.0  # logical pixels of dragging that double the width
_CROSSING = 400.0  # logical pixels of dragging that move the center by one width


class Windowing:
    """The gray values of one radiograph as the reader has set them."""

    def __init__(self, radiograph: Radiograph) -> None:
        self._radiograph = radiograph
        self.choices: tuple[Voi, ...] = () if radiograph.colour else lut.choices(radiograph)
        self.voi: Voi | None = self.choices[0] if self.choices else None
        self.invert = False
        self._table: NDArray[np.uint8] | None = None
        self._range: tuple[float, float] | None = None
        self._presets: tuple[Voi, ...] | None = None

    @property
    def window(self) -> Window | None:
        """The linear or sigmoid window in use; None while a LUT is, or for a colour image."""
        return self.voi if isinstance(self.voi, Window) else None

    def table(self) -> NDArray[np.uint8]:
        """Stored value (as uint16) → gray, (65536,) uint8; built when something changed."""
        if self._table is None:
            if self.voi is None:
                ramp = np.arange(65536, dtype=np.uint32).clip(0, 255).astype(np.uint8)
                self._table = 255 - ramp if self.invert else ramp
            else:
                self._table = lut.display_table(self._radiograph, self.voi, self.invert)
        return self._table

    def choose(self, voi: Voi) -> None:
        """Use ``voi``, one of the choices or any window."""
        self.voi = voi
        self._table = None

    def choose_next(self) -> None:
        """The next of the file's VOI LUTs and windows; after a drag, the first."""
        if self.choices:
            places = [index for index, choice in enumerate(self.choices) if choice == self.voi]
            self.choose(self.choices[(places[0] + 1) % len(self.choices) if places else 0])

    def choose_auto(self) -> None:
        """A window over the percentiles of the stored values."""
        if self.choices:
            self.choose(self.choices[-1])

    def choose_first(self) -> None:
        """What the file asks for; the reader's own inversion stays."""
        if self.choices:
            self.choose(self.choices[0])

    def choose_lung(self) -> None:
        """The grays for the lungs."""
        if self.choices:
            self.choose(self.presets()[-2])

    def choose_dense(self) -> None:
        """The grays for mediastinum and bone."""
        if self.choices:
            self.choose(self.presets()[-1])

    def presets(self) -> tuple[Voi, ...]:
        """The choices, and the windows of lungs, mediastinum and bone; worked out when asked
        for.
        """
        if self._presets is None:
            self._presets = presets.presets(self._radiograph)
        return self._presets

    def choose_as(self, other: Windowing) -> None:
        """The window or LUT of this image that is called as the one in use in ``other``.

        Where the file gives no names, the one at the same place in it. Without one of that name
        nothing changes: the numbers of one image say nothing about another.
        """
        voi = other.voi
        if voi is None or not self.choices:
            return
        named = voi.explanation not in ("", "Window")
        if named:
            alike = [own for own in self.presets() if own.explanation == voi.explanation]
        else:
            places = [place for place, own in enumerate(other.choices[:-1]) if own is voi]
            alike = [own for place in places for own in self.choices[:-1][place : place + 1]]
        if alike:
            self.choose(alike[0])

    def take_over(self, other: Windowing) -> None:
        """The gray values of another frame of the same file: its numbers hold here too."""
        self.invert = other.invert
        if other.voi is None or not self.choices or other.voi == other.choices[0]:
            return
        if isinstance(other.voi, Window):
            self.choose(other.voi)
        else:
            self.choose_as(other)

    def set_invert(self, inverted: bool) -> None:
        """Black and white exchanged by hand, or not."""
        self.invert = inverted
        self._table = None

    def toggle_invert(self) -> None:
        """Exchange black and white by hand."""
        self.invert = not self.invert
        self._table = None

    def reset(self) -> None:
        """Back to what the file asks for."""
        self.invert = False
        self._table = None
        if self.choices:
            self.voi = self.choices[0]

    def drag(self, dx: float, dy: float) -> None:
        """Window by a mouse movement in logical pixels: right is wider, up is brighter.

        While a LUT is in use the first movement switches to a linear window fitted to its range,
        because a LUT has no width that could be dragged (OHIF #120, #4266).
        """
        if self.voi is None:
            return
        window = self.window or lut.as_window(self._radiograph, self.voi)
        if self._range is None:  # walks over every pixel: once, not per movement
            self._range = lut.modality_range(self._radiograph)
        low, high = self._range
        span = max(high - low, abs(self._radiograph.slope))
        width = window.width * math.exp2(dx / _DOUBLING)
        width = min(max(width, span / 5000, abs(self._radiograph.slope) * 2), span * 4)
        # A larger center is darker, unless the image is shown inverted.
        brighter = 1.0 if self._radiograph.inverted != self.invert else -1.0
        center = window.center - brighter * dy * window.width / _CROSSING
        center = min(max(center, low - span), high + span)
        self.choose(replace(window, center=center, width=width, explanation=""))

    def label(self) -> str:
        """The window in words and numbers for the overlay."""
        if self.voi is None:
            return ""
        if isinstance(self.voi, Lut):
            name = self.voi.explanation
            return name if "LUT" in name else f"LUT {name}".strip()
        name = "" if self.voi.explanation == "Window" else self.voi.explanation
        return f"{self.numbers()}  {name}".strip()

    def numbers(self) -> str:
        """The window without the name that it has in the file; empty for a colour image."""
        if self.voi is None:
            return ""
        if isinstance(self.voi, Lut):
            return "LUT"
        return f"W {_number(self.voi.width)}  C {_number(self.voi.center)}"


def name_of(voi: Voi, place: int) -> str:
    """What a menu calls a VOI; ``place`` counts from 1."""
    if voi.explanation and voi.explanation != "Window":
        return voi.explanation
    if isinstance(voi, Lut):
        return f"LUT {place}"
    return f"Window {place}: W {_number(voi.width)}  C {_number(voi.center)}"


def _number(value: float) -> str:
    if abs(value) >= 20 or float(value).is_integer():
        return f"{value:.0f}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")
