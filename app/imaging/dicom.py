"""DICOM → Radiograph: the one place that decodes it.

Pixels stay the stored integers that pydicom's decoders deliver; masking, sign and polarity are
settled here, so that nothing behind this module has to know of stored bits, overlays or photometry.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import gdcm
import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread, uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut

from app.errors import StudyError
from app.imaging import dicom_luts, dicom_tags
from app.imaging.codecs import PLUGINS
from app.imaging.dicom_tags import text, value, whole
from app.imaging.kinds import is_dicom
from app.imaging.pixels import check_size, gray_if_equal, image_id, unreadable
from app.imaging.radiograph import Header, Patient, Radiograph, View

# What the libraries complain of (odd values, charsets, padding) becomes a note here or does not
# matter; pydicom's own log would quote patients' data.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()

_DAMAGED = (
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

_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


@dataclass(frozen=True)
class Summary:
    """What a listing needs of one file. ``size`` (rows, columns), (0, 0) when it holds no image."""

    patient: Patient
    header: Header
    view: View
    size: tuple[int, int]
    frames: int
    number: int


def read_header(path: Path) -> tuple[Patient, Header, View]:
    """Read what the file says, without its pixels. Raises StudyError."""
    summary = describe(path)
    return summary.patient, summary.header, summary.view


def describe(path: Path) -> Summary:
    """Read what a listing needs, without the pixels. Raises StudyError."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = parse(file, path, pixels=False)
    except OSError as error:
        raise unreadable(path, error) from error
    return Summary(
        patient=dicom_tags.patient(data),
        header=dicom_tags.header(data, _syntax(data).name),
        view=dicom_tags.view(data),
        size=(whole(data, "Rows") or 0, whole(data, "Columns") or 0),
        frames=max(1, whole(data, "NumberOfFrames") or 1),
        number=whole(data, "InstanceNumber") or 0,
    )


