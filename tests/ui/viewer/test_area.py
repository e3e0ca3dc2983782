"""The centre of the window: which images are in sight and what stands there without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Radiograph, View, Window
from app.ui.viewer.area import ViewerArea
from app.ui.viewer.filmstrip import Filmstrip
from app.ui.viewer.grid import EmptyCell
from app.ui.viewer.hanging import Layout
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.toolstrip import ToolButton

TAKEN_BY_OTHERS = {"1", "2", "3", "4", "5", "Left", "Right", "Up", "Down", "N", "P", "?", "E", "D"}


def radiograph(name: str, view: View) -> Radiograph:
    voi = (Window(2048, 4096, explanation="Chest"), Window(1000, 500, explanation="Soft"))
    pixels = np.arange(200 * 160, dtype=np.uint16).reshape(200, 160) % 4096
    return Radiograph(pixels=pixels, path=Path(name), image_id=name, view=view, voi=voi)


FRONTAL = radiograph("pa", View.PA)
LATERAL = radiograph("lateral", View.LATERAL)


@pytest.fixture
def area(qtbot: QtBot) -> ViewerArea:
    widget = ViewerArea()
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def in_sight(area: ViewerArea) -> list[str]:
    panes = [pane for pane in area.panes if pane.isVisible()]
    return [pane.radiograph.image_id for pane in sorted(panes, key=lambda pane: pane.x())]


def texts(area: ViewerArea) -> str:
    return "\n".join(label.text() for label in area.findChildren(QLabel) if label.isVisible())


def test_the_empty_page_teaches_how_to_begin(area: ViewerArea, qtbot: QtBot) -> None:
    assert "Drop a chest radiograph here" in texts(area)
    assert not area.action("fit").isEnabled()
    for name, signal in (
        ("viewer_open", area.open_requested),
        ("viewer_synthetic", area.synthetic_requested),
    ):
        button = area.findChild(QPushButton, name)
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_frontal_image_comes_first_wherever_it_stands(area: ViewerArea) -> None:
    area.set_radiographs([LATERAL, FRONTAL])
    assert in_sight(area) == ["pa"]
    assert area.active_pane is not None
    assert area.active_pane.radiograph is FRONTAL


def test_side_by_side_has_the_frontal_at_the_left(area: ViewerArea, qtbot: QtBot) -> None:
    area.set_radiographs([LATERAL, FRONTAL])
    QTest.keyClick(area, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: in_sight(area) == ["pa", "lateral"])
    lateral = area.panes[0]
    QTest.mouseClick(lateral, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert area.active_pane is lateral
    assert in_sight(area) == ["pa", "lateral"]
    QTest.keyClick(area, Qt.Key.Key_I)
    assert lateral.windowing.invert
    assert not area.panes[1].windowing.invert


def test_page_down_walks_through_the_images(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL, LATERAL])
    QTest.keyClick(area, Qt.Key.Key_PageDown)
    assert in_sight(area) == ["lateral"]
    QTest.keyClick(area, Qt.Key.Key_PageDown)
    assert in_sight(area) == ["lateral"]
    QTest.keyClick(area, Qt.Key.Key_PageUp)
    assert in_sight(area) == ["pa"]


def test_an_image_that_stays_keeps_its_window(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    area.action("invert").trigger()
    area.set_radiographs([FRONTAL, LATERAL])
    assert area.panes[0].windowing.invert
    area.set_radiographs([LATERAL])
    area.set_radiographs([FRONTAL])
    assert not area.panes[0].windowing.invert


def test_keys_do_what_they_say(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    pane = area.active_pane
    assert pane is not None
    QTest.keyClick(area, Qt.Key.Key_R)
    assert pane.view_geometry.quarters == 1
    QTest.keyClick(area, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert pane.view_geometry.quarters == 0
    QTest.keyClick(area, Qt.Key.Key_H)
    assert pane.view_geometry.mirrored
    QTest.keyClick(area, Qt.Key.Key_O)
    assert pane.zoom_percent == pytest.approx(100)
    QTest.keyClick(area, Qt.Key.Key_L)
    assert pane.windowing.voi == FRONTAL.voi[1]
    QTest.keyClick(area, Qt.Key.Key_BracketRight)
    assert pane.windowing.window is not None
    assert pane.windowing.window.width < 500
    QTest.keyClick(area, Qt.Key.Key_Backspace)
    assert pane.windowing.voi == FRONTAL.voi[0]
    assert not pane.view_geometry.mirrored
    assert pane.view_geometry.fitted


def test_keys_are_single_and_leave_the_others_theirs(area: ViewerArea) -> None:
    keys = [key.toString() for action in area.actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert not TAKEN_BY_OTHERS & set(keys)
    for action in area.actions():
        assert action.objectName().startswith("viewer_")
        assert action.text()
        assert action.toolTip()
    grouped = [action for group in area.action_groups().values() for action in group]
    assert grouped == area.actions()


def test_attention_lies_on_the_drafted_image_only(area: ViewerArea, qtbot: QtBot) -> None:
    area.set_radiographs([LATERAL, FRONTAL])
    area.set_attention(np.eye(8, dtype=np.float32), "effusion")
    with qtbot.waitSignal(area.attention_toggled) as toggled:
        QTest.keyClick(area, Qt.Key.Key_A)
    assert toggled.args == [True]
    lateral, frontal = area.panes
    assert frontal.attention.shown
    assert not lateral.attention.shown
    area.set_attention_opacity(0.25)
    area.set_colour_map("cividis")
    assert frontal.corners().attention is not None
    assert "opacity 25 %" in frontal.corners().lines[-1]
    assert frontal.attention.colour_map == "cividis"
    with pytest.raises(KeyError):
        area.set_colour_map("jet")
    area.set_drafted_image("lateral")
    assert not frontal.attention.shown
    area.set_attention(np.eye(8, dtype=np.float32), "effusion")
    assert lateral.attention.shown
    area.set_drafted_image("of another study")
    area.set_attention(np.eye(8, dtype=np.float32), "effusion")
    assert not any(pane.attention.shown for pane in area.panes)


def test_only_the_drafted_image_reports_where_the_mouse_is(area: ViewerArea, qtbot: QtBot) -> None:
    area.set_radiographs([FRONTAL, LATERAL])
    area.action("side_by_side").trigger()
    frontal, lateral = area.panes
    with qtbot.assertNotEmitted(area.hovered):
        lateral.hovered.emit(0.5, 0.5)
    with qtbot.waitSignal(area.hovered):
        frontal.hovered.emit(0.5, 0.5)


def test_loading_and_messages_hide_the_image_before(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    area.set_loading("Opening 3 images…")
    assert in_sight(area) == []
    assert "Opening 3 images…" in texts(area)
    assert not area.action("invert").isEnabled()
    area.set_message("“x.dcm” holds no pixels.", "Export it again.")
    assert "holds no pixels" in texts(area)
    assert "Export it again." in texts(area)
    area.set_message("")
    assert in_sight(area) == ["pa"]
    assert area.action("invert").isEnabled()


def test_the_banner_says_what_is_odd(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    area.set_banner("FOR PROCESSING image")
    assert "FOR PROCESSING image" in texts(area)
    area.clear()
    assert "FOR PROCESSING image" not in texts(area)
    assert area.active_pane is None


def test_hidden_identity_holds_for_images_that_come_later(area: ViewerArea) -> None:
    area.set_identity_hidden(True)
    area.set_radiographs([FRONTAL])
    assert "identity hidden" in area.panes[0].corners().lines


def test_the_voi_menu_lists_the_files_own_and_auto(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    menu = QMenu()
    area.fill_voi_menu(menu)
    entries = menu.actions()
    assert [entry.text().split("\t")[0] for entry in entries[:2]] == ["Chest", "Soft"]
    assert [entry.isChecked() for entry in entries[:2]] == [True, False]
    entries[1].trigger()
    assert area.panes[0].windowing.voi == FRONTAL.voi[1]


def test_the_voi_menu_stays_usable_without_an_image(area: ViewerArea) -> None:
    menu = QMenu()
    area.fill_voi_menu(menu)
    assert [entry.isEnabled() for entry in menu.actions()] == [False]
    area.set_radiographs([FRONTAL])
    area.fill_voi_menu(menu)
    assert menu.isEnabled()
    assert len(menu.actions()) == 6


def test_a_click_on_the_image_takes_the_keys_from_an_editor(area: ViewerArea, qtbot: QtBot) -> None:
    area.set_radiographs([FRONTAL])
    editor = QLineEdit(area)
    editor.show()
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_I)
    assert editor.text() == "i"
    assert not area.panes[0].windowing.invert
    QTest.mouseClick(area.panes[0], Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    assert not editor.hasFocus()


def test_the_filmstrip_shows_only_where_there_is_room(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL, LATERAL])
    before = area.panes[0].height()
    assert before == pytest.approx(area.height(), abs=1)
    area.resize(1600, 1200)
    assert area.panes[0].height() < area.height() - 40


def test_a_long_message_is_shown_whole(area, qtbot):
    sentence = "“/archive/2026/11/22/thorax/00000001_000.dcm” holds another study than before. " * 2
    area.set_message(sentence, "Open it again.")
    area.resize(600, 500)
    area.show()
    qtbot.waitExposed(area)
    label = next(one for one in area.findChildren(QLabel) if one.text() == sentence)
    assert label.height() >= label.heightForWidth(label.width())


def test_no_image_of_an_earlier_study_stays_in_sight_even_if_it_came_twice(area, qtbot):
    twice = Radiograph(np.zeros((64, 64), dtype=np.uint8), Path("copy.png"), "same")
    area.set_radiographs([twice, twice])
    area.set_radiographs([Radiograph(np.ones((64, 64), dtype=np.uint8), Path("b.png"), "other")])
    assert area.findChildren(ViewPane) == list(area.panes)


def test_a_tool_is_left_by_its_key_or_by_escape(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    area.panes[0].setFocus()
    QTest.keyClick(area.panes[0], Qt.Key.Key_Z)
    assert area.hand == "magnifier"
    assert area.action("tool_magnifier").isChecked()
    QTest.keyClick(area.panes[0], Qt.Key.Key_Z)
    assert area.hand == "pan"
    assert area.action("tool_pan").isChecked()
    area.action("tool_window").trigger()
    QTest.keyClick(area.panes[0], Qt.Key.Key_Escape)
    assert area.hand == "pan"


def test_a_tool_whose_key_is_held_is_lent(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    area.panes[0].setFocus()
    QTest.keyPress(area.panes[0], Qt.Key.Key_Z)
    QTest.qWait(400)
    assert area.hand == "magnifier"
    QTest.keyRelease(area.panes[0], Qt.Key.Key_Z)
    assert area.hand == "pan"


def test_the_strip_shows_the_tool_of_a_family_that_was_used_last(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    faces = [button.defaultAction() for button in area.findChildren(ToolButton)]
    assert area.action("tool_magnifier") in faces
    area.action("tool_zoom").trigger()
    faces = [button.defaultAction() for button in area.findChildren(ToolButton)]
    assert area.action("tool_zoom") in faces
    assert area.action("tool_magnifier") not in faces


def test_a_key_image_is_marked_seen_and_undone(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL, LATERAL])
    said: list[tuple[str, bool]] = []
    area.key_images.marked.connect(lambda image, on: said.append((image, on)))
    frontal, lateral = area.panes
    QTest.keyClick(area, Qt.Key.Key_K)
    assert "Key image" in frontal.corners().lines
    assert "Key image" not in lateral.corners().lines
    assert area.action("key_image").isChecked()
    area.show_image(1)
    assert not area.action("key_image").isChecked()
    area.history.undo()
    assert "Key image" not in frontal.corners().lines
    area.history.redo()
    assert said == [("pa", True), ("pa", False), ("pa", True)]
    area.clear()
    area.key_images.set(["lateral"])
    area.set_radiographs([FRONTAL, LATERAL])
    assert [pane.key_image for pane in area.panes] == [False, True]
    assert len(said) == 3  # what was kept before is not said again


def test_the_filmstrip_has_a_star_on_key_images(area: ViewerArea) -> None:
    area.resize(900, 900)
    area.set_radiographs([FRONTAL, LATERAL])
    strip = area.findChild(Filmstrip)
    before = [button.icon().pixmap(120).toImage() for button in strip.findChildren(QToolButton)]
    area.key_images.set(["lateral"])
    buttons = strip.findChildren(QToolButton)
    after = [button.icon().pixmap(120).toImage() for button in buttons]
    assert before[0] == after[0]
    assert before[1] != after[1]
    assert [("key image" in button.toolTip()) for button in buttons] == [False, True]


def test_presets_have_keys_and_stand_in_the_menu(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    pane = area.panes[0]
    for key, name in (
        (Qt.Key.Key_F6, "Lung"),
        (Qt.Key.Key_F7, "Mediastinum and bone"),
        (Qt.Key.Key_F5, "Auto"),
        (Qt.Key.Key_F8, "Chest"),
    ):
        QTest.keyClick(area, key)
        assert name in pane.windowing.label()
    menu = QMenu()
    area.fill_voi_menu(menu)
    entries = [action for action in menu.actions() if not action.isSeparator()]
    shown = [action.text().split("\t") for action in entries]
    assert shown == [
        ["Chest", "F8"],
        ["Soft"],
        ["Auto", "W"],
        ["Lung", "F6"],
        ["Mediastinum and bone", "F7"],
    ]
    assert [action.isChecked() for action in entries] == [True] + [False] * 4
    entries[3].trigger()
    assert "Lung" in pane.windowing.label()


def test_two_by_two_leaves_cells_empty_and_fills_them_when_asked(area: ViewerArea) -> None:
    other = radiograph("ap", View.AP)
    area.set_radiographs([FRONTAL, LATERAL])
    area.action("layout_four").trigger()
    assert area.layout_in_use is Layout.FOUR
    assert [pane.radiograph.image_id for pane in area.panes_in_sight] == ["pa", "lateral"]
    empty = [cell for cell in area.findChildren(EmptyCell) if cell.isVisible()]
    assert [cell.text() for cell in empty] == ["No image", "No image"]
    area.set_radiographs([FRONTAL, LATERAL, other])
    assert [pane.radiograph.image_id for pane in area.panes_in_sight] == ["pa", "lateral", "ap"]
    last = next(cell for cell in area.findChildren(EmptyCell) if cell.isVisible())
    QTest.mouseClick(last, Qt.MouseButton.LeftButton)
    assert area.active_pane is None  # keys have nothing to act on there, and do no harm
    area.action("invert").trigger()
    area.show_image(2)
    assert area.active_pane is area.panes[2]
    area.action("layout_four").trigger()
    assert in_sight(area) == ["ap"]
    assert not area.action("layout_four").isChecked()


def test_an_image_that_is_chosen_comes_into_the_active_cell(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL, LATERAL, radiograph("ap", View.AP)])
    area.action("side_by_side").trigger()
    QTest.keyClick(area, Qt.Key.Key_PageDown)
    assert area.active_pane is area.panes[1]
    QTest.keyClick(area, Qt.Key.Key_PageDown)
    assert in_sight(area) == ["pa", "ap"]


def test_new_panes_are_announced_before_they_are_seen(area: ViewerArea) -> None:
    added: list[tuple[str, bool]] = []
    area.pane_added.connect(lambda p: added.append((p.radiograph.image_id, p.isVisible())))
    area.set_radiographs([FRONTAL])
    area.set_radiographs([FRONTAL, LATERAL])
    assert added == [("pa", False), ("lateral", False)]


def test_the_filmstrip_keeps_a_prior_apart(area: ViewerArea, qtbot: QtBot) -> None:
    area.resize(900, 900)
    area.set_radiographs([FRONTAL, LATERAL])
    area.set_prior([radiograph("old", View.PA)], title="PRIOR · 2 May 2023")
    strip = area.findChild(Filmstrip)

    def tips() -> list[str]:
        buttons = strip.findChildren(QToolButton)
        return [button.toolTip() for button in buttons if button.isVisible()]

    qtbot.waitUntil(
        lambda: tips() == ["PA · 1 of 2", "Lateral · 2 of 2", "PRIOR · 2 May 2023 · PA"]
    )
    assert "Prior" in [label.text() for label in strip.findChildren(QLabel)]
    area.set_prior(())
    assert len(area.panes) == 2
    assert area.active_pane is area.panes[0]


def test_attention_and_key_images_never_reach_a_prior(area: ViewerArea) -> None:
    area.set_radiographs([LATERAL])
    area.set_prior([radiograph("old", View.PA)], title="PRIOR")
    area.set_attention(np.eye(8, dtype=np.float32), "effusion")
    area.set_attention_enabled(True)
    area.key_images.set(["old"])
    area.action("compare").trigger()
    current, prior = area.panes_in_sight
    assert (current.prior, prior.prior) == ("", "PRIOR")
    assert current.attention.shown
    assert not prior.attention.shown
    assert not prior.key_image


def test_nothing_is_measured_on_a_prior(area: ViewerArea) -> None:
    area.set_radiographs([FRONTAL])
    area.set_prior([radiograph("old", View.PA)], title="PRIOR")
    area.action("compare").trigger()
    area.action("tool_length").trigger()
    current, prior = area.panes_in_sight
    assert type(current.hand) is not type(prior.hand)
    assert current.layers
    assert not prior.layers
