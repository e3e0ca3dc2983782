"""A study folder keeps what was said, refuses what may not be, and notices what was altered."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.errors import StoreError, StudyError
from app.reading.events import Event
from app.store.reader_study import DATABASE, IMAGES, PROTOCOL, ReaderStudy

sys.path.insert(0, str(Path(__file__).parents[1] / "reading"))
from frozen_studies import frozen

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def said(item: str, kind: str, value: str = "", clock: float = 0.0, sitting: str = "s1") -> Event:
    return Event(item, kind, AT, clock, sitting, "", value)  # type: ignore[arg-type]


def rate(study: ReaderStudy, reader: str, item: str, score: int, sitting: str = "s1") -> None:
    study.claim(reader, sitting)
    for event in (
        said(item, "shown", sitting=sitting),
        said(item, "score", str(score), 5.0, sitting),
        said(item, "submitted", clock=6.0, sitting=sitting),
    ):
        study.append(reader, event)


def test_each_reader_has_their_order_and_their_events(tmp_path: Path) -> None:
    frozen(tmp_path / "s").close()
    with ReaderStudy.open(tmp_path / "s") as study:
        assert [item.code for item in study.order("R2")] == [
            *("ITEM00", "ITEM04", "ITEM03", "ITEM02", "ITEM01"),
        ]
        rate(study, "R1", "ITEM00", 3)
        rate(study, "R1", "ITEM01", 4)
        first = study.progress()[0]
        assert (first.done, first.of, first.training_done, first.training_of) == (1, 4, 1, 1)
        assert study.events("R2") == ()
        assert [event.kind for event in study.events("R1")][:3] == ["shown", "score", "submitted"]


def test_nothing_in_the_database_can_be_changed_or_removed(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        rate(study, "R1", "ITEM00", 3)
    with sqlite3.connect(tmp_path / "s" / DATABASE) as connection:
        for statement in (
            "UPDATE events SET value = '5'",
            "DELETE FROM events",
            "UPDATE items SET report = 'x'",
            "DELETE FROM log",
            "UPDATE about SET value = 'x'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                connection.execute(statement)
    connection.close()


def test_the_database_has_no_word_of_arms(tmp_path: Path) -> None:
    frozen(tmp_path / "s").close()
    connection = sqlite3.connect(tmp_path / "s" / DATABASE)
    columns = {
        column[1]
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for column in connection.execute(f"PRAGMA table_info({table})")
    }
    connection.close()
    assert not columns & {"arm", "case", "source", "origin", "model", "patient", "repeat_of"}


def test_two_sessions_of_one_reader_at_once_are_refused(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study, ReaderStudy.open(tmp_path / "s") as other:
        study.claim("R1", "one")
        study.claim("R1", "one")
        other.claim("R2", "two")
        with pytest.raises(StudyError, match="reading in another window already"):
            other.claim("R1", "two")
        study.release("R1", "one")
        other.claim("R1", "two")
        with pytest.raises(StudyError, match="goes on reading in another window"):
            study.append("R1", said("ITEM00", "shown", sitting="one"))


def test_a_seat_of_a_program_that_died_is_free_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with frozen(tmp_path / "s") as study:
        monkeypatch.setattr("app.store.reader_study.os.getpid", lambda: 2**22 + 1)
        study.claim("R1", "one")
        monkeypatch.undo()
        study.claim("R1", "two")


def test_after_the_lock_nothing_is_taken_and_before_it_no_score_is_shown(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        rate(study, "R1", "ITEM01", 4)
        with pytest.raises(StudyError, match="study is frozen, so it can't be analysed"):
            study.scores()
        with pytest.raises(StudyError, match="can't be unblinded"):
            study.note_unblinding()
        study.lock()
        for deed in (
            lambda: study.append("R1", said("ITEM02", "shown")),
            lambda: study.claim("R1", "s1"),
            lambda: study.withdraw("R1", "ill"),
            study.lock,
        ):
            with pytest.raises(StudyError, match="study is locked"):
                deed()
        (score,) = study.scores()
        assert (score.reader, score.item, score.score, score.arm, score.case) == (
            *("R1", "ITEM01", 4, "", ""),
        )
        study.note_unblinding()
        assert [deed.what for deed in study.log()] == ["frozen", "locked", "unblinded"]


def test_a_withdrawn_reader_rates_no_more_and_counts_no_more(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        rate(study, "R1", "ITEM01", 4)
        rate(study, "R2", "ITEM01", 2)
        study.withdraw("R1", "changed jobs")
        with pytest.raises(StudyError, match="R1 was withdrawn"):
            study.claim("R1", "s9")
        with pytest.raises(StudyError, match="no reader R7"):
            study.withdraw("R7", "")
        study.lock()
        assert {score.reader for score in study.scores()} == {"R2"}
        assert study.log()[1].why == "changed jobs"


def test_an_edited_protocol_is_noticed(tmp_path: Path) -> None:
    frozen(tmp_path / "s").close()
    file = tmp_path / "s" / PROTOCOL
    file.write_text(file.read_text().replace("margin = 0.5", "margin = 0.9"))
    with pytest.raises(StudyError, match="edited after the freeze"):
        ReaderStudy.open(tmp_path / "s")


def test_a_missing_and_an_altered_image_are_noticed(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        image = tmp_path / "s" / IMAGES / "ITEM02.png"
        image.write_bytes(image.read_bytes() + b"x")
        with pytest.raises(StudyError, match="altered after the freeze"):
            study.image("ITEM02")
        assert study.image("ITEM01").name == "ITEM01.png"
    image.unlink()
    with pytest.raises(StudyError, match=r"ITEM02.png of the study is missing"):
        ReaderStudy.open(tmp_path / "s")


def test_altered_items_are_noticed_even_without_triggers(tmp_path: Path) -> None:
    frozen(tmp_path / "s").close()
    connection = sqlite3.connect(tmp_path / "s" / DATABASE)
    connection.execute("DROP TRIGGER items_update")
    connection.execute("UPDATE items SET report = 'Better.' WHERE code = 'ITEM01'")
    connection.commit()
    connection.close()
    with pytest.raises(StudyError, match="were altered after the freeze"):
        ReaderStudy.open(tmp_path / "s")


def test_a_folder_without_a_study_and_one_with_a_study_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no frozen study"):
        ReaderStudy.open(tmp_path)
    frozen(tmp_path / "s").close()
    shutil.rmtree(tmp_path / "s" / IMAGES)
    with pytest.raises(StoreError, match="holds a study already"):
        frozen(tmp_path / "s")


def test_a_read_only_study_is_not_said_to_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen(tmp_path / "study").close()
    connect = sqlite3.connect

    def read_only(file: Path, **options: Any) -> sqlite3.Connection:
        return connect(f"{file.as_uri()}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with ReaderStudy.open(tmp_path / "study") as study, pytest.raises(StoreError) as caught:
        study.lock()
    assert "read-only" in caught.value.message
    assert caught.value.hint == "Allow writing there."


def test_a_damaged_study_is_not_said_to_be_put_aside(tmp_path: Path) -> None:
    frozen(tmp_path / "study").close()
    (tmp_path / "study" / DATABASE).write_bytes(b"not a database " * 500)
    with pytest.raises(StoreError, match="is not a database") as caught:
        ReaderStudy.open(tmp_path / "study")
    assert "bring back a copy of the study's folder" in caught.value.hint
