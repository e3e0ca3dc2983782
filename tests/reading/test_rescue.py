"""A reader's events in a rescue file: they come back as they were, nonsense is counted, no arm."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.reading import rescue
from app.reading.events import Event

AT = datetime(2026, 5, 4, 9, 0, 0, 123456, tzinfo=UTC)
EVENTS = (
    Event("KQ7T2M", "score", AT, 12.000000001, "s1", "", "4"),
    Event("KQ7T2M", "answer", AT, 13.5, "s1", "guess", "machine"),
    Event("KQ7T2M", "comment", AT, 14.25, "s1", "", "rib 心\nmissed"),
)


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "rescue.jsonl"
    for event in EVENTS:
        assert rescue.keep("R1", event, [tmp_path / "no" / "x.jsonl", file]) == file
    (found,) = rescue.read("R1", [file])
    assert (found.items, found.unread) == (EVENTS, 0)


def test_a_line_holds_what_the_database_holds_and_nothing_that_tells_an_arm(tmp_path: Path) -> None:
    file = tmp_path / "rescue.jsonl"
    rescue.keep("R1", EVENTS[0], [file])
    stored = json.loads(file.read_text())
    assert set(stored) == {"reader", "item", "kind", "at", "clock", "sitting", "key", "value"}


@pytest.mark.parametrize(
    "change",
    [
        {"reader": "R2"},
        {"kind": "unblinded"},
        {"value": 4},
        {"clock": "soon"},
        {"at": "2026-05-04T09:00:00"},
        {"at": "yesterday"},
        {"arm": "human"},
    ],
)
def test_another_readers_line_and_nonsense_are_counted_not_fatal(
    tmp_path: Path, change: dict[str, object]
) -> None:
    file = tmp_path / "rescue.jsonl"
    rescue.keep("R1", EVENTS[0], [file])
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}) + "\n[]\n")
    (found,) = rescue.read("R1", [file])
    assert (found.items, found.unread) == ((), 2)
