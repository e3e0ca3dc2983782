"""What a DICOM data set says in words: patient, header, view, spacing.

Real files break every rule, so each value is taken on its own: one that can't be read counts as
absent and never stops an image from opening.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import Any

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.uid import UID

from app.imaging.person_name import as_written
from app.imaging.radiograph import Header, Patient, Spacing, View

PROJECTION = frozenset({"CR", "DX", "RG", "RF", "XA", "MG", "IO", "PX", "DR", "XC"})
"""Modalities (0008,0060) whose images are shadows: a pixel has no one size at the patient."""

_UNREADABLE = (
    AttributeError,
    BytesLengthException,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pydicom raises when a value is not what its tag or VR says."""

_VIEW_CODES = {
    # PS3.16 CID 4010, SCT and the SRT codes that older files carry
    "272479007": View.PA,
    "R-10214": View.PA,
    "399348003": View.AP,
    "R-10206": View.AP,
    "399067008": View.LATERAL,
    "399173006": View.LATERAL,
    "399198007": View.LATERAL,
    "R-10232": View.LATERAL,
    "R-10236": View.LATERAL,
}
_VIEW_TEXTS = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
_VIEW_WORDS = {
    View.PA: {"PA", "POSTEROANTERIOR", "POSTERO-ANTERIOR", "后前位"},
    View.AP: {"AP", "ANTEROPOSTERIOR", "ANTERO-POSTERIOR", "前后位"},
    View.LATERAL: {"LAT", "LATERAL", "LL", "RL", "LLAT", "RLAT", "侧位"},
    View.OTHER: {"DECUB", "DECUBITUS", "OBLIQUE", "OBL", "LORDOTIC", "LLD", "RLD"}
    | {"RAO", "LAO", "RPO", "LPO"},
}


def value(data: Dataset, keyword: str) -> Any:
    """Return an element's value, or None when it is absent, empty or can't be read."""
    try:
        found = data.get(keyword)
    except _UNREADABLE:
        return None
    return None if found is None or found == "" else found


def text(data: Dataset, keyword: str) -> str:
    """Return an element as one line; several values joined by a backslash as in the file."""
    found = value(data, keyword)
    if found is None:
        return ""
    parts = found if _several(found) else [found]
    if any(isinstance(part, Dataset) for part in parts):
        return ""  # a sequence, where words should stand
    return " ".join("\\".join(str(part) for part in parts).split("\0")[0].split())


