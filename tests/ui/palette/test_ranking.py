"""Typed letters find what was meant, and say which letters of it they are."""

from __future__ import annotations

import pytest

from app.ui.palette.ranking import fit

NAMES = (
    *("Rotate right", "Rotate left", "Remove study", "Flip horizontally", "Fit", "Invert"),
    *("Auto window", "Next window or LUT", "Save screenshot", "Sign report", "Go to the report"),
)


def best(typed: str) -> str:
    found = {name: one for name in NAMES if (one := fit(typed, name)) is not None}
    return max(found, key=lambda name: found[name].score)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rotate r", "Rotate right"),
        ("rr", "Rotate right"),
        ("rl", "Rotate left"),
        ("fit", "Fit"),
        ("fh", "Flip horizontally"),
        ("INV", "Invert"),
        ("wind aut", "Auto window"),
        ("report sign", "Sign report"),
        ("shot", "Save screenshot"),
        ("lut", "Next window or LUT"),
    ],
)
def test_a_few_letters_find_what_was_meant(typed: str, meant: str) -> None:
    assert best(typed) == meant


def test_every_word_has_to_fit() -> None:
    assert fit("rotate zebra", "Rotate right") is None
    assert fit("xyz", "Rotate right", "View", "Turn by 90°") is None


def test_letters_scattered_by_chance_are_no_fit() -> None:
    assert fit("neu", "Minor events occur") is None


def test_menus_and_explanations_are_found_too_but_weigh_less() -> None:
    in_menu = fit("report", "Amend", "Report")
    in_about = fit("mirror", "Flip horizontally", "Orientation", "Mirror left and right")
    in_name = fit("report", "Sign report", "Edit")
    assert in_menu is not None
    assert in_about is not None
    assert in_name is not None
    assert in_name.score > in_menu.score > in_about.score
    assert in_about.letters == ()


def test_the_letters_found_can_be_shown_bright() -> None:
    found = fit("ro ri", "Rotate right")
    assert found is not None
    assert [("Rotate right")[place] for place in found.letters] == ["R", "o", "r", "i"]


def test_letters_that_fold_to_two_keep_their_places() -> None:
    found = fit("beta", "Straße beta")
    assert found is not None
    assert found.letters == (7, 8, 9, 10)
