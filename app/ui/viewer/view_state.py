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
