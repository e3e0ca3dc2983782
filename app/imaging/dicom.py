"""DICOM → Radiograph: the one place that decodes it.

Pixels stay the stored integers that pydicom's decoders deliver; masking, sign and polarity are
settled here, so that nothing behind this module has to know of stored bits, overlays or photometry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.processing import apply_color_lut

from app.errors import StudyError
from app.imaging import dicom_luts, dicom_tags
from app.imaging.decoding import Encoded, decode, encoded
from app.imaging.dicom_file import (
    DAMAGED,
    PixelElement,
    damaged,
    frames_of,
    opened,
    parse,
    pixel_element,
    transfer_syntax,
)
from app.imaging.dicom_tags import items, text, whole
from app.imaging.pixels import check_size, gray_if_equal, image_id
from app.imaging.radiograph import Header, Patient, Radiograph, View


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
    with opened(path) as file:
        data, _ = parse(file, path)
    return Summary(
        patient=dicom_tags.patient(data),
        header=dicom_tags.header(data, transfer_syntax(data).name),
        view=dicom_tags.view(data),
        size=(whole(data, "Rows") or 0, whole(data, "Columns") or 0),
        frames=frames_of(data),
        number=whole(data, "InstanceNumber") or 0,
    )


def read_dicom(path: Path, frame: int = 0) -> Radiograph:
    """Decode one frame (counted from 0) of a DICOM file.

    Pixels (H, W) uint8, uint16 or int16 stored values, or (H, W, 3) uint8 for colour. The size is
    judged from Rows and Columns before anything is decoded; other frames are neither read nor
    decoded. Raises StudyError naming file and transfer syntax.
    """
    return read_with(decode, Path(path), frame)


def read_with(decoder: Callable[[Encoded], NDArray[Any]], path: Path, frame: int = 0) -> Radiograph:
    """Like :func:`read_dicom`, with the stored values that ``decoder`` makes of the frame."""
    with opened(path) as file:
        return _read(file, decoder, path, frame)


def _read(
    file: BinaryIO, decoder: Callable[[Encoded], NDArray[Any]], path: Path, frame: int
) -> Radiograph:
    data, stream = parse(file, path)
    syntax, frames = transfer_syntax(data), frames_of(data)
    where = _check_image(data, pixel_element(data, stream), syntax, path)
    if not 0 <= frame < frames:
        raise StudyError(
            f"“{path.name}” has {frames} frame{'s' * (frames > 1)}; there is no frame {frame + 1}."
        )
    notes: list[str] = []
    photometric = _mend(data, notes)
    source = encoded(data, stream, where, frame, path, notes)
    stored, bits = _narrowed(decoder(source), source, photometric, notes)
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
        padding=dicom_luts.padding(data, pixels, notes),
        spacing=dicom_tags.spacing(sources, header.modality, notes),
        patient=dicom_tags.patient(data),
        header=header,
        frame=frame,
        frames=frames,
        notes=tuple(dict.fromkeys(notes)),
    )


def _check_image(
    data: FileDataset, where: PixelElement | None, syntax: uid.UID, path: Path
) -> PixelElement:
    rows, columns = whole(data, "Rows"), whole(data, "Columns")
    if rows is not None and columns is not None:
        check_size(path, columns, rows)
    if where is not None:
        if rows is None or columns is None:
            raise damaged(path, "it does not say how many rows and columns it has")
        return where
    if "PixelDataProviderURL" in data:
        raise StudyError(
            f"“{path.name}” ({syntax.name}) only refers to an image that lies on a server.",
            "Send the image itself.",
        )
    if rows is not None:
        raise StudyError(
            f"“{path.name}” ({syntax.name}) has no pixels: the file is truncated or was sent "
            "without them.",
            "Copy or send it again.",
        )
    sop_class = text(data, "SOPClassUID")
    plausible = re.fullmatch(r"[0-9.]{1,64}", sop_class)
    kind = uid.UID(sop_class).name if plausible else "of unknown kind"
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
        "NumberOfFrames": frames_of(data),
        "Rows": whole(data, "Rows"),
        "Columns": whole(data, "Columns"),
    }
    for keyword, right in mended.items():
        data.pop(keyword, None)  # assigning would first try to read what may be unreadable
        setattr(data, keyword, right)
    return photometric


def _narrowed(
    pixels: NDArray[Any], source: Encoded, photometric: str, notes: list[str]
) -> tuple[NDArray[Any], int]:
    """Return (H, W) uint8, uint16, int16 or (H, W, 3) uint8, and the bits that are really used."""
    data, path = source.data, source.path
    bits = int(data.BitsStored)
    if photometric == "PALETTE COLOR":
        try:
            pixels = apply_color_lut(pixels, data)
        except DAMAGED as error:
            raise damaged(path, "its colour palette can't be read") from error
        bits = pixels.dtype.itemsize * 8
    if pixels.ndim == 3:
        return gray_if_equal(_bytes(pixels[..., :3], bits)), 8
    if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize > 2:
        pixels = _sixteen(pixels, path, notes)
        return pixels, 16
    return _stored_bits(pixels, data, source.native, notes)


def _stored_bits(
    pixels: NDArray[Any], data: FileDataset, native: bool, notes: list[str]
) -> tuple[NDArray[Any], int]:
    """Take the stored bits out of their words and give them their sign (PS3.5 8.1.1)."""
    # A big-endian file's words are turned here; views of them below would forget their order.
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    container = pixels.dtype.itemsize * 8
    bits, high = min(int(data.BitsStored), container), whole(data, "HighBit")
    signed = int(data.PixelRepresentation) == 1
    words = pixels.view(f"u{pixels.dtype.itemsize}")
    shift = 0 if not native or high is None else min(high + 1, container) - bits
    if shift > 0:
        words = words >> shift
    if signed and _extended_beyond(words, bits) and not shift and not _overlay_inside(data):
        values = words.view(f"i{pixels.dtype.itemsize}").astype(np.int16)
        needed = 1 + max(int(values.max()).bit_length(), int(~values.min()).bit_length())
        notes.append(f"The file declares {bits} bits, but its values need {needed}.")
        return values, needed
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


def _extended_beyond(words: NDArray[Any], bits: int) -> bool:
    """Do signed words hold more than their stored bits, the sign drawn through to the top?"""
    values = words.view(f"i{words.dtype.itemsize}")
    low, high, half = int(values.min()), int(values.max()), 1 << (bits - 1)
    # Bits cut off above the sign leave no negative word, and are no contradiction.
    return low < -half or (low < 0 and high >= half)


def _overlay_inside(data: Dataset) -> bool:
    """Does an overlay live in the pixels' unused bits? (60xx,0102) OverlayBitPosition, retired."""
    return any(
        (group, 0x0102) in data and (group, 0x3000) not in data
        for group in range(0x6000, 0x6020, 2)
    )


def _bytes(colour: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Colour of ``bits`` bits at eight; of as many as its values need where they contradict."""
    if colour.dtype == np.uint8:
        return colour
    needed = int(colour.max()).bit_length()
    full = (1 << (8 if needed <= 8 else max(bits, needed))) - 1
    levels: NDArray[np.uint8] = ((colour * np.uint32(255) + full // 2) // full).astype(np.uint8)
    return levels


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
    per_frame = items(data, "PerFrameFunctionalGroupsSequence")
    shared = items(data, "SharedFunctionalGroupsSequence")
    for group in (*per_frame[frame : frame + 1], *shared[:1]):
        for keyword in (
            "PixelValueTransformationSequence",
            "FrameVOILUTSequence",
            "PixelMeasuresSequence",
        ):
            sources += items(group, keyword)[:1]
    return sources
