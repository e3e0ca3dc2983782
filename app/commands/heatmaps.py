"""The maps of the drafts' words, saved as one picture per word.

A folder per image, ``DIR/chest-1a2b3c4d/``, and in it ``1-03-opacity.png``: rank, place in the
draft, word. The id at the end of the folder's name keeps two files of one name apart. Each picture
says inside (PNG tEXt) which model it is of, and whether its map is attention or Grad-CAM.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.errors import StoreError
from app.imaging import lut
from app.imaging.radiograph import Radiograph
from app.inference.drafts import Analysis
from app.inference.heatmap import attention_image
from app.inference.looks import GRADIENTS

LONG_SIDE = 512
"""Pixels; a map has 8 × 8 values, so that more would only cost time and room."""


def save(radiograph: Radiograph, analysis: Analysis, folder: Path) -> int:
    """Write the maps of every draft below ``folder`` and return how many.

    Each file appears whole or not at all. Raises :class:`StoreError` when one can't be written.
    """
    base, about = _picture(radiograph), _about(analysis)
    target = folder / f"{safe_name(radiograph.path.stem)}-{analysis.image_id[:8]}"
    count = 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        for draft in analysis.drafts:
            for index, (word, weights) in enumerate(
                zip(draft.words, draft.attention, strict=True), 1
            ):
                overlay = Image.fromarray(attention_image(weights, base.height, base.width))
                picture = Image.alpha_composite(base, overlay).convert("RGB")
                _write(picture, about, target / f"{draft.rank}-{index:02d}-{safe_name(word)}.png")
                count += 1
    except OSError as error:
        raise StoreError(
            f"The heat maps can't be written to {target}: {error.strerror or error}.",
            "Choose a folder that you may write to, with room left.",
        ) from error
    return count


def safe_name(text: str) -> str:
    """``text`` as a part of a file name on any system; at most 40 letters."""
    return re.sub(r"[^\w-]+", "_", text).strip("_")[:40] or "_"


def _picture(radiograph: Radiograph) -> Image.Image:
    """The radiograph in its own first window, RGBA, long side at most ``LONG_SIDE``."""
    if radiograph.colour:
        shown = radiograph.pixels.astype(np.uint8)
    else:
        table = lut.display_table(radiograph, lut.choices(radiograph)[0])
        shown = lut.render(radiograph.pixels, table)
    picture = Image.fromarray(shown)
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    return picture.convert("RGBA")


def _about(analysis: Analysis) -> PngInfo:
    about = PngInfo()
    kind = "Grad-CAM through the encoder" if analysis.looks == GRADIENTS else analysis.looks
    about.add_text("Map", kind)
    about.add_text("Model", analysis.model)
    about.add_text("Weights sha256", analysis.weights_sha256)
    return about


def _write(picture: Image.Image, about: PngInfo, path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".png")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            picture.save(file, format="PNG", compress_level=1, pnginfo=about)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
