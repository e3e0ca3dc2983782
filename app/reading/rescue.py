"""The last resort for a reader's answers: a plain file when the study can't be written.

A line holds what an event of the study's database holds: an item's opaque code, what was done and
when. Nothing in it tells an arm, a case or a file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from app.reading.events import Event, Kind
from app.reporting.rescue_file import RescueFile, append, read_lines

_TEXTS = ("item", "kind", "sitting", "key", "value")


def keep(reader: str, event: Event, files: Sequence[Path]) -> Path | None:
    """Append an event to the first of ``files`` that takes it; None when none does."""
    return append({"reader": reader, **asdict(event), "at": event.at.isoformat()}, files)


def read(reader: str, files: Sequence[Path]) -> tuple[RescueFile[Event], ...]:
    """The files that exist, with this reader's events; any other line is counted as unread."""

    def loaded(line: bytes) -> Event | None:
        try:
            stored: dict[str, Any] = json.loads(line)
            if stored.pop("reader") != reader:
                return None
            stored["at"] = datetime.fromisoformat(stored["at"])
            stored["clock"] = float(stored["clock"])
            event = Event(**stored)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        texts = all(isinstance(getattr(event, name), str) for name in _TEXTS)
        aware = event.at.tzinfo is not None
        return event if texts and aware and event.kind in get_args(Kind) else None

    return read_lines(files, loaded)
