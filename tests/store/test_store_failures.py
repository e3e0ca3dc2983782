"""A database that can't be used is said in a sentence; what was typed is never lost."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.errors import StoreError
from app.imaging.measuring.measurement import Kind
from app.reporting import rescue
from app.reporting.report import Revision, Source, Status
from app.store.repository import Repository


def limit_pages(repository: Repository) -> None:
    """Let the database grow no more, as if the disk were full."""
    with repository._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def lift_limit(repository: Repository) -> None:
    with repository._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


LONG = "The heart is normal in size. " * 2000


def test_locked_database_is_said_and_the_text_is_kept_aside(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    other = sqlite3.connect(repository.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked by another program") as caught:
        repository.save_revision("1.2.3", "typed meanwhile", (), "me")
    assert "kept in" in caught.value.hint
    other.rollback()
    other.close()
    assert repository.save_revision("1.2.3", "typed after", (), "me").number == 1


def test_reading_goes_on_while_another_program_writes(repository: Repository) -> None:
    other = sqlite3.connect(repository.path)
    other.execute("BEGIN IMMEDIATE")
    assert len(repository.studies()) == 1
    other.close()


def test_full_disk_is_said_and_the_text_comes_back_at_the_next_start(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    limit_pages(repository)
    source = Source(3, 1, "The heart is normal.")
    with pytest.raises(StoreError, match="disk is full"):
        repository.save_revision("1.2.3", LONG, [source], "me", kind="signed")
    assert repository.revisions("1.2.3") == []
    repository.close()

    with Repository.open(repository.path) as reopened:
        [revision] = reopened.revisions("1.2.3")
        study = reopened.study("1.2.3")
        assert (revision.text, revision.sources, revision.author) == (LONG, (source,), "me")
        # A signature that failed was not given.
        assert revision.kind == "draft"
        assert study is not None
        assert study.status is Status.EDITED
    with Repository.open(repository.path) as again:
        assert len(again.revisions("1.2.3")) == 1
    assert not any(place.exists() for place in rescue.places(repository.path))


def test_rescued_text_does_not_hide_what_was_typed_later(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    limit_pages(repository)
    with pytest.raises(StoreError):
        repository.save_revision("1.2.3", LONG, (), "me")
    lift_limit(repository)
    repository.save_revision("1.2.3", LONG + "And more.", (), "me")
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert [revision.text for revision in reopened.revisions("1.2.3")] == [
            LONG,
            LONG + "And more.",
        ]
        latest = reopened.latest_revision("1.2.3")
        assert latest is not None
        assert latest.text == LONG + "And more."


def test_rating_on_a_full_disk_comes_back_at_the_next_start(
    repository: Repository, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rating = make.rating(repository.save_analysis("1.2.3", make.analysis()), comment=LONG)
    limit_pages(repository)
    with pytest.raises(StoreError, match="disk is full"):
        repository.save_rating(rating)
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert reopened.ratings("1.2.3") == [rating]


def test_measurement_on_a_full_disk_comes_back_at_the_next_start(
    repository: Repository, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    arrow = make.measurement(kind=Kind.ARROW, text=LONG)
    limit_pages(repository)
    with pytest.raises(StoreError, match="disk is full") as caught:
        repository.save_measurement(arrow)
    assert "kept in" in caught.value.hint
    assert repository.measurements("1.2.3") == []
    repository.close()
    with Repository.open(repository.path) as reopened:
        [back] = reopened.measurements("1.2.3")
        assert back == dataclasses.replace(arrow, number=1)
    with Repository.open(repository.path) as again:
        assert len(again.measurement_revisions("1.2.3")) == 1
    assert not any(place.exists() for place in rescue.places(repository.path))


def test_rescued_measurement_does_not_undo_what_was_done_later(
    repository: Repository, make: Any
) -> None:
    first = make.measurement()
    moved = dataclasses.replace(
        first, measurement=first.measurement.moved(5, 0), at=first.at + timedelta(seconds=1)
    )
    gone = dataclasses.replace(moved, deleted=True, at=first.at + timedelta(seconds=2))
    repository.save_measurement(first)
    repository.save_measurement(gone)
    rescue.keep(moved, rescue.places(repository.path))
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert reopened.measurements("1.2.3") == []
        states = reopened.measurement_revisions("1.2.3")
    assert [(state.measurement, state.deleted) for state in states] == [
        (first.measurement, False),
        (moved.measurement, False),
        (moved.measurement, True),
    ]


def test_measurement_on_an_unknown_study_is_a_fault_of_ours_but_still_kept(
    repository: Repository, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(IntegrityError):
        repository.save_measurement(make.measurement(study_id="never seen"))
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert len(reopened.measurements("never seen")) == 1


def test_rating_of_a_draft_that_was_never_kept_is_put_aside_not_thrown_away(
    repository: Repository, make: Any
) -> None:
    [file, _] = rescue.places(repository.path)
    rescue.keep(make.rating(99, comment="typed"), [file])
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert reopened.ratings("1.2.3") == []
    assert not file.exists()
    [aside] = file.parent.glob("*.unread")
    assert "typed" in aside.read_text()


def test_text_that_went_back_to_an_earlier_state_is_rescued_as_the_newest(
    repository: Repository,
) -> None:
    repository.save_revision("1.2.3", "A", (), "me")
    second = repository.save_revision("1.2.3", "B", (), "me")
    later = second.at + timedelta(seconds=1)
    back = Revision("1.2.3", 0, "A", (), "me", later)
    for _ in range(2):
        rescue.keep(back, rescue.places(repository.path))
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert [revision.text for revision in reopened.revisions("1.2.3")] == ["A", "B", "A"]


def test_text_for_an_unknown_study_is_a_fault_of_ours_but_still_kept(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(IntegrityError):
        repository.save_revision("never seen", "typed", (), "me")
    repository.close()
    with Repository.open(repository.path) as reopened:
        assert [revision.text for revision in reopened.revisions("never seen")] == ["typed"]


def test_no_patient_data_in_the_log_when_saving_fails(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(IntegrityError):
        repository.save_revision("secret-id", "secret text", (), "secret author")
    assert caplog.records
    assert "secret" not in caplog.text


def test_read_only_file_is_refused_with_a_sentence(
    fresh_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "readingroom.sqlite"
    shutil.copy(fresh_database, path)
    connect = sqlite3.connect

    def read_only(file: Path, **options: Any) -> sqlite3.Connection:
        # File permissions mean nothing to root; this is what SQLite itself falls back to.
        return connect(f"{file.as_uri()}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(StoreError, match="read-only") as caught:
        Repository.open(path)
    assert str(path) in caught.value.message


@pytest.mark.parametrize("content", [b"not a database " * 500, b"\x89PNG\r\n\x1a\n" * 1000])
def test_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "readingroom.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a database"):
        Repository.open(path)
    assert path.read_bytes() == content


def test_damaged_database_is_said_with_the_way_to_the_backups(
    fresh_database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "readingroom.sqlite"
    whole = fresh_database.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(StoreError, match="is damaged") as caught:
        Repository.open(path)
    assert "backups" in caught.value.hint


def test_truncated_database_is_said(fresh_database: Path, tmp_path: Path) -> None:
    path = tmp_path / "readingroom.sqlite"
    path.write_bytes(fresh_database.read_bytes()[:5000])
    with pytest.raises(StoreError, match="is damaged"):
        Repository.open(path)


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        Repository.open(path)


def test_folder_in_the_place_of_the_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        Repository.open(tmp_path)


def test_file_in_the_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(StoreError, match="can't be created"):
        Repository.open(tmp_path / "data" / "readingroom.sqlite")


def test_other_errors_of_the_database_are_not_dressed_up(repository: Repository) -> None:
    with sqlite3.connect(repository.path) as other:
        other.execute("DROP TABLE secrets")
    with pytest.raises(Exception, match="no such table") as caught:
        repository.pseudonym_secret()
    assert not isinstance(caught.value, StoreError)
