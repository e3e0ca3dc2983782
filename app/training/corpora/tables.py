"""CSV tables of a collection, read strictly: what is wrong is said with the file.

Tables come from spreadsheets: with or without a byte-order mark, separated by commas, semicolons,
tabs or bars. The header tells which; a table in another encoding than UTF-8 is refused, since
guessing would silently spoil the words that a model learns.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.errors import AppError

_SEPARATORS = ",;\t|"
_LONGEST_CELL = 10_000_000


@contextmanager
def _opened(file: Path, columns: Sequence[str]) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            reader = csv.reader(stream, delimiter=_separator(first, columns))
            yield [name.strip() for name in next(reader, [])], reader
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.",
            "Check the folder that --data or the configuration names.",
        ) from error
    except UnicodeDecodeError as error:
        raise AppError(f"{file} is not UTF-8 text.", 'Save the table as "CSV UTF-8".') from error
    except csv.Error as error:
        raise AppError(f"{file} is not a proper CSV table: {error}.", "Save it again.") from error


def rows(file: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a UTF-8 table that has (at least) ``columns``; an empty cell is "".

    Raises :class:`AppError` when the file can't be read or a column is missing.
    """
    with _opened(file, columns) as (header, reader):
        _check(file, header, columns)
        for cells in reader:
            if any(cells):
                row = dict.fromkeys(header, "")
                row.update(zip(header, (cell.strip() for cell in cells), strict=False))
                yield row


def column_names(file: Path) -> list[str]:
    """The columns that ``file`` has. Raises :class:`AppError` when it can't be read."""
    with _opened(file, ()) as (header, _reader):
        return header


def inside(folder: Path, name: str) -> Path:
    """``folder / name``, refused when it leads out of the folder, by ".." or by a link."""
    path = folder / name.replace("\\", "/")
    if "\0" in name or not path.resolve().is_relative_to(folder.resolve()):
        raise AppError(
            f"A table names the image {name!r}, which lies outside {folder}.",
            "Correct the table: images are named relative to its own folder.",
        )
    return path


def pseudonym(identifier: str) -> str:
    """A patient's or study's identifier as 16 hex digits, so that no run folder holds it."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:16]


def _separator(first: str, columns: Sequence[str] = ()) -> str:
    def fit(separator: str) -> tuple[int, int]:
        names = {name.strip() for name in next(csv.reader([first], delimiter=separator), [])}
        return len(names & set(columns)), len(names)

    return max(_SEPARATORS, key=fit)


def _check(file: Path, header: list[str], columns: Sequence[str]) -> None:
    for name in columns:
        if name not in header:
            raise AppError(
                f"{file} has no column {name!r}.",
                f"It needs the columns {', '.join(columns)}; it has {', '.join(header) or 'none'}.",
            )
        if header.count(name) > 1:
            raise AppError(f"{file} has two columns {name!r}.", "Give one of them another name.")
