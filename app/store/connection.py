"""One SQLite file, opened so that nothing that was saved can be lost.

WAL lets a second process read (``readingroom export`` while the window is open);
``synchronous=FULL`` makes a commit survive a power cut, not only a killed process: the store saves
what people typed, and one fsync a second is a small price.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

from app.errors import StoreError
from app.files import make_folder
from app.store.errors import primary_code

BUSY_SECONDS = 5.0
APPLICATION_ID = 0x5252_6F6D
"""``RRom``: marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id)."""


def connect(path: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine on the database at ``path``, which is created when missing.

    It holds one connection, handed from thread to thread: calls from several threads wait for each
    other. Raises :class:`StoreError` for a folder in the file's place and sqlite3 or SQLAlchemy
    errors for everything else (see :mod:`app.store.errors`).
    """
    if path.is_dir():
        raise StoreError(
            f"{path} is a folder, not a database.", "Choose another folder with --data-dir."
        )
    make_folder(path.parent)

    def new_connection() -> sqlite3.Connection:
        # isolation_level None: no hidden BEGIN or COMMIT by Python; _begin below is the only place.
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://", creator=new_connection, poolclass=QueuePool, pool_size=1, max_overflow=0
    )
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A write transaction: all or nothing, alone from its first statement on."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def plain_connection(connection: Connection) -> sqlite3.Connection:
    """The sqlite3 connection below SQLAlchemy's, for the backup."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"not an SQLite connection: {type(driver)}")
    return driver


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in ("foreign_keys = ON", "recursive_triggers = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Turn on WAL, once in a database's life. Without it (some network disks) the store still
    works."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Another process is using the file this moment: it turns WAL on, or the next start does.
        if primary_code(error) != sqlite3.SQLITE_BUSY:
            raise


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could fail half-way on a lock; IMMEDIATE waits
    # at once.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
