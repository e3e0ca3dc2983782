"""A plain file of lines for what the database could not take, one JSON object per line.

What the lines are is said by whoever writes them (:mod:`app.reporting.rescue`,
:mod:`app.reading.rescue`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class RescueFile(Generic[T]):
    """A file with what was saved from getting lost.

    ``unread`` counts lines that make no sense; ``size`` is how many bytes there were to read.
    """

    path: Path
    items: tuple[T, ...]
    unread: int
    size: int


def places(database: Path, whose: str = "", *, home: Path | None = None) -> tuple[Path, ...]:
    """Where the rescue file of ``database`` may lie, in the order in which they are tried.

    ``whose``: one of several people who write into the database from their own computers; ``home``:
    a folder on this computer, for a database that may lie on another one.
    """
    beside = f"{database.stem}-rescue{f'-{_mark(whose)}' if whose else ''}.jsonl"
    # In a shared temporary folder the name says whose database it belongs to, without naming it.
    name = f"readingroom-rescue-{_mark(str(database.resolve()) + whose)}.jsonl"
    folders = (tempfile.gettempdir(),) if home is None else (home, tempfile.gettempdir())
    return (database.with_name(beside), *(Path(folder) / name for folder in folders))


def append(line: Mapping[str, Any], files: Sequence[Path]) -> Path | None:
    """Append ``line`` to the first of ``files`` that takes it; None when none does."""
    text = json.dumps(line).encode("ascii") + b"\n"
    for file in files:
        with contextlib.suppress(OSError):
            _append(file, text)
            return file
    return None


def read_lines(
    files: Sequence[Path], loaded: Callable[[bytes], T | None]
) -> tuple[RescueFile[T], ...]:
    """The files that exist, with what ``loaded`` makes of their lines. A line cut off by a crash is
    counted, not fatal."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            if not _ours(file):
                continue
            content = file.read_bytes()
            lines = [line for line in content.split(b"\n") if line.strip()]
            items = [item for item in map(loaded, lines) if item is not None]
            found.append(RescueFile(file, tuple(items), len(lines) - len(items), len(content)))
    return tuple(found)


def settle(file: RescueFile[Any], *, complete: bool = True) -> None:
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


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
