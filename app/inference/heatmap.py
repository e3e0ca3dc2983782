"""Attention maps as pictures: for the window and for ``readingroom draft --heatmaps``.

A map says where the model looked when it wrote a word, on an 8 × 8 grid over the whole image. It is
drawn so that the radiograph stays readable beneath it: opacity grows with the value, nothing is
covered where the model did not look. numpy only, so that the window can use it without torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.inference.attention import upsample

# Anchor colours at equal steps from the lowest to the highest value, sRGB. viridis, cividis and
# magma are sampled from the tables published with matplotlib (CC0); they keep their order for
# colour-blind eyes and on a gray print. amber is one hue of growing lightness, the window's own.
_ANCHORS: dict[str, str] = {
    "amber": "8a3b12 b8571c d9772a eb9635 f2b441",
    "viridis": "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
    "cividis": "00224e 1a386f 434e6c 61646f 7d7c78 9b9476 bcae6c dfca58 fee838",
    "magma": "000004 1c1044 4f127b 812581 b5367a e55064 fb8761 fec287 fcfdbf",
}

COLOUR_MAPS: tuple[str, ...] = tuple(_ANCHORS)
"""Names for ``colour_map``; the first is the default."""


def colour_table(name: str) -> NDArray[np.uint8]:
    """The colour map ``name`` as (256, 3) uint8 RGB, lowest value first.

    Raises KeyError for a name outside :data:`COLOUR_MAPS`.
    """
    anchors = np.array([list(bytes.fromhex(code)) for code in _ANCHORS[name].split()])
    where = np.linspace(0.0, len(anchors) - 1.0, 256)
    steps = np.arange(len(anchors))
    channels = [np.interp(where, steps, anchors[:, channel]) for channel in range(3)]
    table: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return table


def attention_image(
    attention: NDArray[np.floating],
    height: int,
    width: int,
    colour_map: str = COLOUR_MAPS[0],
    opacity: float = 0.6,
) -> NDArray[np.uint8]:
    """Draw a map over a whole image: (height, width, 4) uint8 RGBA, alpha not premultiplied.

    ``attention`` (rows, columns) ≥ 0, row 0 at the top; cell (r, c) covers the r-th of ``rows``
    equal bands of the image's height and the c-th of its width. Between the cells' centers the
    value is interpolated linearly, outside the outermost centers it stays constant. Values are
    taken relative to the map's highest; alpha = ``opacity`` (0 to 1) × relative value. A map of
    zeros, or one with values that are not numbers, gives a fully transparent picture. Raises
    ValueError for anything but a 2-D map.
    """
    if attention.ndim != 2:
        raise ValueError(f"an attention map has two axes, not {attention.ndim}")
    values = np.asarray(attention, dtype=np.float32)
    highest = float(values.max(initial=0.0))
    if not np.isfinite(values).all() or highest <= 0.0:
        return np.zeros((height, width, 4), dtype=np.uint8)
    relative = np.clip(values / highest, 0.0, 1.0)
    levels = np.rint(255.0 * upsample(relative, height, width)).astype(np.uint8)
    alpha = np.arange(256) * min(max(opacity, 0.0), 1.0)
    table = np.column_stack([colour_table(colour_map), np.rint(alpha).astype(np.uint8)])
    picture: NDArray[np.uint8] = table[levels]
    return picture
