"""Where a taken sentence goes."""

from __future__ import annotations

import pytest

from app.reporting.insertion import appended, at_cursor

ADDED = "New one."


@pytest.mark.parametrize(
    ("report", "cursor", "expected"),
    [
        ("", 0, "New one."),
        ("  \n", 1, "New one."),
        ("First. Last.", 0, "New one. First. Last."),
        ("First. Last.", 3, "First. New one. Last."),
        ("First. Last.", 6, "First. New one. Last."),
        ("First. Last.", 7, "First. New one. Last."),
        ("First. Last.", 12, "First. Last. New one."),
        ("First.\n", 7, "First.\nNew one."),
        ("No stop yet", 4, "No stop yet\nNew one."),
        ("First.\n\nLast.", 7, "First.\nNew one.\nLast."),
    ],
)
def test_it_stands_as_a_sentence_of_its_own(report, cursor, expected):
    assert at_cursor(report, cursor, ADDED).applied_to(report) == expected


def test_a_sentence_without_a_stop_does_not_swallow_the_next_one():
    assert at_cursor("Last.", 0, "no stop").applied_to("Last.") == "no stop\nLast."


def test_appending_begins_a_line_and_leaves_no_blank_ones():
    assert appended("First. \n\n", ADDED).applied_to("First. \n\n") == "First.\nNew one."
    assert appended(" ", ADDED).applied_to(" ") == "New one."
