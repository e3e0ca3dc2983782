"""Side markers under every turn, held against a picture of letters that numpy turns itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from app.ui.viewer.geometry import Geometry
from app.ui.viewer.markers import side_markers

OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
AXES = ("LR", "AP", "HF")
PAIRS = [
    (rows, columns)
    for one, other in itertools.permutations(AXES, 2)
    for rows in one
    for columns in other
]
OBLIQUE = [("LA", "F"), ("RP", "FA"), ("AL", "FR"), ("LFA", "FRP"), ("la", "f")]


def turned(geometry: Geometry, quarters: int, mirrored: bool) -> Geometry:
    turned = geometry.rotated(quarters)
    return turned.flipped_horizontally() if mirrored else turned


def letters(orientation: tuple[str, str], quarters: int, mirrored: bool) -> NDArray[np.str_]:
    """3 × 3: a letter at the middle of each edge, as a film that is turned by hand."""
    rows, columns = (value.upper()[0] for value in orientation)
    film = np.full((3, 3), "")
    film[1, 2], film[1, 0] = rows, OPPOSITE[rows]
    film[2, 1], film[0, 1] = columns, OPPOSITE[columns]
    film = np.rot90(film, -quarters)  # numpy turns counter-clockwise
    return np.fliplr(film) if mirrored else film


@pytest.mark.parametrize("orientation", [*PAIRS, *OBLIQUE], ids="-".join)
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_markers_follow_the_film(
    orientation: tuple[str, str], quarters: int, mirrored: bool
) -> None:
    geometry = turned(Geometry((9, 7), (90.0, 70.0)).fit(), quarters, mirrored)
    film = letters(orientation, quarters, mirrored)
    edges = {"left": film[1, 0], "right": film[1, 2], "top": film[0, 1], "bottom": film[2, 1]}
    seen = {edge: letter for edge, letter in edges.items() if letter in "LRAP"}
    assert side_markers(orientation, geometry.turn) == seen


@pytest.mark.parametrize(
    "orientation", [("L", "RF"), ("LA", "RF"), ("", "F"), ("?", "L"), ("H", "HL")]
)
@pytest.mark.parametrize("quarters", range(4))
def test_what_contradicts_itself_has_no_invented_marker(
    orientation: tuple[str, str], quarters: int
) -> None:
    turn = Geometry((9, 7), (90.0, 70.0)).rotated(quarters).turn
    claimed = {value[:1] for value in orientation} | {OPPOSITE.get(v[:1], "") for v in orientation}
    markers = side_markers(orientation, turn)
    assert set(markers.values()) <= claimed
    if orientation[0][:1] in OPPOSITE:
        assert markers == {}
