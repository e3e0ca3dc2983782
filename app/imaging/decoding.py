"""One frame's stored values, out of whatever compression they are in."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import Decoder, get_decoder
from pydicom.pixels.processing import convert_color_space

from app.errors import StudyError
from app.imaging import jpeg
from app.imaging.codecs import FILMS, NEWER, PLUGINS, RESOLUTIONS, STANDS_FOR
from app.imaging.dicom_file import (
    DAMAGED,
    PixelElement,
    codestream,
    damaged,
    first_fragment,
    native,
    only_frame,
    transfer_syntax,
)
from app.imaging.pixels import unreadable

_LARGE, _FEWEST_BITS = 20_000_000, 0.01
"""Pixels of a larger image than detectors give, and the bits for each below which it is empty."""

EXPORT = "Export it as JPEG 2000, JPEG-LS, RLE or uncompressed."


@dataclass(frozen=True)
class Encoded:
    """A frame that has not been decoded yet: a mended data set, and where in ``stream`` it lies.

    ``syntax`` is what the pixels are really in, which may not be what the file declares.
    """

    data: FileDataset
    stream: BinaryIO
    where: PixelElement
    syntax: uid.UID
    frame: int
    path: Path

    @property
    def native(self) -> bool:
        """Are these the file's own words, with whatever lies in their unused bits?"""
        return not self.syntax.is_compressed or self.syntax == uid.RLELossless


def encoded(
    data: FileDataset,
    stream: BinaryIO,
    where: PixelElement,
    frame: int,
    path: Path,
    notes: list[str],
) -> Encoded:
    """Find out how the pixels are stored. Raises StudyError for what can't be decoded here."""
    declared = transfer_syntax(data)
    syntax = STANDS_FOR.get(declared, declared)
    try:
        found = _by_content(data, stream, where, syntax)
    except DAMAGED:
        found = syntax
    if found != syntax:
        notes.append(
            f"The file calls its pixels “{declared.name}”; they are read as “{found.name}”."
        )
    if not found.is_transfer_syntax or found.name == found:
        name = f"{NEWER[found]}, {found}" if found in NEWER else found
        raise StudyError(
            f"“{path.name}” is stored in a transfer syntax that is not known here ({name}).", EXPORT
        )
    if found in FILMS:
        raise StudyError(
            f"“{path.name}” is a film ({found.name}); films are not shown.",
            "Export single images of it.",
        )
    data.file_meta.pop("TransferSyntaxUID", None)  # of whatever kind it was
    data.file_meta.TransferSyntaxUID = found
    return Encoded(data, stream, where, found, frame, path)


def decode(encoded: Encoded) -> NDArray[Any]:
    """Decode the whole frame. Raises StudyError naming file and transfer syntax."""
    syntax, path = encoded.syntax, encoded.path
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise StudyError(
            f"“{path.name}” is stored as “{syntax.name}”, which can't be decoded here.", EXPORT
        ) from error
    try:
        return _decoded(encoded, decoder)
    except MemoryError as error:
        raise StudyError(
            f"There is not enough memory to decode “{path.name}”.", "Close other programs."
        ) from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise unreadable(path, error) from error
        raise damaged(path, f"its pixels ({syntax.name}) can't be decoded") from error


def _decoded(encoded: Encoded, decoder: Decoder) -> NDArray[Any]:
    data, where, syntax = encoded.data, encoded.where, encoded.syntax
    if where.length is None or syntax.is_encapsulated:
        frame = codestream(data, encoded.stream, where, encoded.frame)
        if _implausible(int(data.Rows) * int(data.Columns), len(frame)):
            raise ValueError(f"{len(frame)} bytes for {data.Rows} × {data.Columns} pixels")
        if syntax != uid.RLELossless:
            frame = jpeg.checked(
                frame, int(data.Rows), int(data.Columns), int(data.SamplesPerPixel)
            )
            if int(data.SamplesPerPixel) == 1 and not jpeg.is_baseline(frame):
                return jpeg.decode_gray(frame, signed=int(data.PixelRepresentation) == 1)
            if jpeg.syntax_of(frame) == uid.JPEGLossless:
                return _rgb(jpeg.decode_lossless_colour(frame), data)
        pixels = encapsulate([frame])
    else:
        pixels = native(encoded.stream, where, encoded.frame, _native_length(data))
    only_frame(data, where, pixels)
    options: dict[str, Any] = {} if syntax.is_compressed else {"correct_unused_bits": False}
    failure: Exception | None = None
    for plugin in PLUGINS.get(syntax, ("",)):
        try:
            found: NDArray[Any] = decoder.as_array(
                data, index=0, decoding_plugin=plugin, **options
            )[0]
            return found
        except DAMAGED as error:
            failure = failure or error
    raise failure or RuntimeError("no decoder")


