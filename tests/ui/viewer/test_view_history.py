"""What was done to the view can be taken back, one gesture at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Radiograph, View, Window
from app.ui.viewer.area import ViewerArea
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.view_history import ViewHistory


def radiograph(name: str, view: View) -> Radiograph:
    pixels = np.arange(200 * 160, dtype=np.uint16).reshape(200, 160) % 4096
    voi = (Window(2048, 4096), Window(1000, 500))
    return Radiograph(pixels=pixels, path=Path(name), image_id=name, view=view, voi=voi)


@pytest.fixture
def area(qtbot: QtBot) -> ViewerArea:
    widget = ViewerArea()
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_radiographs([radiograph("pa", View.PA), radiograph("lateral", View.LATERAL)])
    return widget


def steps(history: QUndoStack) -> list[str]:
    return [history.text(index) for index in range(history.index())]


def test_each_kind_of_change_is_a_step_and_comes_back(area: ViewerArea) -> None:
    pane = area.panes[0]
    states = [pane.state()]
    for name in ("zoom_in", "pan_left", "invert", "rotate_right", "flip_h", "narrower", "reset"):
        area.action(name).trigger()
        states.append(pane.state())
    said = ["Zoom", "Move", "Invert", "Turn", "Flip", "Window", "Reset view"]
    assert steps(area.history) == said
    for state in reversed(states[:-1]):
        area.history.undo()
        assert pane.state() == state
    assert not area.history.canUndo()
    for state in states[1:]:
        area.history.redo()
        assert pane.state() == state
    assert steps(area.history) == said  # nothing was pushed by going back and forth


def test_what_changes_nothing_is_no_step(area: ViewerArea) -> None:
    area.action("fit").trigger()
    area.resize(700, 500)
    area.action("fit").trigger()
    area.action("reset").trigger()
    assert steps(area.history) == []


def test_a_drag_is_one_step_however_long_it_rests(area: ViewerArea) -> None:
    pane = area.panes[0]
    clock = Clock(area, pane)
    before = pane.state()
    middle = pane.rect().center()
    QTest.mousePress(pane, Qt.MouseButton.RightButton, pos=middle)
    for distance in (10, 20, 40):
        clock.now += 5
        QTest.mouseMove(pane, middle + QPoint(distance, 0))
    QTest.mouseRelease(pane, Qt.MouseButton.RightButton, pos=middle + QPoint(40, 0))
    assert steps(clock.history) == ["Window"]
    clock.now += 5
    pane.adjust_window(30, 0)
    assert steps(clock.history) == ["Window", "Window"]
    clock.history.undo()
    clock.history.undo()
    assert pane.state() == before


class Clock:
    """A history of its own for one pane, whose time passes only when a test says so."""

    def __init__(self, area: ViewerArea, *panes: ViewPane) -> None:
        self.now = 0.0
        self.history = QUndoStack(area)
        self.views = ViewHistory(self.history, lambda: panes, area, lambda: self.now)
        for pane in panes:
            self.views.follow(pane)


def test_quick_changes_of_one_kind_are_one_step(area: ViewerArea) -> None:
    pane, other = area.panes
    clock = Clock(area, pane, other)
    before = pane.state()
    for _ in range(4):
        clock.now += 0.3
        pane.zoom_by(1.2)
    assert steps(clock.history) == ["Zoom"]
    clock.now += 0.3
    other.zoom_by(1.2)
    assert steps(clock.history) == ["Zoom", "Zoom"]
    clock.now += 0.6
    other.zoom_by(1.2)
    assert steps(clock.history) == ["Zoom", "Zoom", "Zoom"]
    for _ in range(3):
        clock.history.undo()
    assert pane.state() == before
    clock.history.redo()
    assert pane.zoom_percent == pytest.approx(before.geometry.zoom * 1.2**4 * 100)


def test_after_going_back_a_change_is_a_step_of_its_own(area: ViewerArea) -> None:
    clock = Clock(area, area.panes[0])
    for factor in (1.2, 0.5):
        area.panes[0].zoom_by(factor)
        clock.now += 1
    clock.history.undo()
    area.panes[0].zoom_by(1.5)
    assert steps(clock.history) == ["Zoom", "Zoom"]


def test_linked_images_come_back_together(area: ViewerArea) -> None:
    area.action("side_by_side").trigger()
    frontal, lateral = area.panes
    frontal.zoom_by(2)
    area.action("link").trigger()
    linked = [pane.state() for pane in area.panes]
    area.action("invert").trigger()
    area.action("fit").trigger()
    area.history.undo()
    area.history.undo()
    assert [pane.state() for pane in area.panes] == linked
    assert not lateral.windowing.invert


def test_one_image_comes_back_alone_when_it_changed_alone(area: ViewerArea) -> None:
    area.action("side_by_side").trigger()
    frontal, lateral = area.panes
    frontal.invert()
    lateral.rotate(1)
    area.history.undo()
    assert frontal.windowing.invert
    assert lateral.view_geometry.quarters == 0


def test_another_study_starts_without_steps(area: ViewerArea) -> None:
    area.action("zoom_in").trigger()
    area.clear()
    area.set_radiographs([radiograph("other", View.PA)])
    assert steps(area.history) == []
    area.action("invert").trigger()
    area.history.undo()
    assert not area.panes[0].windowing.invert


def test_what_was_done_to_a_preview_is_taken_back_on_the_whole_image(area: ViewerArea) -> None:
    whole = radiograph("large", View.PA)
    preview = replace(whole, pixels=whole.pixels[::4, ::4], image_id="large, reduced", reduction=4)
    area.clear()
    area.set_radiographs([preview])
    area.action("invert").trigger()
    area.action("zoom_in").trigger()
    area.set_radiographs([whole])
    area.action("rotate_right").trigger()
    area.history.undo()
    shown = area.panes[0].view_geometry
    assert shown.zoom == pytest.approx(1.25 * shown.fit_zoom)
    area.history.undo()
    assert area.panes[0].view_geometry.fitted
    area.history.undo()
    assert not area.panes[0].windowing.invert
