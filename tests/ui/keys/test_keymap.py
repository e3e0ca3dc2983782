"""Keys that a reader chose: none does two things, none is lost, nonsense is left out alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from pytestqt.qtbot import QtBot

from app.ui.keys.keymap import Keymap, portable, resolve

OWN = {"fit": ("F",), "invert": ("I",), "zoom": ("+", "="), "export": ()}
TITLES = {"fit": "Fit", "invert": "Invert", "zoom": "Zoom in", "export": "Export"}


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("f", "F"),
        ("ctrl+shift+k", "Ctrl+Shift+K"),
        ("+", "+"),
        ("Ctrl+,", "Ctrl+,"),
        ("F13", "F13"),
        ("", ""),
        ("Foo", ""),
        ("Ctrl+", ""),
        ("K, L", ""),  # two keys, one after the other
        ("Ctrl", ""),
    ],
)
def test_what_is_one_key(written: str, stored: str) -> None:
    assert portable(written) == stored


def test_without_choices_every_action_has_its_own_keys() -> None:
    assert resolve(OWN, {}, TITLES) == resolve(OWN, {"of_a_later_version": ("K",)}, TITLES)
    assert resolve(OWN, {}, TITLES).keys == OWN


def test_a_chosen_key_is_taken_from_who_had_it_by_default() -> None:
    resolved = resolve(OWN, {"fit": ("I", "Ctrl+0"), "export": ("=",)}, TITLES)
    assert resolved.notes == ()
    assert resolved.keys == {
        "fit": ("I", "Ctrl+0"),
        "invert": (),
        "zoom": ("+",),
        "export": ("=",),
    }


def test_an_action_can_be_left_without_a_key() -> None:
    assert resolve(OWN, {"fit": ()}, TITLES).keys["fit"] == ()


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"fit": ("Foo",)}, "it is not one key"),
        ({"fit": ("Up",)}, "it walks lists and drafts"),
        ({"fit": ("Esc",)}, "it leaves and dismisses"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_and_the_own_key_holds(
    chosen: dict[str, tuple[str, ...]], reason: str
) -> None:
    resolved = resolve(OWN, chosen, TITLES)
    assert resolved.keys == OWN
    key = chosen["fit"][0]
    assert resolved.notes == (f"The key “{key}” for “Fit” was left out: {reason}.",)


def test_of_two_that_chose_one_key_the_first_has_it() -> None:
    resolved = resolve(OWN, {"fit": ("K",), "invert": ("K", "J")}, TITLES)
    assert resolved.keys["fit"] == ("K",)
    assert resolved.keys["invert"] == ("J",)
    assert "“Fit” has it already" in resolved.notes[0]


@pytest.fixture
def keymap(qtbot: QtBot) -> Keymap:
    parent = QObject()
    actions = []
    for name, keys in OWN.items():
        action = QAction(TITLES[name], parent)
        action.setObjectName(name)
        action.setStatusTip(f"Does {name}")
        action.setShortcuts([QKeySequence(key) for key in keys])
        actions.append(("Menu", action))
    made = Keymap(actions, parent)
    made.keep = parent  # type: ignore[attr-defined]
    return made


def test_giving_a_key_takes_it_away_elsewhere_and_only_differences_are_kept(
    keymap: Keymap, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(keymap.changed):
        keymap.give("fit", ("I",))
    assert keymap.chosen == {"fit": ("I",), "invert": ()}
    assert keymap.owner("I") == "fit"
    assert keymap.action("fit").toolTip() == "Does fit  (I)"
    assert keymap.action("invert").toolTip() == "Does invert"
    keymap.give("fit", ("F",))
    assert keymap.chosen == {"invert": ()}
    keymap.reset("invert")
    assert keymap.chosen == {}
    assert keymap.keys("invert") == ("I",)


def test_resetting_one_takes_its_key_back(keymap: Keymap) -> None:
    keymap.give("zoom", ("F",))
    assert keymap.keys("fit") == ()
    keymap.reset("fit")
    assert keymap.keys("fit") == ("F",)
    assert keymap.keys("zoom") == ()
    keymap.reset_all()
    assert {name: keymap.keys(name) for name in OWN} == OWN


def test_choices_of_a_later_version_are_kept(keymap: Keymap) -> None:
    keymap.use({"later": ("K",), "fit": ("J",)})
    keymap.give("invert", ("L",))
    keymap.reset_all()
    assert keymap.chosen == {"later": ("K",)}
