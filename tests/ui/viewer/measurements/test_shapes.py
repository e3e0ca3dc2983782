"""Where measurements lie on the screen and what a click on them means."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF

from app.imaging.measuring.measurement import Kind, measured
from app.ui.viewer.measurements.shapes import Part, Shape, part_at, shape_of, words_place


def shape(kind: Kind, *points: tuple[float, float], limited: bool = False) -> Shape:
    found = shape_of(measured(kind, points), QPointF, limited=limited)
    assert found is not None
    return found


def ends(line: QLineF) -> list[tuple[float, float]]:
    return [pytest.approx((p.x(), p.y())) for p in (line.p1(), line.p2())]


@pytest.mark.parametrize(
    ("at", "part"),
    [
        ((100, 100), 0),
        ((209, 100), 1),
        ((150, 105), "whole"),
        ((150, 115), None),
        ((80, 100), None),
    ],
)
def test_a_handle_is_taken_before_the_line(at: tuple[float, float], part: Part | None) -> None:
    assert part_at(shape(Kind.LENGTH, (100, 100), (200, 100)), QPointF(*at)) == part


@pytest.mark.parametrize("kind", [Kind.RECTANGLE, Kind.ELLIPSE])
def test_a_region_is_taken_at_its_outline_not_inside(kind: Kind) -> None:
    region = shape(kind, (100, 100), (300, 200))
    assert part_at(region, QPointF(200, 102)) == "whole"
    assert part_at(region, QPointF(200, 150)) is None
    assert part_at(region, QPointF(301, 199)) == 1


def test_the_hearts_width_runs_along_the_chests_diameter() -> None:
    heart, chest, *_ = shape(Kind.RATIO, (150, 90), (260, 110), (100, 200), (300, 200)).lines
    assert ends(heart) == [(150, 100), (260, 100)]
    assert ends(chest) == [(100, 200), (300, 200)]


def test_the_normal_limit_is_marked_around_the_hearts_middle() -> None:
    points = ((150, 100), (250, 100), (100, 200), (300, 200))
    marks = shape(Kind.RATIO, *points, limited=True).quiet
    assert [line.center().x() for line in marks] == [150, 250]  # half of the chest's 200
    assert shape(Kind.RATIO, *points).quiet == ()


def test_words_stand_beside_and_inside_the_pane() -> None:
    pane, size = QRectF(0, 0, 400, 300), QSizeF(100, 40)
    beside = words_place(QRectF(50, 100, 100, 20), size, pane)
    assert beside.left() > 150
    assert pane.contains(beside)
    below = words_place(QRectF(50, 100, 340, 20), size, pane)
    assert below.top() > 120
    crowded = words_place(QRectF(-10, -10, 420, 320), size, pane)
    assert pane.contains(crowded)


def test_a_line_without_length_has_no_ticks_and_no_failure() -> None:
    for kind in (Kind.LENGTH, Kind.ARROW, Kind.ELLIPSE):
        assert part_at(shape(kind, (5, 5), (5, 5)), QPointF(5, 5)) == 0
    assert shape(Kind.RATIO, (5, 5), (9, 5), (7, 7), (7, 7)).lines


def test_a_key_image_has_no_shape() -> None:
    assert shape_of(measured(Kind.KEY_IMAGE, ()), QPointF) is None