def read_dicom(path: Path, frame: int = 0) -> Radiograph:
    """Decode one frame (counted from 0) of a DICOM file.

    Pixels (H, W) uint8, uint16 or int16 stored values, or (H, W, 3) uint8 for colour. The size is
    judged from Rows and Columns before anything is decoded. Raises StudyError naming file and
    transfer syntax.
    """
    path = Path(path)
    try:
        stream = BytesIO(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    data = parse(stream, path, pixels=True)
    if not len(data):
        # pydicom drops everything it has read when a file ends inside its compressed pixels.
        stream.seek(0)
        data = parse(stream, path, pixels=False)
    syntax, frames = _syntax(data), max(1, whole(data, "NumberOfFrames") or 1)
    _check_image(data, syntax, path)
    if not 0 <= frame < frames:
        raise StudyError(
            f"“{path.name}” has {frames} frame{'s' * (frames > 1)}; there is no frame {frame + 1}."
        )
    notes: list[str] = []
    photometric = _mend(data, notes)
    stored, bits = _narrowed(
        _decode(data, syntax, frame, path), data, photometric, syntax, path, notes
    )
    inverted = photometric == "MONOCHROME1"
    _compare_shape(data, inverted, notes)
    sources = _sources(data, frame)
    signed = stored.dtype == np.int16
    slope, intercept = dicom_luts.rescale(sources, notes)
    modality = dicom_luts.modality_lut(sources, signed, notes)
    negative = modality is None and (signed or intercept < 0 or slope < 0)
    header = dicom_tags.header(data, syntax.name, bits)
    pixels = np.ascontiguousarray(stored)
    pixels.flags.writeable = False
    return Radiograph(
        pixels=pixels,
        path=path,
        image_id=image_id(pixels, inverted),
        view=dicom_tags.view(data),
        inverted=inverted,
        slope=slope,
        intercept=intercept,
        modality_lut=modality,
        voi=() if pixels.ndim == 3 else dicom_luts.vois(sources, negative, notes),
        padding=dicom_luts.padding(data, signed),
        spacing=dicom_tags.spacing(sources, header.modality, notes),
        patient=dicom_tags.patient(data),
        header=header,
        frame=frame,
        frames=frames,
        notes=tuple(dict.fromkeys(notes)),
    )


def parse(file: BinaryIO, path: Path, *, pixels: bool) -> FileDataset:
    """Read the data set; errors of the operating system (those with a number) pass through.

    Raises StudyError for what is no DICOM file or a damaged one.
    """
    # Each time, for whoever resets the filters; catch_warnings() would not be safe with threads.
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
    start = file.read(132)
    file.seek(0)
    if not start:
        raise StudyError(f"“{path.name}” is empty (0 bytes).", "Copy it again from its source.")
    if not is_dicom(start):
        raise StudyError(
            f"“{path.name}” is not a DICOM file, whatever its name says.",
            "Open a DICOM file, or a PNG, JPEG, WebP or TIFF picture.",
        )
    try:
        return dcmread(file, stop_before_pixels=not pixels, force=start[128:132] != b"DICM")
    except InvalidDicomError as error:
        raise _damaged(path, "its header can't be read") from error
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _damaged(path, "its header can't be read") from error


def _syntax(data: FileDataset) -> uid.UID:
    """Return the transfer syntax; without one in the file, what the parser found it to be."""
    declared = text(getattr(data, "file_meta", None) or Dataset(), "TransferSyntaxUID")
    if declared:
        return uid.UID(declared)
    implicit, little = data.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def _check_image(data: FileDataset, syntax: uid.UID, path: Path) -> None:
    rows, columns = whole(data, "Rows"), whole(data, "Columns")
    if rows is not None and columns is not None:
        check_size(path, columns, rows)
    if any(keyword in data for keyword in _PIXELS):
        if rows is None or columns is None:
            raise _damaged(path, "it does not say how many rows and columns it has")
        return
    if rows is not None:
        raise StudyError(
            f"“{path.name}” ({syntax.name}) has no pixels: the file is truncated or was sent "
            "without them.",
            "Copy or send it again.",
        )
    kind = uid.UID(text(data, "SOPClassUID")).name or "of unknown kind"
    raise StudyError(f"“{path.name}” holds no image ({kind}).", "Open an image of this study.")


def _mend(data: FileDataset, notes: list[str]) -> str:
    """Fill in what a decoder needs and a file left out; returns the photometric interpretation."""
    samples = whole(data, "SamplesPerPixel") or 1
    photometric = text(data, "PhotometricInterpretation").upper()
    if not photometric:
        photometric = "RGB" if samples == 3 else "MONOCHROME2"
        notes.append(f"The file names no photometric interpretation; {photometric} is assumed.")
    allocated = whole(data, "BitsAllocated") or 16
    stored = whole(data, "BitsStored") or allocated
    if stored > allocated:
        notes.append(f"The file declares {stored} bits in words of {allocated}.")
        stored = allocated
    mended = {
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": photometric,
        "BitsAllocated": allocated,
        "BitsStored": stored,
        "PixelRepresentation": whole(data, "PixelRepresentation") or 0,
        "PlanarConfiguration": whole(data, "PlanarConfiguration") or 0,
    }
    for keyword, right in mended.items():
        data.pop(keyword, None)  # assigning would first try to read what may be unreadable
        setattr(data, keyword, right)
    return photometric


def _decode(data: FileDataset, syntax: uid.UID, frame: int, path: Path) -> NDArray[Any]:
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
    for plugin in PLUGINS.get(syntax, ("",)):
        try:
            pixels: NDArray[Any] = decoder.as_array(
                data, index=frame, decoding_plugin=plugin, **options
            )[0]
            return pixels
        except MemoryError as error:
            raise StudyError(
                f"There is not enough memory to decode “{path.name}”.", "Close other programs."
            ) from error
        except _DAMAGED as error:
            failure = failure or error
    raise _damaged(path, f"its pixels ({syntax.name}) can't be decoded") from failure


def _narrowed(
    pixels: NDArray[Any],
    data: FileDataset,
    photometric: str,
    syntax: uid.UID,
    path: Path,
    notes: list[str],
) -> tuple[NDArray[Any], int]:
    """Return (H, W) uint8, uint16, int16 or (H, W, 3) uint8, and the bits that are really used."""
    if photometric == "PALETTE COLOR":
        try:
            pixels = apply_color_lut(pixels, data)
        except _DAMAGED as error:
            raise _damaged(path, "its colour palette can't be read") from error
    if pixels.ndim == 3:
        return gray_if_equal(_bytes(pixels[..., :3])), 8
    if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize > 2:
        pixels = _sixteen(pixels, path, notes)
        return pixels, 16
    native = not syntax.is_compressed or syntax == uid.RLELossless
    return _stored_bits(pixels, data, native, notes)


def _stored_bits(
    pixels: NDArray[Any], data: FileDataset, native: bool, notes: list[str]
) -> tuple[NDArray[Any], int]:
    """Take the stored bits out of their words and give them their sign (PS3.5 8.1.1)."""
    container = pixels.dtype.itemsize * 8
    bits, high = min(int(data.BitsStored), container), whole(data, "HighBit")
    signed = int(data.PixelRepresentation) == 1
    words = pixels.view(f"u{pixels.dtype.itemsize}")
    shift = 0 if not native or high is None else min(high + 1, container) - bits
    if shift > 0:
        words = words >> shift
    if signed:
        # Up to the top of sixteen bits and back down: the shift down drags the sign along.
        unused = 16 - bits
        return (words.astype(np.uint16) << unused).view(np.int16) >> unused, bits
    needed = int(words.max()).bit_length() if words.size else bits
    if needed > bits and native and _overlay_inside(data):
        notes.append("An overlay stored in the unused bits is left out.")
        words = words & np.asarray((1 << bits) - 1, words.dtype)
    elif needed > bits:
        notes.append(f"The file declares {bits} bits, but its values need {needed}.")
        bits = needed
    return words, bits


def _overlay_inside(data: Dataset) -> bool:
    """Does an overlay live in the pixels' unused bits? (60xx,0102) OverlayBitPosition, retired."""
    return any(
        (group, 0x0102) in data and (group, 0x3000) not in data
        for group in range(0x6000, 0x6020, 2)
    )


def _bytes(colour: NDArray[Any]) -> NDArray[np.uint8]:
    if colour.dtype == np.uint8:
        return colour
    top = max(8, int(colour.max()).bit_length())
    return (colour >> (top - 8)).astype(np.uint8)


def _sixteen(pixels: NDArray[Any], path: Path, notes: list[str]) -> NDArray[Any]:
    """Values of 32 bits or floating point: kept when they are whole and fit, refused otherwise."""
    low, high = float(pixels.min()), float(pixels.max())
    kept = pixels.astype(np.int16 if low < 0 else np.uint16)
    if low < -32_768 or high > (32_767 if low < 0 else 65_535) or not np.array_equal(kept, pixels):
        raise StudyError(
            f"“{path.name}” holds values that don't fit 16 bits ({low:g} to {high:g}).",
            "Export it with at most 16 bits per pixel.",
        )
    notes.append(f"Values stored as {pixels.dtype.name} are read as 16 bits.")
    return kept


def _compare_shape(data: Dataset, inverted: bool, notes: list[str]) -> None:
    shape = text(data, "PresentationLUTShape").upper()
    if shape in ("INVERSE", "IDENTITY") and (shape == "INVERSE") != inverted:
        notes.append(
            f"The file calls itself MONOCHROME{1 if inverted else 2} and its presentation LUT "
            f"{shape}; the first decides and the second is ignored."
        )


def _sources(data: Dataset, frame: int) -> list[Dataset]:
    """Where a frame's transforms may stand: the data set, then its functional groups (C.7.6.16)."""
    sources = [data]
    per_frame = list(value(data, "PerFrameFunctionalGroupsSequence") or [])
    shared = list(value(data, "SharedFunctionalGroupsSequence") or [])
    for group in (*per_frame[frame : frame + 1], *shared[:1]):
        for keyword in (
            "PixelValueTransformationSequence",
            "FrameVOILUTSequence",
            "PixelMeasuresSequence",
        ):
            sources += list(value(group, keyword) or [])[:1]
    return sources


def _damaged(path: Path, what: str) -> StudyError:
    return StudyError(
        f"“{path.name}” is damaged or incomplete: {what}.", "Copy it again from its source."
    )
