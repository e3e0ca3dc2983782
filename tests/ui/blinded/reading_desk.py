"""What a test does at the reading window: wait for an item, press keys, look at what was kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.errors import StoreError
from app.reading.events import Event
from app.store.reader_study import ReaderStudy
from app.ui.blinded.window import ReadingWindow

WAIT_MS = 20_000
SitDown = Callable[..., ReadingWindow]


def reading(window: ReadingWindow) -> bool:
    return window.viewer.isVisible() and bool(window.viewer.panes)


def wait_for(qtbot: QtBot, window: ReadingWindow) -> None:
    qtbot.waitUntil(lambda: reading(window), timeout=WAIT_MS)


def press(qtbot: QtBot, window: ReadingWindow, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(window.focusWidget() or window, key)


def press_back(qtbot: QtBot, window: ReadingWindow) -> None:
    target = window.focusWidget() or window
    qtbot.keyClick(target, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)


def read_all(qtbot: QtBot, window: ReadingWindow) -> None:
    while not window.session.finished:
        wait_for(qtbot, window)
        press(qtbot, window, Qt.Key.Key_5, Qt.Key.Key_Return)


def full(reader: str, event: Event) -> None:
    raise StoreError("The database could not be written: the disk is full.")


def events(tmp_path: Path, reader: str = "R1") -> tuple[Event, ...]:
    with ReaderStudy.open(tmp_path / "study") as study:
        return study.events(reader)
