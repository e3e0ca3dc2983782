"""Where a point of the image lies on the screen, and back.

Pure arithmetic without widgets, so that the promises a reader relies on (the point under the cursor
stays under the cursor, a marker follows a flip) can be tested without a window.

Image coordinates: x to the right over columns, y down over rows, pixel (row r, column c) covers
[c, c+1) × [r, r+1). Screen coordinates: logical pixels of the pane, y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Turn = tuple[int, int, int, int]
"""One of eight matrices, by rows (a, b, c, d): screen = (a·x + b·y, c·x + d·y)."""

UPRIGHT: Turn = (1, 0, 0, 1)
_QUARTER: Turn = (0, -1, 1, 0)  # clockwise on a screen whose y points down
_MIRROR_H: Turn = (-1, 0, 0, 1)
_MIRROR_V: Turn = (1, 0, 0, -1)

MAX_ZOOM = 32.0
_KEPT_VISIBLE = 48.0  # logical pixels of the image that panning always leaves in the pane


def _product(p: Turn, q: Turn) -> Turn:
    return (
        p[0] * q[0] + p[1] * q[2],
        p[0] * q[1] + p[1] * q[3],
        p[2] * q[0] + p[3] * q[2],
        p[2] * q[1] + p[3] * q[3],
    )


@dataclass(frozen=True)
class Geometry:
    """One image in one pane. Every change returns a new object.

    image     (width, height) in pixels
    viewport  (width, height) of the pane in logical pixels
    zoom      logical screen pixels per image column
    center    image point in the middle of the pane
    turn      how the image is turned and mirrored
    aspect    height of an image pixel over its width, 1.0 for square pixels
    margin    logical pixels left free around a fitted image
    fitted    follows the pane's size until the reader zooms or pans
    """

    image: tuple[int, int]
    viewport: tuple[float, float]
    zoom: float = 1.0
    center: tuple[float, float] = (0.0, 0.0)
    turn: Turn = UPRIGHT
    aspect: float = 1.0
    margin: float = 8.0
    fitted: bool = True

    # mapping

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Image point → screen point."""
        u, v = x - self.center[0], (y - self.center[1]) * self.aspect
        a, b, c, d = self.turn
        return (
            self.viewport[0] / 2 + self.zoom * (a * u + b * v),
            self.viewport[1] / 2 + self.zoom * (c * u + d * v),
        )

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Screen point → image point, also outside the image."""
        s = (x - self.viewport[0] / 2) / self.zoom
        t = (y - self.viewport[1] / 2) / self.zoom
        a, b, c, d = self.turn  # orthogonal: the inverse is the transpose
        return self.center[0] + a * s + c * t, self.center[1] + (b * s + d * t) / self.aspect

    def screen_rect(self, left: float, top: float, right: float, bottom: float) -> Rect:
        """The screen rectangle (x, y, width, height) that a rectangle of the image covers."""
        x0, y0 = self.to_screen(left, top)
        x1, y1 = self.to_screen(right, bottom)
        return min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)

    @property
    def image_rect(self) -> Rect:
        """Where the whole image lies on the screen: x, y, width, height in logical pixels."""
        return self.screen_rect(0, 0, *self.image)

    def visible(self) -> tuple[int, int, int, int]:
        """The part of the image inside the pane in whole pixels: left, top, right, bottom.

        Right ≤ left or bottom ≤ top when nothing of it can be seen.
        """
        x0, y0 = self.to_image(0, 0)
        x1, y1 = self.to_image(*self.viewport)
        return (
            max(math.floor(min(x0, x1)), 0),
            max(math.floor(min(y0, y1)), 0),
            min(math.ceil(max(x0, x1)), self.image[0]),
            min(math.ceil(max(y0, y1)), self.image[1]),
        )

    def contains(self, x: float, y: float) -> bool:
        """Whether a screen point lies on the image."""
        u, v = self.to_image(x, y)
        return 0 <= u < self.image[0] and 0 <= v < self.image[1]

    # size and place

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole image just fits into the pane inside the margin."""
        width, height = float(self.image[0]), self.image[1] * self.aspect
        if self.turn[0] == 0:
            width, height = height, width
        free_x = max(self.viewport[0] - 2 * self.margin, 1.0)
        free_y = max(self.viewport[1] - 2 * self.margin, 1.0)
        return min(free_x / width, free_y / height)

    def fit(self) -> Geometry:
        """The whole image, centered."""
        middle = (self.image[0] / 2, self.image[1] / 2)
        return replace(self, zoom=self.fit_zoom, center=middle, fitted=True)

    def resized(self, width: float, height: float) -> Geometry:
        """The pane got another size: refit when fitted, else keep the middle where it is."""
        changed = replace(self, viewport=(max(width, 1.0), max(height, 1.0)))
        return changed.fit() if self.fitted else changed._kept_in_sight(_KEPT_VISIBLE)

    def zoomed(self, zoom: float, at: tuple[float, float] | None = None) -> Geometry:
        """Another zoom; the image point under the screen point ``at`` stays there.

        ``at`` is the middle when it is not given. With ``at`` beside the image, the nearest point
        of the image stays, so that it can't run away.
        """
        lowest = min(self.fit_zoom, 1.0) / 4
        zoom = min(max(zoom, lowest), max(MAX_ZOOM, self.fit_zoom))
        x, y = at if at is not None else (self.viewport[0] / 2, self.viewport[1] / 2)
        u, v = self.to_image(x, y)
        u, v = min(max(u, 0.0), self.image[0]), min(max(v, 0.0), self.image[1])
        return replace(self, zoom=zoom, fitted=False)._placed((u, v), self.to_screen(u, v))

    def panned(self, dx: float, dy: float) -> Geometry:
        """Moved by (dx, dy) logical screen pixels; a strip of the image always stays in sight."""
        return self._moved(dx, dy)._kept_in_sight(_KEPT_VISIBLE)

    def _moved(self, dx: float, dy: float) -> Geometry:
        center = self.to_image(self.viewport[0] / 2 - dx, self.viewport[1] / 2 - dy)
        return replace(self, center=center, fitted=False)

    def _placed(self, point: tuple[float, float], at: tuple[float, float]) -> Geometry:
        x, y = self.to_screen(*point)
        return self._moved(at[0] - x, at[1] - y)

    def _kept_in_sight(self, strip: float) -> Geometry:
        left, top, width, height = self.image_rect
        strip_x, strip_y = min(strip, width), min(strip, height)
        dx = max(strip_x - (left + width), 0.0) + min(self.viewport[0] - strip_x - left, 0.0)
        dy = max(strip_y - (top + height), 0.0) + min(self.viewport[1] - strip_y - top, 0.0)
        return self._moved(dx, dy) if dx or dy else self

    # turning

    def rotated(self, quarters: int) -> Geometry:
        """Turned clockwise by ``quarters`` × 90° as seen on the screen."""
        turn = self.turn
        for _ in range(quarters % 4):
            turn = _product(_QUARTER, turn)
        return self._turned(turn)

    def flipped_horizontally(self) -> Geometry:
        """Left and right exchanged as seen on the screen."""
        return self._turned(_product(_MIRROR_H, self.turn))

    def flipped_vertically(self) -> Geometry:
        """Top and bottom exchanged as seen on the screen."""
        return self._turned(_product(_MIRROR_V, self.turn))

    def _turned(self, turn: Turn) -> Geometry:
        changed = replace(self, turn=turn)
        return changed.fit() if self.fitted else changed._kept_in_sight(_KEPT_VISIBLE)

    @property
    def mirrored(self) -> bool:
        """Whether the image is shown as in a mirror."""
        a, b, c, d = self.turn
        return a * d - b * c < 0

    @property
    def quarters(self) -> int:
        """Clockwise quarter turns on the screen, after a mirroring left–right when ``mirrored``."""
        turn = _MIRROR_H if self.mirrored else UPRIGHT
        for count in range(4):
            if turn == self.turn:
                return count
            turn = _product(_QUARTER, turn)
        raise ValueError(f"{self.turn} is not one of the eight orientations")


Rect = tuple[float, float, float, float]
