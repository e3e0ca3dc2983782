"""Files that are written whole or not at all.

Settings, templates, exports and pictures replace a file that somebody relies on. They are written
beside it, forced to the disk and moved into its place, so that a full disk or a killed process
leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from app.errors import StoreError


@contextlib.contextmanager
def replacing(
    path: Path, *, encoding: str = "utf-8", newline: str | None = None
) -> Iterator[TextIO]:
    """A text file that takes the place of ``path`` when the block ends without an error.

    Raises :class:`StoreError` when the file can't be written; ``path`` is then untouched and
    nothing is left beside it. Errors of the block itself pass through unchanged, with the same
    guarantee.
    """
    with _part_of(path) as part, part.open("x", encoding=encoding, newline=newline) as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())


@contextlib.contextmanager
def _part_of(path: Path) -> Iterator[Path]:
    """A name beside ``path``; what the block writes there takes its place."""
    # A link stays a link: what it points to is replaced.
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise StoreError(f"{path} is a folder, not a file.", "Choose a file name.")
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        yield part
        if target.exists():
            # The new file keeps who may read it; a patient list stays as private as it was made.
            part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
        _force_folder(target.parent)
    except OSError as error:
        raise _sentence(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replace ``path`` by ``text`` (UTF-8), whole or not at all. Raises :class:`StoreError`."""
    with replacing(path) as handle:
        handle.write(text)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``, whole or not at all. Raises :class:`StoreError`."""
    with _part_of(path) as part, part.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def make_folder(path: Path) -> Path:
    """Create a folder with its parents. Raises :class:`StoreError` when that can't be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _sentence(path, error) from error
    return path


@contextlib.contextmanager
def appending(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8) that lines are added to; each is the caller's to flush.

    Raises :class:`StoreError` when it can't be written. What the block had added by then stays, and
    the last line may be cut off.
    """
    try:
        with path.open("a", encoding="utf-8") as handle:
            yield handle
    except OSError as error:
        raise _sentence(path, error) from error


@contextlib.contextmanager
def together(folder: Path) -> Iterator[Path]:
    """A folder for several files; they move into ``folder`` when the block ends without an error.

    ``folder`` is made, and what it holds under other names stays. Raises :class:`StoreError` when
    something can't be written; an error of the block leaves no trace of the new files.
    """
    part = make_folder(folder) / f".{secrets.token_hex(6)}.part"
    try:
        part.mkdir()
        yield part
        made = sorted(part.iterdir())
        for file in made:
            with file.open("rb+") as handle:
                os.fsync(handle.fileno())
        for file in made:
            file.replace(folder / file.name)
        _force_folder(folder)
    except OSError as error:
        raise _sentence(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def try_folder(folder: Path) -> None:
    """Create ``folder`` and see that files can be written there, before work that takes hours.

    Raises :class:`StoreError` when they can't.
    """
    with together(folder):
        pass


def _force_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sentence(path: Path, error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"{path} could not be written: the disk is full.",
            "Free some space or choose another folder.",
        )
    if isinstance(error, FileNotFoundError):
        return StoreError(f"The folder {path.parent} does not exist.", "Choose an existing folder.")
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return StoreError(
            f"{path} can't be created: a file is in its way.", "Choose another place."
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return StoreError(
            f"{path} may not be written.",
            "Choose another folder, or close the program that has the file open.",
        )
    reason = error.strerror or type(error).__name__
    return StoreError(f"{path} could not be written ({reason}).", "Choose another folder.")
