"""Small pictures of radiographs for the worklist, made in the loader's thread.

Only QImage is used here: it may be touched outside the window's thread, QPixmap may not.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage

from app.imaging import lut
from app.imaging.radiograph import Radiograph


def thumbnail(radiograph: Radiograph, side: int) -> QImage:
    """The middle square of ``radiograph`` as it would be shown first, ``side`` × ``side``
    pixels.
    """
    step = max(1, min(radiograph.height, radiograph.width) // (2 * side))
    pixels = radiograph.pixels[::step, ::step]
    if radiograph.colour:
        shown = np.ascontiguousarray(pixels, dtype=np.uint8)
        kind = QImage.Format.Format_RGB888
    else:
        table = lut.display_table(radiograph, lut.choices(radiograph)[0])
        shown = np.ascontiguousarray(lut.render(pixels, table))
        kind = QImage.Format.Format_Grayscale8
    height, width = shown.shape[:2]
    image = QImage(shown.data, width, height, shown.strides[0], kind)
    edge = min(width, height)
    middle = QRect((width - edge) // 2, (height - edge) // 2, edge, edge)
    return image.copy(middle).scaled(
        side,
        side,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
