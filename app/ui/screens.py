"""Where a window may stand, from the places of the screens alone: no window, no Qt.

A reading room's second screen is often unplugged. A place is remembered for the screens that were
there, and one that lies on none of those that are there now comes back onto one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_GRIP = 64  # logical pixels of a window's upper edge that must be in sight to take hold of it


@dataclass(frozen=True)
class Screen:
    """A screen's name and the room for windows on it, in logical pixels of the desktop."""

    name: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Place:
    """Where a window stands when it isn't full screen, and whether it is."""

    x: int
    y: int
    width: int
    height: int
    full: bool = False

    def text(self) -> str:
        """As kept in the settings."""
        return f"{self.x} {self.y} {self.width} {self.height} {int(self.full)}"

    @classmethod
    def of(cls, text: str) -> Place | None:
        """From the settings; None when it makes no sense."""
        try:
            x, y, width, height, full = (int(part) for part in text.split())
        except ValueError:
            return None
        sensible = width > 0 and height > 0 and max(map(abs, (x, y, width, height))) < 1 << 20
        return cls(x, y, width, height, bool(full)) if sensible else None


def configuration(screens: Iterable[Screen]) -> str:
    """Names and sizes of the screens, in any order: what a place is remembered for."""
    return ", ".join(sorted(f"{one.name} {one.width}x{one.height}" for one in screens))


def brought_back(place: Place, screens: Sequence[Screen]) -> Place:
    """``place``, or one in sight when nobody could take hold of the window there.

    It stays on the screen that shows most of it; off every screen it comes to the nearest one. No
    window is larger than its screen.
    """
    if not screens:
        return place
    screen = min(screens, key=lambda one: (-_shared(place, one), _distance(place, one)))
    width, height = min(place.width, screen.width), min(place.height, screen.height)
    fits = (width, height) == (place.width, place.height)
    across = min(place.x + width, screen.x + screen.width) - max(place.x, screen.x)
    on_top = screen.y <= place.y <= screen.y + screen.height - _GRIP
    if fits and on_top and across >= min(_GRIP, width):
        return place
    return replace(
        place,
        x=min(max(place.x, screen.x), screen.x + screen.width - width),
        y=min(max(place.y, screen.y), screen.y + screen.height - height),
        width=width,
        height=height,
    )


def first_place(screens: Sequence[Screen], beside: Screen) -> Place:
    """Where the images go the first time: onto the largest other screen, full; with one screen a
    window over most of it.
    """
    others = [screen for screen in screens if screen != beside]
    screen = max(others, key=lambda one: one.width * one.height, default=beside)
    width, height = screen.width * 3 // 4, screen.height * 3 // 4
    x = screen.x + (screen.width - width) // 2
    y = screen.y + (screen.height - height) // 2
    return Place(x, y, width, height, full=bool(others))


def _shared(place: Place, screen: Screen) -> int:
    across = min(place.x + place.width, screen.x + screen.width) - max(place.x, screen.x)
    down = min(place.y + place.height, screen.y + screen.height) - max(place.y, screen.y)
    return max(across, 0) * max(down, 0)


def _distance(place: Place, screen: Screen) -> int:
    x, y = place.x + place.width // 2, place.y + place.height // 2
    dx = max(screen.x - x, x - (screen.x + screen.width), 0)
    dy = max(screen.y - y, y - (screen.y + screen.height), 0)
    return dx + dy
