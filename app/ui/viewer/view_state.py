"""How a reader has set one image: place, size, turn and gray values, as one value.

For whoever needs it whole: undo goes back to it, the full image takes it over from its preview, and
linked panes follow it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.imaging.radiograph import Voi
from app.ui.viewer.geometry import Geometry


@dataclass(frozen=True)
class ViewState:
    """``voi`` None for a colour image; ``invert`` is the reader's own inversion."""

    geometry: Geometry
    voi: Voi | None
    invert: bool


def followed(geometry: Geometry, onto: Geometry) -> Geometry:
    """``onto``'s image, turned as it is, zoomed and placed as ``geometry``'s looks on the screen.

    For linked images: the zoom counts from the fitted size, the place in shares of what is shown.
    """
    if geometry.fitted:
        return onto.fit()
    zoom = geometry.zoom / geometry.fit_zoom * onto.fit_zoom
    zoomed = replace(onto, zoom=zoom, fitted=False)
    left, top, width, height = geometry.image_rect
    across = (geometry.viewport[0] / 2 - left) / width
    down = (geometry.viewport[1] / 2 - top) / height
    left, top, width, height = zoomed.image_rect
    return zoomed.panned(
        onto.viewport[0] / 2 - (left + across * width), onto.viewport[1] / 2 - (top + down * height)
    )


def carried_over(geometry: Geometry, onto: Geometry) -> Geometry:
    """``onto``'s image shown as ``geometry`` shows its own: same part, same turn, relative size.

    The images may differ in pixels and the panes in size: the zoom counts from the fitted size,
    the middle in shares of the image.
    """
    turned = replace(onto, turn=geometry.turn)
    if geometry.fitted:
        return turned.fit()
    middle = (
        geometry.center[0] / geometry.image[0] * turned.image[0],
        geometry.center[1] / geometry.image[1] * turned.image[1],
    )
    zoom = geometry.zoom / geometry.fit_zoom * turned.fit_zoom
    return replace(turned, zoom=zoom, center=middle, fitted=False)
