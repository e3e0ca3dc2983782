"""Where a reader begins: nothing else is to be seen while the reading window is open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from frozen_studies import frozen
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, StandIn

from app.store.reader_study import ReaderStudy
from app.ui.coordinator.seat import SeatBox
from app.ui.main_window import MainWindow

Picture = Callable[[str, int], Path]


@pytest.fixture
def study(home: Path) -> Path:
    folder = home / "reader-studies" / "pilot"
    frozen(folder).close()
    return folder


def seat(main: MainWindow) -> SeatBox:
    main.actions_of.commands["read_study"].trigger()
    box = main.actions_of.side_window("read_study")
    assert isinstance(box, SeatBox)
    return box


def test_reading_hides_everything_else_until_it_is_closed(
    study: Path, main: MainWindow, qtbot: QtBot
) -> None:
    box = seat(main)
    assert [box.reader.itemText(n) for n in range(box.reader.count())] == ["Choose…", "R1", "R2"]
    assert not box.begin.isEnabled()  # nobody begins as who happens to stand first
    box.reader.setCurrentText("R2")
    box.begin.click()
    window = box.window_of
    assert window is not None
    assert window.isVisible()
    assert not main.isVisible()
    assert not box.isVisible()
    assert window.session.item is not None
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(main.isVisible, timeout=WAIT_MS)
    with ReaderStudy.open(study) as again:
        again.claim("R2", "another sitting")  # the seat is free


def test_a_reader_begins_by_keys_alone(study: Path, main: MainWindow, qtbot: QtBot) -> None:
    box = seat(main)
    box.activateWindow()
    qtbot.waitUntil(box.isActiveWindow, timeout=WAIT_MS)
    box.reader.setFocus()
    qtbot.keyClick(box.reader, Qt.Key.Key_Return)
    assert box.window_of is None  # nobody is chosen
    qtbot.keyClick(box.reader, Qt.Key.Key_Down)
    qtbot.keyClick(box.reader, Qt.Key.Key_Return)
    window = box.window_of
    assert window is not None
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    box = seat(main)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


def test_a_bug_of_ours_is_said_to_the_reader_who_sees_no_other_window(
    study: Path, main: MainWindow
) -> None:
    box = seat(main)
    box.reader.setCurrentText("R1")
    box.read()
    window = box.window_of
    assert window is not None
    main.controller.escaped.emit(ValueError("oops"))
    [message] = window.messages.messages()
    assert "our fault" in message.text
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    main.controller.escaped.emit(ValueError("again"))  # nobody reads any more
    assert box.window_of is None


def test_a_locked_study_and_a_taken_seat_are_said(study: Path, main: MainWindow) -> None:
    box = seat(main)
    box.reader.setCurrentText("R1")
    with ReaderStudy.open(study) as opened:
        opened.claim("R1", "elsewhere")
    box.read()
    assert "reading in another window" in box.problem.text()
    assert main.isVisible()
    with ReaderStudy.open(study) as opened:
        opened.lock()
    box.read()
    assert "locked" in box.problem.text()


def test_nobody_reads_while_the_model_drafts(
    study: Path, main: MainWindow, stand_in: StandIn, picture: Picture, qtbot: QtBot
) -> None:
    stand_in.hold = True
    main.controller.open_paths([picture("chest", 1)])
    qtbot.waitUntil(lambda: bool(stand_in.runs), timeout=WAIT_MS)
    box = seat(main)
    box.reader.setCurrentText("R1")
    box.read()
    assert "The model is drafting" in box.problem.text()
    assert box.window_of is None
    main.controller.drafting.cancel()
    qtbot.waitUntil(lambda: main.controller.model.idle, timeout=WAIT_MS)
    box.read()
    assert box.window_of is not None
    box.window_of.close()


def test_both_ways_in_are_in_menu_and_palette(main: MainWindow) -> None:
    names = [action.text() for _, action in main.actions_of.menus.actions()]
    found = [entry.name.rstrip("…") for entry in main.actions_of.finder._actions()]
    for wanted in ("Reader studies", "Read a blinded study"):
        assert f"{wanted}…" in names
        assert wanted in found


def test_without_a_study_a_folder_is_asked_for(main: MainWindow, tmp_path: Path) -> None:
    box = seat(main)
    assert "Choose the folder" in box.problem.text()
    assert not box.begin.isEnabled()
    box.add_folder(tmp_path)
    assert "There is no frozen study" in box.problem.text()
    frozen(tmp_path / "given").close()
    box.add_folder(tmp_path / "given")
    assert box.problem.text() == ""
    box.reader.setCurrentText("R2")
    assert box.begin.isEnabled()
