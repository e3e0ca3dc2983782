"""Files in the window: opened, dropped, gathered into studies, taken off the list, never named when
identity is hidden.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.imaging import study
from app.imaging.progress import Looked
from app.paths import resources
from app.ui.main_window import MainWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
Key = Qt.Key


def test_a_file_that_is_no_image_is_said_in_the_message_bar(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    bad = tmp_path / "report.dcm"
    bad.write_text("not an image", encoding="ascii")
    window = open_window([bad])
    qtbot.waitUntil(lambda: bool(window.messages.messages()), timeout=WAIT_MS)
    (message,) = window.messages.messages()
    assert "report.dcm" in message.text
    qtbot.keyClick(window, Key.Key_Escape)
    assert not window.messages.messages()
    assert QApplication.activeModalWidget() is None


def test_no_name_is_ever_in_the_windows_title(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("Jane Doe 1985")])
    drafted(window)
    assert "Jane" in window.top.title.text()
    assert "Jane" not in window.windowTitle()
    window.actions_of.commands["hide_identity"].trigger()
    assert window.controller.settings.hide_identity
    assert "burned into" in window.status.hint_text()
    assert "Jane" not in window.top.title.text()
    assert "Jane" not in window.top.title.toolTip()
    row = window.worklist.model.index(0)
    assert "Jane" not in row.data() + row.data(Qt.ItemDataRole.ToolTipRole)


def test_hidden_identity_hides_the_names_of_files_in_messages_and_menus(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted, tmp_path: Path
) -> None:
    window = open_window([picture("Jane Doe 1985")])
    drafted(window)
    recent = window.actions_of.menus.recent
    assert any("Jane" in action.text() for action in recent.actions())
    window.controller.open_paths([tmp_path / "Jane Roe.dcm"])
    qtbot.waitUntil(lambda: bool(window.messages.messages()), timeout=WAIT_MS)
    assert "Jane" in window.messages.messages()[0].text
    window.actions_of.commands["hide_identity"].trigger()
    assert "Jane" not in window.messages.messages()[0].text
    assert not any("Jane" in action.text() for action in recent.actions())
    window.messages.dismiss_newest()
    window.controller.open_paths([tmp_path / "Jane Poe.dcm"])
    qtbot.waitUntil(lambda: bool(window.messages.messages()), timeout=WAIT_MS)
    assert "Jane" not in window.messages.messages()[0].text
    assert window.messages.messages()[0].text == "There is no file “…”."


def test_dropped_files_are_opened(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    from PySide6.QtCore import QMimeData, QPointF, QUrl
    from PySide6.QtGui import QDropEvent

    window = open_window([])
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture("dropped")))])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    window.dropEvent(event)
    qtbot.waitUntil(
        lambda: (
            window.controller.current is not None and "dropped" in window.controller.current.path
        ),
        timeout=WAIT_MS,
    )
    drafted(window)
    assert window.actions_of.menus.recent.isEnabled()


def test_a_removed_study_stays_off_the_list_until_its_file_is_opened(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    files = [picture("a", 1), picture("b", 2)]
    window = open_window(files)
    drafted(window)
    model = window.controller.library.model
    qtbot.waitUntil(lambda: model.rowCount() == 2, timeout=WAIT_MS)
    window.worklist.view.setFocus()
    window.worklist.select(model.records()[1].study_id)
    qtbot.keyClick(window.worklist.view, Qt.Key.Key_Delete)
    assert model.rowCount() == 1

    again = open_window([])
    drafted(again)
    listed = again.controller.library.model
    assert [Path(record.path).stem for record in listed.records()] == ["a"]
    again.controller.open_paths([files[1]])
    qtbot.waitUntil(lambda: listed.rowCount() == 2, timeout=WAIT_MS)


def test_a_study_removed_by_mistake_is_put_back(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    record = window.controller.current
    assert record is not None
    window.controller.remove(record)
    assert window.controller.current is None
    [said] = [one for one in window.messages.messages() if one.key == "removed"]
    assert said.act is not None
    said.act()
    assert window.controller.library.model.record(record.study_id) is not None


def synthetic(name: str) -> Path:
    return resources() / "synthetic" / f"{name}.dcm"


def test_files_of_one_study_that_are_dropped_together_are_one_study(
    qtbot: QtBot, open_window: OpenWindow, drafted: Drafted
) -> None:
    window = open_window([synthetic("lateral"), synthetic("frontal")])
    drafted(window)
    [record] = window.controller.library.model.records()
    assert record.paths == (synthetic("frontal"), synthetic("lateral"))
    again = open_window([])
    drafted(again)
    assert len(again.viewer.panes) == 2


def test_the_second_file_of_the_open_study_joins_the_first(
    qtbot: QtBot, open_window: OpenWindow, drafted: Drafted
) -> None:
    window = open_window([synthetic("frontal")])
    drafted(window)
    window.column.report.editor.insertPlainText("Heart normal.")
    window.controller.open_paths([synthetic("lateral")])
    qtbot.waitUntil(lambda: len(window.viewer.panes) == 2, timeout=WAIT_MS)
    assert window.column.report.text() == "Heart normal."
    drafted(window)


def many(folder: Path, count: int) -> Path:
    for number in range(count):
        file = folder / f"{number // 50:03}" / f"{number:05}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), number % 251, np.uint8)).save(file)
        with file.open("ab") as handle:
            handle.write(f"{number}".encode())  # no two files are the same study
    return folder


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Until this is set, a search stays at its first files, and says so again and again: its
    thread has other work between the steps, which must not wait."""
    go_on, search = threading.Event(), study.scan_with_progress

    def halting(*given: Any) -> Iterator[Any]:
        for item in search(*given):
            yield item
            while isinstance(item, Looked) and not go_on.wait(0.005):
                yield item

    monkeypatch.setattr(study, "scan_with_progress", halting)
    return go_on


def test_a_large_folder_tells_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot,
    open_window: OpenWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    go_on: threading.Event,
) -> None:
    monkeypatch.setattr("app.ui.library.SOON_MS", 0)
    window = open_window([many(tmp_path / "many", 400)])
    library = window.controller.library

    def progress() -> str:
        found = [m.text for m in window.messages.messages() if m.key == "searching"]
        return found[0] if found else ""

    qtbot.waitUntil(lambda: "files so far" in progress(), timeout=WAIT_MS)
    window.actions_of.commands["stop_search"].trigger()
    go_on.set()
    qtbot.waitUntil(lambda: not library.searching, timeout=WAIT_MS)
    assert progress() == ""
    listed = library.model.rowCount()
    assert 0 < listed < 400
    texts = [message.text for message in window.messages.messages()]
    assert any("stopped after" in text for text in texts)


def test_a_study_opens_while_a_folder_is_searched(
    qtbot: QtBot,
    open_window: OpenWindow,
    picture: Picture,
    drafted: Drafted,
    tmp_path: Path,
    go_on: threading.Event,
) -> None:
    folder = many(tmp_path / "many", 600)
    window = open_window([picture("one")])
    drafted(window)
    library = window.controller.library
    first = window.controller.current
    assert first is not None
    window.controller.close()
    library.first_found.disconnect(window.controller._open_found)
    window.controller.open_paths([folder])
    window.controller.open(first)
    qtbot.waitUntil(lambda: bool(window.viewer.panes), timeout=WAIT_MS)
    assert library.searching  # the search goes on behind
    go_on.set()
    qtbot.waitUntil(lambda: not library.searching, timeout=WAIT_MS)
    assert library.model.rowCount() == 601
