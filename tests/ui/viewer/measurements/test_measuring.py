"""Measuring with the mouse in the viewer, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.imaging.measuring.measurement import Kind, Measurement, measured
from app.imaging.measuring.results import result
from app.imaging.radiograph import Radiograph, Spacing, View
from app.ui import theme
from app.ui.viewer.area import ViewerArea
from app.ui.viewer.measurements import hands
from app.ui.viewer.pane import ViewPane

LEFT = Qt.MouseButton.LeftButton
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
IMAGE = Radiograph(
    pixels=np.full((400, 300), 1000, np.uint16),
    path=Path("x.dcm"),
    image_id="image",
    view=View.PA,
    spacing=Spacing(0.5, 0.5, "detector plane"),
)


def opened(qtbot: QtBot, image: Radiograph = IMAGE) -> ViewerArea:
    area = ViewerArea()
    qtbot.addWidget(area)
    area.resize(900, 700)
    area.set_radiographs([image])
    area.show()
    qtbot.waitExposed(area)
    return area


def on_pane(pane: ViewPane, x: float, y: float) -> QPoint:
    return pane.screen_point(x, y).toPoint()


def click(pane: ViewPane, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
    at = on_pane(pane, x, y)
    move(pane, at, Qt.MouseButton.NoButton, keys)
    QTest.mouseClick(pane, LEFT, keys, at)


def drag(
    pane: ViewPane,
    start: tuple[float, float],
    end: tuple[float, float],
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    first, last = on_pane(pane, *start), on_pane(pane, *end)
    QTest.mousePress(pane, LEFT, keys, first)
    move(pane, (first + last) / 2, LEFT, keys)
    move(pane, last, LEFT, keys)
    QTest.mouseRelease(pane, LEFT, keys, last)


def move(pane: ViewPane, at: QPoint, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
    where, none = QPointF(at), Qt.MouseButton.NoButton
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, where, QPointF(pane.mapToGlobal(at)), none, button, keys
    )
    QApplication.sendEvent(pane, event)


def only(area: ViewerArea) -> Measurement:
    (found,) = area.marks.of("image")
    return found


def near(point: tuple[float, float]) -> object:
    return pytest.approx(point, abs=1.0)


def test_a_length_is_dragged_or_clicked(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    drag(pane, (50, 100), (250, 100))
    click(pane, 50, 200)
    click(pane, 150, 300)
    first, second = area.marks.of("image")
    assert [first.points[0], second.points[1]] == [near((50, 100)), near((150, 300))]
    assert result(first, IMAGE).values[0].number == pytest.approx(100, abs=1)  # 200 px of 0.5 mm
    assert result(first, IMAGE).calibration == "detector plane"


def test_the_cardiothoracic_ratio_takes_two_widths(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_ratio").trigger()
    drag(pane, (100, 200), (220, 200))
    assert area.marks.of("image") == ()
    drag(pane, (50, 260), (250, 260))
    assert only(area).kind is Kind.RATIO
    said = result(only(area), IMAGE)
    assert said.values[0].number == pytest.approx(0.6, abs=0.02)
    assert said.above


@pytest.mark.parametrize(
    ("tool", "clicks"),
    [("angle", 3), ("cobb", 4), ("ellipse", 2), ("rectangle", 2)],
)
def test_every_tool_counts_its_clicks(qtbot: QtBot, tool: str, clicks: int) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action(f"tool_{tool}").trigger()
    for n in range(clicks):
        assert area.marks.of("image") == ()
        click(pane, 60 + 50 * n, 100 + 60 * (n % 2))
    assert only(area).kind.points == clicks


def test_shift_keeps_a_line_level(qtbot: QtBot) -> None:
    area = opened(qtbot)
    area.action("tool_length").trigger()
    drag(area.panes[0], (50, 100), (250, 130), SHIFT)
    (_, y0), (_, y1) = only(area).points
    assert y1 == pytest.approx(y0, abs=1e-6)


def test_esc_gives_up_the_half_drawn_one_and_then_the_tool(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    click(pane, 50, 100)
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    assert area.action("tool_length").isChecked()
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    assert area.action("tool_pan").isChecked()
    assert area.marks.of("image") == ()


def test_handles_and_the_whole_are_dragged_undone_and_redone(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    drag(pane, (50, 100), (150, 100))
    area.action("tool_pan").trigger()
    before = only(area)
    drag(pane, (150, 100), (200, 150))
    assert only(area).points == (before.points[0], near((200, 150)))
    area.history.undo()
    assert only(area) == before
    drag(pane, (100, 100), (120, 180))
    assert [near(point) for point in ((70, 180), (170, 180))] == list(only(area).points)
    area.history.undo()
    area.history.undo()
    assert area.marks.of("image") == ()
    area.history.redo()
    assert only(area) == before


def test_keys_nudge_in_one_step_and_delete(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    drag(pane, (50, 100), (150, 100))
    before = only(area)
    for _ in range(3):
        QTest.keyClick(pane, Qt.Key.Key_Right)
    (x0, _), _ = before.points
    assert only(area).points[0][0] == pytest.approx(x0 + 3)
    area.history.undo()
    assert only(area) == before
    QTest.keyClick(pane, Qt.Key.Key_Delete)
    assert area.marks.of("image") == ()
    area.history.undo()
    assert only(area) == before


def test_an_arrow_is_written_on_in_place(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_arrow").trigger()
    drag(pane, (50, 100), (150, 200))
    line = pane.findChild(QLineEdit, "arrow_text")
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "old fracture")
    qtbot.waitUntil(lambda: only(area).text == "old fracture")  # kept while it is still open
    QTest.keyClicks(line, "s")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert only(area).text == "old fractures"
    assert result(only(area), IMAGE).sentence == "Arrow “old fractures”"


def test_measurements_follow_zoom_turn_and_flip(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    drag(pane, (50, 100), (150, 100))
    area.action("tool_pan").trigger()
    before = only(area)
    pane.rotate(1)
    pane.flip_horizontally()
    pane.zoom_by(1.4)
    drag(pane, before.points[1], (160, 120))
    assert only(area).points[1] == near((160, 120))
    assert only(area).points[0] == before.points[0]


def lines_on(pane: ViewPane) -> int:
    """How many pixels are as light as a line, on an image that is shown dark."""
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return int((flat[200:500, 200:700] > 150).sum())


def test_a_point_on_top_of_the_last_one_is_no_measurement(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    click(pane, 50, 100)
    click(pane, 50, 100)
    assert area.marks.of("image") == ()
    click(pane, 90, 100)
    assert only(area).points[1] == near((90, 100))


def test_what_is_being_drawn_says_already_what_it_measures(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, ...]] = []
    monkeypatch.setattr(hands, "draw", lambda *given, **_: said.append(tuple(given[2])))
    area = opened(qtbot)
    pane = area.panes[0]
    area.action("tool_ratio").trigger()
    drag(pane, (100, 200), (200, 200))
    pane.grab()
    assert said[-1] == ("now across the chest",)
    click(pane, 50, 260)
    move(pane, on_pane(pane, 250, 260), Qt.MouseButton.NoButton, NONE)
    pane.grab()
    assert said[-1][0] == "CTR 0.50 · limit 0.50"
    area.action("tool_length").trigger()
    click(pane, 50, 100)
    move(pane, on_pane(pane, 250, 100), Qt.MouseButton.NoButton, NONE)
    pane.grab()
    assert said[-1][0].endswith("mm · detector plane")


def test_whoever_takes_a_measuring_tool_sees_what_was_measured(qtbot: QtBot) -> None:
    area = opened(qtbot)
    area.action("measurements").trigger()
    area.action("tool_zoom").trigger()
    assert not area.marks.shown
    area.action("tool_length").trigger()
    assert area.marks.shown
    assert area.action("measurements").isChecked()


def amber_on(pane: ViewPane) -> int:
    """How many pixels have the colour of what asks for attention."""
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return int((flat & 0xFFFFFF == int(theme.ATTENTION[1:], 16)).sum())


def test_a_heart_above_the_limit_stands_out(qtbot: QtBot) -> None:
    area = opened(qtbot)
    pane = area.panes[0]
    chest = ((50.0, 260.0), (250.0, 260.0))
    normal = measured(Kind.RATIO, ((100, 200), (190, 200), *chest))
    area.marks.add("image", normal)
    assert amber_on(pane) == 0
    area.marks.change("image", normal, normal.with_point(1, (230, 200)))
    assert amber_on(pane) > 20


def test_hidden_ones_are_not_drawn_and_not_touched(qtbot: QtBot) -> None:
    dark = replace(IMAGE, pixels=np.zeros((400, 300), np.uint16))
    area = opened(qtbot, dark)
    pane = area.panes[0]
    area.action("tool_length").trigger()
    drag(pane, (50, 200), (250, 200))
    area.action("tool_pan").trigger()
    drawn, before = lines_on(pane), only(area)
    area.action("measurements").trigger()
    assert lines_on(pane) < drawn
    drag(pane, (150, 200), (150, 250))
    assert only(area) == before


def test_a_preview_can_not_be_measured(qtbot: QtBot) -> None:
    area = opened(qtbot, replace(IMAGE, reduction=4))
    area.action("tool_length").trigger()
    drag(area.panes[0], (50, 100), (150, 100))
    assert area.marks.of("image") == ()


def test_another_study_starts_without_them(qtbot: QtBot) -> None:
    area = opened(qtbot)
    area.action("tool_length").trigger()
    drag(area.panes[0], (50, 100), (150, 100))
    area.clear()
    area.set_radiographs([IMAGE])
    assert area.marks.of("image") == ()
    assert not area.history.canUndo()
