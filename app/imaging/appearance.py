"""Why an image looks as it does: what the file says, what is done to its values, what is odd.

Plain sentences for a reader; nothing here changes how anything is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.imaging.radiograph import Lut, Radiograph, View, Voi, Window

_VIEWS = {
    View.PA: "PA",
    View.AP: "AP",
    View.LATERAL: "lateral",
    View.OTHER: "other than PA, AP or lateral",
    View.UNKNOWN: "the file doesn't say",
}
_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS near-lossless",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
}
_LOSSY_SYNTAXES = ("JPEG Baseline", "JPEG Extended", "Near", "JPEG-LS Lossy")
_MAYBE_LOSSY = ("JPEG 2000 Image Compression", "High-Throughput JPEG 2000 Image Compression")


@dataclass(frozen=True)
class Fact:
    """One line: what it is about, and what holds."""

    name: str
    value: str


@dataclass(frozen=True)
class Badge:
    """Something that a reader should know before trusting the image: a word and a sentence."""

    label: str
    sentence: str


def facts(radiograph: Radiograph, voi: Voi | None, invert: bool) -> tuple[Fact, ...]:
    """What the file is and what happens to its values, in the order in which it happens.

    ``voi`` is what is in use, None for a colour image; ``invert`` the reader's own inversion.
    """
    header = radiograph.header
    rows = [
        ("File", radiograph.path.suffix.lstrip(".").upper() if not header.sop_class else ""),
        ("SOP class", header.sop_class),
        ("Transfer syntax", header.transfer_syntax),
        ("Pixels", _pixels(radiograph)),
        ("Photometric", header.photometric),
        ("Modality LUT", "" if radiograph.colour else _modality(radiograph)),
        ("VOI", "as stored, in colour" if voi is None else _voi(voi)),
        ("Inversion", _inversion(radiograph, invert)),
        ("Padding", _padding(radiograph)),
        ("Pixel size", _spacing(radiograph)),
        ("View", _view(radiograph)),
        ("Intent", header.presentation_intent),
        ("Manufacturer", header.manufacturer),
    ]
    rows += [("Note", note) for note in radiograph.notes]
    return tuple(Fact(name, value) for name, value in rows if value)


def badges(radiograph: Radiograph) -> tuple[Badge, ...]:
    """What contradicts itself or limits what can be read; empty for a picture without a header."""
    header = radiograph.header
    if not header.sop_class and not header.sop_instance_uid:
        return ()
    found = [
        _shape(radiograph),
        _processing(header.presentation_intent),
        _lossy(radiograph),
        _burned_in(header.burned_in_annotation),
        _captured(radiograph),
        _calibration(radiograph),
    ]
    return tuple(badge for badge in found if badge is not None)


def _pixels(radiograph: Radiograph) -> str:
    header, pixels = radiograph.header, radiograph.pixels
    size = f"{radiograph.width:,} × {radiograph.height:,}"
    if radiograph.colour:
        return f"{size}, colour"
    sign = "signed" if pixels.dtype == np.int16 else "unsigned"
    bits = f"{header.bits_stored} bits stored of {header.bits_allocated}, {sign}"
    frame = (
        f", frame {radiograph.frame + 1} of {radiograph.frames}" if radiograph.frames > 1 else ""
    )
    return f"{size}, {bits}{frame}"


def _modality(radiograph: Radiograph) -> str:
    table = radiograph.modality_lut
    if table is not None:
        return f"table of {len(table.table):,} entries from {table.first_value}"
    if (radiograph.slope, radiograph.intercept) == (1.0, 0.0):
        return "none: values as stored"
    sign = "−" if radiograph.intercept < 0 else "+"
    slope = f"{radiograph.slope:g}".replace("-", "−")
    return f"stored value × {slope} {sign} {abs(radiograph.intercept):g}"


def _voi(voi: Voi) -> str:
    named = f"“{voi.explanation}”: " if voi.explanation not in ("", "Window") else ""
    if isinstance(voi, Lut):
        return f"{named}table of {len(voi.table):,} entries, {voi.bits} bits out"
    return f"{named}center {voi.center:g}, width {voi.width:g}, {_function(voi)}"


def _function(window: Window) -> str:
    return {"LINEAR": "linear", "LINEAR_EXACT": "linear exact", "SIGMOID": "sigmoid"}[
        window.function
    ]


def _inversion(radiograph: Radiograph, invert: bool) -> str:
    by = ["the file (MONOCHROME1)"] if radiograph.inverted else []
    by += ["you (I)"] if invert else []
    if not by:
        return "none"
    return f"by {' and by '.join(by)}" + (", so not at all" if len(by) == 2 else "")


def _padding(radiograph: Radiograph) -> str:
    if radiograph.padding is None:
        return ""
    low, high = radiograph.padding
    return f"{low if low == high else f'{low} to {high}'}, shown black"


def _spacing(radiograph: Radiograph) -> str:
    spacing = radiograph.spacing
    if spacing is None:
        return "not said: lengths are in pixels"
    size = f"{spacing.row_mm:.4g} × {spacing.column_mm:.4g} mm"
    if spacing.kind == "calibrated":
        return f"{size}, calibrated: lengths are true at the patient"
    return f"{size}, at the detector: lengths are too large by the magnification"


def _view(radiograph: Radiograph) -> str:
    said = _VIEWS[radiograph.view]
    source = radiograph.header.view_source
    return f"{said} ({source})" if source and radiograph.view is not View.UNKNOWN else said


def _shape(radiograph: Radiograph) -> Badge | None:
    shape = radiograph.header.presentation_lut_shape
    if shape not in ("INVERSE", "IDENTITY") or (shape == "INVERSE") == radiograph.inverted:
        return None
    return Badge(
        "LUT shape",
        f"PresentationLUTShape {shape} contradicts {radiograph.header.photometric}; the latter "
        "decides. If bone is black, press I.",
    )


def _processing(intent: str) -> Badge | None:
    if intent != "FOR PROCESSING":
        return None
    return Badge(
        "FOR PROCESSING",
        "Raw values of the detector, not meant for reading: contrast is not what it should be.",
    )


def _lossy(radiograph: Radiograph) -> Badge | None:
    """LossyImageCompression (0028,2110), or a syntax that can't be lossless."""
    header = radiograph.header
    by_syntax = any(part in header.transfer_syntax for part in _LOSSY_SYNTAXES)
    unsaid = header.transfer_syntax in _MAYBE_LOSSY and not header.lossy
    if header.lossy == "01" or by_syntax:
        ratio = " × ".join(f"{ratio:g}:1" for ratio in header.lossy_ratios) or "ratio not said"
        methods = ", ".join(_METHODS.get(name, name) for name in header.lossy_methods)
        method = f" ({methods})" if methods else ""
        return Badge("lossy", f"Compressed with loss{method}, {ratio}: fine detail may be gone.")
    if unsaid:
        return Badge("lossy?", "The transfer syntax allows loss, and the file doesn't say.")
    return None


def _burned_in(annotation: str) -> Badge | None:
    if annotation == "NO":
        return None
    if annotation == "YES":
        return Badge(
            "burned-in text",
            "Text is part of the picture and may name the patient; it can't be hidden.",
        )
    return Badge(
        "burned-in?",
        "The file doesn't say whether text is part of the picture; look before sharing.",
    )


def _captured(radiograph: Radiograph) -> Badge | None:
    header = radiograph.header
    if "Secondary Capture" not in header.sop_class and not header.conversion_type:
        return None
    how = f" ({header.conversion_type})" if header.conversion_type else ""
    return Badge(
        "secondary capture", f"A picture of a picture{how}: values and sizes may mean nothing."
    )


def _calibration(radiograph: Radiograph) -> Badge | None:
    if radiograph.spacing is None:
        return Badge("no pixel size", "Lengths can only be given in pixels; ratios are safe.")
    if radiograph.spacing.kind == "calibrated":
        return None
    return Badge(
        "not calibrated",
        "Lengths are measured at the detector, not at the patient; ratios are safe.",
    )
