"""Images of a corpus, preprocessed once.

The files are read through the same functions as in the application and kept as uint8 in one file
beside the run, so that an epoch reads memory instead of decoding thousands of pictures.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import StudyError
from app.imaging import preprocess
from app.imaging.reading import read_image
from app.training.corpora import Case


def load_images(
    cases: Sequence[Case],
    cache: Path,
    say: Callable[[str], None],
    size: int = preprocess.SIZE,
) -> tuple[NDArray[np.uint8], list[Case]]:
    """Equalised images (n, size, size) uint8 and the n cases that they belong to.

    A file that can't be read is left out and named through ``say``.
    """
    key = hashlib.sha256(f"{preprocess.VERSION} {size}".encode())
    for case in cases:
        stat = case.image.stat()
        key.update(f"{case.image.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    file = cache / f"images-{key.hexdigest()[:16]}.npy"
    if file.is_file():
        images: NDArray[np.uint8] = np.load(file)
        kept = np.load(file.with_suffix(".kept.npy"))
        return images, [cases[index] for index in kept]

    def one(case: Case) -> NDArray[np.uint8] | StudyError:
        try:
            return preprocess.equalised(read_image(case.image), size)
        except StudyError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(one, cases))
    for result in results:
        if isinstance(result, StudyError):
            say(f"left out: {result}")
    kept_rows = [index for index, item in enumerate(results) if isinstance(item, np.ndarray)]
    images = np.stack([item for item in results if isinstance(item, np.ndarray)])
    cache.mkdir(parents=True, exist_ok=True)
    np.save(file.with_suffix(".kept.npy"), np.array(kept_rows))
    np.save(file, images)
    return images, [cases[index] for index in kept_rows]
