"""Which image stands in which cell."""

from __future__ import annotations

import pytest

from app.imaging.radiograph import View
from app.ui.viewer.hanging import Film, Hanging, Layout, hang, to_compare

PA, LATERAL, AP = Film(View.PA), Film(View.LATERAL), Film(View.AP)
UNKNOWN = Film(View.UNKNOWN)
OLD_PA, OLD_LATERAL = Film(View.PA, prior=True), Film(View.LATERAL, prior=True)


@pytest.mark.parametrize("films", [[PA, LATERAL], [LATERAL, PA], [LATERAL, AP]])
def test_the_frontal_hangs_at_the_left_and_the_lateral_at_the_right(films: list[Film]) -> None:
    for front in (0, 1):
        hung = hang(films, Layout.TWO, front)
        left, right = hung.cells
        assert left is not None
        assert right is not None
        assert films[left].view.frontal
        assert films[right].lateral
        assert hung.active == front


def test_a_prior_hangs_below_view_under_view() -> None:
    films = [LATERAL, PA, OLD_LATERAL, OLD_PA]
    assert hang(films, Layout.FOUR, 1) == Hanging((1, 0, 3, 2), 0)
    assert hang(films, Layout.FOUR, 2).active == 2


def test_what_a_prior_lacks_stays_empty() -> None:
    assert hang([PA, LATERAL, OLD_PA], Layout.FOUR, 0).cells == (0, 1, 2, None)
    assert hang([PA, LATERAL, OLD_LATERAL], Layout.FOUR, 0).cells == (0, 1, None, 2)
    assert hang([PA, OLD_PA, OLD_LATERAL], Layout.FOUR, 0).cells == (0, None, 1, 2)


def test_two_cells_without_a_lateral_are_current_and_prior() -> None:
    films = [PA, OLD_LATERAL, OLD_PA]
    assert hang(films, Layout.TWO, 0) == Hanging((0, 2), 0)
    assert hang(films, Layout.TWO, 1) == Hanging((0, 1), 1)  # what is in front stays in sight
    assert hang([PA, LATERAL, OLD_PA], Layout.TWO, 0).cells == (0, 1)
    assert hang([PA, LATERAL, OLD_PA], Layout.TWO, 2).cells == (0, 2)


def test_a_study_of_several_images_fills_the_cells_in_its_order() -> None:
    assert hang([PA, UNKNOWN, LATERAL, AP], Layout.FOUR, 0).cells == (0, 2, 3, 1)
    assert hang([UNKNOWN, UNKNOWN, UNKNOWN], Layout.FOUR, 2).cells == (0, 1, 2, None)
    assert hang([PA, LATERAL], Layout.FOUR, 1) == Hanging((0, 1, None, None), 1)
    assert hang([PA, AP], Layout.TWO, 1).cells == (0, 1)


@pytest.mark.parametrize("layout", list(Layout))
def test_one_image_alone_fills_the_viewer(layout: Layout) -> None:
    assert hang([PA], layout, 0).cells == (0,)
    assert hang([], layout, 0) == Hanging()


@pytest.mark.parametrize("layout", list(Layout))
def test_no_image_hangs_twice(layout: Layout) -> None:
    films = [PA, LATERAL, AP, LATERAL, OLD_PA, OLD_LATERAL, OLD_PA]
    for front in range(len(films)):
        cells = [image for image in hang(films, layout, front).cells if image is not None]
        assert len(cells) == len(set(cells)) == layout.value[0] * layout.value[1]


def test_a_chosen_image_takes_the_active_cell_unless_it_hangs_already() -> None:
    hung = Hanging((0, 1), 1)
    assert hung.showing(2) == Hanging((0, 2), 1)
    assert hung.showing(0) == Hanging((0, 1), 0)
    assert Hanging((0, None), 1).showing(3) == Hanging((0, 3), 1)


def test_comparing_needs_two_rows_only_where_there_are_two_views() -> None:
    assert to_compare([PA, OLD_PA, OLD_LATERAL]) is Layout.TWO
    assert to_compare([PA, LATERAL, OLD_PA]) is Layout.FOUR
