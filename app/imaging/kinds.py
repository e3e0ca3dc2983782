"""What kind of file this is, told from its first bytes and never from its name."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Literal

from app.errors import StudyError
from app.imaging.pixels import unreadable
from app.imaging.raster import is_raster

Kind = Literal["dicom", "raster", "zip", "empty", "unknown"]

SUFFIXES = frozenset({".dcm", ".dicom", ".dic", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"})
"""Endings of files that are expected to open; others in a folder are tried, in silence."""


def kind_of(path: Path) -> Kind:
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError as error:
        raise unreadable(path, error) from error
    if not start:
        return "empty"
    if is_dicom(start):  # asked first: a DICOM file's preamble may be a TIFF header (PS3.10 7.1)
        return "dicom"
    if is_raster(start):
        return "raster"
    return "zip" if start.startswith(b"PK\x03\x04") else "unknown"


def no_image(path: Path, kind: Literal["empty", "zip", "unknown"]) -> StudyError:
    if kind == "empty":
        return StudyError(f"“{path.name}” is empty (0 bytes).", "Copy it again from its source.")
    if kind == "zip":
        return StudyError(
            f"“{path.name}” is a ZIP archive and no single image.",
            "Open it with File > Open, or unpack it.",
        )
    what = "is named like an image but is" if path.suffix.lower() in SUFFIXES else "is"
    return StudyError(
        f"“{path.name}” {what} neither a DICOM file nor a PNG, JPEG, WebP or TIFF picture.",
        "Open an image file or a folder with images.",
    )


def is_dicom(start: bytes) -> bool:
    """Tell from a file's first 132 bytes or more: the prefix, or a plausible first element."""
    return start[128:132] == b"DICM" or _bare(start)


def _bare(start: bytes) -> bool:
    """Is this a data set without preamble, opening with a short element of group 2 or 8?"""
    if len(start) < 16:
        return False
    for order in ("<", ">"):
        group, element, short = struct.unpack(order + "HH2xH", start[:8])
        (length,) = struct.unpack(order + "I", start[4:8])
        explicit = start[4:6].isalpha() and start[4:6].isupper() and start[4:6].isascii()
        if group in (2, 8) and element < 0x100 and (short if explicit else length) <= 256:
            return True
    return False
