"""Screens of every density: one to one means device pixels, and pictures are as fine as the
screen.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from app.imaging.radiograph import Radiograph, Window
from app.ui import theme
from app.ui.viewer.pane import ViewPane

application = QApplication([])
factor = float(sys.argv[1])
pixels = np.random.default_rng(1).integers(0, 256, (2400, 2600), np.uint8)
voi = (Window(127.5, 255, "LINEAR_EXACT"),)
for size in ((400, 300), (401, 307)):
    pane = ViewPane(Radiograph(pixels, Path("x"), "1", voi=voi))
    pane.resize(*size)
    pane.show()
    application.processEvents()
    pane.actual_size()
    assert abs(pane.zoom_percent - 100) < 1e-6, pane.zoom_percent
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    wide, high = (round(side * factor) for side in size)
    assert abs(image.width() - wide) <= 1 and abs(image.height() - high) <= 1
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    shown = rows[high // 2 - 40 : high // 2 + 40, wide // 2 - 40 : wide // 2 + 40]
    x, y = pane.image_point(pane.rect().center())
    near = pixels[int(y) - 60 : int(y) + 60, int(x) - 60 : int(x) + 60]
    places = np.lib.stride_tricks.sliding_window_view(near, shown.shape)
    assert (places == shown).all(axis=(2, 3)).any(), f"no such pixels at {size}"
icon = theme.icon("zoom").pixmap(20, 20)
assert icon.width() >= 20 * min(factor, 2), icon.width()
"""


@pytest.mark.parametrize("factor", ["1", "1.25", "1.5", "2", "3"])
def test_one_to_one_shows_every_pixel_on_a_screen_of_any_density(factor: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, factor],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": factor},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
