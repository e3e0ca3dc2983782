"""What a compressed frame says of itself, and the one kind of it that pydicom leaves out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import gdcm
import numpy as np
from numpy.typing import NDArray
from pydicom import uid

gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()

_FRAMES = {
    0xC0: uid.JPEGBaseline8Bit,
    0xC1: uid.JPEGExtended12Bit,
    0xC3: uid.JPEGLossless,
    0xF7: uid.JPEGLSLossless,
}
"""Start-of-frame marker → what it begins (ISO 10918-1 table B.1, ISO 14495-1 C.1)."""

_FAMILIES = (
    {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1},
    {uid.JPEGLSLossless, uid.JPEGLSNearLossless},
    {uid.JPEG2000Lossless, uid.JPEG2000, uid.JPEG2000MCLossless, uid.JPEG2000MC}
    | {uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K},
)


def family(syntax: uid.UID) -> int | uid.UID:
    """Syntaxes of one family have one value: whoever decodes one of them decodes all."""
    return next((n for n, syntaxes in enumerate(_FAMILIES) if syntax in syntaxes), syntax)


def syntax_of(start: bytes) -> uid.UID | None:
    """Tell from its first bytes what a compressed frame is; None when it doesn't say."""
    if start.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")):
        return uid.JPEG2000
    return next((_FRAMES[marker] for marker, _ in _segments(start) if marker in _FRAMES), None)


def is_extended_12(frame: bytes) -> bool:
    """Is this JPEG extended with more than eight bits (process 4), which pydicom refuses?"""
    return any(
        marker == 0xC1 and body[:1] and body[0] > 8 for marker, body in _segments(frame[:65_536])
    )


def decode_12(frame: bytes, rows: int, columns: int) -> NDArray[np.uint16]:
    """Decode a gray 12-bit frame with GDCM itself. Raises ValueError when that can't be done."""
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    gray = gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    image.SetPhotometricInterpretation(gray)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, 0))
    buffer: Any = image.GetBuffer()
    if buffer is None:
        raise ValueError("GDCM could not decode the frame")
    decoded = buffer.encode("utf-8", "surrogateescape")
    return np.frombuffer(decoded, "<u2", rows * columns).reshape(rows, columns)


def _segments(start: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and body of each segment of a JPEG stream before its image data."""
    place = 2
    while start.startswith(b"\xff\xd8") and place + 4 <= len(start) and start[place] == 0xFF:
        marker = start[place + 1]
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        (length,) = struct.unpack_from(">H", start, place + 2)
        yield marker, start[place + 4 : place + 2 + length]
        place += 2 + max(2, length)
