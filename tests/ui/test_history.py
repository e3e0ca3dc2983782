"""Every revision of a report can be seen, and one of them brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.ui.history import HistoryBox
from app.ui.main_window import MainWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]


def write(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Type ``text`` at the end and wait until it is a revision."""
    report = window.column.report
    before = report.status()
    report.editor.moveCursor(report.editor.textCursor().MoveOperation.End)
    qtbot.keyClicks(report.editor, text)
    qtbot.waitUntil(lambda: report.status() not in (before, "not saved yet"), timeout=WAIT_MS)


def history(qtbot: QtBot, window: MainWindow) -> HistoryBox:
    window.actions_of.commands["history"].trigger()
    qtbot.waitUntil(lambda: window.actions_of.side_window("history") is not None, timeout=WAIT_MS)
    box = window.actions_of.side_window("history")
    assert isinstance(box, HistoryBox)
    return box


def test_an_earlier_revision_is_brought_back_as_one_more_change(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    report = window.column.report
    write(qtbot, window, "Heart normal.")
    write(qtbot, window, " Lungs clear.")
    box = history(qtbot, window)
    assert box.list.count() == 2
    assert [(one.kind, one.text.strip()) for one in box.change.pieces()] == [
        ("same", "Heart normal."),
        ("added", "Lungs clear."),
    ]
    box.list.setCurrentRow(1)
    box.restore.click()
    assert report.text() == "Heart normal."
    qtbot.waitUntil(lambda: report.status() == "revision 3 · saved", timeout=WAIT_MS)
    report.editor.undo()
    assert report.text() == "Heart normal. Lungs clear."


def test_revisions_of_one_study_are_not_shown_beside_another(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a", 1), picture("b", 2)])
    drafted(window)
    write(qtbot, window, "Heart normal.")
    history(qtbot, window)
    window.actions_of.commands["next"].trigger()
    qtbot.waitUntil(lambda: window.actions_of.side_window("history") is None, timeout=WAIT_MS)
