"""The four panels in one column."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from PySide6.QtCore import QPoint, QRect

from app.ui.panels.column import SHORT, WIDTH, ReadingColumn


@pytest.fixture
def column(qtbot, analysis):
    column = ReadingColumn()
    qtbot.addWidget(column)
    column.drafts.set_analysis(1, analysis)
    column.findings.set_findings(analysis.findings)
    column.rating.set_drafts((1, 2, 3))
    return column


def show(column, qtbot, height):
    column.resize(WIDTH, height)
    column.show()
    qtbot.waitExposed(column)


def lengthened(draft, times):
    words = draft.words * times
    starts = itertools.accumulate((len(word) + 1 for word in words), initial=0)
    spans = tuple((start, start + len(word)) for start, word in zip(starts, words, strict=False))
    return dataclasses.replace(
        draft, text=" ".join(words), words=words, spans=spans, attention=draft.attention[:0]
    )


@pytest.mark.parametrize("height", [600, 720, 1000])
def test_report_and_rating_are_always_whole_and_in_sight(column, qtbot, height):
    show(column, qtbot, height)
    for panel in (column.report.sign_button, column.rating.comment, column.report.editor):
        place = QRect(panel.mapTo(column, QPoint()), panel.size())
        assert column.rect().contains(place)
    assert column.report.editor.height() >= 100
    assert column.proposed.horizontalScrollBar().maximum() == 0


def test_high_column_shows_all_drafts_without_scrolling(column, qtbot):
    show(column, qtbot, 1000)
    qtbot.waitUntil(lambda: column.proposed.verticalScrollBar().maximum() == 0)
    assert column.proposed.height() < column.height() // 2


def test_long_drafts_scroll_and_the_active_one_is_kept_in_sight(column, qtbot, analysis):
    drafts = tuple(lengthened(draft, times=5) for draft in analysis.drafts)
    column.drafts.set_analysis(2, dataclasses.replace(analysis, drafts=drafts))
    show(column, qtbot, 700)
    column.drafts.set_active(3)
    card = column.drafts.cards()[2]
    top = card.mapTo(column.proposed.viewport(), QPoint()).y()
    assert 0 <= top < column.proposed.viewport().height()
    assert column.report.editor.height() >= 100


def test_short_column_folds_the_findings_to_a_line(column, qtbot):
    show(column, qtbot, SHORT - 50)
    assert column.findings.is_folded()
    assert column.findings.summary()
    column.resize(WIDTH, SHORT + 50)
    assert not column.findings.is_folded()


def test_what_the_reader_folded_stays_folded_at_small_changes_of_size(column, qtbot):
    show(column, qtbot, SHORT + 100)
    column.findings.set_folded(True)
    column.resize(WIDTH, SHORT + 80)
    assert column.findings.is_folded()


def test_the_active_draft_is_the_one_to_rate(column):
    column.drafts.set_active(2)
    assert column.rating.rank() == 2
    column.rating.rank_changed.emit(3)
    assert column.drafts.active_rank() == 3


def test_refusal_is_shown_whole(column, qtbot):
    show(column, qtbot, 900)
    column.findings.set_findings(())
    column.drafts.set_refused(("The file gives the body part as EXTREMITY, not as chest.",))
    qtbot.waitUntil(lambda: column.proposed.verticalScrollBar().maximum() == 0)
    assert column.proposed.height() >= column.drafts.height()


def test_tab_goes_from_the_drafts_through_the_report_to_the_rating_and_around(column, qtbot):
    show(column, qtbot, 1000)
    column.drafts.setFocus()
    visited = []
    for _ in range(40):
        visited.append(column.focusWidget())
        column.focusNextPrevChild(True)
    places = [visited.index(one) for one in (column.report.editor, column.rating.comment)]
    assert places == sorted(places)
    assert visited.index(column.drafts, 1) > places[-1]
