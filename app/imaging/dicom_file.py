"""A DICOM file as bytes: its data set without the pixels, where these lie, and one frame of them.

Pixels are left in the file until one frame is asked for, so that a film of two hundred frames costs
no more memory than one, and no length that a file declares is believed before the file's own size.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom import dcmread, uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import get_frame
from pydicom.errors import BytesLengthException, InvalidDicomError

from app.errors import StudyError
from app.imaging.charsets import guessed
from app.imaging.dicom_tags import text, value, whole
from app.imaging.kinds import is_dicom
from app.imaging.pixels import unreadable

# What the libraries complain of (odd values, charsets, padding) becomes a note here or does not
# matter; pydicom's own log would quote patients' data.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BytesLengthException,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pydicom and its plug-ins raise on files that are not what they say."""

MAX_INFLATED = 250_000_000
"""Most bytes that a deflated file may unpack to: an image of the largest size, and its header."""

_KEYWORDS = {
    (0x7FE0, 0x0008): "FloatPixelData",
    (0x7FE0, 0x0009): "DoubleFloatPixelData",
    (0x7FE0, 0x0010): "PixelData",
}
_UNDEFINED = 0xFFFFFFFF
_LARGE = 1 << 20


@dataclass(frozen=True)
class PixelElement:
    """Where the pixels lie. ``length`` is None for encapsulated ones, which end by a delimiter."""

    keyword: str
    vr: str
    offset: int
    length: int | None


class _Bounded(io.BufferedReader):
    """A file that never reserves memory for more than it has left, whatever length is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGE:
            here = self.tell()
            size = min(size, max(0, self.seek(0, io.SEEK_END) - here))
            self.seek(here)
        return super().read(size)


def opened(path: Path) -> BinaryIO:
    """Open a file for :func:`parse`. Raises StudyError."""
    try:
        return _Bounded(io.FileIO(path))
    except OSError as error:
        raise unreadable(path, error) from error


def parse(file: BinaryIO, path: Path) -> tuple[FileDataset, BinaryIO]:
    """Read the data set up to its pixels; returns it and the stream, which stands at the pixels.

    The stream is ``file`` itself, or what a deflated file unpacks to. Raises StudyError for what is
    no DICOM file or a damaged one, and when it can't be read.
    """
    # Each time, for whoever resets the filters; catch_warnings() would not be safe with threads.
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
    try:
        start = file.read(132)
        file.seek(0)
        if not start:
            raise StudyError(f"“{path.name}” is empty (0 bytes).", "Copy it again from its source.")
        if not is_dicom(start):
            raise StudyError(
                f"“{path.name}” is not a DICOM file, whatever its name says.",
                "Open a DICOM file, or a PNG, JPEG, WebP or TIFF picture.",
            )
        stream = _inflated(file, path)
        data = dcmread(stream, stop_before_pixels=True, force=start[128:132] != b"DICM")
    except InvalidDicomError as error:
        raise damaged(path, "its header can't be read") from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise unreadable(path, error) from error
        raise damaged(path, "its header can't be read") from error
    if stream is not file:
        data.file_meta.pop("TransferSyntaxUID", None)  # of whatever kind it was
        data.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    encoding = guessed(data)
    if encoding is not None:
        implicit, little = data.original_encoding
        data.set_original_encoding(implicit, little, encoding)
    return data, stream


def transfer_syntax(data: FileDataset) -> uid.UID:
    """Return the transfer syntax; without one in the file, what the parser found it to be."""
    declared = text(getattr(data, "file_meta", None) or Dataset(), "TransferSyntaxUID")
    if re.fullmatch(r"[0-9.]{1,64}", declared):
        return uid.UID(declared)
    implicit, little = data.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def pixel_element(data: FileDataset, stream: BinaryIO) -> PixelElement | None:
    """Find the pixels, at which the stream stands after :func:`parse`; None when it has ended."""
    implicit, little = data.original_encoding
    order = "<" if little else ">"
    header = stream.read(8 if implicit else 12)
    if len(header) < (8 if implicit else 12):
        return None
    keyword = _KEYWORDS.get(struct.unpack(order + "HH", header[:4]))
    if keyword is None:
        return None
    (length,) = struct.unpack(order + "I", header[-4:])
    vr = "OW" if implicit else header[4:6].decode("latin-1")
    return PixelElement(keyword, vr, stream.tell(), None if length == _UNDEFINED else length)


def codestream(data: FileDataset, stream: BinaryIO, where: PixelElement, frame: int) -> bytes:
    """Return one encapsulated frame, its fragments joined (PS3.5 A.4). Raises what pydicom does."""
    stream.seek(where.offset)
    offsets, lengths = value(data, "ExtendedOffsetTable"), value(data, "ExtendedOffsetTableLengths")
    extended = (offsets, lengths) if offsets and lengths else None
    frames = int(data.NumberOfFrames)
    found: bytes = get_frame(stream, frame, number_of_frames=frames, extended_offsets=extended)
    return found


def first_fragment(stream: BinaryIO, where: PixelElement, count: int = 4096) -> bytes:
    """Return the first ``count`` bytes of the first frame, behind the basic offset table."""
    stream.seek(where.offset)
    table = stream.read(8)
    stream.seek(struct.unpack("<4xI", table)[0], io.SEEK_CUR)
    (length,) = struct.unpack("<4xI", stream.read(8))
    return stream.read(min(count, length))


def frames_of(data: FileDataset) -> int:
    return max(1, whole(data, "NumberOfFrames") or 1)


def native(stream: BinaryIO, where: PixelElement, frame: int, length: int) -> bytes:
    """Return the ``length`` bytes of one frame that is stored as it is; fewer at the file's end."""
    start = frame * length
    there = length if where.length is None else max(0, min(length, where.length - start))
    stream.seek(where.offset + start)
    return stream.read(there)


