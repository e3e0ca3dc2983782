"""The last resort for what was typed or measured: a plain file when the database can't be written.

A full disk or a broken database must not cost a sentence. What could not be saved is appended, one
JSON object per line, to a file in the data folder or, where that fails too, in the temporary
folder. The store takes the lines in again when it next opens
(:meth:`app.store.repository.Repository.open`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from app.imaging.measuring.measurement import measurement_of
from app.imaging.measuring.results import Value
from app.reporting.measurements import MeasurementRevision
from app.reporting.report import Rating, Revision, Source
from app.reporting.rescue_file import RescueFile, append, places, read_lines, settle

__all__ = ["Rescued", "keep", "places", "read", "settle"]

Rescued = Revision | Rating | MeasurementRevision


def keep(item: Rescued, files: Sequence[Path]) -> Path | None:
    """Append ``item`` to the first of ``files`` that takes it; None when none does."""
    return append(_stored(item), files)


def read(files: Sequence[Path]) -> tuple[RescueFile[Rescued], ...]:
    """The rescue files that exist, with what is in them."""
    return read_lines(files, _loaded)


_NAMES = {Revision: "revision", Rating: "rating", MeasurementRevision: "measurement"}


def _stored(item: Rescued) -> dict[str, Any]:
    return {"what": _NAMES[type(item)], **asdict(item), "at": item.at.isoformat()}


def _loaded(line: bytes) -> Rescued | None:
    try:
        stored = json.loads(line)
        what = stored.pop("what")
        stored["at"] = datetime.fromisoformat(stored["at"])
        if what == "rating":
            return Rating(**stored)
        if what == "measurement":
            return _measurement(stored)
        stored["sources"] = tuple(Source(**source) for source in stored["sources"])
        return Revision(**stored)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _measurement(stored: dict[str, Any]) -> MeasurementRevision:
    stored["measurement"] = measurement_of(stored["measurement"])
    stored["values"] = tuple(Value(**value) for value in stored["values"])
    return MeasurementRevision(**stored)
