"""A whole window over a data folder of its own, with a model that needs no weights."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.paths import Paths
from app.settings import Settings
from app.ui.application import begin, make_application
from app.ui.controller import Controller, Parts
from app.ui.main_window import MainWindow

sys.path.insert(0, str(Path(__file__).parent))  # for the stand-in, which the subprocesses use too
sys.path.insert(0, str(Path(__file__).parents[1] / "imaging"))  # for the DICOM files of a test

from stand_in import WAIT_MS, OpenWindow, StandIn


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def open_window(qtbot: QtBot, home: Path, stand_in: StandIn) -> Iterator[OpenWindow]:
    """``open_window(files)`` shows a window; called again, it closes the one before, as a
    restart does.
    """
    windows: list[MainWindow] = []

    def open_one(
        files: list[Path], parts: Parts | None = None, settings: Settings | None = None
    ) -> MainWindow:
        for earlier in windows:
            earlier.close()
        make_application()
        places = Paths(home).create()
        kept = settings or Settings.load(places.settings)
        if not kept.user_name:
            kept = kept.changed(user_name="Dr. Test")
        window = MainWindow(Controller(places, kept, parts or stand_in.parts()))
        window.resize(1440, 900)
        qtbot.addWidget(window)
        windows.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)  # keys reach an active window only
        begin(window, files)
        return window

    yield open_one
    stand_in.let_go.set()
    for window in windows:
        window.close()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str, int], Path]:
    """``picture(name, seed)`` writes a small gray PNG and returns its path."""

    def write(name: str, seed: int = 0) -> Path:
        rows, columns = np.mgrid[0:160, 0:128]
        noise = np.random.default_rng(seed).integers(0, 40, (160, 128))
        pixels = (rows + columns) // 2 + noise
        file = tmp_path / f"{name}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(file)
        return file

    return write


@pytest.fixture
def drafted(qtbot: QtBot) -> Callable[[MainWindow], None]:
    """``drafted(window)`` waits until drafts are shown."""

    def wait(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.column.drafts.analysis() is not None, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not window.column.report.is_read_only(), timeout=WAIT_MS)

    return wait
