"""What the mouse does to a pane and what is then painted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Header, Patient, Radiograph, View, Window
from app.ui.viewer.hands import Hand, WindowHand, ZoomHand
from app.ui.viewer.pane import ViewPane

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE = Qt.MouseButton.MiddleButton


def gray(pixels: np.ndarray, **changes: object) -> Radiograph:
    base = Radiograph(
        pixels=pixels,
        path=Path("x.dcm"),
        image_id="1",
        view=View.PA,
        voi=(Window(2048, 4096),),
        header=Header(patient_orientation=("L", "F")),
        patient=Patient("4711", "Doe^Jane", "F"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def shown(qtbot: QtBot, radiograph: Radiograph, width: int = 400, height: int = 300) -> ViewPane:
    pane = ViewPane(radiograph)
    qtbot.addWidget(pane)
    pane.resize(width, height)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def pixels_of(pane: ViewPane) -> np.ndarray:
    """(H, W, 3) uint8 RGB of what is painted."""
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), dtype=np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine())[:, : image.width() * 3]
    return rows.reshape(image.height(), image.width(), 3).copy()


def drag(pane: ViewPane, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(pane, button, pos=start)
    for share in (0.5, 1.0):
        at = QPointF(start) + (QPointF(end) - QPointF(start)) * share
        where = pane.mapToGlobal(at)
        move = QMouseEvent(
            QMouseEvent.Type.MouseMove,
            at,
            where,
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(pane, move)
    QTest.mouseRelease(pane, button, pos=end)


def wheel(pane: ViewPane, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at,
        pane.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


FLAT = np.full((240, 320), 2048, dtype=np.uint16)


def test_right_drag_changes_window_numbers_and_pixels(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    before = pixels_of(pane)[150, 200]
    with qtbot.waitSignal(pane.window_changed) as changed:
        drag(pane, RIGHT, QPoint(200, 150), QPoint(200, 90))
    center, width = changed.args
    assert (center, width) != (2048, 4096)
    assert "W 4096  C 2048" not in pane.corners().bottom_left
    assert (pixels_of(pane)[150, 200] > before).all()


def test_a_right_click_asks_for_the_menu_and_leaves_the_window(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    with qtbot.waitSignal(pane.menu_requested):
        QTest.mouseClick(pane, RIGHT, pos=QPoint(100, 100))
    assert pane.windowing.voi == Window(2048, 4096)


def test_left_and_middle_drag_move_the_image(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    for button in (LEFT, MIDDLE):
        x, y = pane.view_geometry.to_screen(160, 120)
        drag(pane, button, QPoint(200, 150), QPoint(240, 170))
        assert pane.view_geometry.to_screen(160, 120) == pytest.approx((x + 40, y + 20))


def test_the_left_button_does_what_the_tool_says(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    pane.hand = ZoomHand()
    zoom = pane.view_geometry.zoom
    drag(pane, LEFT, QPoint(200, 150), QPoint(200, 100))
    assert pane.view_geometry.zoom > zoom
    pane.hand = WindowHand()
    with qtbot.waitSignal(pane.window_changed):
        drag(pane, LEFT, QPoint(200, 150), QPoint(260, 150))


def test_the_wheel_zooms_at_the_cursor(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    cursor = QPointF(120, 80)
    point = pane.view_geometry.to_image(120, 80)
    zoom = pane.view_geometry.zoom
    wheel(pane, cursor, 3)
    assert pane.view_geometry.zoom == pytest.approx(zoom * 1.2**3)
    assert pane.view_geometry.to_image(120, 80) == pytest.approx(point)
    QTest.mouseDClick(pane, LEFT, pos=QPoint(50, 50))
    assert pane.view_geometry.zoom == pytest.approx(zoom)


def test_flips_and_turns_move_pixels_and_markers_together(qtbot: QtBot) -> None:
    pixels = np.zeros((240, 320), dtype=np.uint16)
    pixels[100:140, 10:60] = 4095  # a bright block at the patient's right
    pane = shown(qtbot, gray(pixels))
    assert pane.markers() == {"right": "L", "left": "R"}
    assert pixels_of(pane)[158, 70].max() > 200
    pane.flip_horizontally()
    assert pane.markers() == {"left": "L", "right": "R"}
    assert pixels_of(pane)[158, 330].max() > 200
    assert "mirrored" in " ".join(pane.corners().bottom_left)
    pane.reset()
    pane.rotate(1)
    assert pane.markers() == {"bottom": "L", "top": "R"}
    x, y = pane.view_geometry.to_screen(35, 110)
    assert y < 100
    assert pixels_of(pane)[round(y), round(x)].max() > 200
    assert pane.view_geometry.quarters == 1


def test_one_to_one_shows_every_pixel_unchanged(qtbot: QtBot) -> None:
    chance = np.random.default_rng(1)
    pixels = chance.integers(0, 256, (900, 1100), dtype=np.uint8)
    pane = shown(qtbot, gray(pixels, voi=(Window(127.5, 255, "LINEAR_EXACT"),)))
    pane.actual_size()
    left, top = (round(value) for value in pane.view_geometry.to_image(0, 0))
    expected = pixels[top : top + 300, left : left + 400]
    painted = pixels_of(pane)[120:180, 120:280, 0]
    assert pane.zoom_percent == pytest.approx(100)
    np.testing.assert_array_equal(painted, expected[120:180, 120:280])


def test_signed_pixels_and_inversion(qtbot: QtBot) -> None:
    pixels = np.full((60, 80), -900, dtype=np.int16)
    pane = shown(qtbot, gray(pixels, voi=(Window(0, 2000),)))
    assert pixels_of(pane)[150, 180].max() < 40
    pane.invert()
    assert pixels_of(pane)[150, 180].min() > 215


def test_of_fifteen_megapixels_only_the_visible_part_is_rendered(qtbot: QtBot) -> None:
    pixels = np.zeros((4400, 3500), dtype=np.uint16)
    pane = shown(qtbot, gray(pixels))
    rendered: list[tuple[int, int]] = []
    render = pane.renderer.render

    def spy(*args: object) -> object:
        part = render(*args)  # type: ignore[arg-type]
        assert part is not None
        rendered.append((part.image.width() * part.image.height(), part.level))
        return part

    pane.renderer.render = spy  # type: ignore[method-assign, assignment]
    pane.grab()
    fitted, level = rendered[-1]
    assert level == 3
    assert fitted <= 2 * 400 * 2 * 300
    pane.actual_size()
    pane.grab()
    full, level = rendered[-1]
    assert level == 0
    assert full <= (400 + 2 * 66) * (300 + 2 * 66)


def test_while_dragging_the_nearest_level_is_enough(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(np.zeros((4096, 4096), dtype=np.uint16)))
    assert pane.renderer.level_for(0.3, interacting=False) == 1
    assert pane.renderer.level_for(0.3, interacting=True) == 2
    assert pane.renderer.level_for(1.0, interacting=True) == 0
    assert pane.renderer.level_for(3.0, interacting=False) == 0


@pytest.mark.parametrize("turn", ["upright", "rotated", "mirrored"])
def test_the_attention_peak_lies_on_its_region(qtbot: QtBot, turn: str) -> None:
    pane = shown(qtbot, gray(np.zeros((200, 400), dtype=np.uint16)))
    attention = np.zeros((8, 8), dtype=np.float32)
    attention[6, 1] = 0.4
    pane.set_attention(attention, "effusion")
    if turn == "rotated":
        pane.rotate(1)
    elif turn == "mirrored":
        pane.flip_horizontally()
    dark = pixels_of(pane).astype(int)
    pane.attention.enabled = True
    warm = (pixels_of(pane).astype(int) - dark).sum(axis=2)
    warm[-60:, -260:] = 0  # the caption
    row, column = np.unravel_index(warm.argmax(), warm.shape)
    x, y = pane.view_geometry.to_image(column + 0.5, row + 0.5)
    assert 50 <= x < 100
    assert 150 <= y < 175


def test_attention_is_off_until_asked_for_and_captioned_when_on(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    pane.set_attention(np.eye(8, dtype=np.float32), "effusion")
    assert pane.corners().attention is None
    pane.attention.enabled = True
    assert "where the model looked for “effusion” · opacity 60 %" in pane.corners().lines
    assert not any("evidence" in line for line in pane.corners().lines)


def test_hidden_identity_writes_no_name(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    assert "Doe, Jane" in pane.corners().lines
    pane.set_identity_hidden(True)
    text = "\n".join(pane.corners().lines)
    assert "Doe" not in text
    assert "4711" not in text
    assert "identity hidden" in text


def test_hovering_tells_the_place_in_the_image_and_leaving_says_so(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    places: list[tuple[float, float]] = []
    pane.hovered.connect(lambda x, y: places.append((x, y)))
    pane.flip_horizontally()
    x, y = pane.view_geometry.to_screen(80, 60)
    with qtbot.waitSignal(pane.hovered):
        QTest.mouseMove(pane, QPoint(round(x), round(y)))
    assert places[-1] == pytest.approx((0.25, 0.25), abs=0.01)
    with qtbot.waitSignal(pane.left):
        QTest.mouseMove(pane, QPoint(1, 1))


def test_a_colour_image_keeps_its_colours(qtbot: QtBot) -> None:
    pixels = np.zeros((240, 320, 3), dtype=np.uint8)
    pixels[..., 0] = 200
    pane = shown(qtbot, gray(pixels, voi=()))
    assert pixels_of(pane)[150, 200].tolist() == [200, 0, 0]
    drag(pane, RIGHT, QPoint(200, 150), QPoint(260, 90))
    assert pixels_of(pane)[150, 200].tolist() == [200, 0, 0]


class Taking(Hand):
    """A hand that notes what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def press(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        self.told.append("press")

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        self.told.append("drag")

    def release(self, pane: ViewPane, at: QPointF, dragged: bool) -> None:
        self.told.append("release after a drag" if dragged else "release")

    def put_away(self, pane: ViewPane) -> None:
        self.told.append("put away")


class LeftHalf:
    """A layer that takes what is pressed in the left half, and paints one red square."""

    def __init__(self) -> None:
        self.hand = Taking()

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        painter.fillRect(180, 140, 40, 20, QColor("#ff0000"))

    def hand_at(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> Hand | None:
        return self.hand if at.x() < pane.width() / 2 else None

    def key(self, pane: ViewPane, event: QKeyEvent) -> bool:
        return False


def test_a_layer_is_painted_and_takes_presses_before_the_tool(qtbot: QtBot) -> None:
    pane, layer = shown(qtbot, gray(FLAT)), LeftHalf()
    pane.layers.append(layer)
    assert pixels_of(pane)[150, 200].tolist() == [255, 0, 0]
    before = pane.view_geometry
    drag(pane, LEFT, QPoint(100, 150), QPoint(140, 170))
    assert layer.hand.told == ["press", "drag", "drag", "release after a drag"]
    assert pane.view_geometry == before
    drag(pane, LEFT, QPoint(300, 150), QPoint(340, 170))
    assert pane.view_geometry != before
    assert len(layer.hand.told) == 4


def test_choosing_another_tool_puts_the_first_away(qtbot: QtBot) -> None:
    pane, first = shown(qtbot, gray(FLAT)), Taking()
    pane.hand = first
    pane.hand = WindowHand()
    assert first.told == ["put away"]


def test_a_view_can_be_taken_and_given_back(qtbot: QtBot) -> None:
    pane = shown(qtbot, gray(FLAT))
    before, picture = pane.state(), pixels_of(pane)
    said: list[str] = []
    pane.changed.connect(said.append)
    pane.rotate(1)
    pane.invert()
    pane.zoom_by(2)
    pane.adjust_window(30, 30)
    assert said == ["turn", "invert", "zoom", "window"]
    pane.restore(before)
    assert pane.state() == before
    assert said == ["turn", "invert", "zoom", "window"]
    pane.grab()  # the first paint after a drag uses the coarser level
    qtbot.waitUntil(lambda: np.array_equal(pixels_of(pane), picture))
