"""Images without a word: they still teach an encoder what radiographs look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.errors import StudyError
from app.imaging.kinds import kind_of
from app.training.corpora.cases import UNKNOWN, Case, ImportReport
from app.training.corpora.dicom import walk


def read_images(folder: Path, report: ImportReport, _options: Mapping[str, Any]) -> Iterator[Case]:
    """Every picture and DICOM file below ``folder``, each a group of its own."""
    for path in walk(folder, report):
        try:
            kind = kind_of(path)
        except StudyError:
            report.left_out["file can't be read"] += 1
            continue
        if kind not in ("raster", "dicom"):
            report.left_out["file is no image"] += 1
            continue
        name = path.relative_to(folder).as_posix()
        report.taken += 1
        yield Case(path, report.source, "", f"{UNKNOWN}{report.source}/{name}", study=name)
