"""Is this one frontal chest radiograph, fit to be drafted? By its tags, size and kind only.

What the file says of itself decides; what the picture shows is not looked at, beyond being blank.
A file that says nothing passes: a PNG has no tags.
"""

from __future__ import annotations

import re

import numpy as np

from app.imaging.radiograph import Radiograph, View

SMALLEST_SIDE = 64
"""Shorter side in pixels; the model's input has 256."""

LONGEST_ASPECT = 3.0
"""Longer side over shorter side; chest radiographs stay below 1.5, tight crops below 2.5."""

_RADIOGRAPHY = {"CR", "DX", "RG", "DR"}
_CHEST = {"CHEST", "THORAX", "TORAX", "LUNG", "LUNGS", "胸部", "胸"}
_MODALITIES = {
    "CT": "computed tomography",
    "MR": "magnetic resonance",
    "MG": "mammography",
    "US": "ultrasound",
    "XA": "angiography",
    "RF": "fluoroscopy",
    "NM": "nuclear medicine",
    "PT": "positron emission tomography",
    "PX": "dental panoramic radiography",
    "IO": "intra-oral radiography",
    "XC": "photography",
    "ES": "endoscopy",
    "OT": "other",
    "SC": "secondary capture",
}
_COLOURED, _COLOURED_SHARE = 24, 0.05


def reasons(radiograph: Radiograph) -> tuple[str, ...]:
    """Return whole sentences on why no draft should be made of this image; empty when it passes."""
    return tuple(
        sentence
        for sentence in (
            _modality(radiograph),
            _body_part(radiograph),
            _view(radiograph),
            _processing(radiograph),
            _frames(radiograph),
            _colour(radiograph),
            _size(radiograph),
            _blank(radiograph),
        )
        if sentence
    )


def _modality(radiograph: Radiograph) -> str:
    modality = radiograph.header.modality
    if not modality or modality in _RADIOGRAPHY:
        return ""
    name = _MODALITIES.get(modality)
    known = f"{modality} ({name})" if name else modality
    return f"The file gives its modality as {known}, not as radiography (CR or DX)."


def _body_part(radiograph: Radiograph) -> str:
    body_part = radiograph.header.body_part
    if not body_part or _CHEST & set(re.split(r"[\W_]+", body_part)):
        return ""
    return f"The file gives the body part as {body_part}, not as chest."


def _view(radiograph: Radiograph) -> str:
    if radiograph.view is View.LATERAL:
        return "This is a lateral view; the model has learned from frontal views (PA and AP)."
    if radiograph.view is View.OTHER:
        return "The file names a view that is neither PA nor AP, such as an oblique or decubitus."
    return ""


def _processing(radiograph: Radiograph) -> str:
    if radiograph.header.presentation_intent != "FOR PROCESSING":
        return ""
    return "This is the detector's raw image (FOR PROCESSING), not the one made for reading."


def _frames(radiograph: Radiograph) -> str:
    if radiograph.frames == 1:
        return ""
    return f"The file is a series of {radiograph.frames} frames, not a single radiograph."


def _colour(radiograph: Radiograph) -> str:
    """A coloured arrow or logo does not make a colour picture; a twentieth of the area does."""
    if not radiograph.colour:
        return ""
    pixels = radiograph.pixels[::4, ::4].astype(np.int16)
    coloured = pixels.max(axis=2) - pixels.min(axis=2) > _COLOURED
    if coloured.mean() < _COLOURED_SHARE:
        return ""
    return "This is a colour picture; radiographs are gray."


def _size(radiograph: Radiograph) -> str:
    height, width = radiograph.height, radiograph.width
    shorter, longer = sorted((height, width))
    if shorter < SMALLEST_SIDE:
        return (
            f"The image has {width} × {height} pixels; at least {SMALLEST_SIDE} on the shorter "
            "side are needed."
        )
    if longer > LONGEST_ASPECT * shorter:
        return f"The image is a strip of {width} × {height} pixels, not a whole chest."
    return ""


def _blank(radiograph: Radiograph) -> str:
    if radiograph.pixels.min() != radiograph.pixels.max():
        return ""
    return "The image is blank: every pixel has the same value."
