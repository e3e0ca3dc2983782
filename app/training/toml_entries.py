"""A TOML file as a frozen dataclass: what is in it is known by name and by type, or refused."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from app.errors import AppError

T = TypeVar("T")


def read(file: Path, data: Path | None) -> dict[str, Any]:
    """The tables of ``file``. Its entry ``data`` becomes absolute, relative to the file, or is
    ``data`` where that is given. Raises AppError for a file that can't be read or is no TOML.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.", "Name an existing TOML file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{file} is not valid TOML: {error}.", "Correct the file.") from error
    if data is not None:
        table["data"] = str(data)
    elif isinstance(table.get("data"), str):
        table["data"] = str((file.parent / table["data"]).resolve())
    return table


def build(file: Path, section: str, kind: type[T], table: Any) -> T:
    """The dataclass ``kind`` from the entries of ``table``, the ``section`` of ``file`` ("": its
    top). A sub-table is a dictionary, or what another call has built of it. Raises AppError on
    unknown or ill-typed entries, naming them.
    """
    if not isinstance(table, Mapping):
        raise AppError(f"{file}: {section} should be a table.", f"Write [{section}] above it.")
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"{section}.{name}" if section else name
        if name not in known:
            raise AppError(
                f"{file} has an unknown entry {where!r}.", f"Known: {', '.join(sorted(known))}."
            )
        default = known[name].default
        # Only tables come from a factory, which leaves no default here.
        simple = isinstance(default, bool | int | float | str | tuple | Path)
        if isinstance(default, Path) and isinstance(value, str):
            value = Path(value)
        elif isinstance(value, list):
            value = tuple(value)
        elif isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        wanted: type = type(default) if simple else dict
        if is_dataclass(value) and not simple:
            wanted = type(value)
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise AppError(
                f"{file}: {where} should be of type {wanted.__name__}, not {value!r}.",
                "Correct the file.",
            )
        values[name] = value
    return kind(**values)


def check_numbers(
    file: Path, config: object, least: Mapping[int, Iterable[str]], shares: Iterable[str] = ()
) -> None:
    """Raises AppError where an entry of ``config``, which was read from ``file``, is less than the
    number that ``least`` has it under, or where one of the ``shares`` isn't from 0 to below 1.

    Entries are named as in "writer.batch". Of a list or a table every value is looked at; those are
    whole numbers.
    """
    for bound, names in least.items():
        for name in names:
            for where, number in _numbers(file, name, attrgetter(name)(config)):
                if not bound <= number < math.inf:
                    raise AppError(
                        f"{file}: {where} should be at least {bound}, not {number}.",
                        "Correct the file.",
                    )
    for name in shares:
        share = attrgetter(name)(config)
        if not 0 <= share < 1:
            raise AppError(
                f"{file}: {name} should be from 0 to below 1, not {share}.", "Correct the file."
            )


def _numbers(file: Path, name: str, value: Any) -> list[tuple[str, Any]]:
    """The numbers of an entry, each with its name."""
    if isinstance(value, Mapping):
        found = [(f"{name}.{key}", number) for key, number in value.items()]
    elif isinstance(value, tuple):
        found = [(name, number) for number in value]
    else:
        return [(name, value)]
    for where, number in found:
        if type(number) is not int:
            raise AppError(
                f"{file}: {where} should be a whole number, not {number!r}.", "Correct the file."
            )
    return found
