"""Changing keys in the window: said clearly, at work at once, shown everywhere, kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from stand_in import OpenWindow

from app.settings import Settings
from app.ui.keys.sheet import KeySheet
from app.ui.main_window import MainWindow
from app.ui.shortcuts import rows_of

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
Key = Qt.Key


def sheet_of(window: MainWindow, name: str) -> KeySheet:
    window.actions_of.commands["change_keys"].trigger()
    sheet = window.actions_of.side_window("keys")
    assert isinstance(sheet, KeySheet)
    assert not sheet.isModal()
    sheet.choose(name)
    return sheet


def test_a_new_key_works_at_once_is_shown_and_comes_back_after_a_restart(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted, home: Path
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    sheet = sheet_of(window, "viewer_invert")
    sheet.pressed.setKeySequence(QKeySequence("F9"))
    assert sheet.verdict.text() == "F9 is free."
    qtbot.mouseClick(sheet.use, Qt.MouseButton.LeftButton)
    sheet.close()
    window.activateWindow()
    assert window.viewer.active_pane is not None
    qtbot.keyClick(window, Key.Key_I)
    assert not window.viewer.active_pane.windowing.invert
    qtbot.keyClick(window, Key.Key_F9)
    assert window.viewer.active_pane.windowing.invert
    assert window.viewer.action("invert").toolTip().endswith("(F9)")
    assert ("F9", "Invert") in rows_of(window.actions_of.menus.actions())["Gray values"]
    assert dict(Settings.load(home / "settings.json").shortcuts) == {"viewer_invert": ("F9",)}
    again = open_window([])
    assert again.actions_of.keymap.keys("viewer_invert") == ("F9",)


def test_a_key_that_another_has_is_said_and_taken_only_when_used(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window([])
    keymap = window.actions_of.keymap
    sheet = sheet_of(window, "viewer_fit")
    sheet.pressed.setKeySequence(QKeySequence("R"))
    assert "“Rotate right”" in sheet.verdict.text()
    assert keymap.keys("viewer_rotate_right") == ("R",)
    qtbot.mouseClick(sheet.add, Qt.MouseButton.LeftButton)
    assert keymap.keys("viewer_fit") == ("F", "R")
    assert keymap.keys("viewer_rotate_right") == ()
    sheet.pressed.setKeySequence(QKeySequence("Up"))
    assert "choose another" in sheet.verdict.text()
    assert not sheet.use.isEnabled()
    chips = [sheet.chips.itemAt(place).widget() for place in range(sheet.chips.count())]
    assert all(isinstance(chip, QPushButton) for chip in chips)
    qtbot.waitUntil(lambda: all(chip.isVisible() for chip in chips))
    assert [chip.text() for chip in chips] == ["F  ×", "R  ×"]
    qtbot.mouseClick(chips[0], Qt.MouseButton.LeftButton)
    assert keymap.keys("viewer_fit") == ("R",)
    qtbot.mouseClick(sheet.reset_all, Qt.MouseButton.LeftButton)
    assert keymap.keys("viewer_fit") == ("F",)
    assert keymap.keys("viewer_rotate_right") == ("R",)


def test_rating_keys_can_be_changed_too_and_never_type_into_the_report(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    window.actions_of.keymap.give("rate_5", ("B",))
    window.column.report.setFocus()
    qtbot.keyClick(window.column.report.editor, Key.Key_B)
    assert window.column.report.text() == "b"
    assert window.column.rating.score() == 0
    window.viewer.setFocus()
    qtbot.keyClick(window, Key.Key_B)
    assert window.column.rating.score() == 5


def test_key_caps_follow(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    keymap = window.actions_of.keymap
    card = window.column.drafts.cards()[0]
    assert card.take.key() == "Ctrl+1"
    keymap.give("take_draft_1", ("T",))
    assert card.take.key() == "T"
    keymap.give("sign_report", ("Ctrl+F12",))
    assert window.column.report.sign_button.toolTip().endswith("(Ctrl+F12)")
    keymap.give("viewer_attention", ("Q",))
    window.column.drafts.hold(1, 0)
    assert window.status.hint_text().startswith("Q shows")
    keymap.give("command_draft", ("X",))
    window.controller.close()
    assert {"X", "Q"} <= {cap.text() for cap in window.viewer.findChildren(QLabel)}


def test_stored_nonsense_is_said_and_the_rest_holds(open_window: OpenWindow) -> None:
    stored = (("viewer_fit", ("Foo+Bar",)), ("viewer_invert", ("J",)), ("unknown", ("K",)))
    window = open_window([], settings=Settings(user_name="Dr. Test", shortcuts=stored))
    assert window.actions_of.keymap.keys("viewer_fit") == ("F",)
    assert window.actions_of.keymap.keys("viewer_invert") == ("J",)
    said = [message.text for message in window.messages.messages()]
    assert said == ["The key “Foo+Bar” for “Fit” was left out: it is not one key."]
    assert ("unknown", ("K",)) in window.actions_of.keymap.chosen.items()
