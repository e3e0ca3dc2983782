"""What the left button does in a pane: one small class per tool, and who else may take a press.

The pane finds out which button went down where and whether it was a drag; a :class:`Hand` says what
that means. The right button always windows (with Ctrl by a region) and the middle one always moves,
whatever tool is chosen: these are the same classes, held by the pane itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

if TYPE_CHECKING:
    from app.ui.viewer.pane import ViewPane

_DRAG_ZOOM = 160.0  # logical pixels of dragging that double the zoom


class Hand:
    """One tool while it is in use on one pane; positions are logical pixels of the pane.

    ``drag`` comes only after the mouse has moved further than a click may, its first ``step`` is
    the whole way since the press. ``hover`` comes with every movement, pressed or not, and with
    None when the mouse leaves the pane. A hand that draws something says so by calling
    ``pane.update()``.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def press(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """The button went down."""

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        """The mouse moved by ``step`` with the button down."""

    def release(self, pane: ViewPane, at: QPointF, dragged: bool) -> None:
        """The button came up; ``dragged`` is False for a click."""

    def hover(self, pane: ViewPane, at: QPointF | None, keys: Qt.KeyboardModifier) -> None:
        """The mouse is there now."""

    def double_click(self, pane: ViewPane, at: QPointF) -> None:
        """The whole image again."""
        pane.fit()

    def wheel(self, pane: ViewPane, at: QPointF, notches: float) -> bool:
        """The wheel turned; True when the hand has used it, else it zooms."""
        return False

    def key(self, pane: ViewPane, event: QKeyEvent) -> bool:
        """A key while the pane has the focus; True when the hand has used it."""
        return False

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        """Draw over the image what belongs to the tool alone, in logical pixels of the pane."""

    def put_away(self, pane: ViewPane) -> None:
        """Another tool is chosen: leave nothing half done."""


HandFactory = Callable[[], Hand]
"""Makes a fresh hand for one pane."""


class Layer(Protocol):
    """Something that lies over the image of one pane, such as its measurements.

    It is painted whatever tool is chosen, and may take a press (or a key) that would otherwise be
    the tool's.
    """

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        """Draw in logical pixels of the pane."""

    def hand_at(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> Hand | None:
        """Who takes a left press there in place of the tool; None: the tool."""

    def key(self, pane: ViewPane, event: QKeyEvent) -> bool:
        """A key while the pane has the focus; True when the layer has used it."""


class MoveHand(Hand):
    """Dragging moves the image."""

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        pane.pan(step.x(), step.y())


class WindowHand(Hand):
    """Dragging windows: right is wider, up is brighter."""

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        pane.adjust_window(step.x(), step.y())


class ZoomHand(Hand):
    """Dragging up enlarges, down shrinks; the point that was pressed stays."""

    def __init__(self) -> None:
        self._pressed = QPointF()

    def press(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._pressed = at

    def drag(self, pane: ViewPane, at: QPointF, step: QPointF, keys: Qt.KeyboardModifier) -> None:
        factor = 2 ** (-step.y() / _DRAG_ZOOM)
        pane.zoom_at(factor, (self._pressed.x(), self._pressed.y()))
