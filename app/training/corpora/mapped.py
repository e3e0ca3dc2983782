"""A hospital's own table: images and reports, under whatever names its columns have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.training.corpora import fields
from app.training.corpora.cases import UNKNOWN, Case, ImportReport
from app.training.corpora.tables import column_names, inside, pseudonym, rows
from app.training.corpora.texts import learned, of_report

ROLES = (
    "image",
    "report",
    "findings",
    "impression",
    "patient",
    "study",
    "view",
    "age",
    "sex",
    "split",
)
"""What a column can be. One that isn't mapped is looked for under the role's own name."""


def read_table(folder: Path, report: ImportReport, options: Mapping[str, Any]) -> Iterator[Case]:
    """A CSV table, ``file`` (or the only one in the folder), with a row for each image.

    ``columns`` maps roles to the table's names, ``images`` is the folder that the images are named
    relative to. Text comes from ``findings`` and ``impression``, or from ``report`` by its
    headings; a table with none of them gives images without text. Patients and studies become
    pseudonyms.
    """
    file = table_file(folder, options)
    names = chosen(file, options, ROLES, ("image",))
    texts = [role for role in ("report", "findings", "impression") if role in names]
    shelf = inside(folder, str(options.get("images", ".")))
    for row in rows(file, list(names.values())):
        cell = {role: row[name] for role, name in names.items()}
        image = inside(shelf, cell["image"]) if cell["image"] else None
        if image is not None and not image.is_file():
            report.left_out["image missing"] += 1
            image = None
            if not options.get("text_only"):
                continue
        elif image is None and not options.get("text_only"):
            report.left_out["row names no image"] += 1
            continue
        text = report_of(cell, report, options)
        if not text and (texts or image is None):
            report.left_out[
                "no sentence left of the report"
                if any(cell[role] for role in texts)
                else "no report in the row"
            ] += 1
            continue
        report.taken += 1
        yield case_of(cell, image, text, str(file), report.source)


def table_file(folder: Path, options: Mapping[str, Any]) -> Path:
    """The table that ``file`` names, or the only one in ``folder``."""
    if options.get("file"):
        return inside(folder, str(options["file"]))
    found = sorted(folder.glob("*.csv"))
    if len(found) != 1:
        raise AppError(
            f"{folder} holds {len(found) or 'no'} CSV tables.",
            'Name the one to read: file = "reports.csv".',
        )
    return inside(folder, found[0].name)


def chosen(
    file: Path, options: Mapping[str, Any], roles: tuple[str, ...], needed: tuple[str, ...]
) -> dict[str, str]:
    """The table's column for each role that it has. Raises :class:`AppError` when a mapped or
    needed column is missing, or a role is unknown.
    """
    given: Mapping[str, str] = options.get("columns") or {}
    for role in given:
        if role not in roles:
            raise AppError(
                f"The columns for {file} name the unknown role {role!r}.",
                f"Known: {', '.join(roles)}.",
            )
    have = column_names(file)
    names = {role: given.get(role, role) for role in roles}
    kept = {role: name for role, name in names.items() if name in have}
    for role in (*needed, *given):
        if role not in kept:
            raise AppError(
                f"{file} has no column {names[role]!r}.",
                f"Map it: columns = {{ {role} = … }}; the table has {', '.join(have) or 'none'}.",
            )
    return kept


def report_of(cell: Mapping[str, str], report: ImportReport, options: Mapping[str, Any]) -> str:
    """The text to learn of one row."""
    if cell.get("findings") or cell.get("impression"):
        return learned(cell, report, options)
    return of_report(cell.get("report", ""), report, options)


def case_of(
    cell: Mapping[str, str], image: Path | None, text: str, where: str, source: str
) -> Case:
    """A row's case. Without a patient the study is the group, without a study the image."""
    study = pseudonym(f"study {cell['study']}") if cell.get("study") else ""
    if cell.get("patient"):
        group = f"{source}-{pseudonym(cell['patient'])}"
    elif study:
        group = f"{source}-{study}"
    else:
        group = f"{UNKNOWN}{source}-{cell.get('image') or pseudonym(text)}"
    return Case(
        image,
        source,
        fields.split(cell.get("split", ""), where),
        group,
        text,
        view=fields.view(cell.get("view", "")),
        age=fields.age(cell.get("age", "")),
        sex=fields.sex(cell.get("sex", "")),
        study=study or (cell.get("image") or ""),
    )
