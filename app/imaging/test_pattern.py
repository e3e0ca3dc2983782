"""A test pattern for the screen, after TG18-QC (AAPM On-line Report 03, 2005).

Made for the screen's own pixels: every patch has one exact gray level, the finest lines are one
pixel wide. What a reader should see in it is said by :data:`EXPECTED`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels, the last two not included."""

STEPS = 18
BACKGROUND, GRID_LEVEL = 128, 160
FAINT = 4  # gray levels between a patch and the squares in its corners
FIVE, NINETY_FIVE = 13, 242  # per cent of 255
SMALLEST = 256  # pixels of the shorter side

EXPECTED = (
    ("Patches", "18 steps from black to white, all different; in each four corners just visible."),
    ("Squares", "5 % in black and 95 % in white, both just visible."),
    ("Letters", "QUALITY CONTROL fading away; on a good screen up to 11 letters or more."),
    ("Lines", "Single lines apart, in the middle and in all four corners, not gray."),
    ("Ramps", "Smooth from black to white, without bands."),
    ("Grid", "Straight, complete to the frame at the edge, its fields square."),
)
"""(what, how it should look) in plain words."""

_CELLS = 32
_WORDS = "QUALITY CONTROL"
_LETTERS = {  # five by seven, a row per number, the highest of five bits at the left
    "A": (14, 17, 17, 31, 17, 17, 17),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "N": (17, 25, 21, 19, 17, 17, 17),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "Q": (14, 17, 17, 17, 21, 18, 13),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14),
    "Y": (17, 17, 10, 4, 4, 4, 4),
    " ": (0,) * 7,
}


@dataclass(frozen=True, eq=False)
class TestPattern:
    """``pixels`` (height, width) uint8, and where its parts lie."""

    __test__ = False  # no test, whatever its name begins with

    pixels: Gray
    patches: tuple[tuple[int, Box], ...]  # gray level and place
    contrasts: tuple[Box, Box]  # the squares of 5 % and 95 %
    words: tuple[Box, ...]  # on black, gray and white
    lines: tuple[Box, ...]  # the four fields of each group, the middle one first
    ramps: tuple[Box, Box]


