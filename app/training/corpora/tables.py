"""CSV tables that come with a collection, read strictly: what is wrong is said with the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from app.errors import AppError


def rows(file: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a UTF-8 table that has (at least) ``columns``.

    Raises :class:`AppError` when the file can't be read or a column is missing.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise AppError(
                    f"{file} has no column {missing[0]!r}.",
                    f"It needs the columns {', '.join(columns)}.",
                )
            yield from reader
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.",
            "Check the folder that --data or the configuration names.",
        ) from error
    except UnicodeDecodeError as error:
        raise AppError(f"{file} is not UTF-8 text.", "Save the table as UTF-8.") from error


def inside(folder: Path, name: str) -> Path:
    """``folder / name``, refused when it leads out of the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise AppError(
            f"A table names the image {name!r}, which lies outside {folder}.",
            "Correct the table: images are named relative to its own folder.",
        )
    return path
