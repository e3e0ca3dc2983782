"""The files that a DICOMDIR names (PS3.3 Annex F, PS3.10 8).

A DICOMDIR comes from a disc that somebody else wrote: the paths in it may point anywhere and are
only followed inside the folder that the DICOMDIR lies in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from app.errors import StudyError
from app.imaging.dicom_file import opened, parse
from app.imaging.dicom_tags import items, text


def referenced_files(path: Path) -> Iterator[Path | StudyError]:
    """Yield every image file that ``path`` names, in its order, or why one can't be followed.

    Raises StudyError when the DICOMDIR itself can't be read.
    """
    folder = path.parent
    for parts in _records(path):
        found = _inside(folder, parts)
        shown = "/".join(parts)
        if found is None:
            yield StudyError(
                f"“{path.name}” points outside its own folder (“{shown}”); that is not followed.",
                "Open the file itself, if you trust it.",
            )
        elif not found.is_file():
            yield StudyError(
                f"“{path.name}” names “{shown}”, which is not there.", "Copy the whole disc."
            )
        else:
            yield found


def _records(path: Path) -> list[tuple[str, ...]]:
    """Return the ReferencedFileID of every IMAGE record, as its parts (PS3.3 F.5)."""
    with opened(path) as file:
        data, _ = parse(file, path)
    return [
        tuple(text(record, "ReferencedFileID").split("\\"))
        for record in items(data, "DirectoryRecordSequence")
        if text(record, "DirectoryRecordType").upper() == "IMAGE"
    ]


def _inside(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """Join ``parts`` to ``folder``; None when that leaves it by name or by a symbolic link."""
    if not parts or any(not part or part in (".", "..") for part in parts):
        return None
    if any(re.search(r"[/\\:\0]", part) for part in parts):
        return None
    found = folder
    for part in parts:
        found = _spelled(found, part)
    return found if found.resolve().is_relative_to(folder.resolve()) else None


def _spelled(folder: Path, name: str) -> Path:
    """Return ``name`` in ``folder``; discs copied under Linux often come out in lower case."""
    exact = folder / name
    if exact.exists() or not folder.is_dir():
        return exact
    for other in folder.iterdir():
        if other.name.casefold().rstrip(".") == name.casefold():
            return other
    return exact
