"""What holds for the pixels of every image, whatever kind of file they came from.

One size limit and one identity, so that a DICOM file and a PNG of one picture are treated alike.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import StudyError

MAX_SIDE = 16_384
"""Longest side in pixels that is opened; the largest detectors have some 5,000."""

MAX_PIXELS = 100_000_000
"""Most pixels in one image that are opened: 200 MB at 16 bits."""

GRAY_TOLERANCE = 8
"""Largest difference between the channels of a picture that still counts as gray (of 255).

Lossy WebP and JPEG give gray pictures channels that differ by one or two.
"""


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse an image by the size that its header declares, before any of it is decoded.

    ``width`` and ``height`` in pixels. Raises StudyError naming the limit.
    """
    if width < 1 or height < 1:
        raise StudyError(
            f"“{path.name}” declares an image of {width:,} × {height:,} pixels.",
            "The file is damaged; export it again.",
        )
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise StudyError(
            f"“{path.name}” is {width:,} × {height:,} pixels; the limit is {MAX_SIDE:,} pixels per "
            f"side and {MAX_PIXELS // 1_000_000} megapixels in all.",
            "Export it at a smaller size.",
        )


def image_id(pixels: NDArray[np.generic], inverted: bool) -> str:
    """Return the sha256 (hex) of shape, dtype, polarity and pixels.

    ``pixels`` (H, W) or (H, W, 3). Byte order does not count: the same numbers have the same id.
    """
    little = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
    polarity = "inverted" if inverted else "plain"
    digest = hashlib.sha256(f"{little.shape} {little.dtype.name} {polarity}\n".encode())
    digest.update(little.data)
    return digest.hexdigest()


def gray_if_equal(colour: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W) luma when the channels of (H, W, 3) nearly agree, else ``colour`` itself.

    ITU-R BT.601 in whole numbers: equal channels come out exactly as they went in.
    """
    red, green, blue = colour[..., 0], colour[..., 1], colour[..., 2]
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    if int(spread.max()) > GRAY_TOLERANCE:
        return colour
    if not spread.any():
        return green
    luma = red * np.uint32(19_595) + green * np.uint32(38_470) + blue * np.uint32(7_471)
    return np.asarray((luma + np.uint32(32_768)) >> np.uint32(16), np.uint8)


def unreadable(path: Path, error: OSError) -> StudyError:
    """Say in one sentence why the operating system did not let us read ``path``."""
    if isinstance(error, FileNotFoundError):
        return StudyError(f"There is no file “{path.name}”.", "Check the path and try again.")
    if isinstance(error, PermissionError):
        return StudyError(
            f"“{path.name}” can't be read: access is denied.", "Ask for the right to read it."
        )
    if isinstance(error, IsADirectoryError):
        return StudyError(f"“{path.name}” is a folder, not an image.", "Open it as a folder.")
    reason = error.strerror or type(error).__name__
    return StudyError(f"“{path.name}” can't be read: {reason}.", "Check the disk and try again.")
