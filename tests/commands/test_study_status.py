"""`study status`: how far everybody is, and until when a paired study's reader has to wait."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.reading.events import Event

sys.path.insert(0, str(Path(__file__).parents[1] / "reading"))
from frozen_studies import PROTOCOL, frozen

PAIRED = replace(PROTOCOL, design="paired", washout_days=28)
NOW = datetime.now(UTC)


def read(folder: Path, codes: tuple[str, ...], at: datetime) -> None:
    with frozen(folder, PAIRED) as study:
        study.claim("R1", "s1")
        for code in codes:
            for kind, value in (("shown", ""), ("score", "4"), ("submitted", "")):
                study.append("R1", Event(code, kind, at, 1.0, "s1", "", value))  # type: ignore[arg-type]


def said(folder: Path, home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["study", "status", str(folder), *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_washout_is_said_with_its_end(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = NOW - timedelta(days=3)
    read(tmp_path / "s", ("ITEM00", "ITEM01", "ITEM02"), at)
    until = at + timedelta(days=28)
    lines = said(tmp_path / "s", home, capsys)
    assert lines[1] == (f"R1: 2 of 4, training 1 of 1, washout until {until:%Y-%m-%d %H:%M} UTC")
    assert lines[2] == "R2: 0 of 4, training 0 of 1"
    (told,) = said(tmp_path / "s", home, capsys, "--json")
    first, second = json.loads(told)["readers"]
    assert first["second_opens"] == until.isoformat()
    assert second["second_opens"] is None


def test_a_washout_that_is_over_leaves_the_second_part_open(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(tmp_path / "s", ("ITEM00", "ITEM01", "ITEM02"), NOW - timedelta(days=29))
    assert said(tmp_path / "s", home, capsys)[1].endswith("training 1 of 1, second part open")


@pytest.mark.parametrize("codes", [("ITEM00", "ITEM01"), ("ITEM01", "ITEM02", "ITEM03")])
def test_before_the_first_part_is_read_and_once_the_second_has_begun_nothing_is_said(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], codes: tuple[str, ...]
) -> None:
    read(tmp_path / "s", codes, NOW)
    line = said(tmp_path / "s", home, capsys)[1]
    assert "washout" not in line
    assert "second part" not in line
