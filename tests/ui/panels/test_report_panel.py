"""Writing a report from drafts and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from app.reporting.report import Provenance, Source
from app.reporting.templates import Template
from app.ui.panels.report import ReportPanel

DRAFT = Source(7, 1, "The heart is normal. There is a small effusion.")
SENTENCE = Source(7, 2, "No pneumothorax.")
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot):
    panel = ReportPanel()
    qtbot.addWidget(panel)
    panel.resize(396, 400)
    panel.show()
    qtbot.waitExposed(panel)
    panel.editor.setFocus()
    return panel


def put_cursor(panel, offset):
    cursor = panel.editor.textCursor()
    cursor.setPosition(offset)
    panel.editor.setTextCursor(cursor)


def test_taking_a_draft_fills_an_empty_report_and_undo_takes_it_out_in_one_step(panel):
    panel.insert_source(DRAFT)
    assert panel.text() == DRAFT.text
    panel.editor.undo()
    assert panel.text() == ""
    panel.editor.redo()
    assert panel.text() == DRAFT.text


def test_taking_a_second_draft_appends_it(panel):
    panel.set_report("Written by hand.")
    panel.insert_source(DRAFT)
    assert panel.text() == f"Written by hand.\n{DRAFT.text}"
    panel.editor.undo()
    assert panel.text() == "Written by hand."


def test_a_sentence_goes_to_the_cursor_but_never_into_another_sentence(panel):
    panel.set_report("The heart is normal. There is a small effusion.")
    put_cursor(panel, 5)
    panel.insert_source(SENTENCE)
    assert panel.text() == "The heart is normal. No pneumothorax. There is a small effusion."
    panel.editor.undo()
    assert panel.text() == "The heart is normal. There is a small effusion."


def test_positions_hold_behind_characters_outside_the_basic_plane(panel):
    panel.set_report("😀 seen. The heart is normal.")
    put_cursor(panel, 9)  # Qt counts the emoji as two
    panel.insert_source(SENTENCE)
    assert panel.text() == "😀 seen. No pneumothorax. The heart is normal."


def test_sources_only_grow_and_one_is_kept_per_sentence(panel):
    panel.insert_source(DRAFT)
    panel.insert_source(SENTENCE)
    panel.insert_source(SENTENCE)
    panel.editor.undo()
    assert panel.sources() == (
        Source(7, 1, "The heart is normal."),
        Source(7, 1, "There is a small effusion."),
        SENTENCE,
    )


def test_provenance_follows_the_text(panel, qtbot):
    panel.insert_source(DRAFT)
    put_cursor(panel, len("The heart is "))
    qtbot.keyClicks(panel.editor, "almost ")
    panel.editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(panel.editor, " Old rib fractures.")
    found = [one.provenance for one in panel.editor.sentences()]
    assert found == [Provenance.EDITED, Provenance.MODEL, Provenance.WRITTEN]
    marked = [one.cursor.selectedText() for one in panel.editor.extraSelections()]
    assert marked == ["almost"]


def test_edges_stand_beside_their_sentences_in_order_without_overlap(panel):
    panel.set_report(
        "The heart is normal. A sentence of somebody's own that is long enough for two lines "
        "of text. There is a small effusion.\nAnother line.",
        (Source(7, 1, "The heart is normal."), Source(7, 1, "There is a small effusion.")),
    )
    edges = panel.editor.edges()
    model, written = Provenance.MODEL, Provenance.WRITTEN
    assert [provenance for _, provenance in edges] == [model, written, model, written]
    for (above, _), (below, _) in pairwise(edges):
        assert above.bottom() <= below.top()
        assert above.height() > 0


def test_changed_is_said_by_the_reader_only(panel, qtbot):
    with qtbot.assertNotEmitted(panel.changed):
        panel.set_report("Another study.", ())
    with qtbot.waitSignal(panel.changed):
        qtbot.keyClicks(panel.editor, "x")
    with qtbot.waitSignal(panel.changed):
        panel.editor.undo()


def test_another_report_can_not_be_undone_into_the_one_before(panel, qtbot):
    panel.insert_source(DRAFT)
    panel.set_report("Another study.", ())
    panel.editor.undo()
    assert panel.text() == "Another study."
    assert panel.sources() == ()


def test_a_pasted_rich_text_becomes_plain(panel):
    panel.editor.insertFromMimeData(_rich("<b>Bold</b> finding."))
    assert panel.text() == "Bold finding."
    assert "<b>" not in panel.editor.toHtml()


# templates

TEMPLATES = (Template(".normal", "Normal chest", "Lungs clear."),)


def test_a_typed_shortcut_expands_at_the_space_and_comes_back_with_one_undo(panel, qtbot):
    panel.set_templates(TEMPLATES)
    qtbot.keyClicks(panel.editor, "Seen. .normal ")
    assert panel.text() == "Seen. Lungs clear. "
    panel.editor.undo()
    assert panel.text() == "Seen. .normal"


def test_a_tab_expands_too_and_stays_in_the_editor(panel, qtbot):
    panel.set_templates(TEMPLATES)
    qtbot.keyClicks(panel.editor, ".normal")
    qtbot.keyClick(panel.editor, Qt.Key.Key_Tab)
    assert panel.text() == "Lungs clear."
    assert panel.editor.hasFocus()


def test_the_menu_inserts_a_template_as_a_sentence(panel):
    panel.set_report("The heart is normal.")
    panel.set_templates(TEMPLATES)
    panel.templates_menu.actions()[0].trigger()
    assert panel.text() == "The heart is normal. Lungs clear."
    assert panel.editor.sentences()[1].provenance is Provenance.WRITTEN


# signing


def test_signing_is_asked_for_by_key_only_when_there_is_something_to_sign(panel, qtbot):
    with qtbot.assertNotEmitted(panel.sign_requested):
        qtbot.keyClick(panel.editor, Qt.Key.Key_Return, CONTROL)
    panel.insert_source(SENTENCE)
    with qtbot.waitSignal(panel.sign_requested):
        qtbot.keyClick(panel.editor, Qt.Key.Key_Return, CONTROL)
    assert panel.text() == SENTENCE.text


def test_a_signed_report_can_not_be_changed_until_it_is_amended(panel, qtbot):
    panel.set_templates(TEMPLATES)
    panel.insert_source(DRAFT)
    panel.set_signed("Dr Lind", datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    qtbot.keyClicks(panel.editor, "x .normal ")
    panel.insert_source(SENTENCE)
    panel.insert_text("Own words.")
    panel.editor.undo()
    assert panel.text() == DRAFT.text
    assert panel.is_signed()
    assert not panel.sign_action.isEnabled()
    with qtbot.waitSignal(panel.amend_requested):
        panel.amend_button.click()
    panel.set_signed(None)
    qtbot.keyClicks(panel.editor, "x")
    assert panel.text() != DRAFT.text
    assert not panel.amend_button.isVisible()


# difference


def test_the_difference_is_shown_against_the_draft_that_was_taken(panel, qtbot, analysis):
    panel.set_drafts(7, analysis.drafts)
    panel.insert_source(Source(7, 2, analysis.drafts[1].text))
    panel.set_report(analysis.drafts[1].text.replace("large", "moderate"), panel.sources())
    qtbot.keyClick(panel.editor, Qt.Key.Key_D, CONTROL)
    kinds = {piece.kind: piece.text.strip() for piece in panel.difference.pieces()}
    assert kinds["removed"] == "large"
    assert kinds["added"] == "moderate"
    assert panel.difference.isVisible()
    assert not panel.editor.isVisible()
    assert panel.difference.hasFocus()
    qtbot.keyClick(panel.difference, Qt.Key.Key_D, CONTROL)
    assert panel.editor.isVisible()
    assert panel.editor.hasFocus()


def test_without_any_draft_there_is_no_difference_to_show(panel):
    panel.set_report("Written by hand.")
    assert not panel.difference_action.isEnabled()
    panel.show_difference(True)
    assert panel.editor.isVisible()


def test_a_draft_that_is_gone_is_compared_by_what_was_taken_of_it(panel):
    panel.set_report("No pneumothorax seen.", (SENTENCE,))
    panel.show_difference(True)
    assert any(piece.kind == "added" for piece in panel.difference.pieces())


def test_the_font_size_stays_between_14_and_17(panel):
    sizes = []
    for wanted in (9, 16, 40):
        panel.set_font_size(wanted)
        sizes.append(panel.editor.document().defaultFont().pixelSize())
    assert sizes == [14, 16, 17]


def _rich(html):
    from PySide6.QtCore import QMimeData

    data = QMimeData()
    data.setHtml(html)
    data.setText("Bold finding.")
    return data
