"""Key images come back when their study does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS, OpenWindow

from app.imaging.measuring.measurement import Kind
from app.reporting.measurements import MeasurementRevision
from app.ui.main_window import MainWindow

Picture = Callable[..., Path]
Drafted = Callable[[MainWindow], None]


def states(qtbot: QtBot, window: MainWindow) -> list[MeasurementRevision]:
    """Every state that the store has of the open study's marks."""
    assert window.controller.current is not None
    study_id = window.controller.current.study_id
    answers: list[list[MeasurementRevision]] = []
    window.controller.store.ask(lambda store: store.measurement_revisions(study_id), answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
    return answers[0]


def mark(window: MainWindow) -> None:
    window.viewer.action("key_image").trigger()


def marked(window: MainWindow) -> bool:
    pane = window.viewer.active_pane
    return pane is not None and pane.key_image


def test_a_mark_is_kept_until_it_is_taken_away(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    file = picture("one")
    window = open_window([file])
    drafted(window)
    assert not marked(window)
    mark(window)
    window = open_window([file])
    drafted(window)
    qtbot.waitUntil(lambda: marked(window), timeout=WAIT_MS)
    mark(window)
    assert not marked(window)
    window.viewer.history.undo()
    window.viewer.history.redo()
    kept = states(qtbot, window)
    assert [state.deleted for state in kept] == [False, True, False, True]
    assert {state.measurement.kind for state in kept} == {Kind.KEY_IMAGE}
    assert len({state.measurement.uid for state in kept}) == 1  # one mark, whatever became of it
    assert {state.author for state in kept} == {"Dr. Test"}
    window = open_window([file])
    drafted(window)
    states(qtbot, window)
    assert not marked(window)


def test_another_study_has_its_own_marks(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("one", 1), picture("two", 2)])
    drafted(window)
    mark(window)
    assert marked(window)
    first = window.controller.current
    window.actions_of.commands["next"].trigger()
    if window.controller.current is first:
        window.actions_of.commands["previous"].trigger()
    drafted(window)
    assert not marked(window)
    assert first is not None
    window.controller.open(first)
    qtbot.waitUntil(lambda: marked(window), timeout=WAIT_MS)


def test_a_mark_made_before_the_store_has_answered_is_kept_too(
    qtbot: QtBot, open_window: OpenWindow, picture: Picture, drafted: Drafted
) -> None:
    window = open_window([picture("one")])
    drafted(window)
    record = window.controller.current
    pane = window.viewer.active_pane
    assert record is not None
    assert pane is not None
    image_id = pane.radiograph.image_id
    window.controller.close()
    window.controller.open(record)
    window.viewer.key_images.mark(image_id, True)  # at once: nothing has been read yet
    drafted(window)
    states(qtbot, window)
    assert image_id in window.viewer.key_images
    assert [state.image_id for state in states(qtbot, window)] == [image_id]
