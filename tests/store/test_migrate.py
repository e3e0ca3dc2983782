"""Databases of every age end up at the newest version, or are refused untouched."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.errors import StoreError
from app.store.connection import connect
from app.store.migrate import BACKUPS_KEPT, MIGRATIONS, migrate, newest_version
from app.store.repository import Repository
from app.store.schema import Base, Maps

NEXT_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "{after:04d}"
down_revision = "{before:04d}"

def upgrade() -> None:
    with op.batch_alter_table("studies") as table:
        table.add_column(sa.Column("added_{after}", sa.Text))
    {ending}
"""


@pytest.fixture
def future(tmp_path: Path) -> Path:
    """The migrations of a later version: a copy of ours and one step more."""
    folder = tmp_path / "100% later" / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    add_step(folder)
    return folder


def add_step(folder: Path, ending: str = "") -> int:
    before = newest_version(folder)
    step = NEXT_STEP.format(before=before, after=before + 1, ending=ending)
    (folder / "versions" / f"{before + 1:04d}_step.py").write_text(step)
    return before + 1


def bring_up(path: Path, migrations: Path) -> None:
    engine = connect(path)
    try:
        migrate(engine, path, migrations)
    finally:
        engine.dispose()


def ask(path: Path, question: str) -> Any:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchone()[0]


def test_tables_made_by_the_migrations_are_those_of_the_schema(repository: Repository) -> None:
    with repository._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_new_database_is_at_the_newest_version_without_a_backup(database: Path) -> None:
    Repository.open(database).close()
    assert ask(database, "PRAGMA user_version") == newest_version()
    assert ask(database, "PRAGMA journal_mode") == "wal"
    assert not (database.parent / "backups").exists()


def test_empty_file_becomes_a_database(database: Path) -> None:
    database.parent.mkdir()
    database.touch()
    with Repository.open(database) as repository:
        assert repository.studies() == []


def test_older_database_is_backed_up_and_keeps_its_rows(
    repository: Repository, future: Path
) -> None:
    repository.save_revision("1.2.3", "Normal.", (), "me")
    repository.close()
    bring_up(repository.path, future)
    added = f"added_{newest_version(future)}"
    assert ask(repository.path, f"SELECT {added} IS NULL FROM studies") == 1
    assert ask(repository.path, "SELECT text FROM revisions") == "Normal."
    assert ask(repository.path, "PRAGMA user_version") == newest_version(future)
    [backup] = (repository.path.parent / "backups").iterdir()
    assert ask(backup, "PRAGMA user_version") == newest_version()
    assert ask(backup, "SELECT text FROM revisions") == "Normal."


def test_backup_opens_as_a_database(repository: Repository, future: Path) -> None:
    repository.close()
    bring_up(repository.path, future)
    [backup] = (repository.path.parent / "backups").iterdir()
    with Repository.open(backup) as restored:
        assert [study.study_id for study in restored.studies()] == ["1.2.3"]


def test_only_the_newest_backups_are_kept(repository: Repository, future: Path) -> None:
    repository.close()
    for _ in range(BACKUPS_KEPT + 2):
        bring_up(repository.path, future)
        newest = add_step(future)
    backups = sorted((repository.path.parent / "backups").iterdir())
    assert len(backups) == BACKUPS_KEPT
    assert ask(backups[-1], "PRAGMA user_version") == newest - 2


def test_failed_migration_leaves_the_database_as_it_was(
    repository: Repository, future: Path
) -> None:
    repository.close()
    add_step(future, ending="raise RuntimeError('half-way')")
    with pytest.raises(RuntimeError, match="half-way"):
        bring_up(repository.path, future)
    assert ask(repository.path, "PRAGMA user_version") == newest_version()
    with Repository.open(repository.path) as reopened:
        assert len(reopened.studies()) == 1


def test_without_a_backup_nothing_is_migrated(repository: Repository, future: Path) -> None:
    repository.close()
    (repository.path.parent / "backups").write_text("in the way")
    with pytest.raises(StoreError):
        bring_up(repository.path, future)
    assert ask(repository.path, "PRAGMA user_version") == newest_version()


def test_database_of_a_newer_version_is_refused_untouched(
    repository: Repository, future: Path
) -> None:
    repository.close()
    bring_up(repository.path, future)
    before = repository.path.read_bytes()
    with pytest.raises(StoreError, match="newer version of Reading Room"):
        Repository.open(repository.path)
    assert repository.path.read_bytes() == before


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """The migrations as they were in the beginning."""
    folder = tmp_path / "first"
    later = shutil.ignore_patterns("__pycache__", "000[2-9]_*")
    shutil.copytree(MIGRATIONS, folder, ignore=later)
    return folder


def test_studies_of_the_first_version_stay_on_the_list(database: Path, first_version: Path) -> None:
    database.parent.mkdir()
    bring_up(database, first_version)
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        row = ("1.2.3", *[""] * 11, "2025-03-01T08:00:00.000000Z", 2)
        connection.execute(f"INSERT INTO studies VALUES ({', '.join('?' * 14)})", row)
    with Repository.open(database) as repository:
        assert [study.study_id for study in repository.studies()] == ["1.2.3"]
    assert len(list((database.parent / "backups").iterdir())) == 1


def test_images_of_the_first_version_can_be_measured_and_what_was_there_stays(
    database: Path, first_version: Path, make: Any
) -> None:
    database.parent.mkdir()
    bring_up(database, first_version)
    moment = "2025-03-01T08:00:00.000000Z"
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        row = ("1.2.3", *[""] * 11, moment, 2)
        connection.execute(f"INSERT INTO studies VALUES ({', '.join('?' * 14)})", row)
        text = (1, "1.2.3", 1, "Normal.", "[]", "me", moment, "signed")
        connection.execute(f"INSERT INTO revisions VALUES ({', '.join('?' * 8)})", text)
    with Repository.open(database) as repository:
        assert repository.measurements("1.2.3") == []
        kept = repository.save_measurement(make.measurement())
        assert repository.measurements("1.2.3") == [kept]
        assert [revision.text for revision in repository.revisions("1.2.3")] == ["Normal."]


def test_drafts_of_the_first_version_keep_the_number_that_ranked_them(
    database: Path, first_version: Path, make: Any
) -> None:
    database.parent.mkdir()
    bring_up(database, first_version)
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        moment = "2025-03-01T08:00:00.000000Z"
        row = ("1.2.3", *[""] * 11, moment, 2)
        connection.execute(f"INSERT INTO studies VALUES ({', '.join('?' * 14)})", row)
        maps = Maps().process_bind_param(make.draft(1, "Normal chest.").attention, None)
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(analyses)")]
        values = {
            "id": 1, "study_id": "1.2.3", "image_id": "image-1", "created": moment, "seconds": "{}",
            "findings": "[]", "gate_ok": 1, "gate_reasons": "[]",
        }  # fmt: skip
        connection.execute(
            f"INSERT INTO analyses VALUES ({', '.join('?' * len(columns))})",
            [values.get(name, "x") for name in columns],
        )
        draft = (1, 1, "Normal chest.", '["normal", "chest."]', "[[0, 6], [7, 13]]", -0.75, maps)
        connection.execute(f"INSERT INTO drafts VALUES ({', '.join('?' * 7)})", draft)
    assert ask(database, "PRAGMA user_version") == 1
    with Repository.open(database) as repository:
        ((_, found),) = repository.analyses("1.2.3")
        [draft] = found.drafts
    assert (draft.score, draft.logprob, draft.text) == (-0.75, -0.75, "Normal chest.")
