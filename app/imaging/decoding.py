"""One frame's stored values, out of whatever compression they are in."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import gdcm
import numpy as np
from numpy.typing import NDArray
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import get_j2k_parameters

from app.errors import StudyError
from app.imaging.codecs import PLUGINS, RESOLUTIONS
from app.imaging.dicom_file import DAMAGED, PixelElement, codestream, damaged, native, only_frame
from app.imaging.dicom_tags import whole
from app.imaging.pixels import unreadable

gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()


@dataclass(frozen=True)
class Encoded:
    """A frame that has not been decoded yet: a mended data set, and where in ``stream`` it lies."""

    data: FileDataset
    stream: BinaryIO
    where: PixelElement
    syntax: uid.UID
    frame: int
    path: Path


def decode(encoded: Encoded) -> NDArray[Any]:
    """Decode the whole frame. Raises StudyError naming file and transfer syntax."""
    data, syntax, path = encoded.data, encoded.syntax, encoded.path
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise StudyError(
            f"“{path.name}” is stored as “{syntax.name}”, which can't be decoded here.",
            "Export it as JPEG 2000, JPEG-LS, RLE or uncompressed.",
        ) from error
    if syntax.is_encapsulated and not decoder.is_available:
        raise StudyError(
            f"The decoder for “{path.name}” ({syntax.name}) is missing from this installation.",
            "Install Reading Room again.",
        )
    options: dict[str, Any] = {} if syntax.is_compressed else {"correct_unused_bits": False}
    failure: Exception | None = None
    try:
        _take_out(encoded)
        for plugin in PLUGINS.get(syntax, ("",)):
            try:
                pixels: NDArray[Any] = decoder.as_array(
                    data, index=0, decoding_plugin=plugin, **options
                )[0]
                return pixels
            except DAMAGED as error:
                failure = failure or error
    except MemoryError as error:
        raise StudyError(
            f"There is not enough memory to decode “{path.name}”.", "Close other programs."
        ) from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise unreadable(path, error) from error
        failure = error
    raise damaged(path, f"its pixels ({syntax.name}) can't be decoded") from failure


def decode_reduced(encoded: Encoded, longest: int) -> tuple[NDArray[Any], int] | None:
    """Decode at the largest size of at most ``longest`` pixels a side that the codestream holds.

    Returns the values and by how much each side was divided; None where the frame has no smaller
    resolution, or none whose values would mean the same as the whole image's.
    """
    data = encoded.data
    if encoded.syntax not in RESOLUTIONS or int(data.SamplesPerPixel) != 1:
        return None
    try:
        frame = codestream(data, encoded.stream, encoded.where, encoded.frame)
        found = get_j2k_parameters(frame)
        levels = _levels(frame)
        rows, columns = int(data.Rows), int(data.Columns)
        reduce = (-(-max(rows, columns) // longest) - 1).bit_length()
        # Averages of two's complement in an unsigned stream would mean nothing.
        if not 0 < reduce <= levels or found["is_signed"] != bool(data.PixelRepresentation):
            return None
        picture = Jpeg2KImageFile(BytesIO(frame))
        if picture.size != (columns, rows) or picture.mode not in ("L", "I;16"):
            return None
        _ask_for(picture, reduce)
        return _stored(np.asarray(picture), found, data), 1 << reduce
    except (*DAMAGED, SyntaxError, MemoryError):
        return None  # the whole image will say what is wrong


def _take_out(encoded: Encoded) -> None:
    """Leave in the data set only the frame that is wanted."""
    data, where, frame = encoded.data, encoded.where, encoded.frame
    if where.length is None or encoded.syntax.is_encapsulated:
        pixels = encapsulate([codestream(data, encoded.stream, where, frame)])
    else:
        bits = data.Rows * data.Columns * data.SamplesPerPixel * data.BitsAllocated
        if data.PhotometricInterpretation == "YBR_FULL_422":
            bits = bits // 3 * 2
        if bits % 8:
            raise NotImplementedError("frames that end inside a byte")
        pixels = native(encoded.stream, where, frame, bits // 8)
    only_frame(data, where, pixels)


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


def _stored(shown: NDArray[Any], found: dict[str, Any], data: FileDataset) -> NDArray[Any]:
    """Undo what Pillow does to fill its pixels: it shifts up to 8 or 16 bits and drops the sign."""
    precision = int(found["precision"])
    container = shown.dtype.itemsize * 8
    values = shown.astype(np.int32) >> max(0, container - precision)
    if found["is_signed"]:
        values -= 1 << (precision - 1)
    return values.astype(f"{'i' if found['is_signed'] else 'u'}{int(data.BitsAllocated) // 8}")


def frames_of(data: FileDataset) -> int:
    return max(1, whole(data, "NumberOfFrames") or 1)
