"""Brings a database to the version that this program knows, with a backup first.

The version is SQLite's ``user_version``, equal to the number in front of the newest migration's
file name. alembic is imported only when there is something to do: most starts have nothing.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from app.errors import StoreError
from app.files import make_folder
from app.store.connection import APPLICATION_ID, plain_connection, writing

MIGRATIONS = Path(__file__).parent / "migrations"
BACKUPS_KEPT = 5
_STEP = re.compile(r"(\d{4})_\w+\.py")
_log = logging.getLogger(__name__)


def newest_version(migrations: Path = MIGRATIONS) -> int:
    """The version that the steps in ``migrations`` lead to."""
    steps = (_STEP.fullmatch(file.name) for file in (migrations / "versions").iterdir())
    return max(int(step[1]) for step in steps if step)


def migrate(engine: Engine, path: Path, migrations: Path = MIGRATIONS) -> None:
    """Bring the database behind ``engine`` to the newest version; do nothing when it is there.

    Raises :class:`StoreError` when the file belongs to a newer version or to another program, or
    when the backup can't be written; the database is then as it was.
    """
    newest = newest_version(migrations)
    with engine.connect() as connection:
        found = _checked_version(connection, path, newest)
        if found == newest:
            return
        if found > 0:
            # Outside of any transaction: the backup reads a consistent state by itself.
            connection.rollback()
            _back_up(connection, path, found)
    _log.info("Migrating the database from version %d to %d.", found, newest)
    _foreign_keys(engine, on=False)
    try:
        with writing(engine) as connection:
            # A second process may have done it while we waited for the lock.
            if _checked_version(connection, path, newest) < newest:
                _run(connection, migrations)
                connection.exec_driver_sql(f"PRAGMA user_version = {newest}")
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    finally:
        _foreign_keys(engine, on=True)


def _checked_version(connection: Connection, path: Path, newest: int) -> int:
    version = _pragma(connection, "user_version")
    if _pragma(connection, "application_id") != APPLICATION_ID:
        # An empty file is a new database; one with tables of its own is somebody else's.
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        if tables:
            raise StoreError(
                f"{path} is a database of another program.",
                "Choose another folder with --data-dir.",
            )
    if version > newest:
        raise StoreError(
            f"The database {path} was written by a newer version of Reading Room "
            f"(it has version {version}, this program knows {newest}).",
            "Install the newer version again, or choose another folder with --data-dir.",
        )
    return version


def _run(connection: Connection, migrations: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # alembic reads this as a template in which % has a meaning.
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise RuntimeError(f"the migration left a row of {broken[0]} without its parent")


def _foreign_keys(engine: Engine, *, on: bool) -> None:
    """Switch them off to rebuild a table (https://sqlite.org/lang_altertable.html#otheralter)."""
    with engine.connect() as connection:
        plain_connection(connection).execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


def _back_up(connection: Connection, path: Path, version: int) -> None:
    """A copy in ``backups`` beside the database; the newest ``BACKUPS_KEPT`` are kept."""
    folder = make_folder(path.parent / "backups")
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    target = folder / f"{path.stem}-{now}-v{version}.sqlite"
    part = target.with_suffix(".part")
    try:
        with contextlib.closing(sqlite3.connect(part)) as copy:
            plain_connection(connection).backup(copy)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreError(
            f"The database {path} must be brought to a new version, and its backup in {folder} "
            "could not be written.",
            "Free some space or allow writing there, then start again.",
        ) from error
    for old in sorted(folder.glob(f"{path.stem}-*-v*.sqlite"))[:-BACKUPS_KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
