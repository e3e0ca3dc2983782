"""A folder of DICOM files and a table of reports, as an archive and a report system give them out.

Only headers are read here. What a file says of itself decides: its accession number or study joins
it with a report, its view whether it is frontal, its patient the group. Names never leave the
header; identifiers become pseudonyms.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import AppError, StudyError
from app.imaging.kinds import kind_of
from app.imaging.radiograph import Header, Patient, View
from app.training.corpora import fields
from app.training.corpora.cases import Case, ImportReport
from app.training.corpora.mapped import chosen, report_of, table_file
from app.training.corpora.tables import pseudonym, rows

ROLES = ("key", "report", "findings", "impression", "split")

_KEYS = {"accession": "accession_number", "study": "study_instance_uid"}
_MODALITIES = ("CR", "DX", "RG", "DR", "")


@dataclass
class _Text:
    report: str
    split: str
    images: int = 0


@dataclass
class _Reports:
    """The table's reports by key, and the keys whose reports hold no sentence."""

    texts: dict[str, _Text] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)


def read_dicom(folder: Path, report: ImportReport, options: Mapping[str, Any]) -> Iterator[Case]:
    """All DICOM files below ``folder`` with a report in the table ``file``.

    ``key`` says what the table's key column holds: "accession" (AccessionNumber, the default) or
    "study" (StudyInstanceUID). Frontal images are taken, and those whose header names no view.
    Raises :class:`AppError` when no file fits any report, or pydicom is missing.
    """
    attribute = _KEYS.get(str(options.get("key", "accession")))
    if attribute is None:
        raise AppError(
            f"{report.source}: key = {options['key']!r} is unknown.", 'Use "accession" or "study".'
        )
    file = table_file(folder, options)
    reports = _read(file, report, options)
    for path in walk(folder, report):
        headers = _headers(path, report)
        if headers is None:
            continue
        patient, header, view = headers
        key = str(getattr(header, attribute)).strip()
        text = reports.texts.get(key)
        if text is None:
            report.left_out[
                f"image without {'an accession number' if 'acc' in attribute else 'a study UID'}"
                if not key
                else "no sentence left of the report"
                if key in reports.empty
                else "image without a report"
            ] += 1
            continue
        text.images += 1
        report.taken += 1
        study = pseudonym(f"study {header.study_instance_uid or key}")
        yield Case(
            path,
            report.source,
            text.split,
            f"{report.source}-{pseudonym(patient.patient_id) if patient.patient_id else study}",
            text.report,
            view="" if view is View.UNKNOWN else str(view),
            age=fields.age(patient.age),
            sex=fields.sex(patient.sex),
            study=study,
        )
    unused = sum(not text.images for text in reports.texts.values())
    if unused:
        report.left_out["report without an image that can be used"] += unused
    if reports.texts and unused == len(reports.texts):
        raise AppError(
            f"{report.source}: none of the images below {folder} fits a report of {file.name}.",
            f"Compare the table's key column with the files' {attribute.replace('_', ' ')}; "
            "spreadsheets drop leading zeros.",
        )


def walk(folder: Path, report: ImportReport) -> Iterator[Path]:
    """The files below ``folder`` in the order of their names; links that lead out are counted."""
    if not folder.is_dir():
        raise AppError(
            f"{folder} is no folder.", "Check the folder that --data or the configuration names."
        )
    root = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if not path.resolve().is_relative_to(root):
                report.left_out["link that leads outside the folder"] += 1
            elif path.is_file():
                yield path


def _read(file: Path, report: ImportReport, options: Mapping[str, Any]) -> _Reports:
    names = chosen(file, options, ROLES, ("key",))
    if not {"report", "findings", "impression"} & set(names):
        raise AppError(f"{file} has no column with reports.", "Map it: columns = { report = … }.")
    found = _Reports()
    for row in rows(file, list(names.values())):
        cell = {role: row[name] for role, name in names.items()}
        text = report_of(cell, report, options)
        if not cell["key"]:
            report.left_out["report without a key"] += 1
        elif not text:
            found.empty.add(cell["key"])
        elif cell["key"] in found.texts:
            # An addendum or a second row: which one holds is not for an importer to say.
            report.left_out["second report for one key"] += 1
        else:
            found.texts[cell["key"]] = _Text(text, fields.split(cell.get("split", ""), str(file)))
    return found


def _headers(path: Path, report: ImportReport) -> tuple[Patient, Header, View] | None:
    """What the file says; None when it isn't DICOM, or (counted) nothing to learn from."""
    try:
        from app.imaging.dicom import describe
    except ImportError as error:
        raise AppError(
            "Reading DICOM files needs pydicom and imagecodecs, which are not installed.",
            "Install them with: pip install pydicom imagecodecs.",
        ) from error
    try:
        if kind_of(path) != "dicom":
            return None
        summary = describe(path)
    except StudyError:
        report.left_out["file can't be read"] += 1
        return None
    why = ""
    if summary.size == (0, 0):
        why = "file holds no image"
    elif summary.header.modality not in _MODALITIES:
        why = f"modality {summary.header.modality}"
    elif summary.frames > 1:
        why = "more than one frame"
    elif summary.view in (View.LATERAL, View.OTHER):
        why = f"view is {str(summary.view).lower()}"
    if why:
        report.left_out[why] += 1
        return None
    return summary.patient, summary.header, summary.view
