"""Changes of the view as steps that can be taken back: window, zoom, place, turn.

A drag, a turn of the wheel or a key that is held makes many small changes; they are one step. What
a linked image did along comes back along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.ui.viewer.pane import ViewPane
from app.ui.viewer.view_state import ViewState

PAUSE_S = 0.5  # a longer rest between two changes makes the second one a step of its own
_TEXTS = {
    "window": "Window",
    "invert": "Invert",
    "zoom": "Zoom",
    "move": "Move",
    "turn": "Turn",
    "flip": "Flip",
    "reset": "Reset view",
}
_ID = 1  # of commands that may merge; any number but -1
_States = dict[Path, ViewState]  # by file: a whole image takes the place of its preview


class ViewHistory(QObject):
    """Listens to the panes it is given and puts what they say onto ``history``.

    :meth:`settle` when views were changed by something that is no step, so that the next step
    doesn't take that back too.
    """

    def __init__(
        self,
        history: QUndoStack,
        panes: Callable[[], Iterable[ViewPane]],
        parent: QObject,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._panes = panes
        self._clock = clock
        self._known: _States = {}
        self._held = False  # a button is down and the view has changed since
        self._pressed = False
        self._last: tuple[ViewPane, str] | None = None
        self._last_at = 0.0
        self._gesture = 0

    def follow(self, pane: ViewPane) -> None:
        """Listen to a new pane, after whoever links it to others."""
        self._known.setdefault(pane.radiograph.path, pane.state())
        pane.changed.connect(lambda what: self._changed(pane, what))
        pane.installEventFilter(self)

    def settle(self) -> None:
        """Take the views as they are now."""
        self._known = {pane.radiograph.path: pane.state() for pane in self._panes()}
        self._last = None

    def restore(self, states: _States) -> None:
        """Show the images as they were; those that are gone stay gone."""
        for pane in self._panes():
            state = states.get(pane.radiograph.path)
            if state is not None:
                pane.restore(state)
        self.settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed, self._held = True, False
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._pressed = self._held = False
        return False

    def _changed(self, source: ViewPane, what: str) -> None:
        now = {pane.radiograph.path: pane.state() for pane in self._panes()}
        before, self._known = self._known, now
        moved = [file for file in now if file in before and _differ(before[file], now[file])]
        if not moved:
            return
        at = self._clock()
        goes_on = (source, what) == self._last and (self._held or at - self._last_at < PAUSE_S)
        if not goes_on:
            self._gesture += 1
        self._last, self._last_at, self._held = (source, what), at, self._pressed
        text = _TEXTS.get(what, "View")
        old, new = ({file: states[file] for file in moved} for states in (before, now))
        self._history.push(_Step(self, text, self._gesture, old, new))


class _Step(QUndoCommand):
    def __init__(
        self, views: ViewHistory, text: str, gesture: int, before: _States, after: _States
    ) -> None:
        super().__init__(text)
        self._views = views
        self.gesture = gesture
        self.before = before
        self.after = after
        self._done = True  # the reader has seen it happen when the step is pushed

    def redo(self) -> None:
        if not self._done:
            self._views.restore(self.after)
        self._done = True

    def undo(self) -> None:
        self._done = False
        self._views.restore(self.before)

    def id(self) -> int:
        return _ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other.gesture != self.gesture:
            return False
        self.before = other.before | self.before
        self.after = self.after | other.after
        return True


def _differ(one: ViewState, other: ViewState) -> bool:
    """Whether the reader has set them otherwise; a pane of another size alone is no difference."""
    place, moved = one.geometry, other.geometry
    if place.fitted and moved.fitted:
        moved = replace(place, turn=moved.turn)
    else:
        moved = replace(moved, viewport=place.viewport)
    return place != moved or (one.voi, one.invert) != (other.voi, other.invert)
