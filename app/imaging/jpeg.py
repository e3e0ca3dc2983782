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
    {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit},
    {uid.JPEGLossless, uid.JPEGLosslessSV1},
    {uid.JPEGLSLossless, uid.JPEGLSNearLossless},
    {uid.JPEG2000Lossless, uid.JPEG2000, uid.JPEG2000MCLossless, uid.JPEG2000MC}
    | {uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K},
)
_MOST_TILES = 4096


def family(syntax: uid.UID) -> int | uid.UID:
    """Syntaxes of one family have one value: whoever decodes one of them decodes all."""
    return next((n for n, syntaxes in enumerate(_FAMILIES) if syntax in syntaxes), syntax)


def checked(frame: bytes, rows: int, columns: int, samples: int) -> bytes:
    """Return ``frame`` when it describes an image of this size, as its decoder may be given it.

    Decoders reserve memory by what a frame says of itself; GDCM ends the whole process on some
    headers that are out of order, and CharLS counts for seconds behind the end of a stream that has
    no end marker. Raises ValueError.
    """
    if frame.startswith(b"\xff\xd8"):
        described = _frame_header(frame)
        if not frame.rstrip(b"\0").endswith(b"\xff\xd9"):
            frame += b"\xff\xd9"
    elif (place := frame.find(b"\xff\x4f\xff\x51", 0, 4096)) >= 0:
        described = _codestream_header(frame[place:])
    else:
        raise ValueError("this is no JPEG of any kind")
    if described != (rows, columns, samples):
        raise ValueError(f"the frame is {described}, the file says {(rows, columns, samples)}")
    return frame


def _frame_header(frame: bytes) -> tuple[int, int, int]:
    """Rows, columns, samples of a JPEG or JPEG-LS frame whose segments are all in order."""
    found = None
    for marker, body in _segments(frame):
        if marker in _FRAMES:
            if found is not None or len(body) < 6 or len(body) != 6 + 3 * body[5]:
                raise ValueError("the frame header is damaged")
            found = struct.unpack_from(">xHHB", body)
        elif marker == 0xC4 and not _sound_tables(body):
            raise ValueError("a Huffman table is damaged")
        elif marker == 0xDA:
            if found is None or len(body) != 4 + 2 * body[0] or body[0] > found[2]:
                raise ValueError("the scan header is damaged")
            return found
        elif not (marker in (0xC4, 0xDB, 0xDD, 0xFE, 0xF8) or 0xE0 <= marker <= 0xEF):
            raise ValueError(f"a segment {marker:02X} is out of place")
    raise ValueError("the frame has no image data")


def _sound_tables(body: bytes) -> bool:
    """Do the Huffman tables of a segment fill it exactly (ISO 10918-1 B.2.4.2)?"""
    place = 0
    while place + 17 <= len(body):
        counts = body[place + 1 : place + 17]
        if body[place] & 0xEC or sum(counts) > 256:
            return False
        code = 0
        for count in counts:
            code = (code << 1) + count
        if code > 1 << 16:
            return False
        place += 17 + sum(counts)
    return place == len(body)


def _codestream_header(stream: bytes) -> tuple[int, int, int]:
    """Rows, columns, samples of a JPEG 2000 codestream (ISO 15444-1 A.5.1)."""
    right, bottom, left, top, width, height, first_x, first_y, samples = struct.unpack_from(
        ">8IH", stream, 8
    )
    if not width > 0 or not height > 0 or first_x > left or first_y > top:
        raise ValueError("the tiles are damaged")
    tiles = -(-(right - first_x) // width) * -(-(bottom - first_y) // height)
    if not 0 < tiles <= _MOST_TILES:
        raise ValueError(f"the codestream has {tiles} tiles")
    for sample in range(min(samples, 4)):
        if stream[43 + 3 * sample : 45 + 3 * sample] != b"\1\1":
            raise ValueError("the samples are of several sizes")
    return bottom - top, right - left, samples


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
    """Yield marker and body of each segment of a JPEG stream up to its image data."""
    place = 2
    while start.startswith(b"\xff\xd8") and place + 4 <= len(start) and start[place] == 0xFF:
        marker = start[place + 1]
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        (length,) = struct.unpack_from(">H", start, place + 2)
        yield marker, start[place + 4 : place + 2 + length]
        if marker == 0xDA:
            return
        place += 2 + max(2, length)
