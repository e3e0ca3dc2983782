"""The last resort for what was typed or measured: a plain file when the database can't be written.

A full disk or a broken database must not cost a sentence. What could not be saved is appended, one
JSON object per line, to a file in the data folder or, where that fails too, in the temporary
folder. The store takes the lines in again when it next opens
(:meth:`app.store.repository.Repository.open`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.imaging.measuring.measurement import Kind, Measurement
from app.imaging.measuring.results import Value
from app.reporting.measurements import MeasurementRevision
from app.reporting.report import Rating, Revision, Source

Rescued = Revision | Rating | MeasurementRevision


@dataclass(frozen=True)
class RescueFile:
    """A file with text that was saved from getting lost.

    ``unread`` counts lines that make no sense; ``size`` is how many bytes there were to read.
    """

    path: Path
    items: tuple[Rescued, ...]
    unread: int
    size: int


def places(database: Path) -> tuple[Path, ...]:
    """Where the rescue file of ``database`` may lie, in the order in which they are tried."""
    # In a shared temporary folder the name says whose database it belongs to, without naming it.
    mark = hashlib.sha256(str(database.resolve()).encode()).hexdigest()[:12]
    temporary = Path(tempfile.gettempdir()) / f"readingroom-rescue-{mark}.jsonl"
    return (database.with_name(database.stem + "-rescue.jsonl"), temporary)


def keep(item: Rescued, files: Sequence[Path]) -> Path | None:
    """Append ``item`` to the first of ``files`` that takes it; None when none does."""
    line = json.dumps(_stored(item)).encode("ascii") + b"\n"
    for file in files:
        with contextlib.suppress(OSError):
            _append(file, line)
            return file
    return None


def read(files: Sequence[Path]) -> tuple[RescueFile, ...]:
    """The rescue files that exist, with what is in them. A line cut off by a crash is counted, not
    fatal."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            if not _ours(file):
                continue
            content = file.read_bytes()
            lines = [line for line in content.split(b"\n") if line.strip()]
            items = [item for item in map(_loaded, lines) if item is not None]
            found.append(RescueFile(file, tuple(items), len(lines) - len(items), len(content)))
    return tuple(found)


def settle(file: RescueFile, *, complete: bool = True) -> None:
    """Remove a file whose items are safe in the database.

    It is put aside instead when something in it could not be read or (not ``complete``) fits
    nowhere, and left alone when another process has added to it meanwhile: the next start takes it
    in again.
    """
    with contextlib.suppress(OSError):
        if file.path.stat().st_size != file.size:
            return
        if complete and not file.unread:
            file.path.unlink()
            return
        number = 1
        while (aside := file.path.with_suffix(f".{number}.unread")).exists():
            number += 1
        file.path.rename(aside)


def _append(file: Path, line: bytes) -> None:
    """Write ``line`` to the disk or raise OSError; half a line is ended, so that the next one
    stands alone."""
    # Readable by its owner only, and never through a link that somebody else laid in a shared
    # folder.
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(file, flags, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size:
            os.lseek(handle, size - 1, os.SEEK_SET)
            if os.read(handle, 1) != b"\n":
                line = b"\n" + line
        if os.write(handle, line) != len(line):
            # A disk that fills up takes the beginning of a line: that is no use to anybody.
            os.ftruncate(handle, size)
            raise OSError("the line was cut off")
        os.fsync(handle)
    finally:
        os.close(handle)


def _ours(file: Path) -> bool:
    about = file.lstat()
    mine = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    return mine and file.is_file() and not file.is_symlink()


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
    marked = stored["measurement"]
    marked["kind"] = Kind(marked["kind"])
    marked["points"] = tuple((x, y) for x, y in marked["points"])
    stored["measurement"] = Measurement(**marked)
    stored["values"] = tuple(Value(**value) for value in stored["values"])
    return MeasurementRevision(**stored)
