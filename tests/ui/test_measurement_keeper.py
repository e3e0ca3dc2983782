"""Measurements are saved as they are made, come back with their study, go into report and CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from killed import kill_once_stored
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.imaging.measuring.measurement import Kind, Measurement, measured
from app.paths import Paths
from app.ui.main_window import MainWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]


def image_id(window: MainWindow) -> str:
    pane = window.viewer.active_pane
    assert pane is not None
    return pane.radiograph.image_id


def measure(window: MainWindow) -> Measurement:
    made = measured(Kind.RATIO, ((10, 20), (30, 20), (5, 30), (45, 30)))
    window.viewer.marks.add(image_id(window), made)
    return made


def here(window: MainWindow) -> tuple[Measurement, ...]:
    return window.viewer.marks.of(image_id(window))


def test_they_come_back_and_so_does_what_was_undone(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    file = picture("one")
    window = open_window([file])
    drafted(window)
    first = measure(window)
    second = measure(window)
    window.viewer.marks.remove(image_id(window), first)
    moved = second.moved(1, 1)
    window.viewer.marks.change(image_id(window), second, moved)
    window = open_window([file])
    drafted(window)
    qtbot.waitUntil(lambda: here(window) == (moved,), timeout=WAIT_MS)
    window.viewer.marks.remove(image_id(window), moved)
    window.viewer.history.undo()
    window = open_window([file])
    drafted(window)
    qtbot.waitUntil(lambda: here(window) == (moved,), timeout=WAIT_MS)


def test_another_study_has_its_own(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("one", 1), picture("two", 2)])
    drafted(window)
    made = measure(window)
    record = window.controller.current
    assert record is not None
    window.actions_of.commands["next"].trigger()
    if window.controller.current is record:
        window.actions_of.commands["previous"].trigger()
    drafted(window)
    assert here(window) == ()
    window.controller.open(record)
    drafted(window)
    qtbot.waitUntil(lambda: here(window) == (made,), timeout=WAIT_MS)


def test_they_go_into_the_report_and_into_the_file(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted, tmp_path: Path
) -> None:
    window = open_window([picture("one")])
    drafted(window)
    measure(window)
    qtbot.waitUntil(lambda: not window.column.report.is_read_only(), timeout=WAIT_MS)
    window.actions_of.commands["insert_measurements"].trigger()
    expected = "Cardiothoracic ratio 0.50 (cardiac 20.0 px, thoracic 40.0 px)"
    assert window.column.report.text() == f"{expected}."
    out = tmp_path / "measurements.csv"
    window.controller.exporting.write(
        "measurements", out, who="reader", pseudonymise=False, bom=False
    )
    qtbot.waitUntil(out.is_file, timeout=WAIT_MS)
    with out.open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert (row["kind"], row["ratio"], row["unit"]) == ("cardiothoracic ratio", "0.5", "px")
    assert row["sentence"] == expected
    assert row["author"] == "Dr. Test"


WRITER = """
import sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from PySide6.QtCore import QTimer
from stand_in import StandIn
from app.imaging.measuring.measurement import Kind, measured
from app.ui.application import run_window
from app.ui import application
from app.paths import Paths

def begin(window, files):
    real_begin(window, files)
    def measure_when_ready():
        pane = window.viewer.active_pane
        if pane is None:
            return
        timer.stop()
        made = measured(Kind.LENGTH, ((1, 2), (3, 4)))
        window.viewer.marks.add(pane.radiograph.image_id, made)
    timer = QTimer(window, interval=20)
    timer.timeout.connect(measure_when_ready)
    timer.start()

real_begin, application.begin = application.begin, begin
run_window([Path({file!r})], parts=StandIn().parts(), places=Paths(Path({home!r})))
"""


def test_a_killed_process_loses_none(
    home: Path, picture: Picture, qtbot: QtBot, open_window: OpenWindow, drafted: Drafted
) -> None:
    script = WRITER.format(tests=str(Path(__file__).parent), file=str(picture("k")), home=str(home))
    kill_once_stored(script, Paths(home).database, "SELECT 1 FROM measurements")

    window = open_window([])
    drafted(window)
    qtbot.waitUntil(lambda: len(here(window)) == 1, timeout=WAIT_MS)
    assert here(window)[0].points == ((1.0, 2.0), (3.0, 4.0))