def items(data: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; none when the element is no sequence or can't be read."""
    found = value(data, keyword)
    return [item for item in found if isinstance(item, Dataset)] if _several(found) else []


def whole(data: Dataset, keyword: str) -> int | None:
    """Return an element as a whole number, or None."""
    numbers = numbers_of(value(data, keyword))
    return int(numbers[0]) if numbers else None


def numbers_of(found: Any) -> list[float]:
    """Return the finite numbers in a value of one or many; what is no number is left out."""
    if found is None:
        return []
    numbers = []
    for part in found if _several(found) else [found]:
        try:
            number = float(part)
        except _UNREADABLE:
            continue
        if abs(number) < 1e15:
            numbers.append(number)
    return numbers


def patient(data: Dataset) -> Patient:
    """Return the Patient module (PS3.3 C.7.1.1)."""
    return Patient(
        patient_id=text(data, "PatientID"),
        name=as_written(str(value(data, "PatientName") or "")),
        sex=text(data, "PatientSex"),
        birth_date=text(data, "PatientBirthDate"),
        age=text(data, "PatientAge"),
    )


def header(data: Dataset, transfer_syntax: str, bits_stored: int | None = None) -> Header:
    """Return what the file says of itself; ``bits_stored`` corrects what it says of its pixels."""
    allocated = whole(data, "BitsAllocated") or 8
    return Header(
        study_instance_uid=text(data, "StudyInstanceUID"),
        series_instance_uid=text(data, "SeriesInstanceUID"),
        sop_instance_uid=text(data, "SOPInstanceUID"),
        accession_number=text(data, "AccessionNumber"),
        study_description=text(data, "StudyDescription"),
        series_description=text(data, "SeriesDescription"),
        study_date=text(data, "StudyDate"),
        study_time=text(data, "StudyTime").split(".")[0],
        modality=text(data, "Modality").upper(),
        body_part=text(data, "BodyPartExamined").upper(),
        laterality=text(data, "ImageLaterality") or text(data, "Laterality"),
        patient_orientation=_orientation(data),
        manufacturer=text(data, "Manufacturer"),
        transfer_syntax=transfer_syntax,
        photometric=text(data, "PhotometricInterpretation").upper(),
        bits_allocated=allocated,
        bits_stored=bits_stored or whole(data, "BitsStored") or allocated,
        presentation_intent=text(data, "PresentationIntentType").upper(),
        burned_in_annotation=text(data, "BurnedInAnnotation").upper(),
        presentation_lut_shape=text(data, "PresentationLUTShape").upper(),
        lossy=text(data, "LossyImageCompression"),
        lossy_ratios=tuple(numbers_of(value(data, "LossyImageCompressionRatio"))),
        lossy_methods=tuple(filter(None, text(data, "LossyImageCompressionMethod").split("\\"))),
        sop_class=UID(text(data, "SOPClassUID")).name,
        conversion_type=text(data, "ConversionType").upper(),
        view_source=_view_source(data),
    )


def view(data: Dataset) -> View:
    """Return how the rays went, from the surest source that speaks.

    ViewPosition, then ViewCodeSequence, then the words of series, protocol and processing, these
    only when they name exactly one view. The study's description is not asked: it may name several.
    """
    position = text(data, "ViewPosition").upper()
    if position:
        return _view_in([position]) or View.OTHER
    for item in items(data, "ViewCodeSequence"):
        code = _VIEW_CODES.get(text(item, "CodeValue"))
        return code or _view_in([text(item, "CodeMeaning").upper()]) or View.OTHER
    return _view_in([text(data, keyword).upper() for keyword in _VIEW_TEXTS]) or View.UNKNOWN


def _view_source(data: Dataset) -> str:
    """The attribute that :func:`view` asks first and that speaks."""
    asked = ("ViewPosition", "ViewCodeSequence", *_VIEW_TEXTS)
    return next((keyword for keyword in asked if value(data, keyword)), "")


def spacing(sources: Iterable[Dataset], modality: str, notes: list[str]) -> Spacing | None:
    """Return the size of a pixel, and whether it is true at the patient (PS3.3 10.7.1.3).

    A shadow image's PixelSpacing counts as calibrated only when the file says so or when it differs
    from the ImagerPixelSpacing that stands beside it; alone it may well be the detector's.
    """
    pixel = imager = None
    calibration = ""
    for data in sources:
        pixel = pixel or _pair(data, "PixelSpacing", notes)
        imager = imager or _pair(data, "ImagerPixelSpacing", notes)
        imager = imager or _pair(data, "NominalScannedPixelSpacing", notes)
        calibration = calibration or text(data, "PixelSpacingCalibrationType")
    if pixel is not None:
        differs = imager is not None and imager != pixel
        if calibration or differs or modality not in PROJECTION:
            return Spacing(*pixel, "calibrated")
        return Spacing(*pixel, "detector plane")
    return None if imager is None else Spacing(*imager, "detector plane")


def _pair(data: Dataset, keyword: str, notes: list[str]) -> tuple[float, float] | None:
    if value(data, keyword) is None:
        return None
    pair = numbers_of(value(data, keyword))
    if len(pair) == 2 and min(pair) > 0:
        return pair[0], pair[1]
    notes.append(f"{keyword} makes no sense and is ignored; lengths are in pixels.")
    return None


def _view_in(texts: list[str]) -> View | None:
    words = {word for line in texts for word in re.split(r"[^\w-]+|_", line) if word}
    named = {view for view, known in _VIEW_WORDS.items() if known & words}
    if View.OTHER in named:
        return View.OTHER
    return named.pop() if len(named) == 1 else None


def _orientation(data: Dataset) -> tuple[str, str]:
    """(0020,0020); anything but two directions made of A P R L H F is as good as none."""
    found = value(data, "PatientOrientation")
    pair = [str(part).strip().upper() for part in found] if _several(found) else []
    if len(pair) != 2 or not all(re.fullmatch("[APRLHF]{1,3}", part) for part in pair):
        return ("", "")
    return pair[0], pair[1]


def _several(found: Any) -> bool:
    alone = found is None or isinstance(found, str | bytes | Dataset)
    return not alone and hasattr(found, "__iter__")