def _rgb(pixels: NDArray[np.uint8], data: FileDataset) -> NDArray[np.uint8]:
    photometric = str(data.PhotometricInterpretation)
    if photometric.startswith("YBR_FULL"):
        return np.asarray(convert_color_space(pixels, photometric, "RGB"))
    return pixels


def _implausible(pixels: int, size: int) -> bool:
    """Is this more picture than ``size`` bytes can hold: larger than any detector's and empty?

    It would cost seconds and a gigabyte to find out that there is nothing in it.
    """
    return pixels > _LARGE and size * 8 < pixels * _FEWEST_BITS


def _by_content(
    data: FileDataset, stream: BinaryIO, where: PixelElement, declared: uid.UID
) -> uid.UID:
    """The transfer syntax that the pixels themselves speak of, where it is of another family."""
    if where.length is not None:
        encapsulated = not declared.is_private and declared.is_encapsulated
        whole = where.length >= _native_length(data)
        return uid.ExplicitVRLittleEndian if encapsulated and whole else declared
    found = jpeg.syntax_of(first_fragment(stream, where))
    if found is None or jpeg.family(found) == jpeg.family(declared):
        return declared
    return found


def _native_length(data: FileDataset) -> int:
    """Bytes of one frame that is stored as it is (PS3.5 8.1.1, PS3.3 C.7.6.3.1.2)."""
    bits = int(data.Rows * data.Columns * data.SamplesPerPixel * data.BitsAllocated)
    if data.PhotometricInterpretation == "YBR_FULL_422":
        bits = bits // 3 * 2
    return -(-bits // 8)


def decode_reduced(encoded: Encoded, longest: int) -> tuple[NDArray[Any], int] | None:
    """Decode at the largest size of at most ``longest`` pixels a side that the codestream holds.

    Returns the values and by how much each side was divided; None where the frame has no smaller
    resolution, or none whose values would mean the same as the whole image's.
    """
    data = encoded.data
    if encoded.syntax not in RESOLUTIONS or int(data.SamplesPerPixel) != 1:
        return None
    if data.PhotometricInterpretation == "PALETTE COLOR":
        return None  # the mean of two places in a palette is none of its colours
    try:
        frame = codestream(data, encoded.stream, encoded.where, encoded.frame)
        jpeg.checked(frame, int(data.Rows), int(data.Columns), 1)
        if _implausible(int(data.Rows) * int(data.Columns), len(frame)):
            return None
        described = jpeg.precision_of(frame)
        if described is None:
            return None
        precision, signed = described
        levels = _levels(frame)
        rows, columns = int(data.Rows), int(data.Columns)
        reduce = (-(-max(rows, columns) // longest) - 1).bit_length()
        # Averages of two's complement in an unsigned stream would mean nothing.
        if not 0 < reduce <= levels or signed != bool(data.PixelRepresentation):
            return None
        picture = Jpeg2KImageFile(BytesIO(frame))
        if picture.size != (columns, rows) or picture.mode not in ("L", "I;16"):
            return None
        _ask_for(picture, reduce)
        return _stored(np.asarray(picture), precision, signed), 1 << reduce
    except (*DAMAGED, SyntaxError, MemoryError):
        return None  # the whole image will say what is wrong


def _levels(frame: bytes) -> int:
    """How often the codestream can be halved: the wavelet levels of its COD (ISO 15444-1 A.6.1)."""
    place = frame.find(b"\xff\x4f\xff\x51")
    if place < 0:
        return 0
    place += 2
    while place + 12 <= len(frame) and frame[place : place + 2] != b"\xff\x90":
        if frame[place : place + 2] == b"\xff\x52":
            return min(32, frame[place + 9])
        place += 2 + int.from_bytes(frame[place + 2 : place + 4], "big")
    return 0


def _ask_for(picture: Jpeg2KImageFile, reduce: int) -> None:
    """Set the picture to be loaded at 1/2^``reduce`` of its size.

    Its own ``reduce`` rounds the size to the nearest; the standard rounds up (ISO 15444-1 B.5), and
    Pillow then refuses many images of odd size.
    """
    width, height = (-(-side // (1 << reduce)) for side in picture.size)
    (tile,) = picture.tile
    codec, _, *rest = cast(tuple[Any, ...], tile.args)
    picture._size = (width, height)
    picture.tile = [tile._replace(extents=(0, 0, width, height), args=(codec, reduce, *rest))]


def _stored(shown: NDArray[Any], precision: int, signed: bool) -> NDArray[Any]:
    """Undo what Pillow does to fill its pixels: it shifts up to 8 or 16 bits and drops the sign."""
    size = shown.dtype.itemsize
    values = shown.astype(np.int32) >> max(0, size * 8 - precision)
    return (values - (1 << (precision - 1)) * signed).astype(f"{'i' if signed else 'u'}{size}")
