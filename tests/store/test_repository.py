"""What goes into the store comes out again, and stays."""

from __future__ import annotations

import dataclasses
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from app.reporting.report import Source, Status
from app.store.repository import Repository


def test_an_analysis_keeps_whether_its_maps_are_attention(
    repository: Repository, make: Any
) -> None:
    plain = make.analysis()
    traced = dataclasses.replace(plain, model="other", looks="gradients")
    for analysis in (plain, traced):
        repository.save_analysis("1.2.3", analysis)
    kept = [analysis.looks for _number, analysis in repository.analyses("1.2.3")]
    assert kept == ["attention", "gradients"]


def test_study_comes_back_as_it_was_remembered(repository: Repository, make: Any) -> None:
    assert repository.study("1.2.3") == make.record()
    assert repository.study("9") is None


def test_remembering_again_updates_the_study_but_keeps_how_far_it_came(
    repository: Repository, make: Any
) -> None:
    repository.save_revision("1.2.3", "Normal.", (), "me")
    later = make.record().opened_at + timedelta(days=1)
    repository.remember_study(
        dataclasses.replace(make.record(), path="/elsewhere", opened_at=later)
    )
    study = repository.study("1.2.3")
    assert study is not None
    assert (study.path, study.opened_at, study.status) == ("/elsewhere", later, Status.EDITED)


def test_studies_are_listed_last_opened_first(repository: Repository, make: Any) -> None:
    start = make.record().opened_at
    repository.remember_studies(
        [make.record(f"s{number}", start + timedelta(hours=number)) for number in (1, 3, 2)]
    )
    assert [study.study_id for study in repository.studies()] == ["s3", "s2", "s1", "1.2.3"]
    assert [study.study_id for study in repository.recent(2)] == ["s3", "s2"]


def test_hidden_study_is_off_the_list_until_it_is_opened_again(
    repository: Repository, make: Any
) -> None:
    repository.save_revision("1.2.3", "Normal.", (), "me")
    repository.hide_study("1.2.3", "me")
    assert repository.studies() == repository.recent() == []
    assert repository.latest_revision("1.2.3") is not None
    assert repository.history("1.2.3")[-1].action == "took off the list"
    repository.remember_study(make.record())
    [again] = repository.studies()
    assert again.status is Status.EDITED


def test_listing_studies_uses_an_index_and_no_sorting(repository: Repository) -> None:
    with sqlite3.connect(repository.path) as other:
        plan = other.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM studies ORDER BY opened_at DESC LIMIT 12"
        ).fetchall()
    assert "studies_by_opening" in plan[0][-1]


def test_status_climbs_and_never_falls(repository: Repository, make: Any) -> None:
    def status() -> Status:
        study = repository.study("1.2.3")
        assert study is not None
        return study.status

    assert status() is Status.NEW
    number = repository.save_analysis("1.2.3", make.analysis())
    assert status() is Status.DRAFTED
    repository.save_revision("1.2.3", "Normal.", (), "me")
    assert status() is Status.EDITED
    repository.save_rating(make.rating(number))
    assert status() is Status.RATED
    repository.save_revision("1.2.3", "Normal heart.", (), "me")
    repository.save_analysis("1.2.3", make.analysis())
    assert status() is Status.RATED


def test_refused_image_has_an_analysis_but_is_not_drafted(
    repository: Repository, make: Any
) -> None:
    analysis = dataclasses.replace(make.analysis(), drafts=(), findings=())
    repository.save_analysis("1.2.3", analysis)
    study = repository.study("1.2.3")
    assert study is not None
    assert study.status is Status.NEW
    assert repository.analyses("1.2.3")[0][1].drafts == ()


def test_analysis_comes_back_exactly_with_its_attention(repository: Repository, make: Any) -> None:
    saved = make.analysis()
    number = repository.save_analysis("1.2.3", saved)
    found = repository.analysis("1.2.3", "image-1", "densenet121-lstm", "abc")
    assert found is not None
    assert found[0] == number
    loaded = found[1]
    for field in dataclasses.fields(saved):
        if field.name != "drafts":
            assert getattr(loaded, field.name) == getattr(saved, field.name), field.name
    for before, after in zip(saved.drafts, loaded.drafts, strict=True):
        assert (before.rank, before.text, before.words, before.spans, before.logprob) == (
            after.rank,
            after.text,
            after.words,
            after.spans,
            after.logprob,
        )
        assert after.attention.dtype == np.float32
        assert after.attention.flags.writeable
        np.testing.assert_array_equal(before.attention, after.attention)


