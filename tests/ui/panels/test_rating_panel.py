"""Rating a draft by click and key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.reporting.report import RUBRIC, Rating
from app.ui.panels.rating import RatingPanel


def make_rating(rank: int, score: int, comment: str = "", hour: int = 1) -> Rating:
    at = datetime(2026, 1, 1, hour, tzinfo=UTC)
    return Rating("study", 7, rank, "Dr Lind", score, comment, 3.0, "", at)


@pytest.fixture
def window(qtbot):
    window = QWidget()
    column = QVBoxLayout(window)
    panel = RatingPanel()
    column.addWidget(panel)
    column.addWidget(QLineEdit())
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def panel(window):
    panel = window.findChild(RatingPanel)
    panel.set_drafts((1, 2, 3))
    return panel


@pytest.fixture
def rated(panel):
    given: list[tuple[int, str]] = []
    panel.rated.connect(lambda *one: given.append(one))
    return given


def score_button(panel, score) -> QPushButton:
    return panel.findChild(QPushButton, f"score_{score}")


def test_a_click_rates_and_shows_the_rubric(panel, rated, qtbot):
    qtbot.mouseClick(score_button(panel, 4), Qt.MouseButton.LeftButton)
    assert rated == [(4, "")]
    assert panel.score() == 4
    assert panel.rubric_text() == f"4 · {RUBRIC[4]}"


def test_a_digit_rates_while_no_text_field_has_the_focus(panel, rated, qtbot):
    panel.findChild(QPushButton).setFocus()
    qtbot.keyClick(panel, Qt.Key.Key_2)
    panel.comment.setFocus()
    qtbot.keyClick(panel.comment, Qt.Key.Key_5)
    assert rated == [(2, "")]
    assert panel.comment.text() == "5"


def test_a_comment_typed_before_the_score_goes_with_it(panel, rated, qtbot):
    qtbot.keyClicks(panel.comment, "misses the rib")
    qtbot.keyClick(panel.comment, Qt.Key.Key_Return)
    assert rated == []
    panel.rate(3)
    assert rated == [(3, "misses the rib")]


def test_a_changed_comment_rates_again_and_an_unchanged_one_does_not(panel, rated, window, qtbot):
    panel.rate(3)
    panel.comment.setFocus()
    qtbot.keyClicks(panel.comment, "rib")
    qtbot.keyClick(panel.comment, Qt.Key.Key_Return)
    window.findChild(QLineEdit).setFocus()
    panel.comment.setFocus()
    score_button(panel, 1).setFocus()
    assert rated == [(3, ""), (3, "rib")]


def test_leaving_the_comment_sends_it(panel, rated, qtbot):
    panel.rate(5)
    panel.comment.setFocus()
    qtbot.keyClicks(panel.comment, "good")
    score_button(panel, 1).setFocus()
    assert rated[-1] == (5, "good")


def test_a_comment_belongs_to_the_draft_it_was_typed_for(panel, qtbot):
    sent: list[tuple[int, int, str]] = []
    panel.rated.connect(lambda score, comment: sent.append((panel.rank(), score, comment)))
    panel.rate(2)
    panel.comment.setFocus()
    qtbot.keyClicks(panel.comment, "vague")
    panel.set_rank(3)
    assert sent == [(1, 2, ""), (1, 2, "vague")]
    assert panel.comment.text() == ""


def test_nothing_can_be_rated_without_a_draft(panel, rated, qtbot):
    panel.set_drafts(())
    panel.rate(4)
    qtbot.keyClick(panel, Qt.Key.Key_4)
    assert rated == []
    assert not score_button(panel, 4).isEnabled()
    assert panel.rank() == 0


def test_the_rank_follows_and_is_chosen_by_click(panel, rated, qtbot):
    chosen: list[int] = []
    panel.rank_changed.connect(chosen.append)
    panel.set_rank(2)
    assert (panel.rank(), chosen) == (2, [])
    button = next(one for one in panel.findChildren(QPushButton) if one.text() == "Pd3")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (panel.rank(), chosen) == (3, [3])


def test_each_draft_shows_its_newest_rating(panel):
    panel.set_ratings([make_rating(1, 2, hour=2), make_rating(1, 5, hour=1), make_rating(2, 4)])
    assert panel.score() == 2
    panel.set_rank(2)
    assert panel.score() == 4
    panel.set_rank(3)
    assert panel.score() == 0


def test_the_rating_that_was_stored_does_not_disturb_a_comment_being_typed(panel, rated, qtbot):
    panel.rate(3)
    panel.comment.setFocus()
    qtbot.keyClicks(panel.comment, "half a sen")
    panel.set_rating(make_rating(1, 3))
    panel.set_ratings([make_rating(1, 3)])
    assert panel.comment.text() == "half a sen"
    qtbot.keyClick(panel.comment, Qt.Key.Key_Return)
    assert rated[-1] == (3, "half a sen")


def test_pointing_at_a_score_shows_its_rubric_and_leaving_the_given_one(panel):
    panel.rate(4)
    QApplication.sendEvent(score_button(panel, 1), QEvent(QEvent.Type.HoverEnter))
    QApplication.sendEvent(score_button(panel, 1), QEvent(QEvent.Type.Enter))
    assert panel.rubric_text() == f"1 · {RUBRIC[1]}"
    QApplication.sendEvent(score_button(panel, 1), QEvent(QEvent.Type.Leave))
    assert panel.rubric_text() == f"4 · {RUBRIC[4]}"


def test_the_whole_rubric_can_be_read(panel):
    for score, line in RUBRIC.items():
        assert line in score_button(panel, score).toolTip()
