"""The list of studies: thousands of rows, filter, statuses, identity."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Patient
from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.ui import wording
from app.ui.application import make_application
from app.ui.worklist import Worklist
from app.ui.worklist_model import WorklistModel


def record(number: int, status: Status = Status.NEW, **changes: object) -> StudyRecord:
    made = StudyRecord(
        study_id=f"1.2.{number}",
        patient=Patient(f"ID{number:05}", f"Doe{number}^Jane", "F", "19850401", ""),
        study_date="20251120",
        study_time="101500",
        description="CHEST",
        modality="DX",
        view="PA",
        status=status,
        path=f"/studies/{number}",
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def worklist(qtbot: QtBot) -> Worklist:
    make_application()
    made = Worklist(WorklistModel())
    qtbot.addWidget(made)
    made.resize(240, 700)
    made.show()
    return made


def test_two_thousand_studies_are_listed_and_filtered(worklist: Worklist) -> None:
    worklist.model.put(record(number) for number in range(2000))
    assert worklist.shown.rowCount() == 2000
    worklist.filter.setText("doe1999")
    assert worklist.shown.rowCount() == 1
    worklist.filter.setText("doe1999 lateral")
    assert worklist.shown.rowCount() == 0
    worklist.filter.clear()
    assert worklist.shown.rowCount() == 2000


def test_only_rows_in_sight_ask_for_a_thumbnail(worklist: Worklist) -> None:
    wanted: list[StudyRecord] = []
    worklist.model.thumbnail_wanted.connect(wanted.append)
    worklist.model.put(record(number) for number in range(2000))
    worklist.grab()
    assert 0 < len(wanted) < 40
    worklist.grab()
    assert len({one.study_id for one in wanted}) == len(wanted)
    worklist.model.set_thumbnail("1.2.0", QImage(8, 8, QImage.Format.Format_Grayscale8))
    assert worklist.model.index(0).data(Qt.ItemDataRole.DecorationRole) is not None


def test_a_status_chip_shows_only_its_studies(worklist: Worklist) -> None:
    worklist.model.put([record(1), record(2, Status.RATED), record(3, Status.EDITED)])
    worklist._buttons[Status.RATED].click()
    assert worklist.shown.rowCount() == 1
    worklist._buttons[Status.EDITED].click()
    assert worklist.shown.rowCount() == 2


def test_a_study_found_again_keeps_its_row(worklist: Worklist) -> None:
    assert worklist.model.put([record(1), record(2)]) == 2
    assert worklist.model.put([record(2, Status.DRAFTED)]) == 0
    assert [one.status for one in worklist.model.records()] == [Status.NEW, Status.DRAFTED]


def test_next_unrated_goes_round(worklist: Worklist) -> None:
    worklist.model.put([record(1), record(2, Status.RATED), record(3)])
    after_first = worklist.neighbour("1.2.1", 1, unrated=True)
    after_last = worklist.neighbour("1.2.3", 1, unrated=True)
    assert after_first is not None
    assert after_first.study_id == "1.2.3"
    assert after_last is not None
    assert after_last.study_id == "1.2.1"
    assert worklist.neighbour("1.2.3", 1) is None


def test_folded_it_is_a_strip(worklist: Worklist) -> None:
    worklist.set_folded(True)
    assert worklist.maximumWidth() < 80
    assert not worklist.filter.isVisible()
    worklist.set_folded(False)
    assert worklist.filter.isVisible()


def test_hidden_identity_hides_from_the_list_and_from_its_filter(worklist: Worklist) -> None:
    worklist.model.put([record(7)])
    worklist.model.set_identity_hidden(True)
    index = worklist.model.index(0)
    shown = " ".join(
        str(index.data(role)) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    )
    assert "Doe" not in shown
    assert "ID00007" not in shown
    worklist.filter.setText("doe7")
    assert worklist.shown.rowCount() == 0


def test_titles_say_who_only_when_they_may() -> None:
    one = record(7)
    assert wording.title(one, hidden=False) == "Doe7, Jane · DX CHEST PA · 20 Nov 2025"
    hidden = wording.title(one, hidden=True)
    assert hidden == f"Study {wording.study_code('1.2.7')} · DX PA · 20 Nov 2025"
    assert wording.details(one) == "PA · 40 y F · Nov 2025"


def test_a_picture_without_tags_is_called_by_its_file_unless_hidden() -> None:
    one = record(
        1, patient=Patient(), study_date="", description="", view="", path="/x/Jane Doe.png"
    )
    assert wording.name(one, hidden=False) == "Jane Doe"
    assert "Jane" not in wording.title(one, hidden=True)


def test_a_study_code_is_four_unmistakable_characters() -> None:
    codes = {wording.study_code(f"1.2.{number}") for number in range(200)}
    assert len(codes) > 195
    assert all(len(code) == 4 and not set(code) & set("ILOU") for code in codes)
