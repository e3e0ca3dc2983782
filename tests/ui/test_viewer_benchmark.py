"""The viewer's benchmark measures what it says, on a small image and few runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot

from app.ui import viewer_benchmark

KEYS = {"drag_ms", "reference_drag_ms", "ratio", "zoom_ms", "pan_ms", "first_paint_ms", "file"}


def test_a_file_of_the_users_is_measured(qtbot: QtBot, tmp_path: Path) -> None:
    ramp = np.arange(300 * 400, dtype=np.uint16).reshape(300, 400)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    figures = viewer_benchmark.run(tmp_path / "ramp.png", 1)
    assert set(figures) == KEYS
    numbers = [value for key, value in figures.items() if key != "file"]
    assert all(isinstance(value, float) and value > 0 for value in numbers)
