"""What a measurement says: its numbers with their units, the words on the image, one sentence.

A length is only as good as the size of a pixel, so it always says what that size is: "calibrated"
(at the patient), "detector plane" (too large by the distance between patient and detector) or "px".
Angles and ratios need no size, only the proportion of a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from app.imaging.measuring import lengths, regions
from app.imaging.measuring.measurement import Kind, Measurement
from app.imaging.radiograph import Radiograph, View

NORMAL_RATIO = 0.50
"""The widest normal heart: half of the chest, in adults, standing, on a PA view.

On an AP view the heart lies farther from the detector and looks larger; a small child's heart is
wider. The limit isn't marked there.
"""

_ADULT_YEARS = 18
_UNITS_BELOW_A_YEAR = "DWM"


@dataclass(frozen=True)
class Value:
    """One number: what it is, and its unit ("" for a ratio and for values of pixels)."""

    name: str
    number: float
    unit: str = ""


@dataclass(frozen=True)
class Result:
    """What follows from one measurement on one image.

    values       every number, for an export
    calibration  "calibrated", "detector plane" or "px"; "" where it doesn't matter
    lines        what is written beside it on the image
    sentence     the same for a report, without a full stop; "" where there is nothing to report
    above        a cardiothoracic ratio above its limit, where the limit holds
    """

    values: tuple[Value, ...] = ()
    calibration: str = ""
    lines: tuple[str, ...] = field(default=())
    sentence: str = ""
    above: bool = False


def result(measurement: Measurement, radiograph: Radiograph) -> Result:
    """What ``measurement`` says on ``radiograph``. Never fails."""
    return _RESULTS[measurement.kind](measurement, radiograph)


def sentence(measurement: Measurement, radiograph: Radiograph) -> str:
    """One sentence for a report or a table, without a full stop."""
    return result(measurement, radiograph).sentence


def _length(measurement: Measurement, radiograph: Radiograph) -> Result:
    a, b = measurement.points
    unit, calibration = _unit(radiograph)
    number = lengths.length(a, b, lengths.scale_of(radiograph.spacing))
    text = f"{_figure(number)} {unit}"
    called = f"{text} {_told(calibration)}".strip()
    return Result(
        (Value("length", number, unit),),
        calibration,
        (f"{text} · {calibration}",) if calibration != "px" else (text,),
        f"Length {called}",
    )


def _angle(measurement: Measurement, radiograph: Radiograph) -> Result:
    arm, vertex, other = measurement.points
    number = lengths.angle(arm, vertex, other, lengths.scale_of(radiograph.spacing))
    return _degrees("Angle", "angle", number)


def _cobb(measurement: Measurement, radiograph: Radiograph) -> Result:
    a, b, c, d = measurement.points
    number = lengths.cobb(a, b, c, d, lengths.scale_of(radiograph.spacing))
    return _degrees("Cobb angle", "angle", number, "Cobb ")


def _degrees(named: str, name: str, number: float | None, lead: str = "") -> Result:
    if number is None:
        return Result(lines=(f"{lead}–",), sentence=f"{named} not measurable")
    text = f"{number:.1f}°"
    return Result((Value(name, number, "°"),), "", (lead + text,), f"{named} {text}")


def _ratio(measurement: Measurement, radiograph: Radiograph) -> Result:
    left, right, *chest = measurement.points
    scale = lengths.scale_of(radiograph.spacing)
    unit, calibration = _unit(radiograph)
    cardiac = lengths.across(left, right, (chest[0], chest[1]), scale)
    thoracic = lengths.length(chest[0], chest[1], scale)
    widths = (Value("cardiac width", cardiac, unit), Value("thoracic width", thoracic, unit))
    shown = f"cardiac {_figure(cardiac)} {unit}, thoracic {_figure(thoracic)} {unit}"
    brackets = shown if calibration == "px" else f"{shown}, {calibration}"
    below = f"{_figure(cardiac)} / {_figure(thoracic)} {unit}"
    below = below if calibration == "px" else f"{below} · {calibration}"
    if thoracic <= 0:
        said = f"Cardiothoracic ratio not measurable ({brackets})"
        return Result(widths, calibration, ("CTR –", below), said)
    number = cardiac / thoracic
    limited = limit_note(radiograph) == ""
    above = limited and round(number, 2) > NORMAL_RATIO
    head = f"CTR {number:.2f}"
    said = f"Cardiothoracic ratio {number:.2f}"
    if limited:
        head += f" · {'above ' * above}limit {NORMAL_RATIO:.2f}"
        said += f", above the limit of {NORMAL_RATIO:.2f}" * above
        if radiograph.view is not View.PA:
            head += " (PA)"
    else:
        head += f" · {limit_note(radiograph)}"
        said += f", {limit_note(radiograph)}"
    return Result(
        (Value("ratio", number), *widths), calibration, (head, below), f"{said} ({brackets})", above
    )


def limit_note(radiograph: Radiograph) -> str:
    """Why the limit of the cardiothoracic ratio doesn't hold for this image; "" where it does.

    An image that doesn't say how it was taken gets the limit, with "PA" beside it.
    """
    if radiograph.view is View.AP:
        return "AP view, limit not valid"
    if radiograph.view in (View.LATERAL, View.OTHER):
        return "not a PA view, limit not valid"
    return "child, limit not valid" if _child(radiograph) else ""


def _child(radiograph: Radiograph) -> bool:
    age = radiograph.patient.age.strip().upper()  # VR AS, PS3.5 6.2: 012Y, 006M
    if age[-1:] in tuple(_UNITS_BELOW_A_YEAR) and age[:-1].isdigit():
        return True
    years = age.removesuffix("Y")
    return years.isdigit() and int(years) < _ADULT_YEARS


def _region(measurement: Measurement, radiograph: Radiograph) -> Result:
    a, b = measurement.points
    ellipse = measurement.kind is Kind.ELLIPSE
    unit, calibration = _unit(radiograph)
    size = regions.area(a, b, lengths.scale_of(radiograph.spacing), ellipse=ellipse)
    values = [Value("area", size, f"{unit}²")]
    area = f"{_figure(size)} {unit}²"
    if unit == "mm" and size >= 100:
        area = f"{_figure(size / 100)} cm²"
    first = area if calibration == "px" else f"{area} · {calibration}"
    named = f"{measurement.kind.capitalize()} {area} {_told(calibration)}".strip()
    found = regions.statistics(radiograph, a, b, ellipse=ellipse)
    if found is None:
        return Result(
            tuple(values), calibration, (first, "no pixels"), f"{named}: no pixels inside"
        )
    values += [
        Value("mean", found.mean),
        Value("SD", found.deviation),
        Value("min", found.lowest),
        Value("max", found.highest),
        Value("pixels", found.pixels),
    ]
    what = "luminance mean" if radiograph.colour else "mean"
    spread = f"{what} {_figure(found.mean)} · SD {_figure(found.deviation)}"
    ends = f"{_whole(found.lowest)} to {_whole(found.highest)} · {found.pixels:,} px"
    said = (
        f"{named}: {what} {_figure(found.mean)}, SD {_figure(found.deviation)}, "
        f"min {_whole(found.lowest)}, max {_whole(found.highest)}, {found.pixels:,} pixels"
    )
    return Result(tuple(values), calibration, (first, spread, ends), said)


def _arrow(measurement: Measurement, radiograph: Radiograph) -> Result:
    words = " ".join(measurement.text.split())
    if not words:
        return Result(sentence="Arrow")
    return Result(lines=tuple(measurement.text.splitlines()), sentence=f"Arrow “{words}”")


def _key_image(measurement: Measurement, radiograph: Radiograph) -> Result:
    words = " ".join(measurement.text.split())
    return Result(sentence=f"Key image “{words}”" if words else "Key image")


_RESULTS = {
    Kind.LENGTH: _length,
    Kind.ANGLE: _angle,
    Kind.COBB: _cobb,
    Kind.RATIO: _ratio,
    Kind.ELLIPSE: _region,
    Kind.RECTANGLE: _region,
    Kind.ARROW: _arrow,
    Kind.KEY_IMAGE: _key_image,
}


def _unit(radiograph: Radiograph) -> tuple[str, str]:
    """The unit of a length, and the label that says what it is worth."""
    return ("mm", radiograph.spacing.kind) if radiograph.spacing is not None else ("px", "px")


def _told(calibration: str) -> str:
    return "" if calibration == "px" else f"({calibration})"


def _figure(number: float) -> str:
    """Three or more digits as a whole number, fewer with one decimal: 142, 34.5, 0.8."""
    return f"{number:.1f}" if abs(number) < 99.95 else _whole(number)


def _whole(number: float) -> str:
    """Without decimals where there are none or where they would mean nothing."""
    if not math.isfinite(number):  # a rescale that makes no sense
        return "–"
    if number == int(number) or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}"
