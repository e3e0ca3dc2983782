"""The box that says why an image looks as it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Header, Radiograph, Window
from app.ui.viewer.appearance_box import AppearanceBox
from app.ui.viewer.area import ViewerArea

FIRST = Radiograph(
    np.full((240, 320), 2048, np.uint16),
    Path("x.dcm"),
    "1",
    voi=(Window(2048, 4096),),
    header=Header(transfer_syntax="Explicit VR Little Endian", sop_instance_uid="1.2"),
)
SECOND = replace(
    FIRST,
    image_id="2",
    pixels=np.full((90, 80), 3, np.uint16),
    header=Header(
        transfer_syntax="RLE Lossless",
        sop_instance_uid="1.3",
        presentation_intent="FOR PROCESSING",
    ),
)


@pytest.fixture
def area(qtbot: QtBot) -> ViewerArea:
    made = ViewerArea()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.set_radiographs([FIRST, SECOND])
    made.show()
    qtbot.waitExposed(made)
    return made


def box(area: ViewerArea) -> AppearanceBox:
    found = area.findChild(AppearanceBox)
    assert isinstance(found, AppearanceBox)
    return found


def test_it_follows_the_window_the_inversion_and_the_image_in_front(area: ViewerArea) -> None:
    assert not box(area).isVisible()
    area.action("appearance").trigger()
    assert box(area).isVisible()
    assert "RLE Lossless" not in box(area).lines()
    pane = area.panes[0]
    pane.set_voi(Window(100, 50, "LINEAR", "MINE"))
    pane.invert()
    assert "“MINE”: center 100, width 50, linear" in box(area).lines()
    assert "by you (I)" in box(area).lines()
    area.show_image(1)
    assert "RLE Lossless" in box(area).lines()
    assert "FOR PROCESSING" in box(area).lines()


def test_it_stays_inside_the_viewer_and_esc_closes_it(area: ViewerArea) -> None:
    area.action("appearance").trigger()
    area.resize(500, 420)
    parent = box(area).parentWidget()
    assert parent is not None
    assert parent.rect().contains(box(area).geometry())
    QTest.keyClick(area, Qt.Key.Key_Escape)
    assert not box(area).isVisible()
    assert not area.action("appearance").isChecked()


def test_without_an_image_there_is_nothing_to_say(area: ViewerArea) -> None:
    area.action("appearance").trigger()
    area.clear()
    assert not box(area).isVisible()
