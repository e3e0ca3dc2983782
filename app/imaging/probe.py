"""What stands at one pixel: as it is stored, what it means, how it is shown, where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.imaging import lut
from app.imaging.radiograph import Radiograph


@dataclass(frozen=True)
class PixelReading:
    """One pixel of a radiograph.

    column, row  counted from 0 at the top left
    stored       the stored value, or (R, G, B) of a colour image
    modality     what it stands for (PS3.3 C.11.1); None for colour
    shown        the gray level 0–255 on the screen, or (R, G, B)
    padding      whether it stands for "no image here" (PS3.3 C.7.5.1.1.2)
    place_mm     (x, y) of its middle from the image's top left corner; None without a spacing
    calibration  what that is worth: "calibrated" or "detector plane"
    """

    column: int
    row: int
    stored: int | tuple[int, int, int]
    modality: float | None
    shown: int | tuple[int, int, int]
    padding: bool = False
    place_mm: tuple[float, float] | None = None
    calibration: Literal["", "calibrated", "detector plane"] = ""


def read_pixel(
    radiograph: Radiograph, column: int, row: int, table: NDArray[np.uint8]
) -> PixelReading | None:
    """Read the pixel at (column, row); None beside the image.

    ``table`` (65536,) uint8 is what the image is shown through, see
    :func:`app.imaging.lut.display_table`.
    """
    if not (0 <= column < radiograph.width and 0 <= row < radiograph.height):
        return None
    spacing = radiograph.spacing
    place = None
    if spacing is not None:
        place = ((column + 0.5) * spacing.column_mm, (row + 0.5) * spacing.row_mm)
    kind = spacing.kind if spacing is not None else ""
    pixel = radiograph.pixels[row, column]
    if radiograph.colour:
        red, green, blue = (int(value) for value in np.asarray(pixel))
        shown = (int(table[red]), int(table[green]), int(table[blue]))
        return PixelReading(
            column, row, (red, green, blue), None, shown, place_mm=place, calibration=kind
        )
    stored = int(np.asarray(pixel))
    low, high = radiograph.padding or (1, 0)
    return PixelReading(
        column,
        row,
        stored,
        float(lut.modality_values(radiograph)[stored % len(table)]),
        int(table[stored % len(table)]),
        low <= stored <= high,
        place,
        kind,
    )
