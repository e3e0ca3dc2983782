"""Copies of images that say nothing about where they come from.

A DICOM file keeps its pixels as they are encoded and what is needed to show them, and nothing else:
no patient, no dates, no devices, no private data, no UIDs of its source. Everything else becomes a
PNG without metadata. What is *burned into* the pixels stays: no program takes that out reliably.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Final

import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation

from app.errors import StudyError
from app.files import write_bytes
from app.imaging.kinds import kind_of
from app.imaging.reading import read_image

MOMENT: Final = 946_684_800
"""2000-01-01 UTC: the time of every copy, so that file times tell nothing."""

KEPT: Final = (
    *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames"),
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "PixelAspectRatio", "PresentationLUTShape"),
    *("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "VOILUTFunction"),
    *("PixelSpacing", "ImagerPixelSpacing", "EstimatedRadiographicMagnificationFactor"),
    *("PixelSpacingCalibrationType", "ViewPosition", "ImageLaterality", "PatientOrientation"),
    *("RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData"),
    *("BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"),
    *("SmallestImagePixelValue", "LargestImagePixelValue", "PixelIntensityRelationshipSign"),
    "PixelData",
)
"""Attributes of a copy (PS3.6), besides look-up tables."""
_LUTS: Final = ("ModalityLUTSequence", "VOILUTSequence")
_OF_LUT: Final = ("LUTDescriptor", "LUTData", "ModalityLUTType")


def write_opaque(source: Path, folder: Path, code: str) -> Path:
    """Copy ``source`` into ``folder`` under ``code``; returns the file.

    It is read once before and once after, so that nothing that can't be shown enters a study.
    Raises :class:`StudyError` for an image that can't be read and
    :class:`app.errors.StoreError` when the copy can't be written.
    """
    before = read_image(source)
    if kind_of(source) == "dicom":
        target, content = folder / f"{code}.dcm", _dicom(source, code)
    else:
        target, content = folder / f"{code}.png", io.BytesIO()
        Image.fromarray(before.pixels).save(content, format="PNG")
    write_bytes(target, content.getvalue())
    os.utime(target, (MOMENT, MOMENT))
    after = read_image(target)
    if after.pixels.shape != before.pixels.shape or (after.pixels != before.pixels).any():
        target.unlink()
        raise StudyError(
            f"{source} can't be copied without changing its pixels.", "Leave this case out."
        )
    return target


def _dicom(source: Path, code: str) -> io.BytesIO:
    data = pydicom.dcmread(source, force=True)
    copy = Dataset()
    for name in KEPT:
        if name in data:
            copy[name] = data[name]
    for name in _LUTS:
        if name in data:
            tables = []
            for item in data[name].value:
                table = Dataset()
                for part in _OF_LUT:
                    if part in item:
                        table[part] = item[part]
                tables.append(table)
            setattr(copy, name, tables)
    copy.SOPClassUID = DigitalXRayImageStorageForPresentation
    copy.SOPInstanceUID = _uid(code, "instance")
    copy.StudyInstanceUID = _uid(code, "study")
    copy.SeriesInstanceUID = _uid(code, "series")
    copy.Modality = "DX"
    copy.BodyPartExamined = "CHEST"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = copy.SOPClassUID
    meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    syntax = getattr(getattr(data, "file_meta", None), "TransferSyntaxUID", None)
    meta.TransferSyntaxUID = syntax or pydicom.uid.ImplicitVRLittleEndian
    copy.file_meta = meta
    buffer = io.BytesIO()
    pydicom.dcmwrite(
        buffer,
        copy,
        enforce_file_format=True,
        implicit_vr=meta.TransferSyntaxUID.is_implicit_VR,
        little_endian=meta.TransferSyntaxUID.is_little_endian,
    )
    return buffer


def _uid(code: str, what: str) -> str:
    """A UID that follows from the code alone (PS3.5 B.2)."""
    return f"2.25.{int(hashlib.sha256(f'{code} {what}'.encode()).hexdigest()[:31], 16)}"
