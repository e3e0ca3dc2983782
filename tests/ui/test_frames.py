"""An image with several frames: chosen with the bar or keys, the view kept, attention only where
the drafts belong.
"""

from __future__ import annotations

from pathlib import Path

import dicom_files
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow, StandIn

from app.ui.main_window import MainWindow


@pytest.fixture
def several(tmp_path: Path) -> Path:
    ramp = dicom_files.RAMP.astype(np.uint16)
    frames = np.stack([np.roll(ramp, 7 * number, axis=1) for number in range(5)])
    return dicom_files.write(tmp_path / "several.dcm", dicom_files.data_set(frames))


def frame(window: MainWindow) -> int:
    pane = window.viewer.active_pane
    assert pane is not None
    return pane.radiograph.frame


def shown(qtbot: QtBot, open_window: OpenWindow, file: Path) -> MainWindow:
    """A window with the file's image in sight; several frames are not drafted unasked."""
    window = open_window([file])
    qtbot.waitUntil(lambda: bool(window.viewer.panes_in_sight), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.controller.loader.idle, timeout=WAIT_MS)
    return window


def test_keys_and_slider_choose_a_frame_and_the_view_stays(
    qtbot: QtBot, open_window: OpenWindow, stand_in: StandIn, several: Path
) -> None:
    window = shown(qtbot, open_window, several)
    viewer = window.viewer
    (pane,) = viewer.panes
    for name in ("zoom_in", "rotate_right", "narrower", "invert"):
        viewer.action(name).trigger()
    geometry, label = pane.view_geometry, pane.windowing.label()
    first = pane.radiograph
    viewer.setFocus()
    qtbot.keyClick(viewer, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: frame(window) == 1, timeout=WAIT_MS)
    assert viewer.panes == (pane,)
    assert pane.view_geometry == geometry
    assert pane.windowing.label() == label
    assert pane.windowing.invert
    assert np.array_equal(pane.radiograph.pixels, np.roll(dicom_files.RAMP, 7, axis=1))
    assert any(line.startswith("frame 2 / 5") for line in pane.corners().lines)
    slider = pane.findChild(QSlider)
    for wanted in (2, 3, 4):  # a fast hand: only the last one matters
        slider.setValue(wanted)
    qtbot.waitUntil(lambda: frame(window) == 4, timeout=WAIT_MS)
    viewer.action("next_frame").trigger()
    assert slider.value() == 4
    slider.setValue(0)
    qtbot.waitUntil(lambda: frame(window) == 0, timeout=WAIT_MS)
    assert pane.radiograph.image_id == first.image_id
    assert stand_in.runs == []


def test_attention_lies_on_the_drafted_frame_only(
    qtbot: QtBot, open_window: OpenWindow, several: Path
) -> None:
    window = shown(qtbot, open_window, several)
    viewer = window.viewer
    viewer.set_attention_enabled(True)
    viewer.set_attention(np.eye(8, dtype=np.float32), "effusion")
    assert viewer.panes[0].attention.shown
    viewer.action("next_frame").trigger()
    qtbot.waitUntil(lambda: frame(window) == 1, timeout=WAIT_MS)
    assert not viewer.panes[0].attention.shown
    viewer.set_attention(np.eye(8, dtype=np.float32), "effusion")
    assert not viewer.panes[0].attention.shown
    viewer.action("previous_frame").trigger()
    qtbot.waitUntil(lambda: frame(window) == 0, timeout=WAIT_MS)
    viewer.set_attention(np.eye(8, dtype=np.float32), "effusion")
    assert viewer.panes[0].attention.shown


def test_a_frame_that_cannot_be_read_is_said_and_the_bar_goes_back(
    qtbot: QtBot, open_window: OpenWindow, several: Path
) -> None:
    window = shown(qtbot, open_window, several)
    several.unlink()
    window.viewer.action("next_frame").trigger()
    qtbot.waitUntil(lambda: bool(window.messages.messages()), timeout=WAIT_MS)
    assert frame(window) == 0
    assert window.viewer.panes[0].findChild(QSlider).value() == 0


def test_an_image_of_one_frame_has_no_bar(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    window = shown(qtbot, open_window, dicom_files.write(tmp_path / "one.dcm"))
    assert window.viewer.panes[0].findChild(QSlider) is None
    assert not window.viewer.action("next_frame").isEnabled()