def test_analysis_is_found_only_for_the_same_image_and_weights(
    repository: Repository, make: Any
) -> None:
    first = repository.save_analysis("1.2.3", make.analysis())
    second = repository.save_analysis("1.2.3", make.analysis())
    found = repository.analysis("1.2.3", "image-1", "densenet121-lstm", "abc")
    assert found is not None
    assert found[0] == second
    assert [number for number, _ in repository.analyses("1.2.3")] == [first, second]
    assert repository.analysis("1.2.3", "image-1", "densenet121-lstm", "other") is None
    assert repository.analysis("1.2.3", "image-2", "densenet121-lstm", "abc") is None
    assert repository.analysis("9", "image-1", "densenet121-lstm", "abc") is None


def test_analysis_without_a_word_keeps_the_shape_of_its_attention(
    repository: Repository, make: Any
) -> None:
    repository.save_analysis(
        "1.2.3", dataclasses.replace(make.analysis(), drafts=(make.draft(1, ""),))
    )
    [(_, loaded)] = repository.analyses("1.2.3")
    assert loaded.drafts[0].attention.shape == (0, 8, 8)


def test_revisions_are_numbered_without_gaps_and_all_kept(repository: Repository) -> None:
    source = Source(1, 2, "Heart normal.")
    repository.save_revision("1.2.3", "Heart", (), "me")
    repository.save_revision("1.2.3", "Heart normal.", [source], "me")
    signed = repository.save_revision("1.2.3", "Heart normal.", [source], "me", kind="signed")
    revisions = repository.revisions("1.2.3")
    assert [(revision.number, revision.text, revision.kind) for revision in revisions] == [
        (1, "Heart", "draft"),
        (2, "Heart normal.", "draft"),
        (3, "Heart normal.", "signed"),
    ]
    assert revisions[1].sources == (source,)
    assert repository.latest_revision("1.2.3") == signed == revisions[2]
    assert repository.latest_revision("9") is None


def test_saving_the_same_again_adds_no_revision(repository: Repository) -> None:
    first = repository.save_revision("1.2.3", "Heart", (), "me")
    assert repository.save_revision("1.2.3", "Heart", (), "me") == first
    assert len(repository.revisions("1.2.3")) == 1


def test_newest_revision_stays_newest_when_the_clock_is_set_back(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2001, 1, 1, tzinfo=UTC)

    repository.save_revision("1.2.3", "first", (), "me")
    monkeypatch.setattr("app.store.reports.datetime", Clock)
    second = repository.save_revision("1.2.3", "second", (), "me")
    assert repository.latest_revision("1.2.3") == second


@pytest.mark.parametrize("text", ["", "心脏不大。\n\t“x”", "a\0b", "🫁" * 3])
def test_any_text_comes_back_unchanged(repository: Repository, text: str) -> None:
    repository.save_revision("1.2.3", "before", (), "me")
    repository.save_revision("1.2.3", text, [Source(1, 1, text)], "me")
    latest = repository.latest_revision("1.2.3")
    assert latest is not None
    assert latest.text == text
    assert latest.sources[0].text == text


def test_halves_of_characters_do_not_stop_saving(repository: Repository, make: Any) -> None:
    halves = "a\ud83e\udec1b\ud83e"
    whole = repository.save_revision("1.2.3", halves, [Source(1, 1, halves)], "me")
    assert whole.text == "a🫁b\ufffd"
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.save_rating(make.rating(number, comment=halves))
    assert repository.ratings("1.2.3")[0].comment == whole.text


def test_ratings_are_all_kept_and_the_newest_counts(repository: Repository, make: Any) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    first, second = make.rating(number, 3), make.rating(number, 5)
    other_draft, other_rater = make.rating(number, 2, rank=2), make.rating(number, 1, rater="X")
    for rating in (first, second, other_draft, other_rater):
        repository.save_rating(rating)
    assert repository.ratings("1.2.3") == [first, second, other_draft, other_rater]
    counting = repository.all_ratings()
    assert [row.score for row in counting] == [5, 2, 1]
    assert [row.score for row in repository.all_ratings(superseded=True)] == [3, 5, 2, 1]
    row = counting[0]
    assert (row.patient_id, row.image_id, row.model) == ("P-7", "image-1", "densenet121-lstm")
    assert (row.draft_text, row.final_text) == ("Heart normal .", "Heart normal.")


