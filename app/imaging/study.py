"""Files, folders and DICOMDIRs → studies.

Only headers are read here. Whether a file is DICOM or a picture is told from its first bytes, never
from its name; one bad file never stops the rest of a folder.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.errors import StudyError
from app.imaging.archive import unpacked
from app.imaging.dicom import Summary, describe, read_dicom
from app.imaging.dicomdir import referenced_files
from app.imaging.kinds import SUFFIXES, kind_of, no_image
from app.imaging.pixels import unreadable
from app.imaging.preview import read_preview
from app.imaging.progress import Looked
from app.imaging.radiograph import Patient, Radiograph, View
from app.imaging.reading import read_image

_ORDER = {View.PA: 0, View.AP: 0, View.UNKNOWN: 1, View.LATERAL: 2, View.OTHER: 3}
_LABELS = {View.PA: "PA", View.AP: "AP", View.LATERAL: "Lateral"}

_EVERY = 8  # files between two words of progress

_INDIANA = re.compile(r"(CXR\d+(?:_\d+)?_IM-\d+)-\d+(?:-\d+)*")
"""Indiana University's names: CXR1000_IM-0003-1001 and …-2001 are two images of one study."""


@dataclass(frozen=True)
class ImageRef:
    """One image of a study. ``image_key``, unique in it, is the SOPInstanceUID or the file name.

    ``frame``, counted from 0, is the one that is shown first, ``frames`` how many there are.
    """

    path: Path
    image_key: str
    frame: int
    view: View
    label: str
    frames: int = 1


@dataclass(frozen=True)
class Study:
    """Images that belong together, frontal ones first.

    ``study_id`` is the StudyInstanceUID, or ``file-`` and the first 16 hex digits of the sha256 of
    the (first) file. Dates and times as in DICOM. ``archive`` is the ZIP file that its images were
    unpacked from for this run of the program.
    """

    study_id: str
    patient: Patient
    study_date: str
    study_time: str
    description: str
    modality: str
    images: tuple[ImageRef, ...]
    folder: Path
    archive: Path | None = None

    def joined(self, other: Study) -> Study:
        """This study with the images of ``other`` that it lacks and that still exist."""
        own = {image.image_key for image in self.images}
        more = [one for one in other.images if one.image_key not in own and one.path.exists()]
        images = sorted((*self.images, *more), key=lambda image: _ORDER[image.view])
        return replace(self, images=tuple(images))


def open_study(path: Path) -> list[Study]:
    """Open a file, a folder (with all below it), a DICOMDIR or a ZIP archive; headers only.

    Raises StudyError when there is nothing to show: the file's own error, or the folder's first.
    """
    path = Path(path)
    studies: dict[tuple[str, Path], Study] = {}
    errors: list[StudyError] = []
    for found in scan(path):
        if isinstance(found, Study):
            key = found.images[0].path if found.study_id.startswith("file-") else Path()
            studies[found.study_id, key] = found
        else:
            errors.append(found)
    if studies:
        return list(studies.values())
    if path.is_file() and errors:
        raise errors[0]
    more = f" The first file that failed: {errors[0].message}" if errors else ""
    raise StudyError(
        f"There is no image in “{path.name or path}” that can be opened.{more}",
        "Choose a folder with DICOM files or PNG, JPEG, WebP or TIFF pictures.",
    )


def scan(path: Path, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Study | StudyError]:
    """Yield studies as they are found, and one StudyError per file that should have opened.

    A study is yielded when the walk has left its folder; should one of its images turn up later
    elsewhere, it is yielded again, whole, under the same id. Once ``cancelled()`` no further file
    is looked at, and what was found in a folder is still yielded. Raises StudyError when ``path``
    itself can't be read.
    """
    yield from (found for found in _scan(path, cancelled) if not isinstance(found, Looked))


def _scan(path: Path, cancelled: Callable[[], bool]) -> Iterator[Study | StudyError | Looked]:
    path = Path(path)
    if path.is_dir():
        yield from _scan_folder(path, cancelled)
        return
    if kind_of(path) == "zip":
        yield from _scan_archive(path, cancelled)
        return
    gathering = _Gathering(path.parent)
    if _is_dicomdir(path):
        for found in referenced_files(path):
            if cancelled():
                return
            yield from [found] if isinstance(found, StudyError) else gathering.add(found)
    else:
        yield from gathering.add(path, alone=True)
    yield from gathering.finished()


