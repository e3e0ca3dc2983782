"""Measurements are changed by making others, and stay on the image."""

from __future__ import annotations

from app.imaging.measuring.measurement import Kind, kept_inside, measured, moved_inside


def test_a_moved_point_leaves_the_others_and_the_identity() -> None:
    first = measured(Kind.ANGLE, [(1, 1), (2, 2), (3, 3)])
    second = first.with_point(1, (9, 9))
    assert second.points == ((1, 1), (9, 9), (3, 3))
    assert second.uid == first.uid
    assert first.points[1] == (2, 2)
    assert measured(Kind.ARROW, first.points[:2]).uid != first.uid


def test_what_is_moved_stops_at_the_edge_and_keeps_its_shape() -> None:
    line = measured(Kind.LENGTH, [(10, 10), (30, 50)])
    assert moved_inside(line, 500, -500, 100, 100).points == ((80, 0), (100, 40))
    assert moved_inside(line, 1, 2, 100, 100).points == ((11, 12), (31, 52))


def test_what_lies_beside_the_image_can_be_moved_back_but_not_farther() -> None:
    beside = measured(Kind.LENGTH, [(-10, 10), (30, 10)])
    assert moved_inside(beside, -5, 0, 100, 100).points == ((-10, 10), (30, 10))
    assert moved_inside(beside, 20, 0, 100, 100).points == ((10, 10), (50, 10))


def test_points_beside_the_image_are_brought_to_its_edge() -> None:
    line = measured(Kind.LENGTH, [(-10, 10), (300, 500)])
    assert kept_inside(line, 100, 80).points == ((0, 10), (100, 80))
