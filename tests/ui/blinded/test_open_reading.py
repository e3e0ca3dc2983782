"""The reading window as the command line opens it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from frozen_studies import frozen
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.paths import Paths
from app.ui.blinded import open_reading
from app.ui.blinded.window import ReadingWindow


def test_a_bug_is_logged_and_said_to_the_reader_and_the_window_lives_on(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    frozen(tmp_path / "study").close()
    before = sys.excepthook
    said: list[str] = []

    def read(*_: object) -> int:
        sys.excepthook(ValueError, ValueError("oops"), None)
        QCoreApplication.sendPostedEvents()
        shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        [window] = [one for one in shown if isinstance(one, ReadingWindow)]
        said.extend(message.text for message in window.messages.messages())
        window.close()
        return 0

    monkeypatch.setattr(QApplication, "exec", read)
    assert open_reading(tmp_path / "study", "R1", Paths(home)) == 0
    assert "our fault" in said[0]
    assert "oops" in (home / "logs" / "readingroom.log").read_text(encoding="utf-8")
    assert sys.excepthook is before
