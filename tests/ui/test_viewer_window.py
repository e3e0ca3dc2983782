"""The images in a window of their own: they go, come back, and work in both places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.settings import Settings
from app.ui.main_window import MainWindow
from app.ui.screens import Place
from app.ui.viewer_window import ViewerWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(open_window: OpenWindow, picture: Picture, drafted: Drafted) -> MainWindow:
    opened = open_window([picture("Miller^Ann")])
    drafted(opened)
    return opened


def images(qtbot: QtBot, window: MainWindow) -> ViewerWindow:
    """The window of the images, in front."""
    apart = window.place.window
    assert apart is not None
    apart.activateWindow()
    qtbot.waitUntil(apart.isActiveWindow, timeout=WAIT_MS)
    return apart


def at_home(window: MainWindow) -> bool:
    return window.splitter.indexOf(window.viewer) == 1 and window.viewer.isVisible()


def test_the_viewer_goes_and_comes_back_with_the_same_key(qtbot: QtBot, window: MainWindow) -> None:
    pane = window.viewer.active_pane
    assert pane is not None
    window.viewer.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_D, CTRL | SHIFT)
    apart = images(qtbot, window)
    assert window.viewer.window() is apart
    assert window.viewer.active_pane is pane
    assert pane.isVisible()
    assert window.worklist.isVisible()
    assert window.column.isVisible()
    assert "Miller" not in apart.windowTitle()
    qtbot.keyClick(apart, Qt.Key.Key_D, CTRL | SHIFT)
    assert at_home(window)
    assert window.place.window is None
    assert not window.actions_of.commands["viewer_window"].isChecked()


def test_keys_work_in_both_windows(qtbot: QtBot, window: MainWindow) -> None:
    window.place.toggle_apart()
    pane = window.viewer.active_pane
    assert pane is not None
    apart = images(qtbot, window)
    qtbot.keyClick(apart, Qt.Key.Key_I)
    assert pane.windowing.invert
    qtbot.keyClick(apart, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: window.column.rating.score() == 4, timeout=WAIT_MS)
    qtbot.keyClick(apart, Qt.Key.Key_Z, CTRL)
    assert not pane.windowing.invert
    qtbot.keyClick(apart, Qt.Key.Key_E)  # the report is in the other window
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    assert window.column.report.editor.hasFocus()
    window.worklist.view.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert pane.view_geometry.quarters == 1


def test_closing_it_brings_the_images_back(qtbot: QtBot, window: MainWindow) -> None:
    window.place.toggle_apart()
    images(qtbot, window).close()
    assert at_home(window)
    assert not window.controller.settings.viewer_apart


def test_the_place_left_behind_says_where_they_are(qtbot: QtBot, window: MainWindow) -> None:
    window.place.toggle_apart()
    button = window.splitter.widget(1).findChild(object, "viewer_bring_back")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert at_home(window)


def test_files_are_dropped_on_either_window(
    qtbot: QtBot, window: MainWindow, picture: Picture
) -> None:
    window.place.toggle_apart()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture("second", 2)))])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPoint(50, 50), actions, data, buttons, Qt.KeyboardModifier.NoModifier)
    images(qtbot, window).dropEvent(event)
    library = window.controller.library
    qtbot.waitUntil(lambda: len(library.model.records()) == 2, timeout=WAIT_MS)


def test_the_images_alone_fill_the_screen_until_esc(qtbot: QtBot, window: MainWindow) -> None:
    window.viewer.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F11, SHIFT)
    alone = images(qtbot, window)
    assert alone.isFullScreen()
    assert window.actions_of.commands["viewer_full_screen"].isChecked()
    qtbot.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert at_home(window)
    assert not window.isFullScreen()
    assert not window.controller.settings.viewer_apart


def test_apart_it_fills_its_own_screen_and_stays_apart(qtbot: QtBot, window: MainWindow) -> None:
    window.place.toggle_apart()
    apart = images(qtbot, window)
    for key, keys in ((Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_F11, SHIFT)):
        qtbot.keyClick(apart, key, keys)
        assert apart.isFullScreen()
        assert not window.isFullScreen()
        qtbot.keyClick(window.viewer, Qt.Key.Key_Escape)
        assert not apart.isFullScreen()
        assert window.place.window is apart


def test_going_to_the_report_leaves_the_images_alone(qtbot: QtBot, window: MainWindow) -> None:
    window.place.toggle_filled()
    qtbot.keyClick(images(qtbot, window), Qt.Key.Key_E)
    assert at_home(window)
    qtbot.waitUntil(window.column.report.editor.hasFocus, timeout=WAIT_MS)


def test_reading_time_goes_on_in_the_other_window(qtbot: QtBot, window: MainWindow) -> None:
    window.place.toggle_apart()
    images(qtbot, window)
    window.watch_activity()
    before = window.controller.watch.seconds
    qtbot.waitUntil(lambda: window.controller.watch.seconds > before, timeout=WAIT_MS)


def test_it_is_there_again_after_a_restart(
    qtbot: QtBot, window: MainWindow, open_window: OpenWindow, home: Path
) -> None:
    window.place.toggle_apart()
    images(qtbot, window).setGeometry(60, 70, 600, 500)
    again = open_window([])
    qtbot.waitUntil(lambda: again.place.window is not None, timeout=WAIT_MS)
    apart = images(qtbot, again)
    assert apart.geometry().getRect() == (60, 70, 600, 500)
    assert again.viewer.window() is apart
    again.close()
    assert not apart.isVisible()
    assert again.controller.settings.viewer_apart


def test_a_place_on_a_screen_that_is_gone_comes_into_sight(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.place.toggle_apart()
    window.place.toggle_apart()
    settings = window.controller.settings
    (screens, _), *_ = settings.viewer_places
    far = Place(9000, 9000, 600, 500).text()
    window.change_settings(settings.with_viewer_place(screens, far))
    window.place.toggle_apart()
    at = images(qtbot, window).geometry()
    assert window.screen().availableGeometry().contains(at)


def test_settings_keep_the_newest_place_of_each_set_of_screens(tmp_path: Path) -> None:
    settings = Settings().with_viewer_place("A", "1").with_viewer_place("B", "2")
    settings = settings.with_viewer_place("A", "3")
    assert settings.viewer_places == (("A", "3"), ("B", "2"))
    settings.save(tmp_path / "settings.json")
    assert Settings.load(tmp_path / "settings.json") == settings
    (tmp_path / "settings.json").write_text('{"viewer_places": {"A": 1, "B": "2"}}')
    assert Settings.load(tmp_path / "settings.json").viewer_places == (("B", "2"),)
