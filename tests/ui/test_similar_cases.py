"""Similar cases through the window: what is found, left out, kept, and how one gets back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow, StandIn

from app.errors import ModelError
from app.imaging.radiograph import Patient, Radiograph
from app.imaging.study import open_study
from app.inference.joint_space import Shape, SpaceInfo
from app.paths import Paths
from app.reporting.record import StudyRecord
from app.store.repository import Repository
from app.ui.controller import Parts
from app.ui.library import record_of
from app.ui.main_window import MainWindow
from app.ui.panels.similar import NOTE
from app.ui.similar_cases import NO_SPACE, NOTHING_SIGNED, find_space
from app.ui.workers import SpaceChoice

INFO = SpaceInfo(Path("similar"), "ab" * 32, "stand-in", "cd" * 32, Shape(dimension=2), ())
Picture = Callable[[str, int], Path]
Drafted = Callable[[MainWindow], None]


class BrightSpace:
    """A space of two axes: how bright an image is, and nothing else. It knows two words.

    It waits before the image after ``wait_after`` others until ``let_go``.
    """

    def __init__(self) -> None:
        self.looked: list[str] = []
        self.wait_after: int | None = None
        self.let_go = threading.Event()
        self.error: Exception | None = None

    def image(self, radiograph: Radiograph) -> NDArray[np.float32]:
        if len(self.looked) == self.wait_after:
            self.let_go.wait(WAIT_MS / 1000)
        if self.error is not None:
            raise self.error
        self.looked.append(radiograph.image_id)
        return at(float(radiograph.pixels.mean()) / 255)

    def words(self, text: str) -> NDArray[np.float32] | None:
        return at(1.0) if "bright" in text else at(0.0) if "dark" in text else None

    def unknown(self, text: str) -> tuple[str, ...]:
        return tuple(word for word in text.split() if word not in ("bright", "dark"))

    def parts(self, stand_in: StandIn) -> Parts:
        return replace(
            stand_in.parts(),
            space=lambda _choice: self,
            find_space=lambda _places, _models: SpaceChoice(INFO, Path("stand-in")),
        )


def at(level: float) -> NDArray[np.float32]:
    angle = np.pi / 2 * level
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


@pytest.fixture
def space() -> BrightSpace:
    return BrightSpace()


@pytest.fixture
def sign(home: Path, picture: Picture) -> Callable[..., StudyRecord]:
    """``sign(name, level, text)`` puts a signed study of that brightness on the list."""
    from PIL import Image

    def one(name: str, level: int, text: str, patient: Patient | None = None) -> StudyRecord:
        file = picture(name, 0)
        pixels = np.random.default_rng(level).integers(0, 5, (160, 128)) + level
        Image.fromarray(pixels.astype(np.uint8)).save(file)
        record = record_of(open_study(file)[0])
        if patient is not None:
            record = replace(record, patient=patient)
        record = replace(record, opened_at=datetime(2025, 1, 1, tzinfo=UTC))
        with Repository.open(Paths(home).create().database) as repository:
            repository.remember_study(record)
            if text:
                repository.save_revision(record.study_id, text, (), "Anna", "signed")
        return record

    return one


def listed(window: MainWindow) -> list[str]:
    return [one.record.study_id for one in window.similar.panel.model.found()]


def shown(qtbot: QtBot, window: MainWindow, *studies: StudyRecord) -> None:
    wanted = [one.study_id for one in studies]
    qtbot.waitUntil(lambda: listed(window) == wanted, timeout=WAIT_MS)


def press(window: MainWindow, name: str) -> None:
    window.actions_of.commands[name].trigger()


def look_for(qtbot: QtBot, window: MainWindow, words: str) -> None:
    field = window.similar.panel.words
    qtbot.keyClicks(field, words)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_nothing_is_looked_at_before_the_reader_asks(
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    picture: Picture,
    drafted: Drafted,
) -> None:
    sign("one", 200, "Effusion.")
    window = open_window([picture("open", 1)], space.parts(stand_in))
    drafted(window)
    assert not window.similar.shown
    assert space.looked == []


def test_signed_studies_are_listed_by_likeness_and_the_drafts_come_back(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    far = sign("far", 20, "Findings: dark.\nImpression: Pneumothorax.")
    near = sign("near", 190, "Effusion.")
    mine = sign("mine", 200, "")
    sign("unsigned", 200, "")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    shown(qtbot, window, near, far)
    panel = window.similar.panel
    assert [one.impression for one in panel.model.found()] == ["Effusion.", "Pneumothorax."]
    assert panel.aside() == "by image · 2 signed"
    assert window.column.proposed.isHidden()
    qtbot.waitUntil(panel.view.hasFocus, timeout=WAIT_MS)
    row = panel.model.index(0, 0)
    qtbot.waitUntil(lambda: row.data(Qt.ItemDataRole.DecorationRole) is not None, timeout=WAIT_MS)
    assert "Place 1" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    press(window, "similar")
    assert not window.similar.shown
    assert window.column.proposed.isVisible()
    assert window.viewer.isAncestorOf(window.focusWidget()) or window.viewer.hasFocus()


def test_vectors_are_kept_and_made_once(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
    home: Path,
) -> None:
    near = sign("near", 190, "Effusion.")
    mine = sign("mine", 200, "")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    press(window, "similar")
    shown(qtbot, window, near)
    assert len(space.looked) == 2  # the open image and the signed one
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    press(window, "similar")
    shown(qtbot, window, near)
    assert len(space.looked) == 3  # the open image again
    window.close()
    with Repository.open(Paths(home).database) as repository:
        assert repository.signed_cases(INFO.key)[0].vector is not None
        assert repository.signed_cases("another space")[0].vector is None


def test_the_patients_own_studies_are_left_out(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    who = Patient("P1", "Doe^Jane", "F", "19500101")
    sign("earlier", 201, "Effusion before.", who)
    other = sign("other", 40, "Effusion of another.")
    mine = sign("mine", 200, "Effusion.", who)
    window = open_window([], space.parts(stand_in))
    qtbot.waitUntil(lambda: window.controller.library.model.rowCount() == 3, timeout=WAIT_MS)
    window.controller.open(mine)
    press(window, "similar")
    shown(qtbot, window, other)
    press(window, "similar_words")
    look_for(qtbot, window, "effusion")
    qtbot.waitUntil(lambda: "by words" in window.similar.panel.aside(), timeout=WAIT_MS)
    shown(qtbot, window, other)


def test_words_find_reports_that_say_them_and_images_that_they_describe(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    bright = sign("bright", 240, "Nothing to tell.")
    says = sign("says", 60, "Right effusion, bright.")
    dark = sign("dark", 10, "No effusion.")
    mine = sign("mine", 100, "")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    panel = window.similar.panel
    press(window, "similar_words")
    assert panel.words.hasFocus()
    qtbot.waitUntil(lambda: len(listed(window)) == 3, timeout=WAIT_MS)
    look_for(qtbot, window, "bright effusion")
    shown(qtbot, window, says, bright, dark)
    assert panel.model.found()[0].said == ("bright", "effusion")
    assert panel.model.found()[2].said == ()  # denied there
    assert panel._unknown.text().endswith("“effusion”")
    panel.words.setText("积液")
    qtbot.keyClick(panel.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window) == [], timeout=WAIT_MS)
    assert panel.message() == "No signed study was found with these words."
    qtbot.keyClick(panel.words, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "by image" in panel.aside(), timeout=WAIT_MS)
    assert panel.words.text() == ""


def test_the_way_back_leads_to_the_words_that_were_looked_for(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    says = sign("says", 60, "Right effusion.")
    also = sign("also", 240, "Left effusion of the right size.")
    mine = sign("mine", 100, "")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    panel = window.similar.panel
    press(window, "similar_words")
    look_for(qtbot, window, "right effusion")
    qtbot.waitUntil(lambda: "by words" in panel.aside(), timeout=WAIT_MS)
    hits = listed(window)
    assert set(hits) == {says.study_id, also.study_id}
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "by image" in panel.aside(), timeout=WAIT_MS)
    assert panel.words.text() == ""  # what is listed now is similar to the case
    press(window, "similar_back")
    qtbot.waitUntil(lambda: "by words" in panel.aside(), timeout=WAIT_MS)
    assert listed(window) == hits
    assert panel.words.text() == "right effusion"


def test_enter_opens_a_case_and_there_is_a_way_back(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
    home: Path,
) -> None:
    near = sign("near", 190, "Effusion.")
    mine = sign("mine", 200, "")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    back = window.actions_of.commands["similar_back"]
    assert not back.isEnabled()
    press(window, "similar")
    shown(qtbot, window, near)
    qtbot.keyClick(window.similar.panel.view, Qt.Key.Key_Return)
    assert window.controller.current is not None
    assert window.controller.current.study_id == near.study_id
    assert back.isEnabled()
    assert window.similar.panel.message() == "" or window.similar.shown
    way = window.findChild(QPushButton, "similar_back")
    assert way.text() == "Back to mine"
    window.set_identity_hidden(True)
    assert "mine" not in way.text()
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.controller.current.study_id == mine.study_id
    assert not back.isEnabled()
    shown(qtbot, window, near)
    window.close()
    with Repository.open(Paths(home).database) as repository:
        [case] = repository.signed_studies()
    assert "Dr. Test" in case.people  # a blinded study must know that its report was shown


def test_a_report_that_is_signed_joins_in_and_a_removed_study_leaves(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    near, mine = sign("near", 190, ""), sign("mine", 200, "")
    window = open_window(list(near.paths), space.parts(stand_in))
    drafted(window)
    press(window, "similar")
    panel = window.similar.panel
    qtbot.waitUntil(lambda: NOTHING_SIGNED in panel.message(), timeout=WAIT_MS)
    window.column.report.insert_text("Effusion.")
    window.column.report.sign_action.trigger()
    qtbot.waitUntil(window.column.report.is_signed, timeout=WAIT_MS)
    window.controller.open(mine)
    drafted(window)
    shown(qtbot, window, near)
    window.controller.remove(near)
    qtbot.waitUntil(lambda: NOTHING_SIGNED in panel.message(), timeout=WAIT_MS)


def test_looking_at_many_images_can_be_cancelled_and_what_was_made_stays(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
    home: Path,
) -> None:
    for number in range(4):
        sign(f"case{number}", 40 * number, "Effusion.")
    mine = sign("mine", 200, "")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    panel = window.similar.panel
    space.wait_after = 2  # the open image and one of the four
    press(window, "similar")
    qtbot.waitUntil(lambda: len(space.looked) == 2 and panel._progress.isVisible(), timeout=WAIT_MS)
    panel.findChild(QPushButton, "similar_cancel").click()
    assert not panel._progress.isVisible()
    space.let_go.set()
    qtbot.waitUntil(lambda: window.controller.model.idle, timeout=WAIT_MS)
    assert len(space.looked) <= 3  # one at most was under way
    made = len(space.looked) - 1
    qtbot.waitUntil(lambda: len(listed(window)) == made, timeout=WAIT_MS)
    assert panel.aside() == f"by image · {made} of 4 signed"
    window.close()
    with Repository.open(Paths(home).database) as repository:
        kept = [case for case in repository.signed_cases(INFO.key) if case.vector is not None]
    assert len(kept) == made


def test_a_study_whose_file_is_gone_is_passed_over(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    gone, near, mine = sign("gone", 210, "Lost."), sign("near", 190, "Here."), sign("mine", 200, "")
    gone.paths[0].unlink()
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    press(window, "similar")
    shown(qtbot, window, near)
    assert window.similar.panel.aside() == "by image · 1 of 2 signed"


def test_without_the_weights_it_says_what_to_do_and_looks_again_later(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    picture: Picture,
    drafted: Drafted,
) -> None:
    found: list[SpaceChoice] = []
    parts = replace(
        space.parts(stand_in), find_space=lambda _places, _models: found[0] if found else None
    )
    near = sign("near", 100, "Effusion.")
    window = open_window([picture("open", 1)], parts)
    drafted(window)
    press(window, "similar")
    panel = window.similar.panel
    qtbot.waitUntil(lambda: NO_SPACE in panel.message(), timeout=WAIT_MS)
    press(window, "similar")
    found.append(SpaceChoice(INFO, Path("stand-in")))  # trained meanwhile
    press(window, "similar")
    shown(qtbot, window, near)


def test_damaged_weights_are_told_in_the_panel(
    qtbot: QtBot,
    open_window: OpenWindow,
    space: BrightSpace,
    stand_in: StandIn,
    sign: Callable[..., StudyRecord],
    drafted: Drafted,
) -> None:
    sign("near", 190, "Effusion.")
    mine = sign("mine", 200, "")
    space.error = ModelError("The file is cut off.", "Install it again.")
    window = open_window(list(mine.paths), space.parts(stand_in))
    drafted(window)
    press(window, "similar")
    panel = window.similar.panel
    qtbot.waitUntil(lambda: "The file is cut off." in panel.message(), timeout=WAIT_MS)
    assert "Install it again." in panel.message()


def test_a_space_that_can_not_be_used_is_told_as_often_as_it_is_asked(
    qtbot: QtBot, open_window: OpenWindow, stand_in: StandIn, picture: Picture, drafted: Drafted
) -> None:
    def broken(_places: Paths, _models: Sequence[object]) -> SpaceChoice | None:
        raise ModelError("similar.json is damaged.", "Install it again.")

    window = open_window([picture("open", 1)], replace(stand_in.parts(), find_space=broken))
    drafted(window)
    press(window, "similar_words")
    panel = window.similar.panel
    qtbot.waitUntil(lambda: "similar.json is damaged." in panel.message(), timeout=WAIT_MS)
    look_for(qtbot, window, "effusion")
    assert "similar.json is damaged." in panel.message()


def test_a_space_without_the_weights_that_it_was_learned_with_names_them(home: Path) -> None:
    with pytest.raises(ModelError, match="need the weights of densenet121-lstm"):
        find_space(Paths(home), [])


def test_the_panel_says_that_similarity_is_no_diagnosis() -> None:
    assert NOTE.startswith("Similarity is no diagnosis")
