"""Current against prior of the same patient: which studies count, when one is read, what it
may never do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dicom_files
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow, StandIn

from app.imaging.radiograph import Patient
from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.ui.main_window import MainWindow
from app.ui.priors import priors_of
from app.ui.viewer.hanging import Layout

NOW = StudyRecord(
    study_id="now",
    patient=Patient("P1", "Doe^Jane", "F", "19500101"),
    study_date="20240102",
    study_time="",
    description="",
    modality="CR",
    view="PA",
    status=Status.NEW,
    path="",
    opened_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def other(name: str, date: str, **patient: str) -> StudyRecord:
    who = replace(NOW.patient, **patient)
    return replace(NOW, study_id=name, study_date=date, patient=who)


def test_priors_are_earlier_studies_of_one_patient_newest_first() -> None:
    records = [
        NOW,
        other("old", "20200101"),
        other("newer", "20231231"),
        other("same day", "20240102"),
        other("later", "20250101"),
        other("no date", ""),
        other("namesake", "20230101", patient_id="P2"),
        other("one id, two people", "20230101", birth_date="19630507"),
        other("no birth date", "20210101", birth_date=""),
    ]
    found = [record.study_id for record in priors_of(NOW, records)]
    assert found == ["newer", "no birth date", "old"]


@pytest.mark.parametrize("nobody", [{"patient_id": ""}, {"patient_id": "  "}])
def test_without_an_id_nobody_is_the_same_patient(nobody: dict[str, str]) -> None:
    here = other("here", "20240102", **nobody)
    assert priors_of(here, [other("before", "20200101", **nobody)]) == []
    assert priors_of(replace(NOW, study_date=""), [other("before", "20200101")]) == []


def file(folder: Path, uid: str, date: str, view: str = "PA", patient: str = "P1") -> Path:
    pixels = dicom_files.RAMP.copy()
    pixels[0, :2] = sum(map(ord, uid)), ord(view[0])  # another picture in every file
    data = dicom_files.data_set(
        pixels, StudyInstanceUID=uid, StudyDate=date, ViewPosition=view, PatientID=patient
    )
    return dicom_files.write(folder / f"{uid}-{view}.dcm", data)


@pytest.fixture
def current(tmp_path: Path) -> list[Path]:
    return [file(tmp_path / "now", "1.2.30", "20240102", view) for view in ("PA", "LL")]


def opened(
    qtbot: QtBot, open_window: OpenWindow, first: list[Path], then: list[Path]
) -> MainWindow:
    """A window in which ``first`` is open and ``then`` is in the list too."""
    window = open_window(first)
    qtbot.waitUntil(lambda: len(window.viewer.panes) == len(first), timeout=WAIT_MS)
    window.controller.library.first_found.disconnect(window.controller._open_found)
    window.controller.open_paths(then)
    return window


def prior_shown(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.viewer.action("compare").isEnabled(), timeout=WAIT_MS)


def test_a_prior_hangs_below_marked_with_its_date_and_is_never_drafted(
    qtbot: QtBot, open_window: OpenWindow, stand_in: StandIn, tmp_path: Path, current: list[Path]
) -> None:
    prior = file(tmp_path / "then", "1.2.20", "20230502")
    window = opened(qtbot, open_window, current, [prior])
    prior_shown(qtbot, window)
    viewer = window.viewer
    assert [pane.prior for pane in viewer.panes_in_sight] == [""]  # it waits to be asked for
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert viewer.layout_in_use is Layout.FOUR
    shown = viewer.panes_in_sight
    assert [pane.prior for pane in shown] == ["", "", "PRIOR · 2 May 2023 · 8 months before"]
    assert shown[2].corners().lines[0] == shown[2].prior
    assert window.controller.current is not None
    assert window.controller.current.study_id == "1.2.30"
    assert stand_in.runs == [viewer.panes[0].radiograph.image_id]
    viewer.set_drafted_image("")
    assert viewer.drafted_pane is viewer.panes[0]
    viewer.show_image(2)
    assert not viewer.action("key_image").isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert viewer.layout_in_use is Layout.ONE
    assert [pane.prior for pane in viewer.panes_in_sight] == [""]


def test_the_reader_chooses_another_prior_or_none(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, current: list[Path]
) -> None:
    older = file(tmp_path / "a", "1.2.10", "20190502")
    newer = file(tmp_path / "b", "1.2.20", "20230502")
    stranger = file(tmp_path / "c", "1.2.40", "20230502", patient="P2")
    window = opened(qtbot, open_window, current[:1], [stranger, older, newer])
    priors = window.controller.priors
    qtbot.waitUntil(lambda: len(priors.candidates) == 2, timeout=WAIT_MS)
    prior_shown(qtbot, window)
    menu = window.actions_of.menus.priors
    texts = [entry.text() for entry in menu.actions()]
    assert texts == [
        "2 May 2023 · CR · PA · 8 months before",
        "2 May 2019 · CR · PA · 4 years before",
        "None",
    ]
    window.viewer.action("side_by_side").trigger()
    menu.actions()[1].trigger()
    qtbot.waitUntil(
        lambda: (
            [pane.prior for pane in window.viewer.panes_in_sight]
            == ["", "PRIOR · 2 May 2019 · 4 years before"]
        ),
        timeout=WAIT_MS,
    )
    menu.actions()[2].trigger()
    assert [pane.prior for pane in window.viewer.panes_in_sight] == [""]
    assert menu.actions()[2].isChecked()
    assert not window.viewer.action("compare").isEnabled()


def test_a_prior_whose_file_is_gone_is_said_only_to_who_asks(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, current: list[Path]
) -> None:
    prior = file(tmp_path / "then", "1.2.20", "20230502")
    window = opened(qtbot, open_window, current[:1], [prior])
    prior_shown(qtbot, window)
    prior.unlink()
    priors = window.controller.priors
    (record,) = priors.candidates
    priors.choose(None)
    priors.choose(record)
    qtbot.waitUntil(lambda: bool(window.messages.messages()), timeout=WAIT_MS)
    assert priors.chosen is None
    assert not window.viewer.action("compare").isEnabled()


def test_the_next_study_does_not_inherit_a_prior(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, current: list[Path]
) -> None:
    prior = file(tmp_path / "then", "1.2.20", "20230502")
    window = opened(qtbot, open_window, current, [prior])
    prior_shown(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_B)
    (record,) = window.controller.priors.candidates
    window.controller.open(record)  # the prior itself is read now
    qtbot.waitUntil(lambda: len(window.viewer.panes) == 1, timeout=WAIT_MS)
    assert [pane.prior for pane in window.viewer.panes_in_sight] == [""]
    assert window.controller.priors.candidates == ()
    assert window.viewer.layout_in_use is Layout.ONE


def test_a_prior_is_read_after_the_drafts(
    qtbot: QtBot, open_window: OpenWindow, stand_in: StandIn, tmp_path: Path, current: list[Path]
) -> None:
    stand_in.hold = True
    prior = file(tmp_path / "then", "1.2.20", "20230502")
    window = opened(qtbot, open_window, current, [prior])
    loader, priors = window.controller.loader, window.controller.priors
    qtbot.waitUntil(lambda: bool(stand_in.runs) and bool(priors.candidates), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: loader.idle, timeout=WAIT_MS)
    assert not window.viewer.action("compare").isEnabled()
    stand_in.let_go.set()
    prior_shown(qtbot, window)
