"""A radiograph as the rest of the application sees it.

Pixels stay as they were stored; what is done to show them (modality LUT, VOI, inversion) is
described here and computed in :mod:`app.imaging.lut`, what is done to draft from them in
:mod:`app.imaging.preprocess`. Everything is plain data without pydicom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray


class View(StrEnum):
    """How the X-rays went through the chest (DICOM ViewPosition, PS3.3 C.8.11.1)."""

    PA = "PA"
    AP = "AP"
    LATERAL = "LATERAL"
    OTHER = "OTHER"
    UNKNOWN = ""

    @property
    def frontal(self) -> bool:
        return self in (View.PA, View.AP)


@dataclass(frozen=True)
class Window:
    """A window in modality units (PS3.3 C.11.2.1.2). ``width`` > 0."""

    center: float
    width: float
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR"
    explanation: str = ""


@dataclass(frozen=True, eq=False)
class Lut:
    """A modality or VOI look-up table (PS3.3 C.11.1.1, C.11.2.1.1).

    ``table`` (n,) uint16, ``first_value`` the input that maps to ``table[0]``; inputs outside are
    clamped. ``bits`` is the output depth that the file declares, corrected where the data
    contradict it.
    """

    table: NDArray[np.uint16]
    first_value: int
    bits: int
    explanation: str = ""


Voi = Window | Lut


@dataclass(frozen=True)
class Spacing:
    """Size of a pixel in mm, and what that size means.

    ``calibrated``: PixelSpacing at the patient; ``detector plane``: ImagerPixelSpacing, without the
    geometric magnification taken out (PS3.3 10.7.1.3).
    """

    row_mm: float
    column_mm: float
    kind: Literal["calibrated", "detector plane"]


@dataclass(frozen=True)
class Patient:
    """Who is in the picture. Empty strings where a file does not say."""

    patient_id: str = ""
    name: str = ""
    sex: str = ""
    birth_date: str = ""
    age: str = ""


@dataclass(frozen=True)
class Header:
    """What a file says about itself, in DICOM's own words. Empty where it says nothing.

    ``study_date`` is ``YYYYMMDD`` and ``study_time`` ``HHMMSS`` as in DICOM (VR DA and TM, PS3.5
    6.2). ``lossy`` is LossyImageCompression (00 or 01) with its ratios and methods (PS3.3
    C.7.6.1.1.5); ``sop_class`` is the name of the SOP class; ``view_source`` is the attribute that
    told the view.
    """

    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    accession_number: str = ""
    study_description: str = ""
    series_description: str = ""
    study_date: str = ""
    study_time: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: str = ""
    patient_orientation: tuple[str, str] = ("", "")
    manufacturer: str = ""
    transfer_syntax: str = ""
    photometric: str = ""
    bits_allocated: int = 8
    bits_stored: int = 8
    presentation_intent: str = ""
    burned_in_annotation: str = ""
    presentation_lut_shape: str = ""
    lossy: str = ""
    lossy_ratios: tuple[float, ...] = ()
    lossy_methods: tuple[str, ...] = ()
    sop_class: str = ""
    conversion_type: str = ""
    view_source: str = ""


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One decoded image.

    pixels      (H, W) uint8, uint16 or int16 stored values, or (H, W, 3) uint8 for a colour image
    inverted    True when larger stored values are darker (MONOCHROME1); applied once, at the end
    slope, intercept, modality_lut
                stored value → modality value; the LUT wins when both are there (PS3.3 C.11.1)
    voi         the file's own VOI LUTs and windows in its order; empty for a raster image
    padding     (lowest, highest) stored values that stand for "no image here" (PS3.3 C.7.5.1.1.2)
    image_id    sha256 (hex) of shape, dtype, polarity and pixels: the same picture has the same id
                wherever it lies and whatever its file is called
    reduction   by how much each side was divided: 1, or more for a preview of the whole image
    notes       plain sentences on what was odd in the file and how it was read
    """

    pixels: NDArray[np.generic]
    path: Path
    image_id: str
    view: View = View.UNKNOWN
    inverted: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    modality_lut: Lut | None = None
    voi: tuple[Voi, ...] = ()
    padding: tuple[int, int] | None = None
    spacing: Spacing | None = None
    patient: Patient = field(default_factory=Patient)
    header: Header = field(default_factory=Header)
    frame: int = 0
    frames: int = 1
    reduction: int = 1
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def colour(self) -> bool:
        return self.pixels.ndim == 3
