"""JPEG, JPEG-LS and JPEG 2000: what a compressed frame says of itself, and its gray values.

Gray frames are decoded by imagecodecs: its decoders let other threads run meanwhile, so that the
window goes on answering while fifteen megapixels are decoded, and they survive damaged streams.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.pixels.utils import get_j2k_parameters

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
_THREADS = 2


def family(syntax: uid.UID) -> int | uid.UID:
    """Syntaxes of one family have one value: whoever decodes one of them decodes all."""
    return next((n for n, syntaxes in enumerate(_FAMILIES) if syntax in syntaxes), syntax)


def checked(frame: bytes, rows: int, columns: int, samples: int) -> bytes:
    """Return ``frame`` when it describes an image of this size, as its decoder may be given it.

    Decoders reserve memory by what a frame says of itself; libjpeg fills up in silence what is
    missing at its end, and CharLS counts for seconds behind an end without a marker.
    Raises ValueError.
    """
    if frame.startswith(b"\xff\xd8"):
        described = _frame_header(frame)
        if b"\xff\xd9" not in frame[-1024:]:
            if syntax_of(frame) != uid.JPEGLSLossless:
                raise ValueError("the frame ends early")
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


def is_baseline(frame: bytes) -> bool:
    """Is this JPEG of eight bits with loss, which Pillow reads?"""
    sizes = [body[:1] for marker, body in _segments(frame) if marker in (0xC0, 0xC1)]
    return sizes == [b"\x08"]


def decode_gray(frame: bytes, signed: bool) -> NDArray[Any]:
    """Decode a frame of one sample per pixel, JPEG baseline apart, to (H, W) of 8 or 16 bits.

    ``signed``: the file says that its values may be negative. They get their sign from the frame's
    own precision where the compression knows of none. Raises ValueError or RuntimeError.
    """
    described = precision_of(frame)
    if described is None:
        raise ValueError("the frame does not say how many bits it has")
    precision, has_sign = described
    if not frame.startswith(b"\xff\xd8"):
        values = imagecodecs.jpeg2k_decode(frame, numthreads=_THREADS)
    elif syntax_of(frame) == uid.JPEGLSLossless:
        values = imagecodecs.jpegls_decode(frame)
    else:
        values = imagecodecs.jpeg8_decode(frame)
    if values.ndim != 2 or values.dtype.itemsize > 2:
        raise ValueError(f"the frame came out as {values.shape} {values.dtype}")
    if signed and not has_sign:
        unused = values.dtype.itemsize * 8 - precision
        kind = np.dtype(f"i{values.dtype.itemsize}")
        return np.asarray((values << unused).view(kind) >> unused)
    return np.asarray(values)


def decode_lossless_colour(frame: bytes) -> NDArray[np.uint8]:
    """Decode a lossless JPEG frame of three samples of 8 bits as they are, to (H, W, 3)."""
    values = imagecodecs.jpeg8_decode(frame)
    if values.ndim != 3 or values.dtype != np.uint8:
        raise ValueError(f"the frame came out as {values.shape} {values.dtype}")
    return np.asarray(values)


def precision_of(frame: bytes) -> tuple[int, bool] | None:
    """Bits of each sample, and whether the compression knows of negative values; None unsaid."""
    if frame.startswith(b"\xff\xd8"):
        bodies = (body for marker, body in _segments(frame) if marker in _FRAMES and body)
        return next(((body[0], False) for body in bodies if 2 <= body[0] <= 16), None)
    found = get_j2k_parameters(frame)
    if 1 <= found.get("precision", 0) <= 16:
        return int(found["precision"]), bool(found["is_signed"])
    return None


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
