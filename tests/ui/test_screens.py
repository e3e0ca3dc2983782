"""A window comes back to where it was, and never to where no screen is."""

from __future__ import annotations

import pytest

from app.ui.screens import Place, Screen, brought_back, configuration, first_place

DESK = Screen("DP-1", 0, 0, 1920, 1080)
TALL = Screen("DP-2", 1920, -400, 1536, 2048)


def inside(place: Place, screen: Screen) -> bool:
    return (
        screen.x <= place.x
        and screen.y <= place.y
        and place.x + place.width <= screen.x + screen.width
        and place.y + place.height <= screen.y + screen.height
    )


@pytest.mark.parametrize(
    "place",
    [
        Place(100, 100, 800, 600),
        Place(2000, 0, 1200, 1500, full=True),
        Place(-700, 50, 800, 600),  # pushed to the side on purpose; its edge can be taken hold of
    ],
)
def test_a_place_in_sight_is_kept(place: Place) -> None:
    assert brought_back(place, [DESK, TALL]) == place


def test_a_place_on_a_missing_screen_comes_onto_one_that_is_there() -> None:
    place = Place(2000, -300, 1400, 1900, full=True)
    back = brought_back(place, [DESK])
    assert inside(back, DESK)
    assert (back.width, back.height, back.full) == (1400, 1080, True)


def test_far_off_it_comes_to_the_nearest_screen() -> None:
    assert inside(brought_back(Place(9000, 0, 400, 300), [DESK, TALL]), TALL)
    assert inside(brought_back(Place(-9000, 0, 400, 300), [DESK, TALL]), DESK)


@pytest.mark.parametrize("place", [Place(50, -200, 800, 600), Place(50, 1070, 800, 600)])
def test_the_upper_edge_must_be_in_reach(place: Place) -> None:
    assert inside(brought_back(place, [DESK]), DESK)


def test_it_is_never_larger_than_its_screen() -> None:
    assert brought_back(Place(0, 0, 4000, 3000), [DESK]) == Place(0, 0, 1920, 1080)


def test_without_a_screen_nothing_can_be_said() -> None:
    place = Place(1, 2, 3, 4)
    assert brought_back(place, []) == place


def test_the_first_time_it_takes_the_other_screen_or_most_of_the_only_one() -> None:
    other = first_place([DESK, TALL], DESK)
    assert inside(other, TALL)
    assert other.full
    only = first_place([DESK], DESK)
    assert inside(only, DESK)
    assert not only.full


def test_screens_are_told_by_names_and_sizes_in_any_order() -> None:
    assert configuration([DESK, TALL]) == configuration([TALL, DESK])
    assert configuration([DESK]) != configuration([DESK, TALL])
    assert configuration([DESK]) == "DP-1 1920x1080"


def test_a_place_is_kept_as_text_and_nonsense_is_none() -> None:
    place = Place(-5, 7, 640, 480, full=True)
    assert Place.of(place.text()) == place
    for text in ("", "1 2 3", "a b c d e", "0 0 0 5 0", "0 0 99999999999 5 0"):
        assert Place.of(text) is None
