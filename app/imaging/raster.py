"""PNG, JPEG, WebP and TIFF → Radiograph.

Pillow's plug-ins are called directly, chosen by the file's first bytes: that way the size is judged
by our own limit before anything is decoded, and a file's name decides nothing.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from app.errors import StudyError
from app.imaging.pixels import check_size, gray_if_equal, image_id, unreadable
from app.imaging.radiograph import Header, Radiograph

_ORIENTATION = 0x0112
_TIFF_PHOTOMETRIC = 262
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)
"""What Pillow's plug-ins raise on damaged files."""


def read_raster(path: Path) -> Radiograph:
    """Read one picture: pixels (H, W) uint8, uint16 or int16, or (H, W, 3) uint8 with colour.

    Sixteen bits stay sixteen bits, alpha is laid on black, EXIF orientation is applied, and a
    colour file with equal channels becomes gray. Raises StudyError.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return decode_raster(data, path)


def decode_raster(data: bytes, path: Path) -> Radiograph:
    """Decode a picture that lies in memory; ``path`` is only what errors and the result name."""
    opener = _opener(data)
    if opener is None:
        raise _not_a_picture(path, data)
    notes: list[str] = []
    # Pillow warns of odd metadata; what matters of it is an error below.
    warnings.filterwarnings("ignore", module=r"PIL(\.|$)")
    try:
        picture = opener(BytesIO(data))
        check_size(path, *picture.size)
        pictures = getattr(picture, "n_frames", 1)
        if pictures > 1:
            notes.append(f"The file holds {pictures} pictures; this is the first.")
        pixels, inverted = _pixels(picture, data, path, notes)
        turned = _upright(pixels, picture.getexif().get(_ORIENTATION, 1))
    except _DAMAGED as error:
        raise StudyError(
            f"“{path.name}” is damaged or incomplete and can't be decoded.",
            "Copy it again or export it anew.",
        ) from error
    except MemoryError as error:
        raise StudyError(
            f"There is not enough memory to decode “{path.name}”.", "Close other programs."
        ) from error
    pixels = np.ascontiguousarray(turned)
    pixels.flags.writeable = False
    bits = pixels.dtype.itemsize * 8
    return Radiograph(
        pixels=pixels,
        path=path,
        image_id=image_id(pixels, inverted),
        inverted=inverted,
        header=Header(
            transfer_syntax=opener.format or "",
            photometric="RGB" if pixels.ndim == 3 else f"MONOCHROME{1 if inverted else 2}",
            bits_allocated=bits,
            bits_stored=bits,
        ),
        notes=tuple(notes),
    )


def is_raster(start: bytes) -> bool:
    """Tell from a file's first 16 bytes or more whether it is one of the four formats."""
    return _opener(start) is not None


def _opener(data: bytes) -> type[ImageFile] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return TiffImagePlugin.TiffImageFile
    return None


def _not_a_picture(path: Path, data: bytes) -> StudyError:
    if not data:
        return StudyError(f"“{path.name}” is empty (0 bytes).", "Copy it again from its source.")
    return StudyError(
        f"“{path.name}” is not a PNG, JPEG, WebP or TIFF picture.",
        "Open a DICOM file or one of these pictures.",
    )


def _pixels(
    picture: ImageFile, data: bytes, path: Path, notes: list[str]
) -> tuple[NDArray[Any], bool]:
    """Decode into stored values and polarity (True: larger is darker)."""
    if picture.format == "PNG" and data[24:26] == b"\x10\x04":
        return _gray_alpha_16(data), False
    if picture.format == "PNG" and data[24:25] == b"\x10" and data[25:26] in (b"\x02", b"\x06"):
        notes.append("Sixteen-bit colour is read at eight bits.")
    if "transparency" in picture.info:
        picture.load()
        return _colour(picture.convert("RGBA")), False
    mode = picture.mode
    if mode in ("L", "1"):
        return np.asarray(picture.convert("L")), False
    if mode.startswith("I;16"):
        # Pillow turns a white-is-zero TIFF round at eight bits, but not at sixteen.
        tags = cast(dict[int, Any], getattr(picture, "tag_v2", {}))
        return np.asarray(picture).astype(np.uint16), tags.get(_TIFF_PHOTOMETRIC) == 0
    if mode == "I":
        return _whole_numbers(np.asarray(picture), path), False
    if mode in ("LA", "La", "PA", "RGBA", "RGBa", "RGB", "P", "CMYK", "YCbCr", "RGBX", "LAB"):
        alpha = mode in ("LA", "La", "PA", "RGBA", "RGBa")
        return _colour(picture.convert("RGBA" if alpha else "RGB")), False
    raise StudyError(
        f"“{path.name}” stores its pixels as “{mode}”, which is not a picture for viewing.",
        "Export it with 8 or 16 bits per pixel.",
    )


def _whole_numbers(values: NDArray[Any], path: Path) -> NDArray[Any]:
    low, high = int(values.min()), int(values.max())
    if low >= 0 and high <= 65_535:
        return values.astype(np.uint16)
    if low >= -32_768 and high <= 32_767:
        return values.astype(np.int16)
    raise StudyError(
        f"“{path.name}” holds values from {low:,} to {high:,}; at most 16 bits can be shown.",
        "Export it with 8 or 16 bits per pixel.",
    )


def _colour(picture: Image.Image) -> NDArray[Any]:
    """RGB(A) → (H, W) uint8 when the channels agree, else (H, W, 3) uint8; alpha onto black."""
    if picture.mode == "RGBA":
        black = Image.new("RGB", picture.size)
        black.paste(picture, mask=picture.getchannel("A"))
        picture = black
    return gray_if_equal(np.asarray(picture))


def _gray_alpha_16(data: bytes) -> NDArray[np.uint16]:
    """Decode a 16-bit gray PNG with alpha at its full depth; alpha onto black.

    Pillow gives such a file eight bits. Its pixels are four bytes wide, like those of an 8-bit
    RGBA picture, and PNG's filters know bytes only (PNG 9.2), so the file is read with its header
    relabelled.
    """
    header = data[12:24] + b"\x08\x06" + data[26:29]
    relabelled = data[:12] + header + struct.pack(">I", zlib.crc32(header))
    picture = PngImagePlugin.PngImageFile(BytesIO(relabelled + data[33:]))
    planes = np.asarray(picture).view(">u2").astype(np.uint32)
    gray, alpha = planes[..., 0], planes[..., 1]
    return ((gray * alpha + 32_767) // 65_535).astype(np.uint16)


_TURNS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
    8: lambda a: np.rot90(a, 1),
}
"""EXIF 2.3 tag 0x0112 → what brings the picture upright."""


def _upright(pixels: NDArray[Any], orientation: object) -> NDArray[Any]:
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return pixels if turn is None else turn(pixels)
