"""One radiograph on black: what the mouse does to it and how it is painted.

Everything that can be decided without a widget is decided elsewhere (geometry, windowing, overlay
lines, rendering); this is where events come in and pixels go out.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph, View, Voi
from app.ui import theme
from app.ui.viewer.attention import AttentionLayer
from app.ui.viewer.geometry import Geometry
from app.ui.viewer.lettering import draw_corners, draw_markers
from app.ui.viewer.markers import Edge, side_markers
from app.ui.viewer.overlay import Corners, caption, patient_lines, study_lines
from app.ui.viewer.rendering import Renderer
from app.ui.viewer.windowing import Windowing

_IDLE_MS = 120
_WHEEL_STEP = 1.2  # zoom per notch
_DRAG_ZOOM = 160.0  # logical pixels of dragging that double the zoom
_CLICK_PX = 4  # a right press that moves less is a click


class Tool(Enum):
    """What dragging with the left button does. Right always windows, middle always pans."""

    PAN = "pan"
    WINDOW = "window"
    ZOOM = "zoom"


class ViewPane(QWidget):
    """Shows one radiograph; pixels stay as stored, the drafts depend on nothing done here."""

    window_changed = Signal(
        float, float
    )  # center, width in modality units; not while a LUT is active
    hovered = Signal(float, float)  # x, y of the image under the mouse, each in [0, 1)
    left = Signal()  # the mouse is no longer over the image
    activated = Signal()
    menu_requested = Signal(QPoint)  # global position of a right click that was no drag

    def __init__(
        self, radiograph: Radiograph, pyramid: Pyramid | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.radiograph = radiograph
        self.windowing = Windowing(radiograph)
        self.attention = AttentionLayer(radiograph.width, radiograph.height)
        self.renderer = Renderer(radiograph, pyramid)
        self.tool = Tool.PAN
        self.place = ""  # "1 / 2" when there are several images
        self._geometry = self._upright()
        self._identity_hidden = False
        self._highlighted = False
        self._inset = 0
        self._button: Qt.MouseButton | None = None
        self._pressed = self._last = QPointF()
        self._dragged = False
        self._cursor: tuple[float, float] | None = None
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self.update)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # A click on the image takes the keys away from the editor.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Radiograph")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)

    # state

    @property
    def view_geometry(self) -> Geometry:
        """Where the image lies in the pane."""
        return self._geometry

    @property
    def zoom_percent(self) -> float:
        """Device pixels per image pixel × 100: 100 is one to one on any screen scaling."""
        return self._geometry.zoom * self.devicePixelRatioF() * 100

    @property
    def choices(self) -> tuple[Voi, ...]:
        """The file's VOI LUTs and windows, then Auto; empty for a colour image."""
        return self.windowing.choices

    def corners(self) -> Corners:
        """What is written over the image now."""
        percent = self.zoom_percent
        zoom = f"zoom {percent:.0f} %" if percent >= 10 else f"zoom {percent:.1f} %"
        shown = [f"rotated {90 * self._geometry.quarters}°"] if self._geometry.quarters else []
        shown += ["mirrored"] if self._geometry.mirrored else []
        shown += ["inverted"] if self.windowing.invert else []
        size = f"{self.radiograph.width} × {self.radiograph.height} px"
        layer = self.attention
        return Corners(
            top_left=patient_lines(self.radiograph, self._identity_hidden),
            top_right=study_lines(self.radiograph, self._identity_hidden)
            + ((self.place,) if self.place else ()),
            bottom_left=tuple(
                line for line in (" · ".join(shown), size, self.windowing.label(), zoom) if line
            ),
            attention=caption(layer.subject, layer.opacity) if layer.shown else None,
        )

    def markers(self) -> dict[Edge, str]:
        """The side markers as they stand on the screen now."""
        return side_markers(
            self.radiograph.header.patient_orientation,
            self._geometry.turn,
            lateral=self.radiograph.view is View.LATERAL,
        )

    # what can be done to the view

    def set_identity_hidden(self, hidden: bool) -> None:
        """Write "identity hidden" in place of name and id."""
        self._identity_hidden = hidden
        self.update()

    def set_highlighted(self, highlighted: bool) -> None:
        """Draw a thin edge around the pane: it is the one that keys act on."""
        self._highlighted = highlighted
        self.update()

    def set_inset(self, left: int) -> None:
        """Keep the words clear of the left edge: logical pixels that the tool strip takes."""
        self._inset = left
        self.update()

    def set_voi(self, voi: Voi) -> None:
        """Use one of :attr:`choices`, or any window."""
        self.windowing.choose(voi)
        self._regrayed()

    def next_voi(self) -> None:
        """The next of :attr:`choices`."""
        self.windowing.choose_next()
        self._regrayed()

    def auto_window(self) -> None:
        """Window by the percentiles of the stored values."""
        self.windowing.choose_auto()
        self._regrayed()

    def adjust_window(self, dx: float, dy: float) -> None:
        """As a drag by (dx, dy) logical pixels does: right is wider, up is brighter."""
        self.windowing.drag(dx, dy)
        self._idle.start()
        self._regrayed()

    def invert(self) -> None:
        """Exchange black and white."""
        self.windowing.toggle_invert()
        self._regrayed()

    def fit(self) -> None:
        """The whole image."""
        self._moved_to(self._geometry.fit())

    def actual_size(self) -> None:
        """One image pixel on one device pixel."""
        self._moved_to(self._geometry.zoomed(1 / self.devicePixelRatioF(), self._zoom_point()))

    def zoom_by(self, factor: float) -> None:
        """Zoom at the mouse when it is over the image, else at the middle."""
        self._moved_to(self._geometry.zoomed(self._geometry.zoom * factor, self._zoom_point()))

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        self._moved_to(self._geometry.panned(dx, dy))

    def rotate(self, quarters: int) -> None:
        """Turn clockwise by quarters of a turn."""
        self._moved_to(self._geometry.rotated(quarters))

    def flip_horizontally(self) -> None:
        """Exchange left and right; the side markers follow."""
        self._moved_to(self._geometry.flipped_horizontally())

    def flip_vertically(self) -> None:
        """Exchange top and bottom; the side markers follow."""
        self._moved_to(self._geometry.flipped_vertically())

    def reset(self) -> None:
        """Everything as it was when the image was opened."""
        self.windowing.reset()
        self._geometry = self._upright().resized(self.width(), self.height())
        self._regrayed()

    def set_attention(self, attention: NDArray[np.floating] | None, subject: str) -> None:
        """Use a map (8, 8) over the whole image, or none; ``subject`` is the word it belongs to."""
        self.attention.set_map(attention, subject)
        self.update()

    # painting

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._geometry = self._geometry.resized(self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.BLACK))
        self._paint_image(painter)
        if self.attention.shown:
            self._paint_attention(painter)
        area = QRectF(self.rect()).adjusted(12 + self._inset, 10, -12, -10)
        draw_corners(painter, area, self.corners())
        draw_markers(painter, self._marker_area(area), self.markers())
        if self._highlighted:
            painter.setPen(QPen(QColor(theme.ACCENT), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_image(self, painter: QPainter) -> None:
        geometry = self._geometry
        scale = geometry.zoom * self.devicePixelRatioF()
        level = self.renderer.level_for(scale, self._idle.isActive())
        table = self.windowing.table()
        part = self.renderer.render(geometry.visible(), geometry.turn, level, table)
        if part is None:
            return
        place = QRectF(*geometry.screen_rect(part.left, part.top, part.right, part.bottom))
        exact = abs(scale * (1 << part.level) - 1) < 1e-6
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        # The last pixel of a level may reach past the edge of an odd-sized image.
        painter.setClipRect(QRectF(*geometry.image_rect))
        painter.drawImage(place, part.image)
        painter.setClipping(False)

    def _paint_attention(self, painter: QPainter) -> None:
        geometry = self._geometry
        image = self.attention.image(geometry.turn)
        if image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(QRectF(*geometry.image_rect), image)
        cell = self.attention.cell_at(*self._cursor) if self._cursor else None
        if cell:
            width, height = geometry.image
            top, left, bottom, right = cell
            rect = geometry.screen_rect(left * width, top * height, right * width, bottom * height)
            color = QColor(theme.ATTENTION)
            color.setAlpha(110)
            painter.setPen(QPen(color, 1))
            painter.drawRect(QRectF(*rect))

    def _marker_area(self, words: QRectF) -> QRectF:
        image = QRectF(*self._geometry.image_rect).adjusted(8, 8, -8, -8)
        area = image.intersected(words)
        return area if area.width() > 60 and area.height() > 60 else words

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self._button is None:
            self._button = event.button()
            self._pressed = self._last = event.position()
            self._dragged = False

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
                self._drag(step.x(), step.y())
        self._hover(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != self._button:
            return
        clicked_right = self._button == Qt.MouseButton.RightButton and not self._dragged
        self._button = None
        if clicked_right:
            self.menu_requested.emit(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            position = event.position()
            zoom = self._geometry.zoom * _WHEEL_STEP**notches
            self._idle.start()
            self._moved_to(self._geometry.zoomed(zoom, (position.x(), position.y())))
            self._hover(position)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _drag(self, dx: float, dy: float) -> None:
        self._idle.start()
        left = self._button == Qt.MouseButton.LeftButton
        if self._button == Qt.MouseButton.RightButton or (left and self.tool is Tool.WINDOW):
            self.adjust_window(dx, dy)
        elif left and self.tool is Tool.ZOOM:
            zoom = self._geometry.zoom * 2 ** (-dy / _DRAG_ZOOM)
            at = (self._pressed.x(), self._pressed.y())
            self._moved_to(self._geometry.zoomed(zoom, at))
        elif left or self._button == Qt.MouseButton.MiddleButton:
            self.pan(dx, dy)

    def _hover(self, position: QPointF | None) -> None:
        before, self._cursor = self._cursor, None
        if position is not None and self._geometry.contains(position.x(), position.y()):
            x, y = self._geometry.to_image(position.x(), position.y())
            self._cursor = (x / self.radiograph.width, y / self.radiograph.height)
        if self._cursor is not None:
            self.hovered.emit(*self._cursor)
        elif before is not None:
            self.left.emit()
        if self.attention.shown and self._cursor != before:
            self.update()

    # inside

    def _upright(self) -> Geometry:
        spacing = self.radiograph.spacing
        aspect = spacing.row_mm / spacing.column_mm if spacing else 1.0
        image = (self.radiograph.width, self.radiograph.height)
        return Geometry(image, (float(self.width()), float(self.height())), aspect=aspect).fit()

    def _zoom_point(self) -> tuple[float, float] | None:
        if self._cursor is None:
            return None
        width, height = self._geometry.image
        return self._geometry.to_screen(self._cursor[0] * width, self._cursor[1] * height)

    def _moved_to(self, geometry: Geometry) -> None:
        self._geometry = geometry
        self.update()

    def _regrayed(self) -> None:
        window = self.windowing.window
        if window is not None:
            self.window_changed.emit(window.center, window.width)
        self.update()
