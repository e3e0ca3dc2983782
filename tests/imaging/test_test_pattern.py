"""The test pattern: exact levels, lines of single pixels, at any size."""

from __future__ import annotations

import numpy as np
import pytest

from app.imaging import test_pattern as patterns
from app.imaging.test_pattern import Box, TestPattern

SIZES = [(1024, 1024), (1280, 800), (2560, 1440), (1201, 1999), (300, 257)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def pattern(request: pytest.FixtureRequest) -> TestPattern:
    return patterns.test_pattern(*request.param)


def part(pattern: TestPattern, box: Box) -> np.ndarray:
    left, top, right, bottom = box
    assert 0 <= left < right <= pattern.pixels.shape[1]
    assert 0 <= top < bottom <= pattern.pixels.shape[0]
    return pattern.pixels[top:bottom, left:right]


def test_it_has_the_size_of_the_screen() -> None:
    for width, height in SIZES:
        assert patterns.test_pattern(width, height).pixels.shape == (height, width)
    assert patterns.test_pattern(10, 10).pixels.shape == (256, 256)


def test_eighteen_even_steps_with_faint_corners(pattern: TestPattern) -> None:
    assert [level for level, _ in pattern.patches] == list(range(0, 256, 15))
    for level, box in pattern.patches:
        patch = part(pattern, box)
        assert patch[len(patch) // 2, len(patch) // 2] == level
        values, counts = np.unique(patch, return_counts=True)
        assert values[counts.argmax()] == level
        expected = {level, min(level + 4, 255), max(level - 4, 0)}
        assert set(values.tolist()) == expected
        assert int(patch[0, 0]) != level  # a corner can be told from its patch, also in black


def test_five_and_ninety_five_per_cent(pattern: TestPattern) -> None:
    dark, light = (part(pattern, box) for box in pattern.contrasts)
    assert set(np.unique(dark).tolist()) == {0, 13}
    assert set(np.unique(light).tolist()) == {242, 255}


def test_fourteen_letters_fade_by_one_level_each(pattern: TestPattern) -> None:
    black, gray, white = (part(pattern, box) for box in pattern.words)
    assert np.unique(black).tolist() == list(range(15))
    assert np.unique(gray).tolist() == list(range(128, 143))
    assert np.unique(white).tolist() == list(range(241, 256))


def test_the_finest_lines_are_single_pixels_everywhere(pattern: TestPattern) -> None:
    assert len(pattern.lines) == 20
    for place, box in enumerate(pattern.lines):
        field = part(pattern, box).astype(int)
        upright, wide = place % 2 == 0, 1 + place // 2 % 2
        across = field[0] if upright else field[:, 0]
        assert set(across.tolist()) == {0, 255}
        flips = np.flatnonzero(np.diff(across)) + 1
        assert set(np.diff(flips).tolist()) <= {wide}
        same = field == (across if upright else across[:, None])
        assert same.all()


def test_ramps_run_through_every_level_when_there_is_room() -> None:
    pattern = patterns.test_pattern(1024, 1024)
    for box in pattern.ramps:
        ramp = part(pattern, box)
        assert len(np.unique(ramp)) == 256
        assert abs(np.diff(ramp[:, 0].astype(int))).max() == 1
        assert (ramp == ramp[:, :1]).all()


def test_the_grid_has_square_fields_up_to_a_frame(pattern: TestPattern) -> None:
    pixels = pattern.pixels
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 255).all()
    cell = min(pixels.shape) // 32
    row = next(line for line in pixels[1:] if line[1] == 128)
    lines = np.flatnonzero(row == patterns.GRID_LEVEL)
    columns = next(line for line in pixels[:, 1:].T if line[1] == 128)
    rows = np.flatnonzero(columns == patterns.GRID_LEVEL)
    assert np.diff(lines).min() == np.diff(rows).min() == 2 * cell
