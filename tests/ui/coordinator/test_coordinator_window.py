"""A whole small study through the coordinator's window, and what it says about bad input."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, StandIn

from app.errors import StudyError
from app.reading.preparation import Preparation
from app.reading.session import Session
from app.store.reader_study import ReaderStudy
from app.ui.coordinator.window import CoordinatorWindow

Settled = Callable[[CoordinatorWindow], None]
PASSPHRASE = secrets.token_hex(8)


def choose(window: CoordinatorWindow, cases: Path) -> None:
    """Fill the steps of a new study with a small one."""
    window.actions_of["new"].trigger()
    design = window.wizard.design
    design.name.setText("pilot")
    design.title.setText("A pilot")
    design.readers.setText("R1, R2")
    design.per_arm.setValue(5)
    design.training.setValue(2)
    design.repeats.setValue(1)
    design.seed.setText("7")
    window.wizard.scale.offered["guess"].asked.setChecked(True)
    window.wizard.cases.read_file(cases)


def prepared(window: CoordinatorWindow, cases: Path, settled: Settled) -> Path:
    """Create and draft; the folder of the preparation."""
    choose(window, cases)
    settled(window)
    assert window.wizard.wrong() == ""
    window.wizard.steps.setCurrentIndex(2)
    window.wizard.create_button.click()
    settled(window)
    assert window.pages.currentWidget() is window.preparing
    window.preparing.replace.setChecked(True)
    window.actions_of["draft"].trigger()
    settled(window)
    study = window.preparing.study
    assert study is not None
    assert not study.waiting(force=False)
    return study.folder


def frozen(window: CoordinatorWindow, cases: Path, settled: Settled) -> Path:
    prepared(window, cases, settled)
    page = window.preparing
    page.accept.setChecked(True)
    page.passphrase.setText(PASSPHRASE)
    page.again.setText(PASSPHRASE)
    window.actions_of["freeze"].trigger()
    settled(window)
    assert window.run_page.study is not None
    return window.run_page.study.folder


def read_all(folder: Path, readers: tuple[str, ...] = ("R1", "R2")) -> None:
    for reader in readers:
        rng = np.random.default_rng(ord(reader[1]))
        with ReaderStudy.open(folder) as study:
            session = Session(
                study.protocol,
                study.order(reader),
                study.events(reader),
                lambda event, r=reader, s=study: s.append(r, event),  # type: ignore[misc]
                now=lambda: datetime(2026, 5, 4, tzinfo=UTC),
            )
            study.claim(reader, session.sitting)
            while not session.finished:
                session.shown()
                session.give_score(int(rng.integers(1, 6)))
                session.answer("guess", str(rng.choice(["human", "machine"])))
                session.submit()
            study.release(reader, session.sitting)


def said(window: CoordinatorWindow) -> str:
    return " ".join(f"{one.text} {one.hint}" for one in window.messages.messages())


def answer(window: CoordinatorWindow, key: str) -> None:
    """Press the button beside what was asked."""
    [asked] = [one for one in window.messages.messages() if one.key == key]
    assert asked.act is not None
    asked.act()


def test_a_whole_study(
    coordinator: CoordinatorWindow,
    cases: Path,
    home: Path,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = coordinator
    folder = prepared(window, cases, settled)
    page = window.preparing
    assert page.study is not None
    assert page.study.found is not None
    assert "comparison" in page.flags.text()
    assert "power" in page.flags.text()
    # One item rewritten, one reworded, a case exchanged; each is in the log.
    code = page.study.found.found[0].code
    page.items.choose(code)
    window.actions_of["rewrite"].trigger()
    settled(window)
    assert page.study.found is not None
    assert code not in {one.code for one in page.study.found.found}
    page.items.only_found.setChecked(False)
    item = next(one for one in page.study.items if one.arm == "human" and not one.repeat_of)
    page.items.choose(item.code)
    page.items.text.setPlainText("my own words")
    page.items.why.setText("typo")
    window.actions_of["reword"].trigger()
    settled(window)
    assert page.items.text.toPlainText() == "My own words."
    page.items.why.setText("a lateral")
    gone = page.items.item
    assert gone is not None
    window.actions_of["exclude"].trigger()
    settled(window)
    log = page.log.toPlainText()
    for word in ("rewritten neutrally", "(typo)", f"{gone.case} excluded", "a lateral"):
        assert word in log
    window.actions_of["draft"].trigger()  # the case in its place, if it is the machine's
    settled(window)
    window.actions_of["rewrite_all"].trigger()
    settled(window)
    assert "comparison" not in page.flags.text()
    # Frozen, read, locked, unblinded, exported.
    assert not window.actions_of["freeze"].isEnabled()
    page.passphrase.setText(PASSPHRASE)
    page.again.setText("another")
    assert "tick" in page.why_not.text()
    page.accept.setChecked(True)
    assert "differ" in page.why_not.text()
    page.again.setText(PASSPHRASE)
    window.actions_of["freeze"].trigger()
    assert page.passphrase.text() == page.again.text() == ""
    settled(window)
    run = window.run_page
    assert window.pages.currentWidget() is run
    assert run.study is not None
    at = run.study.folder
    assert at == home / "reader-studies" / "pilot"
    assert not folder.exists()
    assert [one.of for one in run.study.progress] == [11, 11]
    for name in ("unblind", "export"):
        assert not window.actions_of[name].isEnabled()
    read_all(at)
    window.work.look(at)
    settled(window)
    assert [one.done for one in run.study.progress] == [11, 11]
    assert run.unfinished() == ""
    window.actions_of["lock"].trigger()
    answer(window, "lock")
    settled(window)
    assert run.study.state == "locked"
    assert not window.actions_of["lock"].isEnabled()
    run.passphrase.setText("something else")
    window.actions_of["unblind"].trigger()
    settled(window)
    assert "passphrase is wrong" in said(window)
    assert run.study.state == "locked"
    run.passphrase.setText(PASSPHRASE)
    window.actions_of["unblind"].trigger()
    settled(window)
    assert run.study.state == "unblinded"
    run.out.setText(str(home / "out"))
    window.actions_of["export"].trigger()
    assert window.actions_of["cancel"].isEnabled()
    window.actions_of["cancel"].trigger()
    settled(window)
    assert "nothing was written" in said(window)
    assert not any((home / "out").glob("*"))
    window.actions_of["export"].trigger()
    settled(window)
    assert (home / "out" / "results.pdf").is_file()
    assert (home / "out" / "checklist-claim.md").is_file()
    assert run.files.count() > 8
    opened: list[Path] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile()))
    )
    run.files.itemActivated.emit(run.files.item(0))
    assert opened == [home / "out" / run.files.item(0).text()]
    assert [entry.state for entry in window._entries] == ["unblinded"]


def test_cancelled_drafting_is_kept_and_gone_on_with(
    coordinator: CoordinatorWindow,
    cases: Path,
    settled: Settled,
    stand_in: StandIn,
    qtbot: QtBot,
) -> None:
    window = coordinator
    choose(window, cases)
    settled(window)
    window.wizard.create_study()
    settled(window)
    # The main window drafts a study of its own: that one isn't to be held.
    qtbot.waitUntil(lambda: bool(stand_in.runs), timeout=WAIT_MS)
    before = len(stand_in.runs)
    stand_in.hold = True
    window.actions_of["draft"].trigger()
    qtbot.waitUntil(lambda: len(stand_in.runs) > before, timeout=WAIT_MS)
    assert not window.busy.isHidden()
    assert not window.actions_of["new"].isEnabled()
    window.actions_of["cancel"].trigger()
    settled(window)
    assert "is kept" in said(window)
    study = window.preparing.study
    assert study is not None
    assert study.found is None
    assert not window.actions_of["freeze"].isEnabled()
    stand_in.hold = False
    window.actions_of["draft"].trigger()
    settled(window)
    assert window.preparing.study is not None
    assert window.preparing.study.found is not None


def test_a_model_that_is_not_installed_begins_no_study(
    coordinator: CoordinatorWindow, cases: Path, home: Path, settled: Settled
) -> None:
    choose(coordinator, cases)
    settled(coordinator)
    model = coordinator.wizard.design.model
    model.addItem("elsewhere  (not here)", "elsewhere")
    model.setCurrentIndex(model.findData("elsewhere"))
    coordinator.wizard.create_study()
    settled(coordinator)
    assert "There is no model 'elsewhere'" in said(coordinator)
    assert not any((home / "reader-studies-preparation").glob("*"))
    model.setCurrentIndex(0)
    coordinator.wizard.create_study()
    settled(coordinator)
    assert coordinator.pages.currentWidget() is coordinator.preparing


def test_a_study_is_found_again_after_a_restart(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    folder = prepared(coordinator, cases, settled)
    coordinator.new_study()
    assert coordinator.list.currentRow() == -1
    coordinator.list.setCurrentRow(0)
    settled(coordinator)
    assert coordinator.preparing.study is not None
    assert coordinator.preparing.study.folder == folder
    assert coordinator.list.item(0).text() == "pilot\nin preparation"


def test_a_preparation_is_discarded_and_its_name_is_free_again(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    folder = prepared(coordinator, cases, settled)
    coordinator.actions_of["discard"].trigger()
    settled(coordinator)
    assert folder.exists()
    answer(coordinator, "discard")
    settled(coordinator)
    assert not folder.exists()
    assert coordinator.list.count() == 0
    assert "pilot is removed" in said(coordinator)
    assert not coordinator.actions_of["discard"].isEnabled()
    assert prepared(coordinator, cases, settled) == folder


def test_what_is_typed_stays_with_its_item_until_it_is_kept(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    prepared(coordinator, cases, settled)
    items = coordinator.preparing.items
    items.only_found.setChecked(False)
    items.table.selectRow(1)
    first = items.item
    assert first is not None
    items.text.setPlainText("half a wording")
    items.why.setText("because")
    items.table.selectRow(2)
    assert items.item is not first
    assert items.text.toPlainText() == items.item.report  # type: ignore[union-attr]
    assert items.why.text() == ""
    items.only_found.setChecked(True)
    items.only_found.setChecked(False)
    coordinator.actions_of["rewrite"].trigger()  # of the other item
    settled(coordinator)
    items.choose(first.code)
    assert (items.text.toPlainText(), items.why.text()) == ("half a wording", "because")
    coordinator.actions_of["reword"].trigger()
    settled(coordinator)
    assert (items.text.toPlainText(), items.why.text()) == ("Half a wording.", "")
    assert not coordinator.actions_of["reword"].isEnabled()


def test_an_item_s_image_is_seen_beside_its_text(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled, qtbot: QtBot
) -> None:
    prepared(coordinator, cases, settled)
    item = coordinator.preparing.items.item
    assert item is not None
    coordinator.actions_of["see"].trigger()
    settled(coordinator)
    window = coordinator.image
    assert window.isVisible()
    assert item.code in window.windowTitle()
    assert [pane.radiograph.pixels.shape for pane in window.viewer.panes] == [(64, 48)]
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    (cases.parent / coordinator.preparing.study.preparation.case(item.case).image.name).unlink()  # type: ignore[union-attr]
    coordinator.actions_of["see"].trigger()
    settled(coordinator)
    assert "There is no file" in said(coordinator)
    assert not window.isVisible()


def test_the_freeze_has_a_name_for_every_field_that_tab_reaches(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled, qtbot: QtBot
) -> None:
    prepared(coordinator, cases, settled)
    coordinator.activateWindow()
    qtbot.waitUntil(coordinator.isActiveWindow, timeout=WAIT_MS)
    page = coordinator.preparing
    page.tabs.setCurrentIndex(1)
    page.tabs.tabBar().setFocus()
    reached = []
    for _ in range(6):
        focused = coordinator.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        focused = coordinator.focusWidget()
        assert focused is not None
        reached.append(focused.accessibleName())
    assert reached == [
        *("Study's folder", "Choose: Study's folder", "Sealed key", "Choose: Sealed key"),
        *("Passphrase", "Once more"),
    ]


def test_a_long_title_does_not_widen_the_window(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    choose(coordinator, cases)
    settled(coordinator)
    before = coordinator.minimumSizeHint().width()
    coordinator.wizard.design.title.setText("Reports of chest radiographs " * 8)
    coordinator.wizard.create_study()
    settled(coordinator)
    assert coordinator.pages.currentWidget() is coordinator.preparing
    assert coordinator.minimumSizeHint().width() == before


def test_rewriting_says_what_it_did(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    prepared(coordinator, cases, settled)
    coordinator.actions_of["rewrite_all"].trigger()
    settled(coordinator)
    assert "changed; the log has each" in said(coordinator)
    coordinator.actions_of["rewrite_all"].trigger()
    settled(coordinator)
    assert "Nothing was left to take out" in said(coordinator)


def test_a_reader_is_withdrawn_with_a_reason(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    frozen(coordinator, cases, settled)
    run = coordinator.run_page
    run.table.selectRow(1)
    assert not coordinator.actions_of["withdraw"].isEnabled()
    run.why.setText("ill")
    coordinator.actions_of["withdraw"].trigger()
    settled(coordinator)
    assert run.study is not None
    assert not any(one.withdrawn for one in run.study.progress)
    assert "Withdrawing R2 is for good" in said(coordinator)
    answer(coordinator, "withdraw")
    settled(coordinator)
    assert [one.withdrawn for one in run.study.progress] == [False, True]
    assert "withdrawn R2 (ill)" in run.log.toPlainText()
    run.why.setText("again")
    assert not coordinator.actions_of["withdraw"].isEnabled()
    assert run.unfinished() == "Still to be read by R1 (11 of 11)."


def test_a_damaged_study_says_so(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    folder = frozen(coordinator, cases, settled)
    (folder / "protocol.toml").write_text("name = 1")
    coordinator.actions_of["refresh"].trigger()
    settled(coordinator)
    assert coordinator.list.item(0).text().endswith("damaged")
    coordinator.list.setCurrentRow(-1)
    coordinator.list.setCurrentRow(0)
    assert "protocol" in said(coordinator)


def test_a_study_elsewhere_is_opened_by_its_folder(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled, tmp_path: Path
) -> None:
    prepared(coordinator, cases, settled)
    page = coordinator.preparing
    page.folder.setText(str(tmp_path / "elsewhere"))
    page.key.setText(str(tmp_path / "apart.sealed"))
    page.accept.setChecked(True)
    page.passphrase.setText(PASSPHRASE)
    page.again.setText(PASSPHRASE)
    coordinator.actions_of["freeze"].trigger()
    settled(coordinator)
    assert (tmp_path / "apart.sealed").is_file()
    assert not (tmp_path / "elsewhere" / "key.sealed").exists()
    assert coordinator.list.item(0).text() == "pilot\nfrozen"
    coordinator.work.open_folder(tmp_path / "nothing")
    settled(coordinator)
    assert "There is no frozen study" in said(coordinator)


def test_a_freeze_that_is_refused_leaves_the_preparation(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    folder = prepared(coordinator, cases, settled)
    page = coordinator.preparing
    page.accept.setChecked(True)
    page.passphrase.setText("short")
    page.again.setText("short")
    coordinator.actions_of["freeze"].trigger()
    settled(coordinator)
    assert "fewer than 8 characters" in said(coordinator)
    assert Preparation.load(folder).protocol.name == "pilot"


def test_a_study_with_a_report_without_a_word_cannot_be_frozen(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    with cases.open(newline="") as handle:
        rows = list(csv.reader(handle))
    with cases.open("w", newline="") as handle:
        csv.writer(handle).writerows([rows[0], *([*row[:2], "...", row[3]] for row in rows[1:])])
    prepared(coordinator, cases, settled)
    page = coordinator.preparing
    page.accept.setChecked(True)
    page.passphrase.setText(PASSPHRASE)
    page.again.setText(PASSPHRASE)
    assert "no word: in 6 items of the human arm." in page.flags.text()
    assert page.why_not.text() == "Reword the items without a word, or exclude their cases."
    assert not coordinator.actions_of["freeze"].isEnabled()


def test_a_model_that_is_not_here_is_named(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled
) -> None:
    choose(coordinator, cases)
    coordinator.wizard.design.model.addItem("gone", "gone")
    coordinator.wizard.design.model.setCurrentIndex(coordinator.wizard.design.model.count() - 1)
    settled(coordinator)
    coordinator.wizard.create_study()
    settled(coordinator)
    coordinator.actions_of["draft"].trigger()
    assert "There is no model 'gone'" in said(coordinator)


def test_images_that_cannot_be_drafted_are_said(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled, stand_in: StandIn
) -> None:
    choose(coordinator, cases)
    settled(coordinator)
    coordinator.wizard.create_study()
    settled(coordinator)
    stand_in.error = StudyError("This is no chest radiograph.")
    coordinator.actions_of["draft"].trigger()
    settled(coordinator)
    assert "images can't be drafted" in said(coordinator)
    assert coordinator.preparing.study is not None
    assert coordinator.preparing.study.found is None


@pytest.mark.parametrize("name", ["missing.csv", "empty.csv"])
def test_a_list_that_cannot_be_read_is_said(
    coordinator: CoordinatorWindow, tmp_path: Path, settled: Settled, name: str
) -> None:
    (tmp_path / "empty.csv").write_text("image,report\n")
    coordinator.new_study()
    coordinator.wizard.cases.read_file(tmp_path / name)
    settled(coordinator)
    assert name in said(coordinator)
    assert coordinator.wizard.cases.problem(9) == "The list of cases isn't read yet."


def test_too_few_cases_are_said(
    coordinator: CoordinatorWindow, cases: Path, settled: Settled, home: Path
) -> None:
    with cases.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    with cases.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, [*rows[0]])
        writer.writeheader()
        writer.writerows({**row, "patient": f"P{number // 2}"} for number, row in enumerate(rows))
    choose(coordinator, cases)
    settled(coordinator)
    coordinator.wizard.create_study()
    settled(coordinator)
    assert "needs 12 cases of different patients, and there are 8" in said(coordinator)
    assert not (home / "reader-studies-preparation").exists()


def test_closing_while_drafting_keeps_what_is_done(
    coordinator: CoordinatorWindow,
    cases: Path,
    settled: Settled,
    stand_in: StandIn,
    qtbot: QtBot,
) -> None:
    choose(coordinator, cases)
    settled(coordinator)
    coordinator.wizard.create_study()
    settled(coordinator)
    assert coordinator.preparing.study is not None
    folder = coordinator.preparing.study.folder
    stand_in.hold = True
    coordinator.actions_of["draft"].trigger()
    qtbot.waitUntil(lambda: bool(stand_in.runs), timeout=WAIT_MS)
    coordinator.actions_of["close"].trigger()
    assert Preparation.load(folder).undrafted
