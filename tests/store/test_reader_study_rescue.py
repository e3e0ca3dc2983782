"""What a full disk refused lies in a file elsewhere and finds its way back into the study."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import StudyError
from app.reading import rescue
from app.reading.events import Event, Kind
from app.reporting.rescue_file import places
from app.store.reader_study import DATABASE, ReaderStudy
from app.store.reader_study_rescue import ReaderRescue

sys.path.insert(0, str(Path(__file__).parents[1] / "reading"))
from frozen_studies import frozen

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def said(
    kind: Kind, clock: float, value: str = "", *, item: str = "ITEM01", key: str = ""
) -> Event:
    return Event(item, kind, AT + timedelta(seconds=clock), clock, "s1", key, value)


SHOWN, SCORE = said("shown", 1.0), said("score", 2.0, "4")
GUESS = said("answer", 3.0, "machine", key="guess")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_what_was_kept_comes_back_once_in_order_and_the_file_goes(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        study.claim("R1", "s1")
        study.append("R1", SHOWN)
        kept = ReaderRescue(study, "R1")
        assert kept.keep([SHOWN, SCORE])
        assert kept.keep([SHOWN, SCORE, GUESS])  # each is written once
        again = ReaderRescue(study, "R1")
        assert again.take_in() == 2
        assert study.events("R1") == (SHOWN, SCORE, GUESS)
        assert not any(file.exists() for file in places(tmp_path / "s" / DATABASE, "R1"))
        assert again.take_in() == 0
        (deed,) = [deed for deed in study.log() if deed.what == "rescued"]
        assert (deed.who, deed.why) == ("R1", "2 events")


def test_readers_have_files_of_their_own(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        ReaderRescue(study, "R1").keep([SCORE])
        assert ReaderRescue(study, "R2").take_in() == 0
        assert ReaderRescue(study, "R1").take_in() == 1
        assert study.events("R2") == ()


def test_where_the_studys_folder_takes_nothing_the_data_folder_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with frozen(tmp_path / "s") as study:
        kept = ReaderRescue(study, "R1", home)
        beside, at_home, _ = places(tmp_path / "s" / DATABASE, "R1", home=home)
        beside.mkdir()  # nothing can be written there
        assert kept.keep([SCORE])
        assert at_home.is_file()
        assert ReaderRescue(study, "R1", home).take_in() == 1
        assert not at_home.exists()


def test_events_in_several_files_come_back_in_the_order_in_which_they_happened(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with frozen(tmp_path / "s") as study:
        beside, at_home, _ = places(tmp_path / "s" / DATABASE, "R1", home=home)
        rescue.keep("R1", SHOWN, [beside])
        rescue.keep("R1", SCORE, [at_home])
        rescue.keep("R1", GUESS, [beside])
        assert ReaderRescue(study, "R1", home).take_in() == 3
        assert study.events("R1") == (SHOWN, SCORE, GUESS)
        assert not beside.exists()
        assert not at_home.exists()


def test_nothing_anywhere_is_said(tmp_path: Path, temporary: Path) -> None:
    with frozen(tmp_path / "s") as study:
        kept = ReaderRescue(study, "R1")
        places(tmp_path / "s" / DATABASE, "R1")[0].mkdir()
        shutil.rmtree(temporary)
        assert not kept.keep([SCORE])
        temporary.mkdir()
        assert kept.keep([SCORE])


@pytest.mark.parametrize(
    "odd",
    [
        said("score", 9.0, "7"),
        said("score", 9.0, "4", item="OTHER"),
        said("answer", 9.0, "yes", key="not_asked"),
        said("submitted", 9.0),
    ],
)
def test_what_fits_nowhere_is_put_aside(tmp_path: Path, odd: Event) -> None:
    with frozen(tmp_path / "s") as study:
        ReaderRescue(study, "R1").keep([odd, SCORE])
        assert ReaderRescue(study, "R1").take_in() == 1
        assert study.events("R1") == (SCORE,)
        assert len(list((tmp_path / "s").glob("*.unread"))) == 1


def test_an_item_that_was_submitted_since_is_not_touched(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        study.claim("R1", "s1")
        for event in (SHOWN, said("score", 5.0, "2"), said("submitted", 6.0)):
            study.append("R1", event)
        ReaderRescue(study, "R1").keep([SCORE])
        assert ReaderRescue(study, "R1").take_in() == 0
        later = said("score", 9.0, "3")  # gone back to, where that is allowed
        ReaderRescue(study, "R1").keep([later])
        assert ReaderRescue(study, "R1").take_in() == 1


def test_a_locked_study_takes_nothing_and_the_file_stays(tmp_path: Path) -> None:
    with frozen(tmp_path / "s") as study:
        ReaderRescue(study, "R1").keep([SCORE])
        study.lock()
        with pytest.raises(StudyError, match="locked"):
            ReaderRescue(study, "R1").take_in()
        files = places(tmp_path / "s" / DATABASE, "R1")
        assert [file.items for file in rescue.read("R1", files)] == [(SCORE,)]
        with ReaderStudy.open(tmp_path / "s") as again:
            assert again.events("R1") == ()
