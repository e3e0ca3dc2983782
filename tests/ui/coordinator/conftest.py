"""A list of cases and signed reports for the coordinator's window."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parents[2] / "reading"))  # for signed_reports

from signed_reports import text
from stand_in import WAIT_MS, OpenWindow

from app.ui.coordinator.window import CoordinatorWindow
from app.ui.main_window import MainWindow


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A list of 16 cases of 16 patients; every third report compares with a prior."""
    folder = tmp_path / "list"
    folder.mkdir()
    with (folder / "cases.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["case", "image", "report", "patient"])
        for number in range(16):
            pixels = np.random.default_rng(number).integers(0, 255, (64, 48), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"p{number}.png")
            more = " As compared to prior." if number % 3 == 0 else ""
            writer.writerow([f"C{number:02}", f"p{number}.png", text(number) + more, f"P{number}"])
    return folder / "cases.csv"


@pytest.fixture
def main(open_window: OpenWindow, qtbot: QtBot) -> MainWindow:
    window = open_window([])
    qtbot.waitUntil(lambda: window.controller.shelf.known, timeout=WAIT_MS)
    return window


@pytest.fixture
def coordinator(
    main: MainWindow, settled: Callable[[CoordinatorWindow], None]
) -> CoordinatorWindow:
    """The window as the menu opens it."""
    main.actions_of.commands["reader_studies"].trigger()
    window = main.actions_of.side_window("reader_studies")
    assert isinstance(window, CoordinatorWindow)
    settled(window)
    return window


@pytest.fixture
def settled(qtbot: QtBot) -> Callable[[CoordinatorWindow], None]:
    """Waits until nothing runs any more."""

    def wait(window: CoordinatorWindow) -> None:
        def done() -> bool:
            return window.work.idle and window.work._lane.idle

        for _ in range(3):  # what comes back may ask for more
            qtbot.waitUntil(done, timeout=6 * WAIT_MS)  # an export draws pictures
            QCoreApplication.sendPostedEvents()

    return wait
