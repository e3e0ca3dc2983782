"""A pane: one radiograph, and what mouse and keys do to it.

Which button went down where and whether that was a drag is found out here; what it means is said
by a :class:`app.ui.viewer.hands.Hand`.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.ui.viewer.canvas import Canvas
from app.ui.viewer.frame_bar import BAR_HEIGHT, FrameBar
from app.ui.viewer.hands import Hand, Layer, MoveHand, WindowHand
from app.ui.viewer.region import RegionHand

_WHEEL_STEP = 1.2  # zoom per notch
_CLICK_PX = 4  # a right press that moves less is a click


class ViewPane(Canvas):
    """:attr:`hand` is what the left button does; :attr:`layers` lie over the image, the last on
    top.
    """

    hovered = Signal(float, float)  # x, y of the image under the mouse, each in [0, 1)
    left = Signal()  # the mouse is no longer over the image
    activated = Signal()
    frame_wanted = Signal(int)  # counted from 0; show_frame() when it is read
    menu_requested = Signal(QPoint)  # global position of a right click that was no drag

    def __init__(
        self, radiograph: Radiograph, pyramid: Pyramid | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(radiograph, pyramid, parent)
        self.layers: list[Layer] = []
        self._hand: Hand = MoveHand()
        self._taking: Hand = self._hand  # whose press it is
        self._button: Qt.MouseButton | None = None
        self._pressed = self._last = QPointF()
        self._dragged = False
        self._frames: FrameBar | None = None
        if radiograph.frames > 1:
            self._frames = FrameBar(radiograph.frame, radiograph.frames, self)
            self._frames.wanted.connect(self.frame_wanted)
            self._bottom = BAR_HEIGHT
        self.setMouseTracking(True)
        # A click on the image takes the keys away from the editor.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    @property
    def hand(self) -> Hand:
        """What the left button does."""
        return self._hand

    @hand.setter
    def hand(self, hand: Hand) -> None:
        self._hand.put_away(self)
        self._hand = hand
        self.setCursor(hand.cursor)
        if self.underMouse():  # a tool chosen by its key is at work before the mouse moves
            at = QPointF(self.mapFromGlobal(QCursor.pos()))
            hand.hover(self, at, Qt.KeyboardModifier.NoModifier)
        self.update()

    def step_frame(self, by: int) -> None:
        """Ask for a frame further on or back; an image of one frame has none."""
        if self._frames is not None:
            self._frames.step(by)

    def settle_frame(self) -> None:
        """The bar says which frame is shown."""
        if self._frames is not None:
            self._frames.settle(self.radiograph.frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._frames is not None:
            self._frames.place(self.width(), self.height())

    def paint_over(self, painter: QPainter, *, in_window: bool) -> None:
        hands = [self._hand, self._taking] if self._button is not None else [self._hand]
        tool = [hand.paint for hand in dict.fromkeys(hands)] if in_window else []
        for paint in (*(layer.paint for layer in self.layers), *tool):
            painter.save()
            paint(self, painter)
            painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self._button is None:
            self._button = event.button()
            self._pressed = self._last = event.position()
            self._dragged = False
            self._taking = self._taker(event)
            self._taking.press(self, event.position(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        step = position - self._last
        self._last = position
        if self._button is not None:
            if not self._dragged:
                far = (position - self._pressed).manhattanLength() >= _CLICK_PX
                step = position - self._pressed
                self._dragged = far
            if self._dragged:
                self._idle.start()
                self._taking.drag(self, position, step, event.modifiers())
        self._hover(position, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != self._button:
            return
        clicked_right = self._button == Qt.MouseButton.RightButton and not self._dragged
        self._button = None
        self._taking.release(self, event.position(), self._dragged)
        if clicked_right:
            self.menu_requested.emit(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._taker(event).double_click(self, event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        position = event.position()
        if notches and not self._hand.wheel(self, position, notches):
            self._idle.start()
            self.zoom_at(_WHEEL_STEP**notches, (position.x(), position.y()))
            self._hover(position, event.modifiers())
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(event.position(), event.modifiers())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None, Qt.KeyboardModifier.NoModifier)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        taken = self._hand.key(self, event)
        if not taken and not any(layer.key(self, event) for layer in reversed(self.layers)):
            super().keyPressEvent(event)

    def _taker(self, event: QMouseEvent) -> Hand:
        if event.button() == Qt.MouseButton.RightButton:
            region = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            return RegionHand() if region else WindowHand()
        if event.button() != Qt.MouseButton.LeftButton:
            return MoveHand() if event.button() == Qt.MouseButton.MiddleButton else Hand()
        for layer in reversed(self.layers):
            hand = layer.hand_at(self, event.position(), event.modifiers())
            if hand is not None:
                return hand
        return self._hand

    def _hover(self, position: QPointF | None, keys: Qt.KeyboardModifier) -> None:
        before, self._cursor = self._cursor, None
        if position is not None and self._geometry.contains(position.x(), position.y()):
            x, y = self.image_point(position)
            self._cursor = (x / self.radiograph.width, y / self.radiograph.height)
        if self._cursor is not None:
            self.hovered.emit(*self._cursor)
        elif before is not None:
            self.left.emit()
        if self.attention.shown and self._cursor != before:
            self.update()
        self._hand.hover(self, position, keys)
