"""Write the phantom as a study of two DICOM files, and an earlier one of one file (Digital X-Ray
Image, PS3.3 A.26).

    python -m app.imaging.phantom.study resources/synthetic

Everything is fixed, UIDs and seeds included, so that the same program writes the same files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset

from app.imaging.phantom import film, frontal, lateral
from app.imaging.phantom.shapes import Field
from app.imaging.radiograph import View

DATE, EARLIER = "20250101", "20240312"
"""When the two studies claim to have been taken."""

ROWS, COLUMNS, PITCH = 1200, 1000, 0.36
"""Size of the detector in pixels, and of a pixel in mm: 432 × 360 mm."""


def _uid(what: str) -> uid.UID:
    """UID from a UUID (PS3.5 B.2) that follows from a name, so that it is the same every time."""
    return uid.UID(f"2.25.{uuid5(NAMESPACE_URL, f'reading-room/phantom/{what}').int}")


def pixels(view: View, *, earlier: bool = False) -> NDArray[np.uint16]:
    """Draw one view, (ROWS, COLUMNS) uint16 with 12 bits, its lettering included.

    The frontal one also ``earlier``, for comparing.
    """
    field = Field(ROWS, COLUMNS, PITCH)
    if view is View.LATERAL:
        drawn = film.expose(lateral.tissue(field), seed=2)
        film.letters(drawn, "L", 40, COLUMNS - 96, 44, 4000)
    else:
        drawn = film.expose(frontal.tissue(field, earlier=earlier), seed=3 if earlier else 1)
        film.letters(drawn, "R", 480, 14, 44, 4000)
    # Beside the neck, where neither the viewer's corner texts nor the chest lie.
    film.letters(drawn, "SYNTHETIC", 70, 215, 20, 3600)
    film.letters(drawn, "not a patient", 102, 215, 13, 2900)
    return drawn


def write_study(folder: Path) -> tuple[Path, Path]:
    """Write frontal.dcm and lateral.dcm (JPEG-LS lossless) into ``folder``; returns their paths.

    The earlier frontal image goes into ``prior`` in it.
    """
    frontal_file, lateral_file = folder / "frontal.dcm", folder / "lateral.dcm"
    earlier = data_set(View.PA, 3, pixels(View.PA, earlier=True))
    earlier.StudyDate = earlier.ContentDate = EARLIER
    earlier.StudyInstanceUID = _uid("earlier study")
    earlier.StudyID = "0"
    earlier.SeriesNumber = earlier.InstanceNumber = 1
    for path, data in (
        (frontal_file, data_set(View.PA, 1, pixels(View.PA))),
        (lateral_file, data_set(View.LATERAL, 2, pixels(View.LATERAL))),
        (folder / "prior" / "frontal.dcm", earlier),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        data.compress(uid.JPEGLSLossless, encoding_plugin="pyjpegls", generate_instance_uid=False)
        data.save_as(path, enforce_file_format=True)
    return frontal_file, lateral_file


def data_set(view: View, number: int, drawn: NDArray[np.uint16]) -> FileDataset:
    """One view as a DICOM image that stands for itself; UIDs follow from ``number``."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = uid.DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = _uid(f"image {number}")
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("program")
    meta.ImplementationVersionName = "READINGROOM"
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    side = view is View.LATERAL
    for keyword, value in {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyDate": DATE,
        "ContentDate": DATE,
        "StudyTime": "120000",
        "ContentTime": "120000",
        "AccessionNumber": "SYNTHETIC",
        "Modality": "DX",
        "PresentationIntentType": "FOR PRESENTATION",
        "Manufacturer": "Reading Room",
        "ManufacturerModelName": "Phantom made of formulas",
        "ReferringPhysicianName": "",
        "StudyDescription": "Synthetic phantom, not a patient",
        "SeriesDescription": "Chest lateral (synthetic)" if side else "Chest PA (synthetic)",
        "PatientName": "Synthetic^Phantom",
        "PatientID": "SYNTHETIC-0001",
        "PatientBirthDate": "",
        "PatientSex": "O",
        "PatientComments": "Drawn by a program. Shows no patient and proves nothing.",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "LL" if side else "PA",
        "PatientOrientation": ["P", "F"] if side else ["L", "F"],
        "ImageLaterality": "U",
        "StudyInstanceUID": _uid("study"),
        "SeriesInstanceUID": _uid(f"series {number}"),
        "StudyID": "1",
        "SeriesNumber": number,
        "InstanceNumber": number,
        "BurnedInAnnotation": "NO",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PresentationLUTShape": "IDENTITY",
        "Rows": drawn.shape[0],
        "Columns": drawn.shape[1],
        "ImagerPixelSpacing": [PITCH, PITCH],
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": -1,
        "RescaleIntercept": 0,
        "RescaleSlope": 1,
        "RescaleType": "US",
        "LossyImageCompression": "00",
    }.items():
        setattr(data, keyword, value)
    _windows(data)
    data.PixelData = drawn.astype("<u2").tobytes()
    data["PixelData"].VR = "OW"
    return data


def _windows(data: Dataset) -> None:
    data.WindowCenter = [2048, 1500, 2700]
    data.WindowWidth = [4096, 2400, 2400]
    data.WindowCenterWidthExplanation = ["STANDARD", "LUNG", "MEDIASTINUM"]
    data.VOILUTFunction = "LINEAR"


if __name__ == "__main__":
    write_study(Path(sys.argv[1] if len(sys.argv) > 1 else "resources/synthetic"))
