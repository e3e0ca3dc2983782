"""Starting: what is not imported before the first paint, pictures of the window, the first
study.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow, StandIn

from app.paths import Paths, resources
from app.settings import Settings
from app.ui.controller import Controller
from app.ui.main_window import FIRST_SIZE, MainWindow

ROOT = Path(__file__).parents[2]
Picture = Callable[..., Path]


def in_a_process(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_heavy_packages_are_not_imported_before_the_first_paint(home: Path) -> None:
    code = """
import sys
from app.ui import application
def painted(window, files):
    print(sorted({"torch", "torchvision", "pydicom", "sqlalchemy", "alembic"} & set(sys.modules)))
    window.close()
application._first_paint = painted
application.run_window([])
"""
    done = in_a_process(code)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_first_paint_is_timed_for_the_bench(home: Path, tmp_path: Path) -> None:
    answer = tmp_path / "first-paint"
    code = "from app.ui.application import run_window; run_window([])"
    done = in_a_process(code, READINGROOM_FIRST_PAINT=str(answer))
    assert done.returncode == 0, done.stderr
    assert float(answer.read_text(encoding="ascii")) > 0


def test_the_first_window_fits_the_screen(qtbot: QtBot, home: Path, stand_in: StandIn) -> None:
    window = MainWindow(Controller(Paths(home).create(), Settings(), stand_in.parts()))
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    assert room.height() < FIRST_SIZE[1], "a screen that is too small for the usual size"
    assert window.height() <= room.height()
    assert window.width() <= max(room.width(), window.minimumWidth())
    window.close()


PICTURE = """
import sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from stand_in import StandIn
from app.errors import AppError
from app.ui.application import run_window
try:
    run_window(
        [Path({file!r})], screenshot=Path({out!r}), size={size}, parts=StandIn().parts()
    )
except AppError as error:
    sys.exit(error.message)
"""


@pytest.mark.parametrize(
    ("size", "pixels"), [((1280, 800), (1280, 800)), (None, FIRST_SIZE)], ids=["asked", "own"]
)
def test_a_screenshot_shows_the_drafts_and_where_the_model_looked(
    home: Path,
    picture: Picture,
    tmp_path: Path,
    size: tuple[int, int] | None,
    pixels: tuple[int, int],
) -> None:
    out = tmp_path / "window.png"
    tests = str(Path(__file__).parent)
    code = PICTURE.format(tests=tests, file=str(picture("a")), out=str(out), size=size)
    done = in_a_process(code)
    assert done.returncode == 0, done.stderr
    shown = QImage(str(out))
    assert (shown.width(), shown.height()) == pixels
    # The test picture is gray: colour over its middle is attention.
    colours = [shown.pixelColor(x, y) for x in range(300, 800, 10) for y in range(200, 600, 10)]
    assert any(abs(color.red() - color.blue()) > 40 for color in colours)


def test_a_screenshot_of_a_bad_file_fails_with_its_sentence(home: Path, tmp_path: Path) -> None:
    bad, out = tmp_path / "bad.dcm", tmp_path / "window.png"
    bad.write_bytes(b"")
    tests = str(Path(__file__).parent)
    done = in_a_process(PICTURE.format(tests=tests, file=str(bad), out=str(out), size=None))
    assert done.returncode == 1
    assert "bad.dcm" in done.stderr
    assert not out.exists()


def test_the_first_start_shows_the_synthetic_study(qtbot: QtBot, open_window: OpenWindow) -> None:
    if not (resources() / "synthetic" / "frontal.dcm").is_file():
        pytest.skip("resources/synthetic is not there yet")
    window = open_window([])
    qtbot.waitUntil(lambda: len(window.viewer.panes) == 2, timeout=WAIT_MS)
    assert window.viewer.panes[0].radiograph.view.frontal
