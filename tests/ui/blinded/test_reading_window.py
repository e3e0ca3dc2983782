"""A reader at the reading window: keys, pause, leaving in mid-case, and nothing else on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.errors import StoreError, StudyError
from app.reading.events import Event
from app.reading.protocol import Question
from app.store.reader_study import IMAGES, ReaderStudy
from app.ui.application import make_application
from app.ui.blinded.window import TITLE, ReadingWindow

sys.path.insert(0, str(Path(__file__).parents[2] / "reading"))
from frozen_studies import PROTOCOL, frozen

WAIT_MS = 20_000
SitDown = Callable[..., ReadingWindow]


@pytest.fixture
def sit_down(qtbot: QtBot, tmp_path: Path) -> Iterator[SitDown]:
    """``sit_down()`` opens the window of a study; called again, after closing the one before."""
    open_ones: list[tuple[ReadingWindow, ReaderStudy]] = []

    def leave() -> None:
        while open_ones:
            window, study = open_ones.pop()
            window.close()
            window.close()
            study.close()

    def sit(reader: str = "R1", **changes: object) -> ReadingWindow:
        leave()
        make_application()
        folder = tmp_path / "study"
        if not folder.exists():
            frozen(folder, replace(PROTOCOL, **changes)).close()  # type: ignore[arg-type]
        study = ReaderStudy.open(folder)
        window = ReadingWindow(study, reader)
        qtbot.addWidget(window)
        open_ones.append((window, study))
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
        return window

    yield sit
    leave()


def reading(window: ReadingWindow) -> bool:
    return window.viewer.isVisible() and bool(window.viewer.panes)


def wait_for(qtbot: QtBot, window: ReadingWindow) -> None:
    qtbot.waitUntil(lambda: reading(window), timeout=WAIT_MS)


def press(qtbot: QtBot, window: ReadingWindow, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(window.focusWidget() or window, key)


def events(tmp_path: Path, reader: str = "R1") -> tuple[Event, ...]:
    with ReaderStudy.open(tmp_path / "study") as study:
        return study.events(reader)


def test_a_score_by_key_and_enter_go_through_the_whole_study(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down()
    for key in (Qt.Key.Key_3, Qt.Key.Key_5, Qt.Key.Key_4, Qt.Key.Key_1, Qt.Key.Key_2):
        wait_for(qtbot, window)
        item = window.session.item
        assert item is not None
        assert window.form.report.text() == item.report
        assert not window.form.next.isEnabled()
        press(qtbot, window, key)
        assert window.form.next.isEnabled()
        press(qtbot, window, Qt.Key.Key_Return)
    assert window.session.finished
    with ReaderStudy.open(tmp_path / "study") as study:
        study.lock()
        found = study.scores()
    assert [score.score for score in found] == [3, 5, 4, 1, 2]
    assert [score.training for score in found] == [True, False, False, False, False]


def test_leaving_in_mid_case_goes_on_there_with_the_answers(
    qtbot: QtBot, sit_down: SitDown
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_3, Qt.Key.Key_Return)
    wait_for(qtbot, window)
    item = window.session.item
    press(qtbot, window, Qt.Key.Key_2, Qt.Key.Key_4)
    window.form.questions["guess"].chip("machine").click()
    press(qtbot, window, Qt.Key.Key_C)
    qtbot.keyClicks(window.form.comment, "1 rib missed")
    window = sit_down()
    wait_for(qtbot, window)
    assert window.session.item == item
    assert window.form.rows[4].active
    assert not window.form.rows[2].active
    assert window.form.questions["guess"].chip("machine").isChecked()
    assert window.form.comment.toPlainText() == "1 rib missed"


def test_a_free_answer_is_kept_as_typed_and_belongs_to_its_item(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down(questions=(Question("why", "Why?", required=True),))
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_4)
    box = window.form.questions["why"].findChildren(QPlainTextEdit)[0]
    box.setFocus()
    qtbot.keyClicks(box, "left base, p 5")
    assert box.toPlainText() == "left base, p 5"
    qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, window)
    assert box.toPlainText() == ""
    assert [e.value for e in events(tmp_path) if e.kind == "answer"] == ["left base, p 5"]
    box.setFocus()
    qtbot.keyClicks(box, "apex")
    window = sit_down()
    wait_for(qtbot, window)
    again = window.form.questions["why"].findChildren(QPlainTextEdit)[0]
    assert again.toPlainText() == "apex"


def test_every_chip_is_reached_and_chosen_without_a_mouse(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    question = window.form.questions["guess"]
    reached = []
    for _ in range(12):
        press(qtbot, window, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        if isinstance(focused, QPushButton) and question.isAncestorOf(focused):
            press(qtbot, window, Qt.Key.Key_Space)
            reached.append((focused.text(), window.session.answers.answers.get("guess")))
    assert reached[:3] == [(choice, choice) for choice in question.question.choices]


def test_pause_covers_everything_and_takes_no_answer(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_P)
    assert not window.viewer.isVisible()
    assert not window.form.isVisible()
    press(qtbot, window, Qt.Key.Key_5)
    assert window.session.answers.score == 0
    press(qtbot, window, Qt.Key.Key_P)
    assert reading(window)


def test_going_back_is_there_only_where_the_protocol_allows(
    qtbot: QtBot, sit_down: SitDown
) -> None:
    window = sit_down(going_back=True, training=0)
    wait_for(qtbot, window)
    for key in (Qt.Key.Key_3, Qt.Key.Key_5):
        press(qtbot, window, key, Qt.Key.Key_Return)
        wait_for(qtbot, window)
    assert window.form.back.isEnabled()
    window.form.back.click()
    wait_for(qtbot, window)
    assert window.form.rows[5].active


def test_without_going_back_there_is_no_way_back(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    assert not window.form.back.isVisible()
    assert "Back" not in [action.text() for action in window.actions()]


def test_no_text_of_the_window_tells_an_arm_a_file_or_a_draft(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down(questions=())
    wait_for(qtbot, window)
    texts = [window.windowTitle()]
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window):
            texts += [widget.toolTip(), widget.accessibleName()]
            texts += [action.text() for action in widget.actions() if action.isVisible()]
        if isinstance(widget, QLabel) and widget.isVisibleTo(window):
            texts.append(widget.text())
    pane = window.viewer.active_pane
    assert pane is not None
    texts += pane.corners().lines
    assert window.windowTitle() == TITLE
    assert "Report 0." in texts
    secrets = ("human", "machine", "model", "draft", ".png", "study.sqlite", str(tmp_path).lower())
    for word in secrets:
        hits = [text for text in texts if word in text.lower()]
        assert hits == [], f"{word!r} in {hits}"
    for name in ("attention", "appearance", "key_image", "compare"):
        assert not window.viewer.action(name).isEnabled()


def test_a_full_disk_keeps_the_answer_says_so_and_tries_again(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down()
    wait_for(qtbot, window)

    def full(reader: str, event: Event) -> None:
        raise StoreError("The database could not be written: the disk is full.")

    monkeypatch.setattr(window._study, "append", full)
    press(qtbot, window, Qt.Key.Key_4)
    assert window.form.rows[4].active
    assert "disk is full" in window.messages.messages()[0].text
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.form.report.text() == "Report 0."
    window.close()
    assert window.isVisible()  # one refusal, because something is not kept
    monkeypatch.undo()
    window._again.timeout.emit()
    assert window.messages.messages() == []
    assert [e.value for e in events(tmp_path) if e.kind == "score"] == ["4"]


def test_a_second_window_of_the_same_reader_is_refused(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    with (
        ReaderStudy.open(tmp_path / "study") as study,
        pytest.raises(StudyError, match="reading in another window"),
    ):
        ReadingWindow(study, "R1")


def test_a_study_that_is_locked_meanwhile_ends_the_reading(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_4)
    with ReaderStudy.open(tmp_path / "study") as study:
        study.lock()
    press(qtbot, window, Qt.Key.Key_5)
    assert not window.viewer.isVisible()
    assert "locked" in window._end_text.text()


def test_an_altered_image_is_said_and_the_item_stays(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    frozen(tmp_path / "study").close()
    image = tmp_path / "study" / IMAGES / "ITEM00.png"
    whole = image.read_bytes()
    image.write_bytes(whole[:-1] + b"x")
    window = sit_down()
    qtbot.waitUntil(lambda: bool(window.messages.messages()), timeout=WAIT_MS)
    message = window.messages.messages()[0]
    assert "altered after the freeze" in message.text
    image.write_bytes(whole)
    assert message.act is not None
    message.act()
    wait_for(qtbot, window)
    assert window.form.report.text() == "Report 0."
