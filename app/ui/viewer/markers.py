"""Side markers from the file's PatientOrientation, wherever the image is turned.

Never invented: a raster image, or a file that does not say, gets none. A wrong value is no error
(Weasis #376), it only leaves its marker out.
"""

from __future__ import annotations

from typing import Literal

from app.ui.viewer.geometry import Turn

Edge = Literal["left", "right", "top", "bottom"]

_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_SIDES = frozenset("LR")
_SHOWN = frozenset("LRAP")  # head and feet are plain to see
_EDGES: dict[tuple[int, int], Edge] = {
    (1, 0): "right",
    (-1, 0): "left",
    (0, 1): "bottom",
    (0, -1): "top",
}


def side_markers(
    orientation: tuple[str, str], turn: Turn, *, lateral: bool = False
) -> dict[Edge, str]:
    """Which letter stands at which edge of the screen.

    ``orientation`` is PatientOrientation (0020,0020): where the rows and where the columns point
    to, in the patient (PS3.3 C.7.6.1.1.1); the first letter of a value is its main direction.
    ``turn`` as in :class:`app.ui.viewer.geometry.Geometry`. On a ``lateral`` view left and right
    lie along the beam: a file that puts them into the picture contradicts itself, no marker then.
    """
    a, b, c, d = turn
    rows, columns = (value.strip().upper()[:1] for value in orientation)
    if rows in _OPPOSITE and columns in (rows, _OPPOSITE[rows]):
        return {}  # both axes along one direction: nothing in it can be trusted
    markers: dict[Edge, str] = {}
    for letter, (x, y) in ((rows, (a, c)), (columns, (b, d))):
        if letter in _SHOWN and not (lateral and letter in _SIDES):
            markers[_EDGES[x, y]] = letter
            markers[_EDGES[-x, -y]] = _OPPOSITE[letter]
    return markers
