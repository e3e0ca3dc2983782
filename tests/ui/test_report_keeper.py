"""Nothing written is lost: autosave, failing databases, rescue, trying again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS

from app.errors import StoreError
from app.imaging.radiograph import Patient
from app.reporting import rescue
from app.reporting.record import StudyRecord
from app.reporting.report import Revision, Status
from app.store.repository import Repository
from app.ui.autosave import Autosave
from app.ui.report_keeper import ReportKeeper
from app.ui.workers import StoreWorker


class Disk:
    """Opens the repository, or fails as a locked database does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.locked = False

    def open(self) -> Repository:
        if self.locked:
            raise StoreError("The database is locked.", "Close the other program.")
        return Repository.open(self.path)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    made = Disk(tmp_path / "db.sqlite")
    with made.open() as repository:
        repository.remember_study(
            StudyRecord(
                "1.2.3", Patient(), "", "", "", "DX", "PA", Status.NEW, "/x",
                datetime(2026, 1, 1, tzinfo=UTC),
            )
        )  # fmt: skip
    return made


@pytest.fixture
def keeper(qtbot: QtBot, disk: Disk) -> Iterator[ReportKeeper]:
    store = StoreWorker(disk.open)
    store.start()
    made = ReportKeeper(store, disk.path)
    made.author = "Dr. Test"
    yield made
    made.flush()
    assert store.stop()


def test_typing_is_saved_as_one_revision_per_pause(qtbot: QtBot, keeper: ReportKeeper) -> None:
    with qtbot.waitSignal(keeper.loaded, timeout=WAIT_MS):
        keeper.open("1.2.3")
    saved: list[Revision] = []
    keeper.saved.connect(saved.append)
    keeper.edit("The", ())
    keeper.edit("The heart", ())
    keeper.flush()
    qtbot.waitUntil(lambda: len(saved) == 1, timeout=WAIT_MS)
    assert (saved[0].number, saved[0].text, saved[0].author) == (1, "The heart", "Dr. Test")
    keeper.edit("The heart is normal.", ())
    qtbot.waitUntil(lambda: len(saved) == 2, timeout=WAIT_MS)
    assert saved[1].number == 2


def test_what_is_typed_is_saved_when_another_study_is_opened(
    qtbot: QtBot, keeper: ReportKeeper, disk: Disk
) -> None:
    keeper.open("1.2.3")
    keeper.edit("Typed.", ())
    with qtbot.waitSignal(keeper.advanced, timeout=WAIT_MS) as told:
        keeper.open("4.5.6")
    assert told.args == ["1.2.3", Status.EDITED]
    with disk.open() as repository:
        revision = repository.latest_revision("1.2.3")
    assert revision is not None
    assert revision.text == "Typed."


def test_a_locked_database_is_said_the_text_rescued_and_saved_later(
    qtbot: QtBot, keeper: ReportKeeper, disk: Disk
) -> None:
    disk.locked = True
    keeper.open("1.2.3")
    keeper.edit("Not lost.", ())
    with qtbot.waitSignal(
        keeper.said, timeout=WAIT_MS, check_params_cb=lambda message: message.key == "save"
    ) as said:
        keeper.flush()
    message = said.args[0]
    assert "not saved" in message.text
    assert message.action == "Try again"
    assert keeper.unsaved
    (file,) = rescue.read(rescue.places(disk.path))
    assert [item.text for item in file.items if isinstance(item, Revision)] == ["Not lost."]
    disk.locked = False
    settled: list[str] = []
    keeper.settled.connect(settled.append)
    with qtbot.waitSignal(keeper.saved, timeout=WAIT_MS):
        message.act()
    assert settled == ["store", "save"]
    assert not keeper.unsaved
    with disk.open() as repository:
        revision = repository.latest_revision("1.2.3")
    assert revision is not None
    assert revision.text == "Not lost."


def test_autosave_waits_no_longer_than_its_limit_while_keys_keep_coming(qtbot: QtBot) -> None:
    autosave = Autosave()
    due: list[None] = []
    autosave.due.connect(lambda: due.append(None))
    autosave.touch()
    assert autosave.pending

    def still_typing() -> bool:
        autosave.touch()
        return bool(due)

    qtbot.waitUntil(still_typing, timeout=WAIT_MS)


def test_a_flush_with_nothing_typed_saves_nothing(qtbot: QtBot) -> None:
    autosave = Autosave()
    with qtbot.assertNotEmitted(autosave.due):
        autosave.flush()
