"""Which tool the left button is, in every pane of the viewer at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from app.imaging.measuring.measurement import Kind
from app.ui.viewer.hands import HandFactory, MoveHand, WindowHand, ZoomHand
from app.ui.viewer.magnifier import LEAST, MagnifierHand, Power
from app.ui.viewer.measurements.hands import PlaceHand
from app.ui.viewer.measurements.marks import Marks
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.probe import ProbeHand
from app.ui.viewer.region import RegionHand

MOVING = "pan"  # the tool that Esc goes back to
_HELD_MS = 350  # a tool's key held longer than that lends the tool


class Tools:
    """:attr:`hands` makes a tool's hand for one pane, by the tool's name; its action is called
    ``tool_<name>``.
    """

    def __init__(
        self,
        panes: Callable[[], Iterable[ViewPane]],
        action: Callable[[str], QAction],
        marks: Marks,
    ) -> None:
        self._panes = panes
        self._action = action
        self._marks = marks
        self._chosen = QElapsedTimer()  # since when
        self._power = Power()
        self.hand = MOVING
        self.hands: dict[str, HandFactory] = {
            "pan": MoveHand,
            "window": WindowHand,
            "zoom": ZoomHand,
            "region": RegionHand,
            "probe": ProbeHand,
            "magnifier": partial(MagnifierHand, self._power),
            "length": partial(PlaceHand, Kind.LENGTH, marks),
            "angle": partial(PlaceHand, Kind.ANGLE, marks),
            "cobb": partial(PlaceHand, Kind.COBB, marks),
            "ratio": partial(PlaceHand, Kind.RATIO, marks),
            "ellipse": partial(PlaceHand, Kind.ELLIPSE, marks),
            "rectangle": partial(PlaceHand, Kind.RECTANGLE, marks),
            "arrow": partial(PlaceHand, Kind.ARROW, marks),
        }

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the tools' actions do, by their names."""
        return {f"tool_{name}": partial(self.take, name) for name in self.hands}

    def use(self, name: str) -> None:
        """Let the left button do what the tool ``name`` does.

        Whoever measures sees what has been measured.
        """
        self.hand = name
        if not self._marks.shown and isinstance(self.hands[name](), PlaceHand):
            self._action("measurements").trigger()
        self._chosen.start()
        self._action(f"tool_{name}").setChecked(True)
        for pane in self._panes():
            self.give(pane)

    def start_over(self) -> None:
        """Nothing chosen, as at the start: moving, the smallest magnification, marks in sight."""
        self._power.times = LEAST
        self._action("measurements").setChecked(True)
        self._marks.show_all(True)
        self.use(MOVING)

    def take(self, name: str) -> None:
        """A tool's key or button: that tool, or moving when it is in use already."""
        self.use(MOVING if name == self.hand else name)

    def give(self, pane: ViewPane) -> None:
        """Put the tool in use into a pane's hand; measurements belong to the open study, so that
        none is begun on a prior's image.
        """
        hand = self.hands[self.hand]()
        pane.hand = MoveHand() if pane.prior and isinstance(hand, PlaceHand) else hand

    def left_by(self, event: QKeyEvent) -> bool:
        """Whether a key that went down leaves the tool: Esc does."""
        if event.key() != Qt.Key.Key_Escape or self.hand == MOVING:
            return False
        self.use(MOVING)
        return True

    def returned_by(self, event: QKeyEvent) -> bool:
        """Whether a key that came up gives back the tool that it lent while it was held."""
        keys = self._action(f"tool_{self.hand}").shortcuts()
        released = QKeySequence(event.key()).toString()
        held = released in [key.toString().rpartition("+")[2] for key in keys]
        if not held or event.isAutoRepeat() or not self._chosen.hasExpired(_HELD_MS):
            return False
        self.use(MOVING)
        return True
