"""Background threads: order, cancelling, errors, and where results arrive."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.errors import Cancelled, StudyError
from app.ui.lanes import Lane


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    made = Lane("test")
    yield made
    made.start()
    assert made.stop()


def test_results_arrive_in_the_windows_thread(qtbot: QtBot, lane: Lane) -> None:
    seen: list[tuple[int, bool]] = []
    here = threading.get_ident()
    lane.call(
        threading.get_ident, lambda there: seen.append((there, threading.get_ident() == here))
    )
    lane.start()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] != here
    assert seen[0][1]


def test_urgent_work_goes_between_the_steps_of_long_work(qtbot: QtBot, lane: Lane) -> None:
    order: list[str] = []
    gate = threading.Event()

    def long() -> Iterator[str]:
        yield "step 1"
        gate.wait(20)
        yield "step 2"

    lane.submit(long(), order.append, finished=lambda: order.append("end"), priority=1)
    lane.start()
    qtbot.waitUntil(lambda: order == ["step 1"])
    lane.call(lambda: "urgent", order.append, priority=0)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 4)
    assert order.index("urgent") < order.index("end")


def test_a_cancelled_operation_reports_nothing(qtbot: QtBot, lane: Lane) -> None:
    seen: list[str] = []
    token = lane.call(lambda: "old", seen.append)
    token.cancel()
    lane.call(lambda: "new", seen.append)
    lane.start()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["new"]


def test_work_that_notices_the_cancelling_reports_nothing(qtbot: QtBot, lane: Lane) -> None:
    seen: list[object] = []

    def work() -> str:
        raise Cancelled

    lane.call(work, seen.append, seen.append)
    lane.call(lambda: "next", seen.append)
    lane.start()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["next"]


def test_an_error_reaches_its_own_listener_and_the_thread_lives_on(
    qtbot: QtBot, lane: Lane
) -> None:
    seen: list[object] = []

    def work() -> None:
        raise StudyError("It is broken.")

    lane.call(work, failure=lambda error: seen.append(str(error)))
    lane.call(lambda: "alive", seen.append)
    lane.start()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == ["It is broken.", "alive"]


def test_our_own_bug_is_logged_and_said(
    qtbot: QtBot, lane: Lane, caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> float:
        return 1 / 0

    with qtbot.waitSignal(lane.crashed) as said:
        lane.call(work)
        lane.start()
    assert isinstance(said.args[0], ZeroDivisionError)
    assert "ZeroDivisionError" in caplog.text


def test_stopping_finishes_what_is_queued_and_delivers_it(lane: Lane) -> None:
    seen: list[int] = []
    lane.start()
    for number in range(20):
        lane.call(lambda number=number: number, seen.append)
    assert lane.stop()
    assert seen == list(range(20))
