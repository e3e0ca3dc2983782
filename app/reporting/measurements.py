"""Measurements as they are kept: who measured what on which image, and what it said then.

The numbers are kept beside the points because they depend on an image that may lie elsewhere, or
nowhere, by the time they are exported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.imaging.measuring.measurement import Kind, Measurement
from app.imaging.measuring.results import Result, Value


@dataclass(frozen=True)
class MeasurementRevision:
    """One saved state of a measurement. None is ever changed or removed; the newest counts.

    ``number`` starts at 1 for every measurement, 0 while it is not saved; ``image_id`` is that of
    :class:`app.imaging.radiograph.Radiograph`; ``deleted`` says that the reader took it away;
    ``at`` is aware, in UTC. ``values``, ``calibration`` and ``sentence`` as in
    :class:`app.imaging.measuring.results.Result`.
    """

    study_id: str
    image_id: str
    measurement: Measurement
    values: tuple[Value, ...]
    calibration: str
    sentence: str
    author: str
    at: datetime
    number: int = 0
    deleted: bool = False


def revision_of(
    study_id: str,
    image_id: str,
    measurement: Measurement,
    result: Result,
    author: str,
    at: datetime,
    *,
    deleted: bool = False,
) -> MeasurementRevision:
    """A state to be saved; numbers that are none are left out."""
    values = tuple(value for value in result.values if math.isfinite(value.number))
    return MeasurementRevision(
        study_id,
        image_id,
        measurement,
        values,
        result.calibration,
        result.sentence,
        author,
        at,
        deleted=deleted,
    )


def newest(revisions: Iterable[MeasurementRevision]) -> list[MeasurementRevision]:
    """The measurements that stand, in the order in which they were first made.

    ``revisions`` in the order in which they were made.
    """
    last: dict[str, MeasurementRevision] = {}
    for revision in revisions:
        last[revision.measurement.uid] = revision
    return [revision for revision in last.values() if not revision.deleted]


def reportable(revisions: Iterable[MeasurementRevision]) -> list[str]:
    """The sentences to write into a report or a cell, without full stops.

    A mark without words (an arrow, a key image) says nothing there.
    """
    marks = (Kind.ARROW, Kind.KEY_IMAGE)
    return [
        revision.sentence
        for revision in revisions
        if revision.sentence
        and (revision.measurement.kind not in marks or revision.measurement.text.strip())
    ]
