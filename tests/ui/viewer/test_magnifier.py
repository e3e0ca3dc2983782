"""The lens under the mouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Radiograph, View, Window
from app.ui.viewer.geometry import Geometry
from app.ui.viewer.magnifier import MagnifierHand, Power, lens_rect, magnified
from app.ui.viewer.pane import ViewPane

NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def pane(qtbot: QtBot) -> ViewPane:
    pixels = np.zeros((400, 400), np.uint16)
    pixels[:, 200:] = 4095
    pixels[:200, 250:] = 2048
    made = ViewPane(
        Radiograph(pixels, Path("x"), "x", View.PA, voi=(Window(2048, 4096, "LINEAR_EXACT"),))
    )
    qtbot.addWidget(made)
    made.resize(500, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def gray(pane: ViewPane, x: float, y: float) -> int:
    image: QImage = pane.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(x * ratio), round(y * ratio)).red()


def through(geometry: Geometry, at: QPointF, times: int, size: float = 200) -> Geometry:
    return magnified(geometry, at, times, size)


@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_what_is_under_the_mouse_is_in_the_middle_and_turned_alike(
    pane: ViewPane, times: int, quarters: int
) -> None:
    pane.rotate(quarters)
    pane.flip_horizontally()
    at = QPointF(180, 260)
    seen = through(pane.view_geometry, at, times)
    assert seen.to_screen(*pane.image_point(at)) == pytest.approx((100, 100))
    beside = pane.image_point(QPointF(190, 255))
    assert seen.to_screen(*beside) == pytest.approx((100 + 10 * times, 100 - 5 * times))


def test_it_shows_the_image_larger(pane: ViewPane) -> None:
    edge = pane.screen_point(200, 300)
    at = QPointF(edge.x() - 20, edge.y())
    pane.hand = MagnifierHand(Power(2))
    pane.hand.hover(pane, at, NO_KEYS)
    assert gray(pane, edge.x() + 10, edge.y()) < 5  # the edge has moved to 40 beside the mouse
    assert gray(pane, at.x() + 45, edge.y()) > 250
    pane.windowing.toggle_invert()  # the lens is shown through the same table
    pane.update()
    assert gray(pane, at.x() + 45, edge.y()) < 5
    pane.hand.hover(pane, None, NO_KEYS)
    assert gray(pane, edge.x() - 10, edge.y()) > 250


def test_the_wheel_changes_its_power_between_two_and_four(pane: ViewPane) -> None:
    power = Power()
    hand = MagnifierHand(power)
    zoom = pane.view_geometry.zoom
    seen = []
    for notches in (1, 1, 1, -1, -1, -1):
        assert hand.wheel(pane, QPointF(250, 250), notches)
        seen.append(power.times)
    assert seen == [3, 4, 4, 3, 2, 2]
    assert pane.view_geometry.zoom == zoom


def test_there_is_no_lens_beside_the_image(pane: ViewPane) -> None:
    pane.resize(900, 500)
    hand = MagnifierHand(Power())
    pane.hand = hand
    hand.hover(pane, QPointF(10, 250), NO_KEYS)
    before = pane.grab().toImage()
    hand.hover(pane, None, NO_KEYS)
    assert pane.grab().toImage() == before


def test_only_a_part_of_the_pane_is_hidden(pane: ViewPane) -> None:
    for side in (200, 500, 2000):
        pane.resize(side, side)
        lens = lens_rect(pane, QPointF(100, 100))
        assert lens.center() == QPointF(100, 100)
        assert 150 <= lens.width() <= 340
