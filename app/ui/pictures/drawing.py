"""A pane as a picture: as it is shown, or the whole image at its full resolution.

Both are painted by the pane's own code, so that a picture can't differ from the screen. A picture
never carries anything but pixels.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from app.imaging.radiograph import Radiograph
from app.ui import theme
from app.ui.viewer.geometry import Geometry
from app.ui.viewer.lettering import draw_text, overlay_font
from app.ui.viewer.overlay import Corners, patient_lines, study_lines
from app.ui.viewer.pane import ViewPane

_LONGER_SIDE = 1100.0  # logical pixels of a whole image: what words and lines are sized for
_BAR_MM = (5, 10, 20, 50, 100, 200)
_BAR_SHARE = 0.3  # of the width, at most


def as_shown(pane: ViewPane, *, identity_hidden: bool = True, finer: float = 1.0) -> QImage:
    """The pane as it is on the screen, at the screen's resolution or ``finer`` than that."""
    ratio = pane.pixel_ratio() * finer
    picture = _paper(round(pane.width() * ratio), round(pane.height() * ratio), ratio)
    shown = pane if finer == 1.0 else _Copy(pane, pane.view_geometry, ratio)
    painter = QPainter(picture)
    shown.paint_picture(painter, identity_hidden=identity_hidden)
    painter.end()
    return picture


def whole_image(pane: ViewPane, *, identity_hidden: bool = True) -> QImage:
    """The whole image, one pixel per image pixel, in the pane's gray values and turn.

    With what is drawn on it, side markers and a scale; without the words in the corners, which
    would cover it, except what kind of map lies over it, and who it is when ``identity_hidden`` is
    False.
    """
    width, height = full_size(pane)
    ratio = max(1.0, max(width, height) / _LONGER_SIDE)
    seen, logical = pane.view_geometry, (width / ratio, height / ratio)
    whole = _Whole(
        pane,
        Geometry(seen.image, logical, turn=seen.turn, aspect=seen.aspect, margin=0.0).fit(),
        ratio,
    )
    picture = _paper(width, height, ratio)
    painter = QPainter(picture)
    whole.paint_picture(painter, identity_hidden=identity_hidden)
    draw_scale(painter, QRectF(whole.rect()).adjusted(14, 14, -14, -14), whole)
    painter.end()
    return picture


def full_size(pane: ViewPane) -> tuple[int, int]:
    """(width, height) of :func:`whole_image` in pixels."""
    geometry = pane.view_geometry
    width, height = float(geometry.image[0]), geometry.image[1] * geometry.aspect
    if geometry.turn[0] == 0:
        width, height = height, width
    return math.ceil(width - 1e-6), math.ceil(height - 1e-6)


class _Copy(ViewPane):
    """A pane that was never on a screen: another one's image, gray values and layers."""

    def __init__(self, shown: ViewPane, geometry: Geometry, ratio: float) -> None:
        super().__init__(shown.radiograph)
        self._ratio = ratio
        self.windowing = shown.windowing
        self.renderer = shown.renderer.another()
        self.attention = shown.attention
        self.layers = list(shown.layers)
        self.place = shown.place
        self.resize(math.ceil(geometry.viewport[0]), math.ceil(geometry.viewport[1]))
        self._geometry = geometry

    def pixel_ratio(self) -> float:
        return self._ratio


class _Whole(_Copy):
    """Without words in its corners, which would cover the image, but for what a map is."""

    def _corners(self, identity_hidden: bool) -> Corners:
        caption = super()._corners(identity_hidden).attention
        named = ("".join(caption),) if caption else ()  # at the left: the scale is at the right
        if identity_hidden:
            return Corners(bottom_left=named)
        return Corners(
            bottom_left=named,
            top_left=patient_lines(self.radiograph, False),
            top_right=study_lines(self.radiograph, False),
        )


def draw_scale(painter: QPainter, area: QRectF, pane: ViewPane) -> None:
    """A bar of a round length at the bottom right, with what the length is worth; none without a
    spacing.
    """
    spacing = pane.radiograph.spacing
    if spacing is None:
        return
    # A turned image has its columns upright; pixels are painted as high as they really are.
    per_mm = pane.view_geometry.zoom / spacing.column_mm
    fitting = [mm for mm in _BAR_MM if mm * per_mm <= area.width() * _BAR_SHARE]
    if not fitting:
        return
    length = fitting[-1] * per_mm
    label = f"{scale_label(fitting[-1])} · {spacing.kind}"
    painter.setFont(overlay_font(painter.font()))
    metrics = QFontMetricsF(painter.font())
    right, y = area.right(), area.bottom() - 4
    left = right - length
    for color, width in ((QColor(0, 0, 0, 170), 4.0), (QColor(theme.TEXT), 1.75)):
        painter.setPen(QPen(color, width))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.drawLine(QPointF(left, y - 6), QPointF(left, y))
        painter.drawLine(QPointF(right, y - 6), QPointF(right, y))
    x = right - metrics.horizontalAdvance(label)
    draw_text(painter, QPointF(x, y - 12), label, theme.TEXT)


def scale_label(mm: int) -> str:
    """``5 mm`` or ``2 cm``."""
    return f"{mm} mm" if mm < 10 else f"{mm // 10} cm"


def burned_in(radiograph: Radiograph) -> str:
    """What to say when identity is hidden: words that are part of the pixels stay. "" when the
    file promises that there are none (BurnedInAnnotation, PS3.3 C.7.6.1).
    """
    said = radiograph.header.burned_in_annotation.strip().upper()
    if said == "NO":
        return ""
    if said == "YES":
        return "The file says that words are burned into its pixels; those stay."
    return "The file doesn't say whether a name is burned into its pixels: look before you share."


def _paper(width: int, height: int, ratio: float) -> QImage:
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(theme.BLACK))
    return picture
