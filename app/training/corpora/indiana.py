"""Indiana University's chest X-ray collection, in the three forms in which it goes about.

XML with PNG (Open-i), two CSV files with PNG (Kaggle), and ``annotation.json`` (R2Gen, with its
split). All lie in one folder with the pictures in ``images/``; one patient has one study. A study's
pictures are found by its name in any of the three forms' ways of writing it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from app.errors import AppError
from app.training.corpora import fields
from app.training.corpora.cases import Case, ImportReport
from app.training.corpora.headings import of_headings
from app.training.corpora.tables import inside, rows
from app.training.corpora.texts import learned

_UID = re.compile(r"^(?:CXR)?(\d+)(?=_|$)")
_PROJECTIONS = "indiana_projections.csv"


@dataclass(frozen=True)
class _Study:
    """``images`` are names without folder and ending, as in ``1000_IM-0003-1001``; ``headings``
    the MeSH annotations, as in ``Opacity/lung/base/left/mild``.
    """

    uid: str
    parts: Mapping[str, str]
    images: tuple[str, ...]
    split: str = ""
    headings: tuple[str, ...] = ()


def read_xml(folder: Path, report: ImportReport, options: Mapping[str, Any]) -> Iterator[Case]:
    """``ecgen-radiology/*.xml`` beside ``images/``; views from the projections' CSV if it is
    there.
    """
    reports = folder / "ecgen-radiology"
    names = sorted(_names(reports, "xml", report), key=lambda name: (len(name), name))
    views = _views(folder) if (folder / _PROJECTIONS).is_file() else {}
    shelf = _Shelf(folder)
    for name in names:
        try:
            study = _parse((reports / name).read_bytes())
        except expat.ExpatError:
            report.left_out["report is not readable XML"] += 1
        except _NoStudyError as error:
            report.left_out[f"report is {error}"] += 1
        else:
            yield from shelf.cases(study, views, report, options)


def read_csv(folder: Path, report: ImportReport, options: Mapping[str, Any]) -> Iterator[Case]:
    """``indiana_reports.csv`` and ``indiana_projections.csv`` beside ``images/``."""
    views = _views(folder)
    images: dict[str, list[str]] = {}
    for name in views:
        images.setdefault(_uid(name), []).append(name)
    shelf = _Shelf(folder)
    for row in rows(folder / "indiana_reports.csv", ("uid", "findings", "impression")):
        uid = _uid(row["uid"])
        study = _Study(uid, row, tuple(images.get(uid, ())))
        yield from shelf.cases(study, views, report, options)


def read_annotation(
    folder: Path, report: ImportReport, options: Mapping[str, Any]
) -> Iterator[Case]:
    """``annotation.json`` (id, report, image_path and split by split) beside ``images/``.

    Its reports are the findings alone. Pictures are taken by the paths that it names, or by the
    study's name.
    """
    file = folder / "annotation.json"
    views = _views(folder) if (folder / _PROJECTIONS).is_file() else {}
    shelf = _Shelf(folder)
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        studies = [
            _annotated(entry, fields.split(side, str(file)), shelf)
            for side, part in entries.items()
            for entry in part
        ]
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.",
            "Check the folder that --data or the configuration names.",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AppError(
            f"{file} is not an annotation file: {type(error).__name__}.",
            "It holds a list of id, report and image_path for each split.",
        ) from error
    for study in studies:
        yield from shelf.cases(study, views, report, options)


def _annotated(entry: dict[str, Any], side: str, shelf: _Shelf) -> _Study:
    name = str(entry["id"])
    paths = tuple(str(path) for path in entry["image_path"])
    for path in paths:
        inside(shelf.folder, path)
    there = tuple(path for path in paths if (shelf.folder / path).is_file())
    images = there or shelf.of_study(name) or paths
    return _Study(_uid(name), {"findings": str(entry["report"])}, images, side)


class _Shelf:
    """The pictures in ``images/`` by their names without "CXR" and ending."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "images"
        self._files: dict[str, Path] = {}
        if self.folder.is_dir():
            for entry in sorted(os.scandir(self.folder), key=lambda entry: entry.name):
                if entry.is_file():
                    self._files[_plain(entry.name)] = inside(self.folder, entry.name)

    def of_study(self, name: str) -> tuple[str, ...]:
        start = f"{_plain(name)}-"
        return tuple(file for file in self._files if file.startswith(start))

    def _find(self, name: str) -> Path | None:
        if name in self._files:
            return self._files[name]
        named = inside(self.folder, name)
        return named if named.is_file() else None

    def cases(
        self,
        study: _Study,
        views: Mapping[str, str],
        report: ImportReport,
        options: Mapping[str, Any],
    ) -> Iterator[Case]:
        found = {name: path for name in study.images if (path := self._find(name))}
        text_only = not found and options.get("text_only", False)
        if not found and not text_only:
            report.left_out["no image of the report is there"] += 1
            return
        if found and len(found) < len(study.images):
            report.left_out["image missing"] += len(study.images) - len(found)
        text = learned(study.parts, report, options)
        if not text:
            report.left_out["no sentence left of the report"] += 1
            return
        name = f"iu-{study.uid}"
        short = of_headings(study.headings)
        if text_only:
            report.taken += 1
            yield Case(None, report.source, study.split, name, text, study=name, annotation=short)
        for image, path in found.items():
            report.taken += 1
            yield Case(
                path,
                report.source,
                study.split,
                name,
                text,
                view=views.get(image, ""),
                study=name,
                annotation=short,
            )


def _views(folder: Path) -> dict[str, str]:
    table = rows(folder / _PROJECTIONS, ("uid", "filename", "projection"))
    return {_plain(row["filename"]): fields.view(row["projection"]) for row in table}


def _plain(name: str) -> str:
    return re.sub(r"(?:\.dcm)?\.(?:png|jpe?g|webp)$", "", name).removeprefix("CXR")


def _uid(name: str) -> str:
    found = _UID.match(name)
    return found[1] if found else name


def _names(folder: Path, ending: str, report: ImportReport) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(f".{ending}"):
                    if inside(folder, entry.name).is_file():
                        yield entry.name
                    else:
                        report.left_out["report is no file"] += 1
    except OSError as error:
        raise AppError(
            f"{folder} can't be read: {error.strerror}.",
            "Check the folder that --data or the configuration names.",
        ) from error


class _NoStudyError(Exception):
    """The file is XML, but nothing to be read."""


def _parse(content: bytes) -> _Study:
    """Identifier, sections and images of one Open-i record.

    A document type is refused: with it come entities, which can grow without end or name files
    (OWASP, "XML External Entity"). No real record has one.
    """
    uid: list[str] = []
    images: list[str] = []
    parts: dict[str, str] = {}
    label: list[str] = []
    major: list[str] = []
    inside_major: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "uId":
            uid.append(attributes.get("id", ""))
        elif tag == "parentImage":
            images.append(_plain(attributes.get("id", "")))
        elif tag == "AbstractText":
            label.append(attributes.get("Label", "").lower())
        elif tag == "major":
            major.append("")
            inside_major.append(tag)

    def text(data: str) -> None:
        if label:
            parts[label[-1]] = parts.get(label[-1], "") + data
        elif inside_major:
            major[-1] += data

    def end(tag: str) -> None:
        if tag == "AbstractText":
            label.pop()
        elif tag == "major":
            inside_major.pop()

    def refuse(*_declaration: object) -> None:
        raise _NoStudyError("refused: it declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.Parse(content, True)
    if not uid:
        raise _NoStudyError("not a record of this collection")
    return _Study(_uid(uid[0]), parts, tuple(images), headings=tuple(major))
