"""DICOM files made for a test, small and whole unless a test breaks them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom import uid
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate

RAMP = (np.arange(80 * 72).reshape(80, 72) % 4096).astype(np.uint16)

_Y, _X = np.mgrid[:88, :76]
SHAPES = (600 + 11 * _X + 9 * _Y + ((_X // 8 + _Y // 8) % 2) * 700).astype(np.uint16)
"""Twelve bits, smooth with edges: what the compressed frames in data/ show."""

FRAMES = Path(__file__).parent / "data"


def encapsulated(syntax: str, frame: bytes, pixels: np.ndarray = SHAPES, **tags: Any) -> Any:
    """A CR image of ``pixels`` whose only frame is ``frame``, compressed in ``syntax``."""
    data = data_set(pixels, **tags)
    data.file_meta.TransferSyntaxUID = uid.UID(syntax)
    data.PixelData = encapsulate([frame])
    data["PixelData"].is_undefined_length = True
    return data


def data_set(pixels: np.ndarray = RAMP, **tags: Any) -> FileDataset:
    """A CR image with ``pixels`` (frames first, colour last); a tag of None is left out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = uid.ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = uid.generate_uid()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    colour = pixels.shape[-1] == 3
    shape = pixels.shape[:-1] if colour else pixels.shape
    bits = pixels.dtype.itemsize * 8
    defaults: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.4",
        "StudyDate": "20240102",
        "StudyTime": "030405.678",
        "Modality": "CR",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PatientName": "Doe^Jane",
        "PatientID": "P1",
        "Rows": shape[-2],
        "Columns": shape[-1],
        "SamplesPerPixel": 3 if colour else 1,
        "PhotometricInterpretation": "RGB" if colour else "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": 12 if bits == 16 else 8,
        "HighBit": 11 if bits == 16 else 7,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
    }
    if colour:
        defaults["PlanarConfiguration"] = 0
    if len(shape) == 3:
        defaults["NumberOfFrames"] = shape[0]
    for keyword, value in (defaults | tags).items():
        if value is not None:
            setattr(data, keyword, value)
    data.PixelData = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    data["PixelData"].VR = "OW" if bits == 16 else "OB"
    return data


def write(path: Path, data: FileDataset | None = None) -> Path:
    """Save ``data`` (the default image without it) and return ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (data if data is not None else data_set()).save_as(path, enforce_file_format=True)
    return path