def test_pattern(width: int, height: int) -> TestPattern:
    """The pattern for ``width`` × ``height`` pixels of a screen, each at least :data:`SMALLEST`."""
    width, height = max(width, SMALLEST), max(height, SMALLEST)
    pixels = np.full((height, width), BACKGROUND, np.uint8)
    cell = min(width, height) // _CELLS
    place = _Place((width - cell * _CELLS) // 2, (height - cell * _CELLS) // 2, cell)
    _draw_grid(pixels, place)
    patches = []
    for step in range(STEPS):
        box = place.box(7 + 3 * (step % 6), 5 + 3 * (step // 6), 3, 3)
        patches.append((_draw_patch(pixels, box, step), box))
    contrasts = (place.box(9, 1, 3, 3), place.box(20, 1, 3, 3))
    _draw_square(pixels, contrasts[0], 0, FIVE)
    _draw_square(pixels, contrasts[1], 255, NINETY_FIVE)
    words = tuple(place.box(7, top, 18, 2.5) for top in (18.5, 21.5, 24.5))
    for box, level in zip(words, (0, BACKGROUND, 255), strict=True):
        _draw_words(pixels, box, level)
    lines = tuple(
        box
        for left, top in _groups(width, height, cell)
        for box in _draw_lines(pixels, _Place(left, top, cell))
    )
    ramps = (place.box(2, 6, 3, 20), place.box(27, 6, 3, 20))
    _draw_ramp(pixels, ramps[0], down=True)
    _draw_ramp(pixels, ramps[1], down=False)
    return TestPattern(pixels, tuple(patches), contrasts, words, lines, ramps)


@dataclass(frozen=True)
class _Place:
    """The square of 32 × 32 cells in the middle of the screen."""

    left: int
    top: int
    cell: int

    def box(self, x: float, y: float, width: float, height: float) -> Box:
        left, top = self.left + round(x * self.cell), self.top + round(y * self.cell)
        return left, top, left + round(width * self.cell), top + round(height * self.cell)


def _part(pixels: Gray, box: Box) -> Gray:
    left, top, right, bottom = box
    return pixels[top:bottom, left:right]


def _draw_grid(pixels: Gray, place: _Place) -> None:
    """Lines of one pixel over the whole screen, two cells apart, and a frame at its edge."""
    field = 2 * place.cell
    pixels[:, place.left % field :: field] = GRID_LEVEL
    pixels[place.top % field :: field] = GRID_LEVEL
    for edge in (pixels[:1], pixels[-1:], pixels[:, :1], pixels[:, -1:]):
        edge[...] = 255


def _draw_patch(pixels: Gray, box: Box, step: int) -> int:
    """A patch of one level with a little more and a little less in its corners; the level."""
    level = round(step * 255 / (STEPS - 1))
    patch = _part(pixels, box)
    patch[...] = level
    side = max(len(patch) // 6, 2)
    above, below = min(level + FAINT, 255), max(level - FAINT, 0)
    # Black has nothing below it and white nothing above: there both pairs go the other way.
    above, below = (above if level < 255 else below), (below if level > 0 else above)
    patch[:side, :side] = patch[-side:, -side:] = above
    patch[:side, -side:] = patch[-side:, :side] = below
    return level


def _draw_square(pixels: Gray, box: Box, outer: int, inner: int) -> None:
    square = _part(pixels, box)
    square[...] = outer
    third = len(square) // 3
    square[third:-third, third:-third] = inner


def _draw_words(pixels: Gray, box: Box, background: int) -> None:
    """The words, each letter one gray level fainter than the one before: 14 down to 1."""
    bar = _part(pixels, box)
    bar[...] = background
    scale = max(min(bar.shape[0] * 3 // 4 // 7, bar.shape[1] // (6 * len(_WORDS))), 1)
    sign = -1 if background > BACKGROUND else 1
    contrast = len(_WORDS.replace(" ", ""))
    x = (bar.shape[1] - 6 * scale * len(_WORDS) + scale) // 2
    y = (bar.shape[0] - 7 * scale) // 2
    for letter in _WORDS:
        rows = np.array(_LETTERS[letter], np.uint8)[:, None] >> np.arange(4, -1, -1) & 1
        glyph = np.kron(rows, np.ones((scale, scale), np.uint8)).astype(bool)
        bar[y : y + 7 * scale, x : x + 5 * scale][glyph] = background + sign * contrast
        contrast -= letter != " "
        x += 6 * scale


def _groups(width: int, height: int, cell: int) -> list[tuple[int, int]]:
    """Where the groups of lines begin: the middle of the screen and its corners."""
    right, bottom = width - 4 * cell, height - 4 * cell
    middle = ((width - 3 * cell) // 2, (height - 3 * cell) // 2)
    return [middle, (cell, cell), (right, cell), (cell, bottom), (right, bottom)]


def _draw_lines(pixels: Gray, place: _Place) -> list[Box]:
    """Four fields: lines of one pixel upright and across, and of two pixels below."""
    boxes = []
    for row, wide in enumerate((1, 2)):
        for column, upright in enumerate((True, False)):
            box = place.box(1.55 * column, 1.55 * row, 1.4, 1.4)
            part = _part(pixels, box)
            along = np.arange(part.shape[1] if upright else part.shape[0])
            stripes = ((along // wide) % 2 * 255).astype(np.uint8)
            part[...] = stripes if upright else stripes[:, None]
            boxes.append(box)
    return boxes


def _draw_ramp(pixels: Gray, box: Box, *, down: bool) -> None:
    """Every gray level from black to white, or back."""
    ramp = _part(pixels, box)
    levels = np.linspace(0, 255, len(ramp)).round().astype(np.uint8)
    ramp[...] = (levels if down else levels[::-1])[:, None]
