"""A reader at the reading window: keys, pause, leaving in mid-case, and nothing else on it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.errors import StudyError
from app.imaging.measuring.measurement import Kind, measured
from app.reading import rescue
from app.reading.protocol import Question
from app.store.reader_study import IMAGES, ReaderStudy
from app.ui.blinded.window import TITLE, ReadingWindow
from app.ui.viewer.measurements.writing import write_on

sys.path.insert(0, str(Path(__file__).parents[2] / "reading"))
from frozen_studies import frozen
from reading_desk import (
    WAIT_MS,
    SitDown,
    events,
    full,
    press,
    press_back,
    read_all,
    reading,
    wait_for,
)


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


def test_what_was_marked_on_the_image_comes_back(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    pane = window.viewer.active_pane
    assert pane is not None
    image_id = pane.radiograph.image_id
    first, second = (measured(Kind.LENGTH, [(n, 2.0), (9.0, 9.0)]) for n in (1.0, 3.0))
    for mark in (first, second):
        window.viewer.marks.add(image_id, mark)
    window.viewer.history.undo()
    window = sit_down()
    wait_for(qtbot, window)
    assert window.viewer.marks.of(image_id) == (first,)
    press(qtbot, window, Qt.Key.Key_4, Qt.Key.Key_Return)
    wait_for(qtbot, window)
    pane = window.viewer.active_pane
    assert pane is not None
    assert window.viewer.marks.of(pane.radiograph.image_id) == ()


def test_enter_ends_the_words_of_an_arrow_and_then_goes_on(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_4)
    pane = window.viewer.active_pane
    assert pane is not None
    arrow = measured(Kind.ARROW, [(9.0, 9.0), (20.0, 20.0)])
    window.viewer.marks.add(pane.radiograph.image_id, arrow)
    write_on(pane, window.viewer.marks, pane.radiograph.image_id, arrow)
    line = pane.findChildren(QLineEdit)[0]
    qtbot.keyClicks(line, "1 cp here")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert reading(window)
    assert [mark.text for mark in window.session.marks] == ["1 cp here"]
    assert window.session.answers.score == 4
    press(qtbot, window, Qt.Key.Key_Return)
    assert [e.item for e in events(tmp_path) if e.kind == "submitted"] == ["ITEM00"]


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


def test_tab_leads_from_the_image_to_the_first_question_and_the_menu_has_a_key(
    qtbot: QtBot, sit_down: SitDown
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_Tab)
    focused = window.focusWidget()
    assert focused is not None
    assert window.form.questions["acceptable"].isAncestorOf(focused)
    press(qtbot, window, Qt.Key.Key_F10)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert window.session.answers.score == 5
    assert not menu.isVisible()


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


def test_pause_in_the_dark_gap_holds_the_next_item_back(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down(dark_gap=30.0)
    qtbot.waitUntil(lambda: window._image is not None, timeout=WAIT_MS)
    assert window.frame.page is window.frame.dark
    press(qtbot, window, Qt.Key.Key_P)
    assert window.frame.page is window.frame.paused
    assert window.frame.pause.text().startswith("Go on")
    window._gap.timeout.emit()
    assert window.frame.page is window.frame.paused
    press(qtbot, window, Qt.Key.Key_P)
    assert reading(window)
    assert window.session.answers.score == 0
    press(qtbot, window, Qt.Key.Key_4)
    assert window.session.answers.score == 4


def test_the_end_leads_back_to_the_last_item_where_the_protocol_allows(
    qtbot: QtBot, sit_down: SitDown
) -> None:
    window = sit_down(going_back=True)
    read_all(qtbot, window)
    last = window.session.order[-1]
    assert window.frame.back.isVisible()
    window.frame.back.click()
    wait_for(qtbot, window)
    assert window.session.item == last
    assert window.form.rows[5].active
    press(qtbot, window, Qt.Key.Key_2, Qt.Key.Key_Return)
    assert window.session.finished
    press_back(qtbot, window)
    wait_for(qtbot, window)
    assert window.form.rows[2].active


def test_the_way_out_is_in_sight_and_what_was_being_written_is_kept(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    press(qtbot, window, Qt.Key.Key_4, Qt.Key.Key_C)
    qtbot.keyClicks(window.form.comment, "half")
    qtbot.mouseClick(window.frame.leave, Qt.MouseButton.LeftButton)
    assert not window.isVisible()
    assert [e.value for e in events(tmp_path) if e.kind == "comment"] == ["half"]
    window = sit_down()
    wait_for(qtbot, window)
    assert "go on at any time" in window.frame._foot.text()
    assert window.frame._foot.isVisible()
    read_all(qtbot, window)
    assert window.frame.leave.isVisible()
    assert not window.frame._foot.isVisible()


def test_the_end_has_no_way_back_where_the_protocol_has_none(
    qtbot: QtBot, sit_down: SitDown
) -> None:
    window = sit_down()
    read_all(qtbot, window)
    assert not window.frame.back.isVisible()


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
    texts += [*pane.corners().lines, window.form.report.text()]
    assert window.windowTitle() == TITLE
    assert "Report 0." in texts
    secrets = ("human", "machine", "model", "draft", ".png", "study.sqlite", str(tmp_path).lower())
    for word in secrets:
        hits = [text for text in texts if word in text.lower()]
        assert hits == [], f"{word!r} in {hits}"
    for name in ("attention", "appearance", "key_image", "compare"):
        assert not window.viewer.action(name).isEnabled()


def test_the_second_part_is_not_shown_before_the_washout_is_over(
    qtbot: QtBot, sit_down: SitDown, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down(design="paired", washout_days=28)
    for key in (Qt.Key.Key_3, Qt.Key.Key_5, Qt.Key.Key_4):
        wait_for(qtbot, window)
        press(qtbot, window, key, Qt.Key.Key_Return)
    assert window.frame.page is window.frame.ended
    opens = window.session.waits_until
    assert opens is not None
    assert f"{opens.astimezone():%B %Y}" in window.frame.said
    assert "28 days after your last reading" in window.frame.said
    assert not window.frame.pause.isEnabled()
    window = sit_down()
    assert window.frame.page is window.frame.ended
    window._seat.timeout.emit()
    assert window.frame.page is window.frame.ended
    monkeypatch.setattr(window.session, "_now", lambda: opens)
    window._seat.timeout.emit()
    wait_for(qtbot, window)
    assert window.form.report.text() == "Report 3."


def test_over_the_image_stand_its_item_and_the_window_only(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    pane = window.viewer.active_pane
    assert pane is not None
    assert pane.corners().lines == ("Training 1 of 1 · ITEM00", "W 255  C 128")
    assert window.frame.where.text() == "Reader R1 · Training 1 of 1 · ITEM00"
    for name in ("invert", "flip_h"):
        window.viewer.action(name).trigger()
    assert pane.corners().lines[1] == "mirrored · inverted"


def test_every_item_is_shown_as_if_it_were_the_first(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)

    def view() -> tuple[object, ...]:
        pane = window.viewer.active_pane
        assert pane is not None
        marks, action = window.viewer.marks, window.viewer.action
        shown = (marks.shown, action("measurements").isChecked(), window.viewer.history.canUndo())
        return (pane.state(), window.viewer.hand, type(pane.hand), *shown)

    first = view()
    for name in ("invert", "flip_h", "zoom_in", "lung_window", "rotate_right", "tool_length"):
        window.viewer.action(name).trigger()
    window.viewer.action("measurements").trigger()
    press(qtbot, window, Qt.Key.Key_4, Qt.Key.Key_Return)
    wait_for(qtbot, window)
    assert view() == first


def test_a_full_disk_keeps_the_answer_says_so_and_tries_again(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    monkeypatch.setattr(window._study, "append", full)
    press(qtbot, window, Qt.Key.Key_4)
    assert window.form.rows[4].active
    assert "disk is full" in window.messages.messages()[0].text
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.form.report.text() == "Report 0."
    monkeypatch.setattr(rescue, "keep", lambda *_: None)
    window._rescue._kept.clear()
    window.close()
    assert window.isVisible()  # one refusal, because something is kept nowhere
    monkeypatch.undo()
    window._again.timeout.emit()
    assert window.messages.messages() == []
    assert [e.value for e in events(tmp_path) if e.kind == "score"] == ["4"]


def test_what_a_full_disk_refused_comes_back_at_the_next_start(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    monkeypatch.setattr(window._study, "append", full)
    press(qtbot, window, Qt.Key.Key_4)
    assert "kept in a file apart" in window.messages.messages()[0].hint
    window.form.questions["guess"].chip("human").click()
    press(qtbot, window, Qt.Key.Key_C)
    qtbot.keyClicks(window.form.comment, "rib missed")
    window.close()
    assert not window.isVisible()  # nothing is lost, so nothing is refused
    assert [e.kind for e in events(tmp_path)] == ["shown"]
    monkeypatch.undo()
    window = sit_down()
    wait_for(qtbot, window)
    assert window.form.rows[4].active
    assert window.form.questions["guess"].chip("human").isChecked()
    assert window.form.comment.toPlainText() == "rib missed"
    assert [e.kind for e in events(tmp_path)].count("left") == 1
    assert list((tmp_path / "study").glob("*rescue*")) == []


def test_a_rescue_file_goes_when_the_disk_takes_the_answers_again(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    monkeypatch.setattr(window._study, "append", full)
    press(qtbot, window, Qt.Key.Key_4)
    assert len(list((tmp_path / "study").glob("*rescue*"))) == 1
    monkeypatch.undo()
    window._again.timeout.emit()
    assert list((tmp_path / "study").glob("*rescue*")) == []
    assert [e.value for e in events(tmp_path) if e.kind == "score"] == ["4"]


def test_a_refused_next_is_repeated_once_the_disk_takes_it(
    qtbot: QtBot, sit_down: SitDown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    monkeypatch.setattr(window._study, "append", full)
    press(qtbot, window, Qt.Key.Key_4, Qt.Key.Key_Return)
    assert "comes by itself" in window.messages.messages()[0].hint
    window._again.timeout.emit()  # still full
    assert window.form.report.text() == "Report 0."
    monkeypatch.undo()
    window._again.timeout.emit()
    wait_for(qtbot, window)
    assert window.form.report.text() == "Report 1."
    assert window.messages.messages() == []
    assert [e.item for e in events(tmp_path) if e.kind == "submitted"] == ["ITEM00"]


def test_a_refused_next_is_not_repeated_when_the_reader_writes_on(
    qtbot: QtBot, sit_down: SitDown, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    monkeypatch.setattr(window._study, "append", full)
    press(qtbot, window, Qt.Key.Key_4, Qt.Key.Key_Return)
    window.form.comment.setFocus()
    qtbot.keyClicks(window.form.comment, "no, wait")
    monkeypatch.undo()
    window._again.timeout.emit()
    assert reading(window)
    assert window.form.report.text() == "Report 0."
    assert window.session.answers.comment == "no, wait"


def test_a_refused_back_stays_says_so_and_is_repeated(
    qtbot: QtBot, sit_down: SitDown, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sit_down(going_back=True)
    for _ in range(2):
        wait_for(qtbot, window)
        press(qtbot, window, Qt.Key.Key_5, Qt.Key.Key_Return)
    wait_for(qtbot, window)
    here = window.session.item
    monkeypatch.setattr(window._study, "append", full)
    press_back(qtbot, window)
    assert reading(window)
    assert window.session.item is here
    (message,) = window.messages.messages()
    assert "the item before comes by itself" in message.hint
    monkeypatch.undo()
    window._again.timeout.emit()
    wait_for(qtbot, window)
    assert window.session.item is window.session.order[1]
    assert window.messages.messages() == []


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
    assert "locked" in window.frame.said


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
