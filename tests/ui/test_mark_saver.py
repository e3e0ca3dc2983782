"""What could not be saved is tried again in its newest state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.errors import StoreError
from app.imaging.measuring.measurement import Kind, Measurement, measured
from app.imaging.measuring.results import Result
from app.reporting.measurements import MeasurementRevision, revision_of
from app.ui.mark_saver import MarkSaver
from app.ui.message_bar import Message


class Controller:
    """A store that fails while ``full``, and what was said."""

    def __init__(self) -> None:
        self.full = True
        self.kept: list[MeasurementRevision] = []
        self.messages: list[Message] = []
        self.settled_keys: list[str] = []
        self.store = self
        self.places = SimpleNamespace(database=Path("x.sqlite"))
        self.said = SimpleNamespace(emit=self.messages.append)
        self.settled = SimpleNamespace(emit=self.settled_keys.append)

    def keep(
        self,
        item: MeasurementRevision,
        database: Path,
        success: Callable[[Any], None],
        failure: Callable[[Exception], None],
    ) -> None:
        if self.full:
            failure(StoreError("The disk is full.", "Free some space."))
        else:
            self.kept.append(item)
            success(item)


def revision(mark: Measurement) -> MeasurementRevision:
    return revision_of("study", "image", mark, Result(), "Dr. Test", datetime.now(UTC))


def test_trying_again_saves_the_newest_state_of_each_mark_once() -> None:
    controller = Controller()
    saver = MarkSaver(controller, "measurement")  # type: ignore[arg-type]
    first, other = (measured(Kind.LENGTH, ((1, 1), (2, 2))) for _ in range(2))
    moved = first.moved(5, 5)
    for mark in (first, other, moved):
        saver.save(revision(mark))
    assert [message.action for message in controller.messages] == ["Try again"] * 3
    assert not controller.settled_keys
    controller.full = False
    act = controller.messages[0].act  # of the oldest message
    assert act is not None
    act()
    assert {one.measurement for one in controller.kept} == {moved, other}
    assert len(controller.kept) == 2
    assert controller.settled_keys
    act()
    assert len(controller.kept) == 2


def test_what_was_saved_meanwhile_is_not_overtaken_by_an_old_state() -> None:
    controller = Controller()
    saver = MarkSaver(controller, "measurement")  # type: ignore[arg-type]
    first = measured(Kind.LENGTH, ((1, 1), (2, 2)))
    saver.save(revision(first))
    controller.full = False
    saver.save(revision(first.moved(5, 5)))
    act = controller.messages[0].act
    assert act is not None
    act()
    assert [one.measurement for one in controller.kept] == [first.moved(5, 5)]
