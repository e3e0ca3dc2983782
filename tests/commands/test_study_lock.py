"""`study lock` ends an unfinished study on purpose only, and results say what is missing."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli import main
from app.reading.events import Event
from app.reading.seal import seal
from app.reading.study import state
from app.store.reader_study import KEY, ReaderStudy

sys.path.insert(0, str(Path(__file__).parents[1] / "reading"))
from frozen_studies import PROTOCOL, frozen

THREE = replace(PROTOCOL, readers=("R1", "R2", "R3"), questions=())
CODES = tuple(f"ITEM{number:02}" for number in range(5))
"""The first is a training item, the last a repeat of the one before."""


def entry(number: int) -> dict[str, object]:
    return {
        "code": CODES[number],
        "case": f"C{number}" if number < 4 else "C3",
        "arm": "human" if number < 2 else "machine",
        "repeat_of": CODES[3] if number == 4 else "",
        "abnormal": None,
        "model": "",
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """R1 has finished, R2 has read two items, R3 is withdrawn; the key is sealed."""
    secret = secrets.token_hex(8)
    monkeypatch.setenv("READINGROOM_PASSPHRASE", secret)
    with frozen(tmp_path / "s", THREE) as study:
        for reader, codes in (("R1", CODES), ("R2", CODES[:3])):
            study.claim(reader, "s1")
            for code in codes:
                for kind, value in (("shown", ""), ("score", "4"), ("submitted", "")):
                    at = datetime(2026, 5, 4, tzinfo=UTC)
                    study.append(reader, Event(code, kind, at, 1.0, "s1", "", value))  # type: ignore[arg-type]
            study.release(reader, "s1")
        study.withdraw("R3", "ill")
        prepared = {
            "cases": [
                {"case": f"C{n}", "patient": "", "abnormal": None, "author": "", "drafted_by": []}
                for n in range(4)
            ],
            "excluded": [],
            "texts": {},
        }
        key = {"items": [entry(n) for n in range(5)], "preparation": prepared}
        seal({**key, **study.fingerprints}, secret, study.folder / KEY)
        return study.folder


def test_who_has_not_finished_is_said_and_nothing_is_locked(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", "lock", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "Still to be read by R2 (2 of 4). Locking ends the reading for good." in said
    assert "--accept" in said
    with ReaderStudy.open(folder) as study:
        assert state(study.log()) == "frozen"


def test_results_of_an_unfinished_study_say_how_many_ratings_are_missing(
    folder: Path, home: Path
) -> None:
    for words in (["lock", str(folder), "--accept"], ["unblind", str(folder)]):
        assert main(["study", *words]) == 0
    assert main(["study", "export", str(folder), "--out", str(home / "out")]) == 0
    text = (home / "out" / "results.md").read_text(encoding="utf-8")
    assert "2 readers scored reports from 1 to 5 (5 of 6 ratings due: R1 3 of 3, R2 2 of" in text
    assert "Ratings of withdrawn readers (R3) are left out." in text
    claim = (home / "out" / "checklist-claim.md").read_text(encoding="utf-8")
    assert "1 of 6 ratings due were not made (made: R1 3 of 3, R2 2 of 3)" in claim


def test_a_finished_study_is_locked_without_a_word(folder: Path, home: Path) -> None:
    with ReaderStudy.open(folder) as study:
        study.withdraw("R2", "moved")
    assert main(["study", "lock", str(folder)]) == 0
