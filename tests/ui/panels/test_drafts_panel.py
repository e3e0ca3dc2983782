"""Reading drafts word by word and taking them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.inference.drafts import Gate
from app.reporting.report import Source
from app.ui.panels.drafts import DraftsPanel


class Heard:
    """What a panel said, in order."""

    def __init__(self, panel: DraftsPanel) -> None:
        self.hovered: list[tuple[int, int]] = []
        self.held: list[tuple[int, int]] = []
        self.sentences: list[tuple[int, int, int]] = []
        self.drafts: list[int] = []
        self.taken: list[tuple[int, int, int]] = []
        self.active: list[int] = []
        panel.word_hovered.connect(lambda *a: self.hovered.append(a))
        panel.word_held.connect(lambda *a: self.held.append(a))
        panel.sentence_hovered.connect(lambda *a: self.sentences.append(a))
        panel.take_draft.connect(self.drafts.append)
        panel.take_sentence.connect(lambda *a: self.taken.append(a))
        panel.active_changed.connect(self.active.append)


@pytest.fixture
def panel(qtbot, analysis):
    panel = DraftsPanel()
    qtbot.addWidget(panel)
    panel.resize(396, 500)
    panel.set_analysis(7, analysis)
    panel.show()
    qtbot.waitExposed(panel)
    panel.setFocus()
    return panel


@pytest.fixture
def heard(panel):
    return Heard(panel)


def middle(panel, rank, index):
    text = panel.cards()[rank - 1].text
    return text, text.word_rects(index)[0].center()


# pointing


def test_hovering_a_word_says_which_and_leaving_says_so(panel, heard, mouse):
    text, point = middle(panel, 2, 3)
    mouse.move(text, point)
    mouse.move(text, point + QPointF(1, 0))
    mouse.leave(text)
    assert heard.hovered == [(2, 3), (2, -1)]


def test_every_word_is_found_at_its_own_place_on_every_line(panel):
    for card in panel.cards():
        for index in range(len(card.draft.words)):
            rect = card.text.word_rects(index)[0]
            assert card.text.word_at(rect.center()) == index
            assert card.text.rect().toRectF().adjusted(-1, -1, 1, 1).contains(rect)
    assert len({panel.cards()[0].text.word_rects(n)[0].top() for n in range(14)}) > 1


def test_clicking_holds_a_word_and_clicking_again_lets_it_go(panel, heard, mouse):
    text, point = middle(panel, 2, 3)
    mouse.click(text, point)
    assert panel.held() == (2, 3)
    assert panel.active_rank() == 2
    mouse.click(text, point)
    assert heard.held == [(2, 3), (2, -1)]
    assert panel.held() is None


def test_only_one_word_is_held_across_all_drafts(panel, mouse):
    mouse.click(*middle(panel, 1, 3))
    mouse.click(*middle(panel, 2, 1))
    assert [card.text.held() for card in panel.cards()] == [-1, 1, -1]


def test_control_over_a_word_means_its_sentence(panel, heard, mouse):
    text, point = middle(panel, 1, 8)
    mouse.move(text, point, Qt.KeyboardModifier.ControlModifier)
    mouse.move(text, point)
    assert heard.sentences == [(1, 5, 11), (1, -1, -1)]
    assert heard.hovered == [(1, 8)]


def test_the_plus_after_a_sentence_means_and_takes_it(panel, heard, mouse):
    text = panel.cards()[1].text
    point = text.handle_rect(text.sentences[1]).center()
    mouse.move(text, point)
    mouse.click(text, point)
    assert heard.sentences == [(2, 5, 11)]
    assert heard.taken == [(2, 5, 11)]
    assert heard.held == []


def test_words_that_looked_at_a_point_are_underlined_in_their_drafts(panel):
    panel.light_words({(1, 3), (3, 1), (3, 9)})
    assert [card.text.lit() for card in panel.cards()] == [{3}, set(), {1, 9}]
    panel.light_words(set())
    assert not any(card.text.lit() for card in panel.cards())


def test_words_that_an_earlier_draft_said_are_dimmed_and_new_ones_are_not(panel):
    first, second, third = (card.text for card in panel.cards())
    words = panel.cards()[1].draft.words
    assert not any(first.is_dim(index) for index in range(len(panel.cards()[0].draft.words)))
    assert second.is_dim(words.index("pneumothorax"))
    assert not second.is_dim(words.index("enlarged"))
    assert not second.is_dim(words.index("large"))
    assert third.is_dim(0)


# keys


def test_walking_with_the_arrow_keys_skips_full_stops(panel, heard, qtbot):
    for _ in range(5):
        qtbot.keyClick(panel, Qt.Key.Key_Right)
    qtbot.keyClick(panel, Qt.Key.Key_Left)
    assert [index for _, index in heard.held] == [0, 1, 2, 3, 5, 3]


def test_walking_stops_at_the_end(panel, heard, qtbot):
    qtbot.keyClick(panel, Qt.Key.Key_Left)
    qtbot.keyClick(panel, Qt.Key.Key_Right)
    assert heard.held == [(1, 12)]


def test_down_goes_to_the_next_draft_and_keeps_the_word(panel, heard, qtbot):
    panel.hold(1, 9)  # effusion
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    assert panel.active_rank() == 2
    assert panel.held() == (2, 9)
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    assert panel.active_rank() == 3
    qtbot.keyClick(panel, Qt.Key.Key_Up)
    assert heard.active == [2, 3, 2]


def test_escape_lets_the_word_go(panel, heard, qtbot):
    panel.hold(1, 2)
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert heard.held[-1] == (1, -1)


def test_enter_takes_the_draft_and_shift_enter_the_sentence(panel, heard, qtbot):
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    qtbot.keyClick(panel, Qt.Key.Key_Return)
    panel.hold(2, 12)
    qtbot.keyClick(panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert heard.drafts == [2]
    assert heard.taken == [(2, 11, 14)]


def test_control_and_a_digit_takes_that_draft(panel, heard, qtbot):
    qtbot.keyClick(panel, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert heard.drafts == [3]
    assert panel.active_rank() == 3


def test_the_active_draft_can_be_copied(panel, qtbot):
    panel.set_active(3)
    panel.actions_shared().copy.trigger()
    assert QGuiApplication.clipboard().text() == "The lungs are clear. No pneumothorax."


def test_the_menu_takes_the_sentence_under_the_mouse(panel, heard):
    text, point = middle(panel, 2, 7)
    place = text.mapTo(panel, point.toPoint())
    menu = panel.menu_at(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, place))
    names = [action.text() for action in menu.actions() if action.text()]
    assert names == ["Take draft Pd2", "Take “There is a large effusion.”", "Copy draft"]
    menu.actions()[1].trigger()
    assert heard.taken == [(2, 5, 11)]


def test_sources_carry_the_analysis_the_rank_and_the_text(panel):
    assert panel.draft_source(3) == Source(7, 3, "The lungs are clear. No pneumothorax.")
    assert panel.sentence_source(2, 5, 11) == Source(7, 2, "There is a large effusion.")


# states


def test_another_analysis_lets_the_held_word_go(panel, heard, make_analysis):
    panel.hold(1, 2)
    panel.set_analysis(8, make_analysis(("Clear.",)))
    assert heard.held == [(1, 2), (1, -1)]
    assert panel.held() is None
    assert panel.active_rank() == 1


def test_without_drafts_nothing_can_be_taken(panel, heard, qtbot):
    panel.set_analysis(0, None)
    assert panel.active_rank() == 0
    qtbot.keyClick(panel, Qt.Key.Key_Return)
    qtbot.keyClick(panel, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert heard.drafts == []


def test_busy_shows_progress_and_can_be_cancelled(panel, qtbot):
    panel.set_busy("Drafting…", 0, 0)
    panel.set_busy("Drafting…", 12, 60)
    button = panel.findChild(QPushButton, "cancel_draft")
    with qtbot.waitSignal(panel.cancel_requested):
        button.click()
    assert "12 of at most 60 words" in button.parentWidget().accessibleName()


def test_a_refusal_names_its_reasons_and_can_be_overruled(panel, qtbot, make_analysis):
    panel.set_analysis(1, make_analysis((), gate=Gate(False, ("This is a lateral view.",))))
    button = panel.findChild(QPushButton, "draft_anyway")
    assert "This is a lateral view." in button.parentWidget().accessibleName()
    with qtbot.waitSignal(panel.draft_anyway):
        button.click()


def test_a_failure_says_what_to_do_and_can_be_tried_again(panel, qtbot):
    panel.set_failed("The weights are missing.", "Install again.")
    button = panel.findChild(QPushButton, "draft_again")
    assert button.parentWidget().accessibleName() == "The weights are missing. Install again."
    with qtbot.waitSignal(panel.draft_requested):
        button.click()


def test_without_attention_words_are_read_but_not_pointed_at(qtbot, make_analysis, mouse):
    panel = DraftsPanel()
    qtbot.addWidget(panel)
    panel.resize(396, 500)
    panel.set_analysis(1, make_analysis(attention=False))
    panel.show()
    heard = Heard(panel)
    text, point = middle(panel, 1, 1)
    mouse.move(text, point)
    mouse.click(text, point)
    qtbot.keyClick(panel, Qt.Key.Key_Right)
    assert heard.hovered == []
    assert heard.held == []


def test_a_reader_of_the_screen_hears_that_it_is_a_draft_and_which_word_is_held(panel):
    assert panel.cards()[1].accessibleName().startswith("Draft 2 of 3 by the model, share 0.24:")
    panel.hold(1, 3)
    assert panel.accessibleDescription() == "normal, word 4 of 14, draft 1"


def test_a_larger_font_makes_the_cards_grow(panel, qtbot):
    before = panel.cards()[0].text.heightForWidth(360)
    panel.set_font_size(17)
    assert panel.cards()[0].text.heightForWidth(360) > before
