"""Keeps what a reader did while the study can't be written, and brings it back afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from app.reading import rescue
from app.reading.events import Event
from app.reporting.rescue_file import places, settle
from app.store.reader_study import DATABASE, ReaderStudy


class ReaderRescue:
    """``home``: a folder on the reader's own computer; the study may lie on another one."""

    def __init__(self, study: ReaderStudy, reader: str, home: Path | None = None) -> None:
        self._study, self._reader = study, reader
        self._files = places(study.folder / DATABASE, reader, home=home)
        self._kept: set[Event] = set()

    def keep(self, events: Iterable[Event]) -> bool:
        """Write ``events`` into a rescue file, each once; True when every one of them lies there.

        Never raises: where no file can be written either, they are in memory only.
        """
        for event in events:
            if event not in self._kept:
                if rescue.keep(self._reader, event, self._files) is None:
                    return False
                self._kept.add(event)
        return True

    def take_in(self) -> int:
        """Bring the files' events into the study and remove the files; how many were missing there.

        What fits nowhere is put aside, not lost. Raises :class:`app.errors.StoreError` when the
        study can't be written; the files stay then.
        """
        files = rescue.read(self._reader, self._files)
        added = 0
        odd: tuple[Event, ...] = ()
        if files:
            events = in_order(event for file in files for event in file.items)
            added, odd = self._study.take_in(self._reader, events)
        for file in files:
            settle(file, complete=not set(odd) & set(file.items))
        self._kept.clear()
        return added


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """As they happened: a disk that fills up may have sent them into several files by turns."""
    events = tuple(events)
    began: dict[str, datetime] = {}
    for event in events:
        began[event.sitting] = min(event.at, began.get(event.sitting, event.at))
    return tuple(sorted(events, key=lambda event: (began[event.sitting], event.clock)))
