"""Text that could not be saved waits in a file, whatever happens to it there."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.imaging.measuring.measurement import Kind, measured
from app.imaging.measuring.results import Value
from app.reporting import rescue
from app.reporting.measurements import MeasurementRevision
from app.reporting.report import Rating, Revision, Source

NOW = datetime(2025, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
REVISION = Revision("1.2", 0, "Heart\n心 normal.", (Source(1, 2, "Heart."),), "me", NOW)
RATING = Rating("1.2", 3, 1, "me", 4, "fine", 12.5, "Heart.", NOW)

MEASUREMENT = MeasurementRevision(
    "1.2",
    "abc",
    measured(Kind.ARROW, [(1, 2.5), (3, 4)], "心 here"),
    (Value("length", 1.5, "mm"),),
    "calibrated",
    "Arrow",
    "me",
    NOW,
    deleted=True,
)


def test_kept_items_come_back_in_order(tmp_path: Path) -> None:
    file = tmp_path / "rescue.jsonl"
    assert rescue.keep(REVISION, [file]) == file
    assert rescue.keep(RATING, [file]) == file
    assert rescue.keep(MEASUREMENT, [file]) == file
    [found] = rescue.read([file])
    assert found.items == (REVISION, RATING, MEASUREMENT)
    assert found.unread == 0
    rescue.settle(found)
    assert not file.exists()


def test_next_place_is_tried_when_one_takes_nothing(tmp_path: Path) -> None:
    second = tmp_path / "rescue.jsonl"
    assert rescue.keep(REVISION, [tmp_path / "no" / "rescue.jsonl", second]) == second
    assert rescue.keep(REVISION, [tmp_path / "no" / "rescue.jsonl"]) is None
    assert rescue.read([tmp_path / "no" / "rescue.jsonl"]) == ()


def test_line_cut_off_by_a_crash_costs_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "rescue.jsonl"
    file.write_bytes(b'{"what": "revision", "text": "cut of')
    rescue.keep(REVISION, [file])
    [found] = rescue.read([file])
    assert (found.items, found.unread) == ((REVISION,), 1)
    rescue.settle(found)
    assert not file.exists()
    assert (tmp_path / "rescue.1.unread").exists()


@pytest.mark.parametrize(
    "line", [b"3", b"{}", b"[]", b'{"what": "rating"}', b'{"what": "measurement"}', b"\xff"]
)
def test_nonsense_is_counted_not_fatal(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "rescue.jsonl"
    file.write_bytes(line + b"\n")
    [found] = rescue.read([file])
    assert (found.items, found.unread) == ((), 1)


def test_places_differ_by_database(tmp_path: Path) -> None:
    mine = rescue.places(tmp_path / "a" / "x.sqlite")
    yours = rescue.places(tmp_path / "b" / "x.sqlite")
    assert not set(mine) & set(yours)
    assert mine[0].parent == tmp_path / "a"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions and seldom links")
def test_file_is_private_and_no_link_is_followed(tmp_path: Path) -> None:
    file = tmp_path / "rescue.jsonl"
    rescue.keep(REVISION, [file])
    assert file.stat().st_mode & 0o777 == 0o600
    link, target = tmp_path / "link.jsonl", tmp_path / "target"
    link.symlink_to(target)
    assert rescue.keep(REVISION, [link]) is None
    assert not target.exists()
    assert rescue.read([link]) == ()


def test_file_that_grew_meanwhile_is_left_for_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "rescue.jsonl"
    rescue.keep(REVISION, [file])
    [found] = rescue.read([file])
    rescue.keep(RATING, [file])
    rescue.settle(found)
    [again] = rescue.read([file])
    assert again.items == (REVISION, RATING)


def test_disk_that_fills_up_half_way_through_a_line_keeps_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rescue.jsonl"
    rescue.keep(REVISION, [file])
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:10]))
    assert rescue.keep(RATING, [file]) is None
    [found] = rescue.read([file])
    assert (found.items, found.unread) == ((REVISION,), 0)
