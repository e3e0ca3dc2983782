"""The window as a reader meets it: late answers, cancelling, errors, identity, signing, keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot
from stand_in import TEXTS, WAIT_MS, OpenWindow, StandIn, StandInInfo

from app.errors import ModelError
from app.reporting.report import Rating, Revision, Status
from app.settings import Settings
from app.ui.controller import Parts
from app.ui.main_window import MainWindow
from app.ui.map_words import map_words
from app.ui.panels.draft_states import FailedState
from app.ui.shortcuts import ShortcutSheet, rows_of

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
Key = Qt.Key


def test_a_late_answer_never_lands_on_another_study(
    qtbot: QtBot, stand_in: StandIn, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    stand_in.hold = True
    window = open_window([picture("a", 1), picture("b", 2)])
    qtbot.waitUntil(lambda: len(stand_in.runs) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.worklist.shown.rowCount() == 2, timeout=WAIT_MS)
    first = window.controller.current
    stand_in.hold = False  # for the second study's run
    qtbot.keyClick(window, Key.Key_N)
    assert window.controller.current is not first
    drafted(window)
    analysis = window.column.drafts.analysis()
    assert analysis is not None
    assert analysis.image_id == window.viewer.panes[0].radiograph.image_id == stand_in.runs[1]
    assert stand_in.cancelled_runs == 1
    statuses = {one.study_id: one.status for one in window.controller.library.model.records()}
    assert first is not None
    assert statuses[first.study_id] is Status.NEW


def test_a_model_that_does_not_listen_is_not_listened_to(
    qtbot: QtBot, stand_in: StandIn, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    stand_in.hold = stand_in.deaf = True
    window = open_window([picture("a", 1), picture("b", 2)])
    qtbot.waitUntil(lambda: len(stand_in.runs) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.worklist.shown.rowCount() == 2, timeout=WAIT_MS)
    qtbot.keyClick(window, Key.Key_N)
    qtbot.waitUntil(lambda: bool(window.viewer.panes), timeout=WAIT_MS)
    stand_in.let_go.set()  # the first run answers after all, then the second
    drafted(window)
    analysis = window.column.drafts.analysis()
    assert analysis is not None
    assert analysis.image_id == stand_in.runs[1] == window.viewer.panes[0].radiograph.image_id


def test_drafting_can_be_cancelled_and_asked_for_again(
    qtbot: QtBot, stand_in: StandIn, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    stand_in.hold = True
    window = open_window([picture("a")])
    qtbot.waitUntil(lambda: len(stand_in.runs) == 1, timeout=WAIT_MS)
    window.actions_of.commands["cancel_draft"].trigger()
    qtbot.waitUntil(lambda: stand_in.cancelled_runs == 1, timeout=WAIT_MS)
    assert window.column.drafts.analysis() is None
    stand_in.hold = False
    qtbot.keyClick(window, Key.Key_D)
    drafted(window)
    assert len(stand_in.runs) == 2


def test_a_model_that_fails_says_so_and_can_be_tried_again(
    qtbot: QtBot, stand_in: StandIn, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    stand_in.error = ModelError("The weights are cut off.", "Copy them again.")
    window = open_window([picture("a")])
    failed = window.controller.drafting.failed
    with qtbot.waitSignal(failed, timeout=WAIT_MS):
        pass
    stand_in.error = None
    window.column.drafts.draft_requested.emit()
    drafted(window)


def test_without_a_model_everything_else_works(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture
) -> None:
    window = open_window([picture("a")], Parts(models=lambda _: []))
    qtbot.waitUntil(lambda: bool(window.viewer.panes), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.column.report.is_read_only(), timeout=WAIT_MS)
    window.column.report.insert_text("Written by hand.")
    qtbot.waitUntil(
        lambda: window.controller.library.model.counts()[Status.EDITED] == 1, timeout=WAIT_MS
    )


def test_a_model_that_was_put_there_meanwhile_is_found(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted, stand_in: StandIn
) -> None:
    there: list[object] = []
    window = open_window([picture("a")], Parts(stand_in.parts().drafter, lambda _: list(there)))
    state = window.column.drafts
    qtbot.waitUntil(lambda: bool(state.findChildren(FailedState)), timeout=WAIT_MS)
    failed = state.findChildren(FailedState)[0]
    assert any(
        str(window.controller.places.weights) in label.text()
        for label in failed.findChildren(QLabel)
    )
    there.append(StandInInfo())
    failed.again.emit()
    drafted(window)


def of_kind(kind: str) -> Callable[[Revision], bool]:
    return lambda revision: revision.kind == kind


def test_a_signed_report_is_locked_until_it_is_amended(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    report, keeper = window.column.report, window.controller.report
    qtbot.keyClick(window, Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert report.text() == TEXTS[0]
    with qtbot.waitSignal(keeper.saved, timeout=WAIT_MS, check_params_cb=of_kind("signed")):
        report.sign_action.trigger()
    assert report.is_signed()
    assert report.is_read_only()
    qtbot.keyClick(window, Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert report.text() == TEXTS[0]
    assert "The report is signed" in window.status.hint_text()  # and not just nothing
    window.actions_of.commands["amend"].trigger()
    assert not report.is_read_only()
    report.insert_text("Addendum.")
    with qtbot.waitSignal(keeper.saved, timeout=WAIT_MS, check_params_cb=of_kind("amended")):
        report.sign_action.trigger()
    again = open_window([])
    qtbot.waitUntil(again.column.report.is_signed, timeout=WAIT_MS)
    assert again.column.report.text().endswith("Addendum.")


def test_attention_off_shows_nothing_but_a_hint(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    pane = window.viewer.drafted_pane
    assert pane is not None
    window.column.drafts.hold(1, 0)
    assert not pane.attention.shown
    assert window.status.hint_text() == f"A {map_words('attention').hint}"
    qtbot.keyClick(window, Key.Key_A)
    assert pane.attention.shown
    window.column.drafts.sentence_hovered.emit(1, 0, 8)
    assert pane.attention.subject == TEXTS[0].split(".")[0] + "."
    window.column.drafts.sentence_hovered.emit(1, -1, -1)
    assert pane.attention.subject == "Right-sided"


def test_pointing_at_the_image_lights_the_words_that_looked_there(
    open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    lit: list[set[tuple[int, int]]] = []
    window.column.drafts.light_words = lambda words: lit.append(set(words))  # type: ignore[method-assign]
    window.viewer.hovered.emit(0.25, 0.7)
    assert lit == []  # off
    window.viewer.set_attention_enabled(True)
    window.viewer.hovered.emit(0.25, 0.7)
    assert (1, 0) in lit[-1]
    window.viewer.left.emit()
    assert lit[-1] == set()


def test_digits_rate_only_outside_of_text_fields(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    window.column.report.setFocus()
    qtbot.keyClick(window.column.report.editor, Key.Key_3)
    assert window.column.report.text() == "3"
    assert window.column.rating.score() == 0
    qtbot.keyClick(window.column.report.editor, Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert window.column.rating.score() == 3


def test_a_comment_in_its_field_is_kept_when_the_next_study_is_opened(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a", 1), picture("b", 2)])
    drafted(window)
    qtbot.waitUntil(lambda: window.worklist.shown.rowCount() == 2, timeout=WAIT_MS)
    first = window.controller.current
    assert first is not None
    window.column.rating.rate(2)
    qtbot.keyClicks(window.column.rating.comment, "missed the effusion")
    window.actions_of.commands["next"].trigger()
    kept: list[list[Rating]] = []
    window.controller.store.ask(lambda store: store.ratings(first.study_id), kept.append)
    qtbot.waitUntil(lambda: bool(kept), timeout=WAIT_MS)
    assert [rating.comment for rating in kept[0]] == ["", "missed the effusion"]


def test_every_key_belongs_to_one_action_and_stands_on_the_sheet(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window([])
    listed = window.actions_of.menus.actions()
    keys = [key.toString() for _, action in listed for key in action.shortcuts()]
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)
    everywhere = [
        action for part in (window, window.viewer, window.column.drafts, window.column.report,
                            window.column.rating) for action in part.actions()
    ]  # fmt: skip
    known = {action for _, action in listed}
    assert [action.text() for action in everywhere if action not in known] == []
    qtbot.keyClick(window, Key.Key_Question)
    sheet = window.actions_of.side_window("shortcuts")
    assert isinstance(sheet, ShortcutSheet)
    assert not sheet.isModal()
    assert ("N", "Next study") in rows_of(listed)["Go"]
    # On a small screen, too, all of it is to be seen without scrolling sideways.
    assert sheet.width() <= sheet.screen().availableGeometry().width()
    sideways = sheet.findChild(QScrollArea).horizontalScrollBar()
    qtbot.waitUntil(lambda: sideways.maximum() == 0)


def test_narrow_windows_fold_the_worklist(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window([])
    assert not window.worklist.folded
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.worklist.folded)
    window.resize(1600, 900)
    qtbot.waitUntil(lambda: not window.worklist.folded)


def test_the_name_is_asked_once_without_a_dialog(
    qtbot: QtBot, open_window: OpenWindow, home: Path
) -> None:
    window = open_window([])
    window.change_settings(window.controller.settings.changed(user_name=""))
    assert window.user_bar.isVisible()
    window.user_bar.field.setText("  Dr.  Who ")
    qtbot.keyClick(window.user_bar.field, Key.Key_Return)
    assert not window.user_bar.isVisible()
    assert window.controller.reader == "Dr. Who"
    assert Settings.load(home / "settings.json").user_name == "Dr. Who"


def test_the_first_rating_asks_for_the_name_and_is_kept_under_it(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a")])
    drafted(window)
    window.change_settings(window.controller.settings.changed(user_name=""))
    kept: list[Rating] = []
    window.controller.report.rated.connect(kept.append)
    qtbot.keyClick(window.column.drafts, Key.Key_4)
    assert window.user_bar.field.hasFocus()
    qtbot.keyClicks(window.user_bar.field, "Dr. Who")
    qtbot.keyClick(window.user_bar.field, Key.Key_Return)
    qtbot.waitUntil(lambda: bool(kept), timeout=WAIT_MS)
    assert [(rating.rater, rating.score) for rating in kept] == [("Dr. Who", 4)]
    assert window.column.rating.score() == 4


def test_a_rating_that_waits_for_a_name_is_not_lost_with_the_study(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("a", 1), picture("b", 2)])
    drafted(window)
    window.change_settings(window.controller.settings.changed(user_name=""))
    window.column.rating.rate(2)
    window.actions_of.commands["next"].trigger()
    qtbot.waitUntil(
        lambda: window.controller.library.model.counts()[Status.RATED] == 1, timeout=WAIT_MS
    )


def test_settings_are_used_at_once_and_kept(
    qtbot: QtBot, open_window: OpenWindow, home: Path
) -> None:
    window = open_window([])
    window.actions_of.show_settings()
    dialog = window.actions_of.side_window("settings")
    assert dialog is not None
    dialog.colour_map.setCurrentText("cividis")  # type: ignore[attr-defined]
    dialog.hide_identity.setChecked(True)  # type: ignore[attr-defined]
    dialog.buttons.accepted.emit()  # type: ignore[attr-defined]
    assert window.status.maps.currentText() == "cividis"
    stored = Settings.load(home / "settings.json")
    assert stored.colour_map == "cividis"
    assert stored.hide_identity


def test_the_about_box_says_what_it_may_not_be_used_for(open_window: OpenWindow) -> None:
    from PySide6.QtWidgets import QLabel

    window = open_window([])
    window.actions_of.show_about()
    box = window.actions_of.side_window("about")
    assert box is not None
    words = " ".join(label.text() for label in box.findChildren(QLabel))
    assert "Not a medical device" in words
    assert "not for diagnosis" in words


def test_a_bug_in_a_slot_is_said_and_the_window_lives_on(
    open_window: OpenWindow, caplog: pytest.LogCaptureFixture
) -> None:
    import sys

    from app.ui.application import catch_bugs

    window = open_window([])
    give_back = catch_bugs(window.controller.escaped.emit)
    try:
        sys.excepthook(ValueError, ValueError("oops"), None)
    finally:
        give_back()
    assert "our fault" in window.messages.messages()[0].text
    assert "oops" in caplog.text


def test_a_score_that_cannot_be_kept_is_not_shown_as_given(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, home: Path
) -> None:
    (home / "readingroom.sqlite").write_bytes(b"not a database, but long enough" * 40)
    window = open_window([picture("a")])
    qtbot.waitUntil(lambda: bool(window.column.drafts.cards()), timeout=WAIT_MS)
    window.column.rating.rate(4)
    assert window.column.rating.score() == 0
    assert any("can't be rated" in message.text for message in window.messages.messages())


def test_linked_views_are_remembered(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("one")])
    drafted(window)
    window.viewer.set_linked(True)
    again = open_window([picture("one")])
    drafted(again)
    assert again.controller.settings.link_views
    assert again.viewer.action("link").isChecked()
