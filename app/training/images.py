"""Images of a corpus, preprocessed once.

The files are read through the same functions as in the application and kept as uint8 in one file
beside the run, which is mapped into memory: an epoch neither decodes pictures nor needs to hold a
large archive.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError, StudyError
from app.imaging import preprocess
from app.imaging.reading import read_image
from app.training import arrays
from app.training.corpora import Case

_TOGETHER = 256
"""Files that are read before they are written down."""


def load_images(
    cases: Sequence[Case],
    cache: Path,
    say: Callable[[str], None],
    size: int = preprocess.SIZE,
) -> tuple[NDArray[np.uint8], list[Case]]:
    """Equalised images (n, size, size) uint8, read-only, and the n cases that they belong to.

    Cases without an image are passed over; a file that can't be read is left out and named through
    ``say``. Raises :class:`AppError` when none can be read or the disk is full.
    """
    shown = [case for case in cases if case.image is not None]
    file = cache / f"images-{_key(shown, size)}.npy"
    if not file.is_file():
        _prepare(shown, file, say, size)
    kept = np.load(file.with_suffix(".kept.npy"))
    images: NDArray[np.uint8] = np.load(file, mmap_mode="r")
    return images, [shown[index] for index in kept]


def _key(cases: Sequence[Case], size: int) -> str:
    key = hashlib.sha256(f"{preprocess.VERSION} {size}".encode())
    for case in cases:
        if case.image is not None:
            stat = case.image.stat()
            key.update(f"{case.image.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return key.hexdigest()[:16]


def _prepare(cases: Sequence[Case], file: Path, say: Callable[[str], None], size: int) -> None:
    def one(case: Case) -> NDArray[np.uint8] | StudyError:
        try:
            return preprocess.equalised(read_image(case.image or Path()), size)
        except StudyError as error:
            return error

    part, half = file.with_suffix(".part"), file.with_suffix(".half.npy")
    kept: list[int] = []
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream, ThreadPoolExecutor(os.cpu_count()) as pool:
            for first in range(0, len(cases), _TOGETHER):
                some = cases[first : first + _TOGETHER]
                for place, result in enumerate(pool.map(one, some), start=first):
                    if isinstance(result, StudyError):
                        say(f"left out: {result}")
                    else:
                        kept.append(place)
                        stream.write(result.tobytes())
                if len(cases) > 4 * _TOGETHER:
                    say(f"{min(first + _TOGETHER, len(cases))} of {len(cases)} images read")
        if not kept:
            raise AppError("None of the images can be read.", "See what was left out, and why.")
        pixels = np.memmap(part, np.uint8, "r", shape=(len(kept), size, size))
        with file.with_suffix(".kept.npy").open("wb") as stream:
            arrays.write(stream, np.array(kept))
        with half.open("wb") as stream:
            arrays.write(stream, pixels)
        os.replace(half, file)
    except OSError as error:
        raise AppError(
            f"The prepared images can't be written to {file.parent}: {error.strerror}.",
            "Make room there, or name another folder with --run-dir.",
        ) from error
    finally:
        part.unlink(missing_ok=True)
        half.unlink(missing_ok=True)
