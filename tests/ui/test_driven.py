"""The whole way: a radiograph is opened, read, corrected, rated and exported; then all of it is
there again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from killed import kill_once_stored
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from stand_in import TEXTS, WAIT_MS, OpenWindow, StandIn

from app.paths import Paths, shipped_weights
from app.reporting.report import Status
from app.store.repository import Repository
from app.ui.controller import Parts
from app.ui.main_window import MainWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]
Key = Qt.Key


def saved_text(home: Path, study_id: str) -> str:
    with Repository.open(home / "readingroom.sqlite") as repository:
        revision = repository.latest_revision(study_id)
    return revision.text if revision is not None else ""


def press(qtbot: QtBot, widget: object, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    qtbot.keyClick(widget, key, held)


def test_from_a_radiograph_to_a_rated_report_and_back(
    qtbot: QtBot,
    home: Path,
    stand_in: StandIn,
    open_window: OpenWindow,
    picture: Picture,
    drafted: Drafted,
    tmp_path: Path,
) -> None:
    window = open_window([picture("first")])
    drafted(window)
    column, viewer = window.column, window.viewer
    record = window.controller.current
    assert record is not None
    assert [card.draft.text for card in column.drafts.cards()] == list(TEXTS)

    # Words are walked with the arrow keys; A shows where the model looked.
    press(qtbot, window, Key.Key_G)
    press(qtbot, window, Key.Key_A)
    assert viewer.attention_enabled
    for _ in range(3):
        press(qtbot, column.drafts, Key.Key_Right)
    assert column.drafts.held() == (1, 2)
    assert viewer.drafted_pane is not None
    assert viewer.drafted_pane.attention.subject == "effusion"

    # Enter takes the draft; E goes to the report; typing is saved within a second.
    press(qtbot, column.drafts, Key.Key_Return)
    assert column.report.text() == TEXTS[0]
    press(qtbot, window, Key.Key_E)
    qtbot.keyClicks(column.report.editor, " Comparison: new.")
    written = column.report.text()
    assert written.endswith("Comparison: new.")
    qtbot.waitUntil(lambda: saved_text(home, record.study_id) == written, timeout=WAIT_MS)

    # A digit in the report is text; outside it rates.
    assert column.rating.score() == 0
    press(qtbot, column.drafts, Key.Key_4)
    qtbot.waitUntil(
        lambda: window.controller.library.model.counts()[Status.RATED] == 1, timeout=WAIT_MS
    )
    assert column.rating.score() == 4

    out = tmp_path / "ratings.csv"
    window.controller.exporting.write("ratings", out, who="reader", pseudonymise=False, bom=False)
    qtbot.waitUntil(out.is_file, timeout=WAIT_MS)
    with out.open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert row["score"] == "4"
    assert row["rater"] == "Dr. Test"
    assert row["draft_text"] == TEXTS[0]
    assert row["final_text"] == written
    assert row["edited"] == "yes"

    # Another start: the same drafts without the model, the report and the rating.
    again = open_window([])
    drafted(again)
    assert stand_in.runs == [again.controller.drafting.image_id]
    assert [card.draft.text for card in again.column.drafts.cards()] == list(TEXTS)
    assert again.column.report.text() == written
    assert again.column.rating.score() == 4


WRITER = """
import sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from stand_in import StandIn
from app.ui.application import run_window
from app.ui import application
from app.paths import Paths

def begin(window, files):
    real_begin(window, files)
    def type_when_ready():
        if window.column.report.is_read_only():
            return
        timer.stop()
        QTest.keyClicks(window.column.report.editor, {text!r})
    timer = QTimer(window, interval=20)
    timer.timeout.connect(type_when_ready)
    timer.start()

real_begin, application.begin = application.begin, begin
run_window([Path({file!r})], parts=StandIn().parts(), places=Paths(Path({home!r})))
"""


def test_what_is_typed_is_stored_by_itself_and_a_killed_process_doesnt_lose_it(
    home: Path, picture: Picture, qtbot: QtBot, open_window: OpenWindow
) -> None:
    script = WRITER.format(
        tests=str(Path(__file__).parent),
        text="Heart normal.",
        file=str(picture("k")),
        home=str(home),
    )
    kill_once_stored(
        script, Paths(home).database, "SELECT 1 FROM revisions WHERE text = 'Heart normal.'"
    )

    window = open_window([])
    qtbot.waitUntil(lambda: window.column.report.text() == "Heart normal.", timeout=WAIT_MS)


def test_the_shipped_model_drafts_the_synthetic_study(
    qtbot: QtBot, open_window: OpenWindow, drafted: Drafted
) -> None:
    if not (shipped_weights() / "densenet121-lstm" / "model.json").is_file():
        pytest.skip("the trained weights are not in weights/densenet121-lstm")
    window = open_window([], Parts())
    qtbot.waitUntil(lambda: window.column.drafts.analysis() is not None, timeout=120_000)
    analysis = window.column.drafts.analysis()
    assert analysis is not None
    assert [draft.rank for draft in analysis.drafts] == [1, 2, 3]
    press(qtbot, window, Key.Key_A)
    press(qtbot, window, Key.Key_G)
    press(qtbot, window.column.drafts, Key.Key_Right)
    assert window.viewer.drafted_pane is not None
    assert window.viewer.drafted_pane.attention.shown
