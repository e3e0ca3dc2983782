"""The cases that a study draws from: an image and the radiologist's report on it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.errors import StudyError

REQUIRED: Final = ("image", "report")
OPTIONAL: Final = ("case", "patient", "author", "abnormal", "drafted_by", "machine_report", "names")
_TRUTH: Final[Mapping[str, bool | None]] = {
    "": None,
    "0": False,
    "1": True,
    "no": False,
    "yes": True,
    "normal": False,
    "abnormal": True,
}


@dataclass(frozen=True)
class Case:
    """One image with its human report.

    ``author`` and ``drafted_by`` are readers' codes: they are never shown this case. ``abnormal``
    is the truth where it is known; ``machine_report`` a draft that was made elsewhere; ``names``
    are people, such as the patient and the author, whom no text that a reader sees may name.
    """

    case: str
    image: Path
    report: str
    patient: str = ""
    author: str = ""
    abnormal: bool | None = None
    drafted_by: tuple[str, ...] = ()
    machine_report: str = ""
    names: tuple[str, ...] = ()

    def seen_by(self, reader: str) -> bool:
        """Did this reader report or draft the case before?"""
        return reader == self.author or reader in self.drafted_by


def from_csv(file: Path) -> tuple[Case, ...]:
    """Read a CSV with the columns image and report, and optionally those of :data:`OPTIONAL`.

    Images are named relative to the CSV's folder and may not leave it; ``drafted_by`` holds codes
    separated by blanks, ``names`` names separated by semicolons. Raises :class:`StudyError` for
    missing columns and ones named twice, lines with more cells than columns (a report with a comma
    and without quotation marks would be cut there, unseen), duplicate cases or images, missing
    images and reports.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, strict=True)
            rows = [(reader.line_num, row) for row in reader]
            columns = list(reader.fieldnames or ())
    except OSError as error:
        raise StudyError(
            f"The list of cases {file} can't be read ({error.strerror}).", "Check its name."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise StudyError(
            f"The list of cases {file} is not a CSV file in UTF-8 ({error}).",
            "Save it as CSV (UTF-8).",
        ) from error
    if missing := [name for name in REQUIRED if name not in columns]:
        raise StudyError(
            f"The list of cases {file} has no column {' and no column '.join(missing)}.",
            "Its first line must name the columns image and report, with commas between them.",
        )
    if twice := [name for name in (*REQUIRED, *OPTIONAL) if columns.count(name) > 1]:
        raise StudyError(
            f"The list of cases {file} has two columns {twice[0]}.", "Take one of the two out."
        )
    if not rows:
        raise StudyError(f"The list of cases {file} is empty.", "Add one line per image.")
    folder = file.resolve().parent
    cases = [_case(file, folder, line, row) for line, row in rows]
    lines = [line for line, _ in rows]
    _refuse_twice(file, "case", zip((one.case for one in cases), lines, strict=True))
    _refuse_twice(file, "image", zip((str(one.image) for one in cases), lines, strict=True))
    return tuple(cases)


def _case(file: Path, folder: Path, line: int, row: Mapping[str | None, Any]) -> Case:
    def cell(name: str) -> str:
        return (row.get(name) or "").strip()

    def wrong(what: str, hint: str) -> StudyError:
        return StudyError(f"{file}, line {line}: {what}.", hint)

    if any(row.get(None) or ()):  # where DictReader puts what is too much
        raise wrong(
            "there are more cells than columns",
            'Put a text with a comma into quotation marks: "No effusion, no pneumothorax".',
        )
    named = cell("image")
    if not named:
        raise wrong("no image is named", "Name a file beside the CSV.")
    image = (folder / named).resolve()
    if not image.is_relative_to(folder):
        raise wrong(f"the image {named} lies outside the CSV's folder", "Copy it beside the CSV.")
    if not image.is_file():
        raise wrong(f"there is no image {named}", "Check its name.")
    if not cell("report"):
        raise wrong("the report is empty", "Add the radiologist's report, or take the line out.")
    truth = cell("abnormal").casefold()
    if truth not in _TRUTH:
        raise wrong(f"abnormal is {cell('abnormal')!r}", "Write yes, no or nothing.")
    return Case(
        case=cell("case") or named,
        image=image,
        report=cell("report"),
        patient=cell("patient"),
        author=cell("author"),
        abnormal=_TRUTH[truth],
        drafted_by=tuple(cell("drafted_by").split()),
        machine_report=cell("machine_report"),
        names=tuple(name.strip() for name in cell("names").split(";") if name.strip()),
    )


def _refuse_twice(file: Path, what: str, values: Iterable[tuple[str, int]]) -> None:
    first: dict[str, int] = {}
    for value, line in values:
        if value in first:
            raise StudyError(
                f"{file}, line {line}: the {what} {Path(value).name} stands in line "
                f"{first[value]} already.",
                "Take one of the two out.",
            )
        first[value] = line
