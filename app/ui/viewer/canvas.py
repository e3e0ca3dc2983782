"""One radiograph on black: what can be done to its view, and how it is painted.

Everything that can be decided without a widget is decided elsewhere (geometry, windowing, overlay
lines, rendering). What mouse and keys do is said in :mod:`app.ui.viewer.pane`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph, View, Voi
from app.ui import theme
from app.ui.viewer.attention import AttentionLayer
from app.ui.viewer.frame_bar import frame_words
from app.ui.viewer.geometry import Geometry
from app.ui.viewer.lettering import draw_corners, draw_markers
from app.ui.viewer.markers import Edge, side_markers
from app.ui.viewer.overlay import (
    LEAD,
    Corners,
    blinded,
    caption,
    odd_line,
    patient_lines,
    study_lines,
)
from app.ui.viewer.rendering import Renderer
from app.ui.viewer.view_state import ViewState, carried_over, followed
from app.ui.viewer.windowing import Windowing

_IDLE_MS = 120


class Canvas(QWidget):
    """Shows one radiograph; pixels stay as stored, the drafts depend on nothing done here.

    ``window_changed(center, width)`` in modality units, not while a LUT is active;
    ``changed(what)`` when the reader has set the view otherwise: "window", "invert", "zoom",
    "move", "turn", "flip" or "reset"; ``grays_changed(gesture)`` with what was done to the gray
    values, a function of a :class:`Windowing`, for linked images to do the same.
    """

    window_changed = Signal(float, float)
    changed = Signal(str)
    grays_changed = Signal(object)

    def __init__(
        self, radiograph: Radiograph, pyramid: Pyramid | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.radiograph = radiograph
        self.windowing = Windowing(radiograph)
        self.attention = AttentionLayer(radiograph.width, radiograph.height)
        self.renderer = Renderer(radiograph, pyramid)
        self.place = ""  # "1 / 2" when there are several images
        self.key_image = False  # marked by the reader
        self.words: tuple[str, ...] | None = None  # all that is said of an image shown blinded
        self.prior = ""  # what marks it as an image of an earlier study; "" for the open study's
        self._geometry = self._upright()
        self._identity_hidden = False
        self._highlighted = False
        self._inset = 0
        self._bottom = 0  # logical pixels that words leave free for what stands there
        self._cursor: tuple[float, float] | None = None
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Radiograph")
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
        return self._geometry.zoom * self.pixel_ratio() * 100

    def pixel_ratio(self) -> float:
        """Device pixels per logical pixel of what is painted on."""
        return self.devicePixelRatioF()

    @property
    def choices(self) -> tuple[Voi, ...]:
        """The file's VOI LUTs and windows, then Auto; empty for a colour image."""
        return self.windowing.choices

    def corners(self) -> Corners:
        """What is written over the image now."""
        return self._corners(self._identity_hidden)

    def _corners(self, identity_hidden: bool) -> Corners:
        percent = self.zoom_percent
        zoom = f"zoom {percent:.0f} %" if percent >= 10 else f"zoom {percent:.1f} %"
        shown = [f"rotated {90 * self._geometry.quarters}°"] if self._geometry.quarters else []
        shown += ["mirrored"] if self._geometry.mirrored else []
        shown += ["inverted"] if self.windowing.invert else []
        if self.words is not None:
            return blinded(self.words, shown, self.windowing.numbers())
        size = f"{self.radiograph.width} × {self.radiograph.height} px"
        frames = self.radiograph.frames
        if frames > 1:
            size = f"{frame_words(self.radiograph.frame, frames)} · {size}"
        if self.radiograph.reduction > 1:
            size = "preview, the whole image is being read"
        layer = self.attention
        return Corners(
            top_left=patient_lines(self.radiograph, identity_hidden),
            top_right=study_lines(self.radiograph, identity_hidden)
            + ((self.place,) if self.place else ()),
            bottom_left=tuple(
                line for line in (" · ".join(shown), size, self.windowing.label(), zoom) if line
            ),
            key_image=self.key_image,
            prior=self.prior,
            odd=odd_line(self.radiograph),
            attention=caption(layer.subject, layer.opacity, layer.lead) if layer.shown else None,
        )

    def markers(self) -> dict[Edge, str]:
        """The side markers as they stand on the screen now."""
        return side_markers(
            self.radiograph.header.patient_orientation,
            self._geometry.turn,
            lateral=self.radiograph.view is View.LATERAL,
        )

    def state(self) -> ViewState:
        """How the reader has set this image."""
        return ViewState(self._geometry, self.windowing.voi, self.windowing.invert)

    def restore(self, state: ViewState) -> None:
        """Set the image as ``state`` says, which may come from another pane or size.

        Not announced by :attr:`changed`: whoever restores knows.
        """
        here = self._upright().resized(self.width(), self.height())
        self._geometry = carried_over(state.geometry, here)
        self.windowing.invert = state.invert
        if state.voi is not None and self.windowing.voi is not None:
            self.windowing.choose(state.voi)
        self._regrayed()

    def show_frame(self, radiograph: Radiograph, pyramid: Pyramid | None = None) -> None:
        """Another frame of the same file, seen as this one is: place, window and inversion stay."""
        before = self.windowing
        self.radiograph = radiograph
        self.windowing = Windowing(radiograph)
        self.windowing.take_over(before)
        self.renderer = Renderer(radiograph, pyramid)
        self.attention.set_map(None, "")
        self._regrayed()

    def image_point(self, at: QPointF) -> tuple[float, float]:
        """The point of the image, in its pixels, under a point of the pane; also beside it."""
        return self._geometry.to_image(at.x(), at.y())

    def screen_point(self, x: float, y: float) -> QPointF:
        """The point of the pane over a point of the image."""
        return QPointF(*self._geometry.to_screen(x, y))

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
        self._chosen()

    def next_voi(self) -> None:
        """The next of :attr:`choices`."""
        self.windowing.choose_next()
        self._chosen()

    def auto_window(self) -> None:
        """Window by the percentiles of the stored values."""
        self._gray(Windowing.choose_auto, "window")

    def file_window(self) -> None:
        """The window or LUT that the file asks for."""
        self._gray(Windowing.choose_first, "window")

    def lung_window(self) -> None:
        """Window for the lungs."""
        self._gray(Windowing.choose_lung, "window")

    def dense_window(self) -> None:
        """Window for mediastinum and bone."""
        self._gray(Windowing.choose_dense, "window")

    def adjust_window(self, dx: float, dy: float) -> None:
        """As a drag by (dx, dy) logical pixels does: right is wider, up is brighter."""
        self._idle.start()
        self._gray(lambda windowing: windowing.drag(dx, dy), "window")

    def invert(self) -> None:
        """Exchange black and white."""
        self.windowing.toggle_invert()
        inverted = self.windowing.invert
        self.grays_changed.emit(lambda windowing: windowing.set_invert(inverted))
        self._regrayed("invert")

    def fit(self) -> None:
        """The whole image."""
        self._moved_to(self._geometry.fit(), "zoom")

    def actual_size(self) -> None:
        """One image pixel on one device pixel."""
        one = 1 / self.devicePixelRatioF()
        self._moved_to(self._geometry.zoomed(one, self._zoom_point()), "zoom")

    def zoom_by(self, factor: float) -> None:
        """Zoom at the mouse when it is over the image, else at the middle."""
        self.zoom_at(factor, self._zoom_point())

    def zoom_at(self, factor: float, at: tuple[float, float] | None) -> None:
        """Zoom, the image point under ``at`` (logical pixels; None: the middle) staying there."""
        self._moved_to(self._geometry.zoomed(self._geometry.zoom * factor, at), "zoom")

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        self._moved_to(self._geometry.panned(dx, dy), "move")

    def rotate(self, quarters: int) -> None:
        """Turn clockwise by quarters of a turn."""
        self._moved_to(self._geometry.rotated(quarters), "turn")

    def flip_horizontally(self) -> None:
        """Exchange left and right; the side markers follow."""
        self._moved_to(self._geometry.flipped_horizontally(), "flip")

    def flip_vertically(self) -> None:
        """Exchange top and bottom; the side markers follow."""
        self._moved_to(self._geometry.flipped_vertically(), "flip")

    def reset(self) -> None:
        """Everything as it was when the image was opened."""
        self._geometry = self._upright().resized(self.width(), self.height())
        self._gray(Windowing.reset, "reset")

    def follow_grays(self, gesture: Callable[[Windowing], None]) -> None:
        """Do to the gray values what was done to those of a linked image; not announced again."""
        self._idle.start()
        gesture(self.windowing)
        self._regrayed()

    def follow_place(self, geometry: Geometry) -> None:
        """Zoom and move as a linked image is; not announced again."""
        self._idle.start()
        self._geometry = followed(geometry, self._geometry)
        self.update()

    def set_attention(
        self, attention: NDArray[np.floating] | None, subject: str, lead: str = LEAD
    ) -> None:
        """Use a map over the whole image, or none; ``subject`` is the word it belongs to."""
        self.attention.set_map(attention, subject, lead)
        self.update()

    # painting

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._geometry = self._geometry.resized(self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint(painter, self.corners(), self._inset, self._bottom, in_window=True)
        if self._highlighted:
            painter.setPen(QPen(QColor(theme.ACCENT), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def paint_picture(self, painter: QPainter, *, identity_hidden: bool) -> None:
        """Paint what the pane shows, without what belongs to the window alone: the tool in use, the
        edge, room for the strip.
        """
        self._paint(painter, self._corners(identity_hidden), 0, 0, in_window=False)

    def paint_over(self, painter: QPainter, *, in_window: bool) -> None:
        """What lies between the image and the words; nothing here."""

    def _paint(
        self, painter: QPainter, corners: Corners, left: int, bottom: int, *, in_window: bool
    ) -> None:
        painter.fillRect(self.rect(), QColor(theme.BLACK))
        self._paint_image(painter)
        if self.attention.shown:
            self._paint_attention(painter)
        self.paint_over(painter, in_window=in_window)
        area = QRectF(self.rect()).adjusted(12 + left, 10, -12, -10 - bottom)
        draw_corners(painter, area, corners)
        draw_markers(painter, self._marker_area(area), self.markers())

    def _paint_image(self, painter: QPainter) -> None:
        geometry = self._geometry
        scale = geometry.zoom * self.pixel_ratio()
        level = self.renderer.level_for(scale, self._idle.isActive())
        table = self.windowing.table()
        part = self.renderer.render(geometry.visible(), geometry.turn, level, table)
        if part is None:
            return
        place = QRectF(*geometry.screen_rect(part.left, part.top, part.right, part.bottom))
        exact = abs(scale * (1 << part.level) - 1) < 1e-6
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        if exact:
            place.moveTopLeft(_on_device_pixel(painter, place.topLeft()))
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

    def _gray(self, gesture: Callable[[Windowing], None], what: str) -> None:
        gesture(self.windowing)
        self.grays_changed.emit(gesture)
        self._regrayed(what)

    def _chosen(self) -> None:
        """A linked image has windows of its own: it takes the one that is called the same."""
        here = self.windowing
        self.grays_changed.emit(lambda windowing: windowing.choose_as(here))
        self._regrayed("window")

    def _moved_to(self, geometry: Geometry, what: str) -> None:
        self._geometry = geometry
        self.changed.emit(what)
        self.update()

    def _regrayed(self, what: str = "") -> None:
        window = self.windowing.window
        if window is not None:
            self.window_changed.emit(window.center, window.width)
        if what:
            self.changed.emit(what)
        self.update()


def _on_device_pixel(painter: QPainter, at: QPointF) -> QPointF:
    """The nearest corner of a device pixel: on a screen of 125 % a logical pixel has no such, and
    an image placed between them would show some of its pixels twice and others not at all.
    """
    device = painter.deviceTransform()
    back, invertible = device.inverted()
    point = device.map(at)
    return back.map(QPointF(round(point.x()), round(point.y()))) if invertible else at
