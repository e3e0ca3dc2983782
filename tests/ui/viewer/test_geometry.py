"""The mapping between image and screen keeps its promises for every orientation."""

from __future__ import annotations

import itertools
import random

import pytest

from app.ui.viewer.geometry import Geometry

IMAGE = (2500, 2048)
VIEWPORT = (760.0, 701.0)


def orientations(base: Geometry) -> list[Geometry]:
    upright = [base.rotated(quarters) for quarters in range(4)]
    return upright + [geometry.flipped_horizontally() for geometry in upright]


ALL = orientations(Geometry(IMAGE, VIEWPORT).fit())
STRETCHED = orientations(Geometry(IMAGE, VIEWPORT, aspect=1.3).fit())


def test_there_are_eight_orientations() -> None:
    assert len({geometry.turn for geometry in ALL}) == 8


@pytest.mark.parametrize("geometry", ALL + STRETCHED)
def test_screen_and_image_are_each_others_inverse(geometry: Geometry) -> None:
    moved = geometry.zoomed(2.37, at=(100.0, 222.0)).panned(31.0, -17.0)
    for point in itertools.product((0.0, 13.5, 700.0), (0.0, 250.25, 701.0)):
        assert moved.to_screen(*moved.to_image(*point)) == pytest.approx(point, abs=1e-6)


@pytest.mark.parametrize("geometry", ALL + STRETCHED)
def test_zoom_keeps_the_point_under_the_cursor(geometry: Geometry) -> None:
    chance = random.Random(7)
    for _ in range(60):
        x, y = chance.uniform(0, IMAGE[0]), chance.uniform(0, IMAGE[1])
        cursor = geometry.to_screen(x, y)
        geometry = geometry.zoomed(geometry.zoom * chance.uniform(0.5, 2.0), at=cursor)
        assert geometry.to_screen(x, y) == pytest.approx(cursor, abs=1e-6)


def test_zooming_beside_the_image_does_not_lose_it() -> None:
    geometry = Geometry((100, 1000), VIEWPORT).fit()
    for _ in range(12):
        geometry = geometry.zoomed(geometry.zoom * 1.5, at=(5.0, 350.0))
    left, top, right, bottom = geometry.visible()
    assert right > left
    assert bottom > top


@pytest.mark.parametrize("geometry", ALL + STRETCHED)
def test_fit_shows_the_whole_image_inside_the_margin_and_centered(geometry: Geometry) -> None:
    left, top, width, height = geometry.fit().image_rect
    assert left >= 8 - 1e-6
    assert top >= 8 - 1e-6
    assert min(left, top) == pytest.approx(8)
    assert left + width / 2 == pytest.approx(VIEWPORT[0] / 2)
    assert top + height / 2 == pytest.approx(VIEWPORT[1] / 2)


def test_four_quarter_turns_and_two_flips_change_nothing() -> None:
    base = Geometry(IMAGE, VIEWPORT).fit()
    assert base.rotated(1).rotated(1).rotated(1).rotated(1) == base
    assert base.rotated(-1) == base.rotated(3)
    assert base.flipped_horizontally().flipped_horizontally() == base
    assert base.flipped_vertically().flipped_vertically() == base
    assert base.flipped_horizontally().flipped_vertically() == base.rotated(2)


def test_rotating_right_brings_the_top_left_corner_to_the_top_right() -> None:
    x, y = Geometry((200, 100), (400.0, 400.0)).fit().rotated(1).to_screen(0, 0)
    assert x > 200
    assert y < 200


def test_a_flip_is_seen_on_the_screen_after_a_rotation_too() -> None:
    turned = Geometry(IMAGE, VIEWPORT).fit().rotated(1)
    x, y = turned.to_screen(300, 400)
    assert turned.flipped_horizontally().to_screen(300, 400) == pytest.approx((760 - x, y))
    assert turned.flipped_vertically().to_screen(300, 400) == pytest.approx((x, 701 - y))


def test_quarters_and_mirrored_describe_the_turn() -> None:
    base = Geometry(IMAGE, VIEWPORT)
    assert [base.rotated(n).quarters for n in range(4)] == [0, 1, 2, 3]
    assert not base.rotated(1).mirrored
    flipped = base.flipped_horizontally().rotated(1)
    assert flipped.mirrored
    assert flipped.quarters == 1


@pytest.mark.parametrize("geometry", ALL)
def test_panning_moves_by_what_was_asked_but_never_loses_the_image(geometry: Geometry) -> None:
    x, y = geometry.to_screen(1000, 1000)
    assert geometry.panned(40, -25).to_screen(1000, 1000) == pytest.approx((x + 40, y - 25))
    far = geometry.panned(1e5, -1e5)
    left, top, right, bottom = far.visible()
    assert right > left
    assert bottom > top


def test_a_fitted_view_follows_the_pane_and_a_zoomed_one_keeps_its_middle() -> None:
    fitted = Geometry(IMAGE, VIEWPORT).fit()
    assert fitted.resized(400, 900).zoom == pytest.approx(fitted.resized(400, 900).fit_zoom)
    zoomed = fitted.zoomed(1.0)
    middle = zoomed.to_image(380, 350.5)
    assert zoomed.resized(500, 300).to_image(250, 150) == pytest.approx(middle)


def test_visible_is_only_what_the_pane_shows() -> None:
    geometry = Geometry((5000, 3000), (500.0, 300.0)).fit().zoomed(2.0)
    left, top, right, bottom = geometry.visible()
    assert right - left <= 252
    assert bottom - top <= 152


def test_non_square_pixels_are_shown_in_true_proportion() -> None:
    _, _, width, height = Geometry((100, 100), (600.0, 600.0), aspect=2.0).fit().image_rect
    assert height == pytest.approx(2 * width)
