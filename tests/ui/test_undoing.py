"""Undo takes back what was done last, in the report or on the images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.imaging.measuring.measurement import Kind, measured
from app.ui.main_window import MainWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(open_window: OpenWindow, picture: Picture, drafted: Drafted) -> MainWindow:
    opened = open_window([picture("one")])
    drafted(opened)
    return opened


def measure(window: MainWindow) -> None:
    pane = window.viewer.active_pane
    assert pane is not None
    window.viewer.marks.add(pane.radiograph.image_id, measured(Kind.LENGTH, ((1, 1), (20, 20))))


def count(window: MainWindow) -> int:
    pane = window.viewer.active_pane
    assert pane is not None
    return len(window.viewer.marks.of(pane.radiograph.image_id))


def test_the_last_change_is_taken_back_and_then_the_one_before(
    qtbot: QtBot, window: MainWindow
) -> None:
    report = window.column.report
    measure(window)
    report.insert_text("Heart normal.")
    window.viewer.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert (report.text(), count(window)) == ("", 1)
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert count(window) == 0
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert count(window) == 1
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert report.text() == "Heart normal."


def test_in_the_report_the_keys_are_its_own(qtbot: QtBot, window: MainWindow) -> None:
    report = window.column.report
    report.editor.setFocus()
    qtbot.keyClicks(report.editor, "Heart")
    measure(window)
    window.actions_of.undoing.undo()
    assert (report.text(), count(window)) == ("", 1)
    window.viewer.setFocus()
    window.actions_of.undoing.undo()
    assert count(window) == 0


def test_a_signed_report_is_left_alone(qtbot: QtBot, window: MainWindow) -> None:
    report = window.column.report
    measure(window)
    report.insert_text("Heart normal.")
    report.sign_action.trigger()
    qtbot.waitUntil(report.is_signed, timeout=WAIT_MS)
    window.viewer.setFocus()
    window.actions_of.undoing.undo()
    assert (report.text(), count(window)) == ("Heart normal.", 0)