def scan_all(
    paths: Sequence[Path], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Study | StudyError]:
    """Like :func:`scan` for several paths; files that were chosen together are gathered together.

    A path that can't be read is one more StudyError.
    """
    everything = scan_with_progress(paths, cancelled)
    yield from (found for found in everything if not isinstance(found, Looked))


def scan_with_progress(
    paths: Sequence[Path], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Study | StudyError | Looked]:
    """Like :func:`scan_all`, and a :class:`Looked` after every few files, found something or not:
    whoever scans in steps can do something else in between.
    """
    gathering = _Gathering(paths[0].parent if paths else Path())
    # In the order of a folder: a picture's study is named by its first file.
    for path in sorted(paths):
        if cancelled():
            return
        try:
            if path.is_file() and not _is_dicomdir(path) and kind_of(path) != "zip":
                yield from gathering.add(path, alone=True)
                continue
            yield from _scan(path, cancelled)
        except StudyError as error:
            yield error
    yield from gathering.finished()


def found_again(study_id: str, paths: Sequence[Path], known: dict[str, Study]) -> Study:
    """The study ``study_id`` in the files or the folder where it was found before.

    Everything met on the way is put into ``known``, so that a folder is looked through once,
    however many studies lie in it. Raises StudyError when the files are gone, can't be read or hold
    another study.
    """
    errors: list[StudyError] = []
    if study_id not in known:
        for item in scan_all(paths):
            if isinstance(item, Study):
                known[item.study_id] = item
            else:
                errors.append(item)
    if study_id not in known:
        if errors:
            raise errors[0]
        where = f"“{paths[0]}”" if paths else "The file"
        raise StudyError(
            f"{where} holds another study than when it was first opened.",
            "Open the file or folder again, with File > Open.",
        )
    return known[study_id]


def read(source: Path | ImageRef, frame: int | None = None) -> Radiograph:
    """Decode an image, chosen by its content: ``frame``, or the one that the reference names.

    Nothing of the other frames is read or decoded. Raises StudyError.
    """
    path, first = _place(source)
    return read_image(path, first if frame is None else frame)


def preview(
    source: Path | ImageRef, frame: int | None = None, longest: int = 1600
) -> Radiograph | None:
    """A smaller image, where the file holds one: :func:`app.imaging.preview.read_preview`."""
    path, first = _place(source)
    return read_preview(path, first if frame is None else frame, longest)


def _place(source: Path | ImageRef) -> tuple[Path, int]:
    return (source.path, source.frame) if isinstance(source, ImageRef) else (source, 0)


def looks_like_image(path: Path) -> bool:
    """Is this worth trying: by its ending, else by its first bytes? False when it can't be read."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        return kind_of(path) in ("dicom", "raster")
    except StudyError:
        return False


def is_archive(path: Path) -> bool:
    """Is this a ZIP archive? False when it can't be read."""
    try:
        return kind_of(path) == "zip"
    except StudyError:
        return False


def _scan_archive(
    path: Path, cancelled: Callable[[], bool]
) -> Iterator[Study | StudyError | Looked]:
    folder, left_out = unpacked(path, cancelled)
    yield from left_out
    for found in _scan_folder(folder, cancelled) if folder.is_dir() else ():
        yield replace(found, archive=path) if isinstance(found, Study) else found


def _is_dicomdir(path: Path) -> bool:
    return path.name.upper().startswith("DICOMDIR") and kind_of(path) == "dicom"


def _scan_folder(
    folder: Path, cancelled: Callable[[], bool]
) -> Iterator[Study | StudyError | Looked]:
    files_looked_at = 0
    denied: list[OSError] = []
    gathering = _Gathering(folder)
    for name, below, files in os.walk(folder, onerror=denied.append):
        below.sort()
        here = Path(name)
        yield from gathering.finished(still_open=here)
        for file in sorted(files):
            if cancelled():
                yield from gathering.finished()
                return
            yield from gathering.add(here / file)
            files_looked_at += 1
            if files_looked_at % _EVERY == 0:
                yield Looked(_EVERY)
        yield from _denied(denied, folder)
    yield from _denied(denied, folder)
    yield from gathering.finished()


