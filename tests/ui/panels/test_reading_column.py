"""The four panels in one column."""

from __future__ import annotations

import pytest

from app.ui.panels.column import WIDTH, ReadingColumn


@pytest.fixture
def column(qtbot, analysis):
    column = ReadingColumn()
    qtbot.addWidget(column)
    column.drafts.set_analysis(1, analysis)
    column.findings.set_findings(analysis.findings)
    column.rating.set_drafts((1, 2, 3))
    return column


@pytest.mark.parametrize("height", [500, 720, 1000])
def test_it_never_scrolls_sideways_and_everything_is_in_reach(column, qtbot, height):
    column.resize(WIDTH, height)
    column.show()
    qtbot.waitExposed(column)
    assert column.horizontalScrollBar().maximum() == 0
    reach = column.viewport().height() + column.verticalScrollBar().maximum()
    assert column.rating.geometry().bottom() < reach
    assert column.report.editor.height() >= 80


def test_the_active_draft_is_the_one_to_rate(column):
    column.drafts.set_active(2)
    assert column.rating.rank() == 2
    column.rating.rank_changed.emit(3)
    assert column.drafts.active_rank() == 3
