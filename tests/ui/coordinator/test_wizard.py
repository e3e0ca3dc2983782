"""The steps of a new study: the protocol they make, and the first thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from signed_reports import fill
from stand_in import WAIT_MS

from app.reading.cases import Case
from app.reading.protocol import OFFERED, Protocol, Question, from_toml, to_toml
from app.ui.coordinator.told import Listed
from app.ui.coordinator.window import CoordinatorWindow
from app.ui.coordinator.wizard import Wizard

EVERYTHING = Protocol(
    name="other",
    title="Another",
    design="paired",
    seed=12345678901,
    margin=0.333,
    readers=("A1", "B_2"),
    per_arm=33,
    training=3,
    repeats=7,
    stratify="truth",
    washout_days=40,
    going_back=True,
    dark_gap=2.25,
    idle_after=75.0,
    rubric={5: "all", 4: "most", 3: "half", 2: "little", 1: "nothing"},
    questions=(
        OFFERED[4],
        Question("own", "Why?", (), required=True),
        Question("acceptable", "Acceptable?", ("yes", "nearly", "no")),
        Question(OFFERED[1].key, OFFERED[1].text, OFFERED[1].choices, required=True),
    ),
    model="another-model",
    choice="best",
)


CASES = [Case(f"C{n}", Path(f"p{n}.png"), "Clear.") for n in range(204)]


@pytest.fixture
def wizard(qtbot: QtBot) -> Wizard:
    made = Wizard([("stand-in", "fixed drafts")])
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    "protocol", [EVERYTHING, Protocol("plain", "unpaired", 3, 0.5, ("R1",), 10, washout_days=5)]
)
def test_a_protocol_of_the_command_line_comes_through_unchanged(
    wizard: Wizard, tmp_path: Path, protocol: Protocol
) -> None:
    (tmp_path / "a.toml").write_text(to_toml(protocol))
    wizard.open_protocol(tmp_path / "a.toml")
    wizard.save_protocol(tmp_path / "b.toml")
    written = (tmp_path / "b.toml").read_text(encoding="utf-8")
    assert written == to_toml(protocol)
    assert from_toml(written, tmp_path / "b.toml").sha256 == protocol.sha256


def test_what_is_chosen_becomes_the_protocol(wizard: Wizard) -> None:
    wizard.design.name.setText("spring")
    wizard.design.readers.setText("R1 R2,R3")
    wizard.design.margin.setValue(0.25)
    wizard.scale.rubric[1].setText("useless")
    wizard.scale.offered["confidence"].asked.setChecked(True)
    wizard.scale.offered["confidence"].required.setChecked(True)
    own = wizard.scale.add_question()
    own.text.setText("Would you sign it?")
    own.choices.setText("yes, no")
    protocol = wizard.protocol()
    assert protocol.readers == ("R1", "R2", "R3")
    assert protocol.margin == 0.25
    assert protocol.rubric[1] == "useless"
    assert [question.key for question in protocol.questions] == ["confidence", "question_1"]
    assert protocol.questions[0].required
    assert protocol.questions[1].choices == ("yes", "no")
    wizard.scale.as_in_the_paper()
    wizard.scale.own[0].removed.emit(own)
    assert wizard.protocol().rubric[1].startswith("major conditions missed")
    assert len(wizard.protocol().questions) == 1


def test_tab_goes_through_questions_of_ones_own_before_the_button_that_adds_them(
    wizard: Wizard, qtbot: QtBot
) -> None:
    wizard.steps.setCurrentIndex(1)
    scale = wizard.scale
    first, second = scale.add_question(), scale.add_question()
    wizard.show()
    wizard.activateWindow()
    qtbot.waitUntil(wizard.isActiveWindow, timeout=WAIT_MS)
    first.text.setFocus()
    reached = []
    for _ in range(8):
        focus = QApplication.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached == [*first.by_tab()[1:], *second.by_tab(), scale._add]


def test_another_step_begins_at_its_first_field(wizard: Wizard, qtbot: QtBot) -> None:
    wizard.show()
    wizard.activateWindow()
    qtbot.waitUntil(wizard.isActiveWindow, timeout=WAIT_MS)
    for button, field in (
        (wizard.next, wizard.scale.rubric[5]),
        (wizard.next, wizard.cases.source),
        (wizard.back, wizard.scale.rubric[5]),
        (wizard.back, wizard.design.name),
    ):
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert QApplication.focusWidget() is field


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda w: w.design.name.setText("a b"), "name must be letters"),
        (lambda w: w.design.readers.setText(""), "readers must be a list"),
        (lambda w: w.design.readers.setText("R1 R1"), "a reader is named twice"),
        (lambda w: w.design.seed.setText("soon"), "seed is 'soon'"),
        (lambda w: w.design.margin.setValue(0), "margin must be above 0"),
        (lambda w: w.scale.rubric[2].setText(" "), "a score of the rubric has no text"),
        (lambda w: w.scale.add_question(), "the question 'question_1' has no text"),
        (
            lambda w: w.cases.show_listed(Listed(Path("cases.csv"), tuple(CASES[1:]))),
            "The design draws 204 cases, and the list has 203.",
        ),
        (lambda w: w.cases.file.setText("other.csv"), "The list of cases isn't read yet"),
    ],
)
def test_the_first_thing_that_is_wrong_is_said(
    wizard: Wizard, spoil: Callable[[Wizard], object], sentence: str
) -> None:
    wizard.design.name.setText("fine")
    wizard.design.readers.setText("R1")
    wizard.cases.file.setText("cases.csv")
    wizard.cases.show_listed(Listed(Path("cases.csv"), tuple(CASES)))
    assert wizard.problem.text() == "Everything is there."
    assert wizard.create_button.isEnabled()
    spoil(wizard)
    assert sentence in wizard.problem.text()
    assert not wizard.create_button.isEnabled()


def test_a_file_that_is_no_protocol_changes_nothing(wizard: Wizard, tmp_path: Path) -> None:
    told: list[str] = []
    wizard.said.connect(lambda message: told.append(message.text))
    wizard.design.name.setText("mine")
    (tmp_path / "bad.toml").write_text("name = 3")
    wizard.open_protocol(tmp_path / "bad.toml")
    wizard.open_protocol(tmp_path / "none.toml")
    assert "bad.toml" in told[0]
    assert "can't be read" in told[1]
    assert wizard.design.name.text() == "mine"
    wizard.design.readers.setText("R1")
    wizard.save_protocol(tmp_path / "no" / "folder.toml")
    assert "does not exist" in told[2]


def test_steps_go_on_and_back(wizard: Wizard) -> None:
    assert wizard.back.isHidden()
    wizard.next.click()
    wizard.next.click()
    assert wizard.pages.currentIndex() == 2
    assert wizard.next.isHidden()
    assert not wizard.create_button.isHidden()
    wizard.back.click()
    assert wizard.steps.currentIndex() == 1


def test_signed_reports_become_cases_once_everybody_is_known(
    coordinator: CoordinatorWindow,
    home: Path,
    tmp_path: Path,
    settled: Callable[[CoordinatorWindow], None],
) -> None:
    fill(home / "readingroom.sqlite", tmp_path / "signed", 14)
    coordinator.new_study()
    wizard = coordinator.wizard
    wizard.design.name.setText("ours")
    wizard.design.readers.setText("R1 R2")
    wizard.design.per_arm.setValue(4)
    wizard.design.training.setValue(0)
    wizard.design.repeats.setValue(0)
    wizard.cases.source.setCurrentIndex(1)
    settled(coordinator)
    assert wizard.cases.told.text() == "14 studies with a signed report."
    assert set(wizard.cases.people) == {"Anna", "Ben"}
    assert wizard.wrong() == "Which reader is Anna, or none?"
    wizard.steps.setCurrentIndex(2)
    reached = [wizard.cases.source]
    while len(reached) < 3:
        following = reached[-1].nextInFocusChain()
        while not following.focusPolicy() & Qt.FocusPolicy.TabFocus or not following.isVisible():
            following = following.nextInFocusChain()
        reached.append(following)  # type: ignore[arg-type]
    assert reached[1:] == list(wizard.cases.people.values())
    anna, ben = wizard.cases.people["Anna"], wizard.cases.people["Ben"]
    anna.setCurrentIndex(anna.findData(""))
    ben.setCurrentIndex(ben.findData("R2"))
    assert wizard.wrong() == ""
    wizard.create_study()
    settled(coordinator)
    study = coordinator.preparing.study
    assert study is not None
    assert study.preparation.source == "database"
    assert len([one for one in study.preparation.cases if one.seen_by("R2")]) == 5
    texts = [message.text for message in coordinator.messages.messages()]
    assert "14 studies of the database can be cases." in texts


def test_a_database_without_a_signature_says_so(
    coordinator: CoordinatorWindow, settled: Callable[[CoordinatorWindow], None]
) -> None:
    coordinator.new_study()
    coordinator.wizard.cases.source.setCurrentIndex(1)
    settled(coordinator)
    assert coordinator.wizard.cases.problem(9) == "No study in the database has a signed report."