def only_frame(data: FileDataset, where: PixelElement, pixels: bytes) -> None:
    """Make ``data`` a data set of one frame, whose pixel element has this value."""
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths", "NumberOfFrames"):
        data.pop(keyword, None)
    setattr(data, where.keyword, pixels)
    data[where.keyword].VR = where.vr
    data[where.keyword].is_undefined_length = where.length is None


def damaged(path: Path, what: str) -> StudyError:
    return StudyError(
        f"“{path.name}” is damaged or incomplete: {what}.", "Copy it again from its source."
    )


def _inflated(file: BinaryIO, path: Path) -> BinaryIO:
    """Return ``file``, or its unpacked data set when its syntax is the deflated one (PS3.5 A.5).

    Unpacked here, because pydicom would unpack without a limit.
    """
    head = file.read(4096)
    file.seek(0)
    ended = _meta_end(head, uid.DeflatedExplicitVRLittleEndian.encode())
    if ended is None:
        return file
    meta, packed = file.read(ended), file.read()
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = unpacker.decompress(packed, MAX_INFLATED)
    if unpacker.unconsumed_tail:
        raise StudyError(
            f"“{path.name}” unpacks to more than {MAX_INFLATED // 1_000_000:,} MB; that is not "
            "opened.",
            "Export it uncompressed, or with fewer frames.",
        )
    # As long as before, and now true of what follows.
    plain = uid.ExplicitVRLittleEndian.encode()
    deflated = uid.DeflatedExplicitVRLittleEndian.encode()
    meta = meta.replace(deflated, plain.ljust(len(deflated), b"\0"))
    return io.BytesIO(meta + unpacked)


def _meta_end(head: bytes, syntax: bytes) -> int | None:
    """Where the file meta information ends (PS3.10 7.1), when its transfer syntax is ``syntax``."""
    place = 132 if head[128:132] == b"DICM" else 0
    found = False
    while head[place : place + 2] == b"\x02\0" and place + 12 <= len(head):
        element, vr = head[place + 2 : place + 4], head[place + 4 : place + 6]
        if vr in (b"OB", b"UN", b"OW", b"SQ", b"UT"):
            (length,) = struct.unpack_from("<I", head, place + 8)
            body = place + 12
        else:
            (length,) = struct.unpack_from("<H", head, place + 6)
            body = place + 8
        place = body + length
        if element == b"\x10\0":
            found = head[body:place].rstrip(b"\0 ") == syntax
    return place if found else None
