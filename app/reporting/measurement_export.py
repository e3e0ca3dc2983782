"""Measurements as a CSV file, one row each: numbers that a statistics program reads, with their
units, and the points they come from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.files import replacing
from app.reporting.csv_export import escaped, iso_utc, pseudonym
from app.reporting.measurements import MeasurementRevision

_NUMBERS = {
    "length": "length",
    "angle": "angle",
    "ratio": "ratio",
    "cardiac_width": "cardiac width",
    "thoracic_width": "thoracic width",
    "area": "area",
    "mean": "mean",
    "sd": "SD",
    "min": "min",
    "max": "max",
    "pixels": "pixels",
}
COLUMNS = (
    "study_id",
    "image_id",
    "patient_id",
    "measurement_id",
    "kind",
    *_NUMBERS,
    "unit",
    "calibration",
    "points",
    "text",
    "sentence",
    "author",
    "measured_at",
)
"""``length``, ``cardiac_width`` and ``thoracic_width`` are in ``unit`` (mm or px), ``area`` in its
square, ``angle`` in degrees; ``mean`` to ``max`` are modality values.
"""


@dataclass(frozen=True)
class MeasuredOnImage:
    """A measurement as it stands, and whose image it is on."""

    revision: MeasurementRevision
    patient_id: str


def export_measurements(
    rows: Iterable[MeasuredOnImage], file: Path, *, secret: bytes = b"", bom: bool = False
) -> int:
    """Write one row per measurement to ``file`` (UTF-8, CRLF) and return how many there were.

    With a ``secret`` patient, study and image ids are the same pseudonyms as in the export of
    ratings (:func:`app.reporting.csv_export.export_ratings`). **The words of arrows and the name of
    the reader are written as they are.** ``bom`` puts a byte order mark first, by which Excel knows
    UTF-8.

    Raises :class:`app.errors.StoreError` when the file can't be written; an existing file is then
    intact.
    """
    count = 0
    with replacing(file, encoding="utf-8-sig" if bom else "utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow(_cells(row, secret))
            count += 1
    return count


def _cells(row: MeasuredOnImage, secret: bytes) -> list[str | float]:
    revision, measurement = row.revision, row.revision.measurement
    ids = {"study": revision.study_id, "image": revision.image_id, "patient": row.patient_id}
    if secret:
        ids = {kind: pseudonym(secret, kind, identifier) for kind, identifier in ids.items()}
    numbers = {value.name: round(value.number, 4) for value in revision.values}
    units = {value.unit.rstrip("²") for value in revision.values} - {"", "°"}
    points = [[round(x, 2), round(y, 2)] for x, y in measurement.points]
    return [
        *(escaped(identifier) for identifier in ids.values()),
        escaped(measurement.uid),
        str(measurement.kind),
        *(numbers.get(name, "") for name in _NUMBERS.values()),
        next(iter(units), ""),
        revision.calibration,
        json.dumps(points),
        escaped(measurement.text),
        escaped(revision.sentence),
        escaped(revision.author),
        iso_utc(revision.at),
    ]
