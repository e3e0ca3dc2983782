"""Windowing by a region, and what the pixel under the mouse is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.imaging.probe import PixelReading
from app.imaging.radiograph import Radiograph, View, Window
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.probe import ProbeHand, draw_plate, lines
from app.ui.viewer.region import RegionHand, box_between

NO_KEYS = Qt.KeyboardModifier.NoModifier
RAMP = Radiograph(
    np.tile(np.arange(0, 4000, 10, dtype=np.uint16), (400, 1)),
    Path("x"),
    "x",
    View.PA,
    voi=(Window(2000, 4000),),
)


def shown(qtbot: QtBot, radiograph: Radiograph = RAMP) -> ViewPane:
    made = ViewPane(radiograph)
    qtbot.addWidget(made)
    made.resize(600, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def drag(
    pane: ViewPane,
    start: QPointF,
    end: QPointF,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    keys: Qt.KeyboardModifier = NO_KEYS,
) -> None:
    QTest.mousePress(pane, button, keys, start.toPoint())
    for at in ((start + end) / 2, end):
        where = pane.mapToGlobal(at)
        move = QMouseEvent(
            QMouseEvent.Type.MouseMove, at, where, Qt.MouseButton.NoButton, button, keys
        )
        QApplication.sendEvent(pane, move)
    QTest.mouseRelease(pane, button, keys, end.toPoint())


def window_of(pane: ViewPane) -> tuple[float, float]:
    window = pane.windowing.window
    assert window is not None
    return window.center, window.width


@pytest.mark.parametrize("turned", [False, True])
def test_dragging_a_box_windows_what_is_in_it(qtbot: QtBot, turned: bool) -> None:
    pane = shown(qtbot)
    pane.hand = RegionHand()
    if turned:
        pane.rotate(1)
        pane.flip_horizontally()
    zoom = pane.view_geometry.zoom
    drag(pane, pane.screen_point(100, 50), pane.screen_point(200, 150))
    center, width = window_of(pane)
    assert center == pytest.approx(1495, abs=15)
    assert width == pytest.approx(990, abs=30)
    assert "Region" in pane.windowing.label()
    assert pane.view_geometry.zoom == zoom


def test_a_click_or_a_slip_changes_nothing(qtbot: QtBot) -> None:
    pane = shown(qtbot)
    pane.hand = RegionHand()
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(300, 300))
    drag(pane, QPointF(300, 300), QPointF(302, 420))
    drag(pane, QPointF(2, 2), QPointF(5, 500))  # beside the image
    assert window_of(pane) == (2000, 4000)


def test_the_right_button_with_ctrl_windows_a_region_with_any_tool(qtbot: QtBot) -> None:
    pane = shown(qtbot)
    control = Qt.KeyboardModifier.ControlModifier
    opened: list[QPoint] = []
    pane.menu_requested.connect(opened.append)
    start, end = pane.screen_point(100, 50), pane.screen_point(200, 150)
    drag(pane, start, end, Qt.MouseButton.RightButton, control)
    assert window_of(pane)[0] == pytest.approx(1495, abs=15)
    assert opened == []


def test_the_box_is_seen_while_it_is_drawn_and_gone_after(qtbot: QtBot) -> None:
    pane = shown(qtbot)
    hand = RegionHand()
    pane.hand = hand
    before = pane.grab().toImage()
    hand.press(pane, QPointF(200, 200), NO_KEYS)
    hand.drag(pane, QPointF(300, 300), QPointF(100, 100), NO_KEYS)
    assert pane.grab().toImage() != before
    hand.put_away(pane)
    assert pane.grab().toImage() == before


def test_a_colour_image_keeps_its_colours(qtbot: QtBot) -> None:
    pane = shown(qtbot, replace(RAMP, pixels=np.zeros((400, 400, 3), np.uint8), voi=()))
    pane.hand = RegionHand()
    drag(pane, QPointF(200, 200), QPointF(300, 300))
    for act in (pane.lung_window, pane.dense_window, pane.file_window):
        act()
    assert pane.windowing.voi is None


def test_a_box_ends_at_the_edge_of_the_image(qtbot: QtBot) -> None:
    pane = shown(qtbot)
    assert box_between(pane, QPointF(-50, -50), QPointF(900, 900)) == (0, 0, 400, 400)


def test_the_probe_writes_beside_the_mouse_and_not_beside_the_image(qtbot: QtBot) -> None:
    pane = shown(qtbot)
    pane.resize(900, 600)
    hand = ProbeHand()
    pane.hand = hand
    before = pane.grab().toImage()
    hand.hover(pane, QPointF(3, 3), NO_KEYS)
    assert pane.grab().toImage() == before
    hand.hover(pane, QPointF(450, 300), NO_KEYS)
    assert pane.grab().toImage() != before
    hand.hover(pane, None, NO_KEYS)
    assert pane.grab().toImage() == before


def test_the_probe_says_everything_that_is_known() -> None:
    told = dict(lines(PixelReading(812, 1203, -30, -1054.5, 17, True, (12.34, 5.0), "calibrated")))
    assert told == {
        "column, row": "812, 1203",
        "stored": "−30",
        "modality": "−1054.50",
        "shown": "17 of 255",
        "padding": "no image here",
        "mm, calibrated": "12.3, 5.0",
    }
    colour = dict(lines(PixelReading(0, 0, (1, 2, 3), None, (1, 2, 3))))
    assert colour == {"column, row": "0, 0", "R G B": "1 2 3"}


@pytest.mark.parametrize("at", [(10, 10), (290, 10), (10, 190), (290, 190)])
def test_the_words_stay_in_sight_and_off_what_is_pointed_at(
    qtbot: QtBot, at: tuple[int, int]
) -> None:
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    reading = PixelReading(812, 1203, -30, -30.0, 17)
    draw_plate(painter, QRectF(image.rect()), QPointF(*at), lines(reading))
    painter.end()
    lit = np.array([[image.pixelColor(x, y).red() > 60 for x in range(300)] for y in range(200)])
    assert lit.any()
    assert not lit[max(at[1] - 8, 0) : at[1] + 8, max(at[0] - 8, 0) : at[0] + 8].any()
    lit[1:-1, 1:-1] = False
    assert not lit.any()  # nothing is cut off
