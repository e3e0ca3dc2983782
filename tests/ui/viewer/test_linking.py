"""Linked images do together what makes sense for all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Radiograph, View, Window
from app.ui.viewer.area import ViewerArea
from app.ui.viewer.geometry import Geometry
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.view_state import followed


def radiograph(name: str, view: View, size: tuple[int, int], center: float) -> Radiograph:
    voi = (Window(center, 1000, explanation="Chest"), Window(center / 2, 300, explanation=name))
    pixels = np.arange(size[0] * size[1], dtype=np.uint16).reshape(size) % 4096
    return Radiograph(pixels=pixels, path=Path(name), image_id=name, view=view, voi=voi)


@pytest.fixture
def area(qtbot: QtBot) -> ViewerArea:
    widget = ViewerArea()
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_radiographs(
        [
            radiograph("pa", View.PA, (400, 300), 2000),
            radiograph("lateral", View.LATERAL, (800, 700), 600),
            radiograph("ap", View.AP, (100, 100), 90),
        ]
    )
    widget.action("side_by_side").trigger()
    widget.action("link").trigger()
    return widget


def relative(pane: ViewPane) -> float:
    return pane.view_geometry.zoom / pane.view_geometry.fit_zoom


def test_zoom_and_place_go_together_relative_to_the_fitted_size(area: ViewerArea) -> None:
    frontal, lateral, unseen = area.panes
    area.action("zoom_in").trigger()
    area.action("pan_left").trigger()
    assert relative(lateral) == pytest.approx(relative(frontal)) == pytest.approx(1.25)
    assert lateral.view_geometry.center[0] / 700 == pytest.approx(
        frontal.view_geometry.center[0] / 300
    )
    assert unseen.view_geometry.fitted
    area.action("fit").trigger()
    assert lateral.view_geometry.fitted


def test_turning_and_mirroring_stay_with_one_image(area: ViewerArea) -> None:
    frontal, lateral, _ = area.panes
    for name in ("rotate_right", "flip_h"):
        area.action(name).trigger()
    assert frontal.view_geometry.mirrored
    assert not lateral.view_geometry.mirrored
    assert lateral.view_geometry.quarters == 0


def test_a_drag_is_passed_on_and_not_its_numbers(area: ViewerArea) -> None:
    frontal, lateral, _ = area.panes
    before = lateral.windowing.window
    frontal.adjust_window(220, 0)
    after = lateral.windowing.window
    assert before is not None
    assert after is not None
    assert after.width == pytest.approx(2 * before.width)
    assert after.center == before.center


def test_a_preset_is_each_images_own(area: ViewerArea) -> None:
    frontal, lateral, unseen = area.panes
    for name in ("lung_window", "dense_window", "auto_window"):
        area.action(name).trigger()
        assert lateral.windowing.voi in lateral.windowing.presets()
        assert lateral.windowing.voi != frontal.windowing.voi
        assert lateral.windowing.label().split()[-1] == frontal.windowing.label().split()[-1]
    frontal.set_voi(frontal.choices[0])
    assert lateral.windowing.voi == lateral.choices[0]
    frontal.next_voi()  # a window that the other file does not have
    assert lateral.windowing.voi == lateral.choices[0]
    assert unseen.windowing.voi == unseen.choices[0]


def test_windows_without_a_name_are_told_by_their_place_in_the_file(area: ViewerArea) -> None:
    nameless = [
        Radiograph(
            pixels=np.arange(400, dtype=np.uint16).reshape(20, 20),
            path=Path(name),
            image_id=name,
            view=view,
            voi=(Window(center, 90), Window(center / 2, 30)),
        )
        for name, view, center in (("a", View.PA, 200), ("b", View.LATERAL, 90))
    ]
    area.set_radiographs(nameless)
    frontal, lateral = area.panes
    frontal.next_voi()
    assert lateral.windowing.voi == nameless[1].voi[1]


def test_inversion_and_reset_go_together(area: ViewerArea) -> None:
    frontal, lateral, _ = area.panes
    lateral.windowing.set_invert(True)
    area.action("invert").trigger()
    assert frontal.windowing.invert
    assert lateral.windowing.invert
    area.action("zoom_in").trigger()
    area.action("reset").trigger()
    assert not lateral.windowing.invert
    assert lateral.view_geometry.fitted


def test_without_the_link_each_image_is_by_itself(area: ViewerArea, qtbot: QtBot) -> None:
    with qtbot.waitSignal(area.link_toggled):
        area.action("link").trigger()
    frontal, lateral, _ = area.panes
    area.action("zoom_in").trigger()
    area.action("invert").trigger()
    assert lateral.view_geometry.fitted
    assert not lateral.windowing.invert
    area.action("link").trigger()  # now they are levelled, but no gray value changes by itself
    assert relative(lateral) == pytest.approx(relative(frontal))
    assert not lateral.windowing.invert


def test_a_turned_image_moves_the_same_way_on_the_screen() -> None:
    upright = Geometry((300, 300), (400.0, 400.0)).fit()
    turned = upright.rotated(2)
    moved = upright.zoomed(upright.fit_zoom * 2).panned(30, -20)
    other = followed(moved, turned)
    assert other.image_rect == pytest.approx(moved.image_rect)
    assert other.quarters == 2