def _denied(errors: list[OSError], root: Path) -> Iterator[StudyError]:
    """Report folders that can't be listed; the one that was asked for is raised."""
    while errors:
        error = errors.pop(0)
        folder = Path(error.filename or root)
        why = "access is denied" if isinstance(error, PermissionError) else error.strerror
        found = StudyError(
            f"The folder “{folder.name or folder}” can't be read: {why}.",
            "Ask for the right to read it, or choose another.",
        )
        if folder == root:
            raise found from error
        yield found


@dataclass
class _Group:
    """Images of one study while they are being collected; done once the walk has left ``home``."""

    study_id: str
    home: Path
    folder: Path
    first: Summary | None
    images: dict[str, tuple[tuple[int, int, str], ImageRef]] = field(default_factory=dict)
    modalities: dict[str, None] = field(default_factory=dict)
    title: str = ""

    def study(self) -> Study:
        header = self.first.header if self.first else None
        return Study(
            study_id=self.study_id,
            patient=self.first.patient if self.first else Patient(),
            study_date=header.study_date if header else "",
            study_time=header.study_time if header else "",
            description=(header.study_description or header.series_description if header else "")
            or self.title,
            modality="/".join(self.modalities),
            images=tuple(image for _, image in sorted(self.images.values(), key=lambda i: i[0])),
            folder=self.folder,
        )


class _Gathering:
    """Sorts files into studies."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._groups: dict[str, _Group] = {}
        self._open: dict[str, None] = {}

    def add(self, path: Path, *, alone: bool = False) -> Iterator[StudyError]:
        """Take one file; yields an error when it should have opened. ``alone``: complain always."""
        try:
            kind = kind_of(path)
            if kind == "dicom":
                self._add_dicom(path, alone)
            elif kind == "raster":
                self._add_raster(path)
            elif alone or path.suffix.lower() in SUFFIXES:
                yield no_image(path, kind)
        except StudyError as error:
            yield error

    def finished(self, still_open: Path | None = None) -> Iterator[Study]:
        """Yield the studies whose home the walk has left; all of them without ``still_open``."""
        for key in list(self._open):
            group = self._groups[key]
            if still_open is None or not still_open.is_relative_to(group.home):
                del self._open[key]
                yield group.study()

    def _add_dicom(self, path: Path, alone: bool) -> None:
        summary = describe(path)
        header = summary.header
        if 0 in summary.size:
            if alone:
                read_dicom(path)  # says in its own words what the file holds instead
            return
        study_id = header.study_instance_uid or _digest(path)
        group = self._group(study_id, study_id, path, summary)
        group.modalities[header.modality or "DICOM"] = None
        label = _LABELS.get(summary.view) or header.series_description or path.name
        key = header.sop_instance_uid or path.name
        image = ImageRef(path, key, 0, summary.view, label, summary.frames)
        self._put(group, image, summary.number)

    def _add_raster(self, path: Path) -> None:
        named = _INDIANA.fullmatch(path.stem)
        # The same picture may lie in a folder twice: two files, two rows.
        key = f"{path.parent}/{named[1]}" if named else str(path)
        study_id = self._groups[key].study_id if key in self._groups else _digest(path)
        group = self._group(key, study_id, path, None)
        group.title = named[1] if named else path.stem
        group.modalities[path.suffix.lstrip(".").upper() or "IMAGE"] = None
        self._put(group, ImageRef(path, path.name, 0, View.UNKNOWN, path.name), 0)

    def _group(self, key: str, study_id: str, path: Path, first: Summary | None) -> _Group:
        if key not in self._groups:
            # Series often lie in folders side by side, so that a study ends with their parent.
            series = first is not None and path.parent != self._root
            home = path.parent.parent if series else path.parent
            self._groups[key] = _Group(study_id, home, path.parent, first)
        self._open[key] = None
        return self._groups[key]

    def _put(self, group: _Group, image: ImageRef, number: int) -> None:
        if image.image_key not in group.images:  # a second copy of one instance says nothing new
            group.images[image.image_key] = ((_ORDER[image.view], number, image.path.name), image)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return f"file-{hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"
    except OSError as error:
        raise unreadable(path, error) from error
