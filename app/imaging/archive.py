"""ZIP archives: unpacked for as long as the program runs, and never outside the folder made for it.

An archive comes from somebody else. Its names may point anywhere, its sizes may lie, and what it
unpacks to are patients' images: so they go into a folder that only this user can read and that is
removed when the program ends; a study from an archive is unpacked again when it is next opened.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from app.errors import StudyError
from app.imaging.kinds import SUFFIXES, is_dicom
from app.imaging.pixels import unreadable
from app.imaging.raster import is_raster

MAX_FILES = 20_000
"""Most files in an archive that is opened."""

MAX_BYTES = 4_000_000_000
"""Most bytes that an archive may unpack to."""

MAX_RATIO, _SMALL = 200, 200_000_000
"""How many times its own size an archive may unpack to, once that is more than ``_SMALL`` bytes."""

_CHUNK = 1 << 20
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def unpacked(
    path: Path, cancelled: Callable[[], bool] = lambda: False
) -> tuple[Path, list[StudyError]]:
    """Return the folder with the images of an archive, and why some of its files are left out.

    Only images and a DICOMDIR are unpacked. Raises StudyError for an archive that can't be opened,
    that is encrypted, or that is larger than it should be.
    """
    try:
        about = path.stat()
        key = hashlib.sha256(f"{path.resolve()} {about.st_size} {about.st_mtime_ns}".encode())
        folder = _shelf() / key.hexdigest()[:24]
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(path, about.st_size, entries)
            left_out = [error for entry in entries if (error := _refused(path, entry))]
            if not folder.is_dir():
                part = Path(tempfile.mkdtemp(dir=_shelf()))
                try:
                    _unpack(path, archive, entries, part, cancelled)
                    if cancelled():
                        return part, []
                    source = folder.with_name(f"{folder.name}.source")
                    source.write_text(str(path.absolute()), encoding="utf-8")
                    part.rename(folder)
                finally:
                    shutil.rmtree(part, ignore_errors=True)
            return folder, left_out
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError) as error:
        raise StudyError(
            f"“{path.name}” is a ZIP archive that is damaged or incomplete.",
            "Copy it again from its source.",
        ) from error
    except (NotImplementedError, RuntimeError) as error:
        raise StudyError(
            f"The archive “{path.name}” is packed in a way that is not known here.",
            "Unpack it with the program that made it and open the folder.",
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def shown(path: Path) -> Path:
    """Where a file lies for its reader: in the archive, not in the folder of this run."""
    if not _shelf.cache_info().currsize or not path.is_relative_to(_shelf()):
        return path
    key, *inside = path.relative_to(_shelf()).parts
    source = _shelf() / f"{key}.source"
    return Path(source.read_text(encoding="utf-8"), *inside) if source.is_file() else path


@functools.cache
def _shelf() -> Path:
    """The one folder of this run, which ends with it."""
    folder = Path(tempfile.mkdtemp(prefix="readingroom-unpacked-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _check(path: Path, size: int, entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise StudyError(
            f"The archive “{path.name}” is encrypted.",
            "Unpack it with its password and open the folder.",
        )
    if len(entries) > MAX_FILES or total > MAX_BYTES:
        raise StudyError(
            f"The archive “{path.name}” holds {len(entries):,} files of {total / 1e6:,.0f} MB; the "
            f"limits are {MAX_FILES:,} files and {MAX_BYTES / 1e6:,.0f} MB.",
            "Unpack it and open the folder.",
        )
    if total > _SMALL and total > MAX_RATIO * size:
        raise StudyError(
            f"The archive “{path.name}” would unpack to {total / max(1, size):,.0f} times its size "
            "and is not opened.",
            "Unpack it and open the folder, if you trust it.",
        )
    free = shutil.disk_usage(_shelf()).free
    if total > free - _SMALL:
        raise StudyError(
            f"There is not enough room to unpack “{path.name}” ({total / 1e6:,.0f} MB).",
            "Free some space on the disk with temporary files.",
        )


def _refused(path: Path, entry: zipfile.ZipInfo) -> StudyError | None:
    """Why an entry is never unpacked; None when it may be."""
    name = PurePosixPath(entry.filename.replace("\\", "/")).name
    if stat.S_ISLNK(entry.external_attr >> 16):
        return StudyError(f"“{name}” in “{path.name}” is a link; links are not followed.")
    if _parts(entry.filename) is None:
        return StudyError(f"“{name}” in “{path.name}” points outside the archive; it is left out.")
    if name.lower().endswith(".zip"):
        return StudyError(
            f"“{name}” in “{path.name}” is an archive itself; it is not opened.",
            "Unpack the outer archive first.",
        )
    return None


def _parts(name: str) -> tuple[str, ...] | None:
    """The folders and the name of an entry, fit for any disk; None when they leave the archive."""
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if plain.startswith("/") or ".." in parts or re.match("[A-Za-z]:", plain) or not parts:
        return None
    fit = (_FORBIDDEN.sub("_", part).rstrip(" .")[:120] or "_" for part in parts)
    return tuple(f"_{part}" if _RESERVED.fullmatch(part) else part for part in fit)


def _unpack(
    path: Path,
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    folder: Path,
    cancelled: Callable[[], bool],
) -> None:
    left = MAX_BYTES
    for entry in entries:
        parts = _parts(entry.filename)
        if cancelled() or parts is None or _refused(path, entry) is not None:
            continue
        with archive.open(entry) as packed:
            start = packed.read(132)
            image = is_dicom(start) or is_raster(start)
            if not image and Path(parts[-1]).suffix.lower() not in SUFFIXES:
                continue
            target = _free(folder.joinpath(*parts))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for chunk in _chunks(start, packed.read):
                    left -= len(chunk)  # what it declares is not what it has to be
                    if left < 0:
                        raise zipfile.BadZipFile("more than it declares")
                    file.write(chunk)


def _chunks(start: bytes, read: Callable[[int], bytes]) -> Iterator[bytes]:
    while start:
        yield start
        start = read(_CHUNK)


def _free(path: Path) -> Path:
    """``path``, or with a number where another entry has taken the name."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free
