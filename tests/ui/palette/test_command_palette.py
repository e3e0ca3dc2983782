"""The palette as a reader meets it: everything is in it, and it never stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.settings import Settings
from app.ui.keys.shown import keys_of, name_of
from app.ui.main_window import MainWindow
from app.ui.palette.entries import Entry
from app.ui.palette.overlay import CommandPalette

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def opened(qtbot: QtBot, window: MainWindow, text: str = "") -> CommandPalette:
    qtbot.keyClick(window, Key.Key_K, CONTROL)
    palette = window.actions_of.finder.palette
    assert palette.isVisible()
    qtbot.keyClicks(palette.field, text)
    return palette


def rows(palette: CommandPalette) -> list[Entry]:
    return [entry for entry in palette.entries() if not entry.heading]


def everything(window: MainWindow) -> set[QAction]:
    """Every action that any widget of the window holds; not what Qt puts into its own fields."""
    found: set[QAction] = set()
    for thing in (window, *window.findChildren(QObject)):
        if isinstance(thing, QAction):
            found.add(thing)
        elif isinstance(thing, QWidget):
            found.update(thing.actions())
    return {
        one
        for one in found
        if not isinstance(one.parent(), QLineEdit)
        and not one.isSeparator()
        and one.text()
        and one.menu() is None
    }


def test_every_action_is_in_the_menus_and_in_the_palette(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    palette = opened(qtbot, window)
    in_menus = {action for _, action in window.actions_of.menus.actions()}
    assert {one.text() for one in everything(window) - in_menus} == set()
    shown = {(entry.name, entry.keys) for entry in rows(palette)}
    own = window.actions_of.commands["command"]
    wanted = {(name_of(action), keys_of(action)) for action in in_menus - {own}}
    assert wanted - shown == set()


def test_a_few_letters_and_enter_do_it_and_give_the_focus_back(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted, home: Path
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    window.column.report.setFocus()
    before = window.focusWidget()
    palette = opened(qtbot, window, "rotate ri")
    qtbot.keyClick(palette.field, Key.Key_Return)
    assert window.viewer.active_pane is not None
    assert "rotated 90°" in " ".join(window.viewer.active_pane.corners().lines)
    assert not palette.isVisible()
    assert window.focusWidget() is before
    palette = opened(qtbot, window)
    assert palette.entries()[0].heading
    assert palette.entries()[1].name == "Rotate right"  # the recent one first
    window.close()
    assert Settings.load(home / "settings.json").recent_commands == ("viewer_rotate_right",)


def test_arrows_choose_and_escape_leaves_everything_as_it_was(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window([])
    palette = opened(qtbot, window, "map")
    names = [entry.name for entry in rows(palette)]
    qtbot.keyClick(palette.field, Key.Key_Down)
    chosen = palette.chosen()
    assert chosen is not None
    assert chosen.name == names[1]
    qtbot.keyClick(palette.field, Key.Key_Up)
    qtbot.keyClick(palette.field, Key.Key_Up)  # round the end
    chosen = palette.chosen()
    assert chosen is not None
    assert chosen.name == names[-1]
    qtbot.keyClick(palette.field, Key.Key_Escape)
    assert not palette.isVisible()


def test_letters_reach_the_palette_and_no_single_key_acts(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    palette = opened(qtbot, window, "ir3a?")
    assert palette.field.text() == "ir3a?"
    assert window.viewer.active_pane is not None
    assert not window.viewer.active_pane.windowing.invert
    assert window.column.rating.score() == 0


def test_what_cannot_be_done_says_why_and_does_nothing(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture
) -> None:
    window = open_window([picture("a")])
    qtbot.waitUntil(lambda: bool(window.viewer.panes), timeout=WAIT_MS)
    palette = opened(qtbot, window, "next image")
    first = rows(palette)[0]
    assert first.name == "Next image"
    assert not first.available
    assert first.about == "This study has one image"
    qtbot.keyClick(palette.field, Key.Key_Return)
    assert palette.isVisible()


def test_studies_are_found_and_hidden_names_are_not(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture
) -> None:
    window = open_window([picture("mueller", 1), picture("keller", 2)])
    qtbot.waitUntil(lambda: window.worklist.shown.rowCount() == 2, timeout=WAIT_MS)
    current = window.controller.current
    assert current is not None
    first, other = ("mueller", "keller") if "mueller" in current.path else ("keller", "mueller")
    palette = opened(qtbot, window, other)
    found = [entry for entry in rows(palette) if entry.name.startswith("Go to study")]
    assert len(found) == 1
    assert other in found[0].name
    while palette.chosen() is not found[0]:
        qtbot.keyClick(palette.field, Key.Key_Down)
    qtbot.keyClick(palette.field, Key.Key_Return)
    assert window.controller.current is not None
    assert other in window.controller.current.path
    window.actions_of.commands["hide_identity"].trigger()
    palette = opened(qtbot, window, first)
    assert [entry for entry in rows(palette) if "Go to study" in entry.name] == []
    palette.field.clear()
    qtbot.keyClicks(palette.field, "go to study")
    shown = " ".join(f"{entry.name} {entry.menu}" for entry in rows(palette))
    assert "Go to study" in shown
    assert first not in shown


def test_other_words_go_to_the_filter_of_the_worklist(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window([])
    palette = opened(qtbot, window, "nobody of this name")
    qtbot.keyClick(palette.field, Key.Key_Return)
    assert window.worklist.filter.text() == "nobody of this name"
    assert window.worklist.filter.hasFocus()
