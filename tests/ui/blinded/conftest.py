"""A reader who sits down at the reading window of a small frozen study."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.store.reader_study import ReaderStudy
from app.ui.application import make_application
from app.ui.blinded.window import ReadingWindow

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "reading"))
from frozen_studies import PROTOCOL, frozen
from reading_desk import WAIT_MS, SitDown


@pytest.fixture
def sit_down(qtbot: QtBot, tmp_path: Path) -> Iterator[SitDown]:
    """``sit_down()`` opens the window of a study; called again, after closing the one before."""
    open_ones: list[tuple[ReadingWindow, ReaderStudy]] = []

    def leave() -> None:
        while open_ones:
            window, study = open_ones.pop()
            window.close()
            window.close()
            study.close()

    def sit(reader: str = "R1", **changes: object) -> ReadingWindow:
        leave()
        make_application()
        folder = tmp_path / "study"
        if not folder.exists():
            frozen(folder, replace(PROTOCOL, **changes)).close()  # type: ignore[arg-type]
        study = ReaderStudy.open(folder)
        window = ReadingWindow(study, reader)
        qtbot.addWidget(window)
        open_ones.append((window, study))
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
        return window

    yield sit
    leave()
