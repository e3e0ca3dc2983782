"""Linked views: what the reader does to one image happens to the others in sight.

Zoom and place are taken over relative to the fitted size, as they look on the screen. Of gray
values the gesture is taken over, never the numbers: a drag widens every window by the same factor,
a preset is each image's own of that name. Turning and mirroring stay with the one image: they
usually mend how that one image was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.ui.viewer.pane import ViewPane
from app.ui.viewer.windowing import Windowing


class ViewLink:
    """Passes on what is done in one pane while :attr:`enabled`; follows every pane it is given."""

    def __init__(self, in_sight: Callable[[], Iterable[ViewPane]]) -> None:
        self._in_sight = in_sight
        self.enabled = False

    def follow(self, pane: ViewPane) -> None:
        """Listen to a new pane."""
        pane.changed.connect(lambda what: self._changed(pane, what))
        pane.grays_changed.connect(lambda gesture: self._regray(pane, gesture))

    def level(self, source: ViewPane) -> None:
        """Let every other image have the zoom and place of ``source``, as when they are linked."""
        for pane in self._others(source):
            pane.follow_place(source.view_geometry)

    def _changed(self, source: ViewPane, what: str) -> None:
        if self.enabled and what in ("zoom", "move", "reset"):
            self.level(source)

    def _regray(self, source: ViewPane, gesture: Callable[[Windowing], None]) -> None:
        if self.enabled:
            for pane in self._others(source):
                pane.follow_grays(gesture)

    def _others(self, source: ViewPane) -> list[ViewPane]:
        panes = list(self._in_sight())
        return [pane for pane in panes if pane is not source] if source in panes else []
