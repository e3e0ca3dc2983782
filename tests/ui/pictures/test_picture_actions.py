"""Saving, copying and printing from the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.ui.main_window import MainWindow
from app.ui.pictures.save_dialog import SaveDialog, Wanted

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]


def test_a_picture_is_saved_and_said(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted, tmp_path: Path
) -> None:
    window = open_window([picture("one")])
    drafted(window)
    for whole, name in ((True, "whole.png"), (False, "shown.jpg")):
        file = tmp_path / name
        window.actions_of.pictures.write(Wanted(file, whole, identity=False))
        qtbot.waitUntil(file.exists, timeout=WAIT_MS)
    with Image.open(tmp_path / "whole.png") as saved:
        assert saved.size == (128, 160)
    qtbot.waitUntil(lambda: "Saved" in window.messages.messages()[0].text, timeout=WAIT_MS)
    assert "burned" in window.messages.messages()[0].hint
    window.actions_of.pictures.write(Wanted(tmp_path / "no" / "x.png", True, identity=False))
    qtbot.waitUntil(lambda: "does not exist" in window.messages.messages()[0].text, timeout=WAIT_MS)


def test_the_dialog_hides_identity_and_names_nobody(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("Jane Doe")])
    drafted(window)
    pane = window.viewer.active_pane
    assert pane is not None
    dialog = SaveDialog(pane, window)
    qtbot.addWidget(dialog)
    assert not dialog.identity.isChecked()
    wanted = dialog.wanted()
    assert wanted is not None
    assert wanted.file.name == "radiograph.png"
    assert not wanted.identity
    assert not wanted.whole
    assert "128 × 160" in dialog.extent.itemText(1)
    dialog.filterSelected.emit("JPEG, smaller (*.jpg *.jpeg)")
    wanted = dialog.wanted()
    assert wanted is not None
    assert wanted.file.name == "radiograph.jpg"


def test_a_picture_is_copied(open_window: OpenWindow, picture: Picture, drafted: Drafted) -> None:
    window = open_window([picture("one")])
    window.actions_of.commands["copy_picture"].trigger()  # nothing yet: said, no failure
    drafted(window)
    window.actions_of.commands["copy_picture"].trigger()
    pane = window.viewer.active_pane
    assert pane is not None
    assert QGuiApplication.clipboard().image().width() == round(pane.width() * pane.pixel_ratio())
    assert "identity hidden" in window.status.hint_text()


def test_the_printed_page_has_the_panes_in_sight_and_the_report(
    open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("one")])
    drafted(window)
    window.column.report.insert_source(window.column.drafts.draft_source(1))
    window.actions_of.commands["print"].trigger()
    box = window.actions_of.side_window("print")
    assert box is not None
    page = window.actions_of.pictures.page(identity=False, report=True)
    assert len(page.pictures) == 1
    assert window.column.report.text().strip() in page.report
    assert "not signed" in page.report
    assert "burned" in page.note
    box.close()
