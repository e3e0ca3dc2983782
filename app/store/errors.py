"""SQLite's error codes as sentences.

Only what a user can mend becomes a :class:`StoreError`; everything else is a fault of ours and
passes through as it is (codes: https://sqlite.org/rescode.html).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.errors import StoreError

_KNOWN: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "could not be written: the disk is full.",
        "Free some space; what you typed stays in the window until it is saved.",
    ),
    sqlite3.SQLITE_BUSY: (
        "is locked by another program.",
        "Close other programs that use it (another Reading Room, a sync tool) and try again.",
    ),
    sqlite3.SQLITE_READONLY: (
        "can't be written: the file or its folder is read-only.",
        "Allow writing there{elsewhere}.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged.",
        "Put it aside and copy the newest file of the backups folder in its place.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a database.",
        "Put the file aside{elsewhere}.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "can't be opened.",
        "See that its folder exists and may be written{elsewhere}.",
    ),
    sqlite3.SQLITE_IOERR: (
        "could not be read or written: the disk reported an error.",
        "See that the disk is connected and not full.",
    ),
}
_ELSEWHERE = ", or choose another folder with --data-dir"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_SAME_AS = {
    sqlite3.SQLITE_LOCKED: sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PROTOCOL: sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PERM: sqlite3.SQLITE_CANTOPEN,
}


@contextlib.contextmanager
def sentences(path: Path, restore: str = "") -> Iterator[None]:
    """Turn the errors of the database at ``path`` that a user can mend into :class:`StoreError`.

    ``restore`` says what to do with a damaged file that has no backups folder beside it: that of a
    reader study, for which no other folder can be chosen.
    """
    try:
        yield
    except DBAPIError as error:
        known = _known(path, error.orig, restore)
        if known is None:
            raise
        raise known from error
    except sqlite3.Error as error:
        known = _known(path, error, restore)
        if known is None:
            raise
        raise known from error


def primary_code(error: BaseException | None) -> int:
    """SQLite's primary result code, 0 when the error carries none."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _SAME_AS.get(code, code)


def _known(path: Path, error: BaseException | None, restore: str) -> StoreError | None:
    code = primary_code(error)
    sentence = _KNOWN.get(code)
    if sentence is None:
        return None
    hint = sentence[1].format(elsewhere="" if restore else _ELSEWHERE)
    return StoreError(
        f"The database {path} {sentence[0]}", restore if restore and code in _DAMAGED else hint
    )