def test_rating_must_be_on_the_scale_and_about_a_kept_draft_of_that_study(
    repository: Repository, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.remember_study(make.record("other"))
    for wrong in (
        make.rating(number, 6),
        make.rating(number, rank=9),
        make.rating(number + 1),
        make.rating(number, study_id="other"),
    ):
        with pytest.raises(IntegrityError):
            repository.save_rating(wrong)
    assert repository.ratings("1.2.3") == []


@pytest.mark.parametrize(
    "table", ["analyses", "drafts", "revisions", "ratings", "measurements", "actions"]
)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET rowid = rowid + 1",
        "DELETE FROM {}",
        "INSERT OR REPLACE INTO {0} SELECT * FROM {0}",
    ],
)
def test_what_people_and_models_did_is_never_changed(
    repository: Repository, make: Any, table: str, statement: str
) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.save_revision("1.2.3", "Normal.", (), "me")
    repository.save_rating(make.rating(number))
    repository.save_measurement(make.measurement())
    with sqlite3.connect(repository.path) as other:
        other.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match="never changed or removed"):
            other.execute(statement.format(table))


def test_log_says_who_did_what(repository: Repository, make: Any) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.save_revision("1.2.3", "Heart", (), "me")
    repository.save_revision("1.2.3", "Heart normal", (), "me")
    repository.save_revision("1.2.3", "Heart normal", (), "me", kind="signed")
    repository.save_rating(make.rating(number))
    repository.log("me", "opened", "1.2.3")
    repository.log("me", "started")
    assert [(line.who, line.action) for line in repository.history("1.2.3")] == [
        ("densenet121-lstm", "drafted"),
        ("me", "started a report"),
        ("me", "signed"),
        ("Dr. Ray", "rated"),
        ("me", "opened"),
    ]
    assert repository.history()[-1].action == "started"


def test_everything_is_there_after_closing_and_opening(database: Path, make: Any) -> None:
    with Repository.open(database) as first:
        first.remember_study(make.record())
        number = first.save_analysis("1.2.3", make.analysis())
        first.save_rating(make.rating(number))
        secret = first.pseudonym_secret()
    with Repository.open(database) as second:
        assert second.ratings("1.2.3") == [make.rating(number)]
        assert second.pseudonym_secret() == secret
        assert len(secret) == 32


def test_two_databases_have_different_secrets(tmp_path: Path) -> None:
    with Repository.open(tmp_path / "a.sqlite") as a, Repository.open(tmp_path / "b.sqlite") as b:
        assert a.pseudonym_secret() != b.pseudonym_secret()


def test_second_connection_reads_and_writes_while_the_first_is_open(
    repository: Repository,
) -> None:
    with Repository.open(repository.path) as second:
        repository.save_revision("1.2.3", "one", (), "me")
        second.save_revision("1.2.3", "two", (), "you")
        repository.save_revision("1.2.3", "three", (), "me")
        assert [revision.number for revision in second.revisions("1.2.3")] == [1, 2, 3]


def test_several_threads_may_save_at_once(repository: Repository) -> None:
    def type_text(author: str) -> None:
        for count in range(5):
            repository.save_revision("1.2.3", f"{author} {count}", (), author)

    threads = [threading.Thread(target=type_text, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [revision.number for revision in repository.revisions("1.2.3")] == list(range(1, 16))


def test_nothing_that_was_saved_is_lost_when_the_process_is_killed(
    repository: Repository,
) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from app.store.repository import Repository\n"
        "store = Repository.open(Path(sys.argv[1]))\n"
        "for count in range(3): store.save_revision('1.2.3', f'typed {count}', (), 'me')\n"
        "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, str(repository.path)]
    ended = subprocess.run(command, cwd=root, check=False)
    assert ended.returncode != 0
    texts = [revision.text for revision in repository.revisions("1.2.3")]
    assert texts == ["typed 0", "typed 1", "typed 2"]


def test_export_writes_the_counting_ratings_and_notes_it(
    repository: Repository, make: Any, tmp_path: Path
) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.save_rating(make.rating(number))
    out = tmp_path / "ratings.csv"
    assert repository.export_ratings(out, who="me") == 1
    assert "P-7" in out.read_text(encoding="utf-8")
    assert repository.export_ratings(out, pseudonymise=True, who="me") == 1
    hidden = out.read_text(encoding="utf-8")
    assert "P-7" not in hidden
    assert "1.2.3" not in hidden
    # By cells: a pseudonym may well begin like the name that it hides.
    assert "image-1" not in hidden.replace("\n", ",").split(",")
    assert repository.export_ratings(out, pseudonymise=True) == 1
    assert out.read_text(encoding="utf-8") == hidden
    assert [line.action for line in repository.history()][-1] == "exported ratings"
