"""The phantom at the size of a large detector, for measuring speed: 4,248 × 3,480, 14 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import uid

from app.imaging.phantom import study
from app.imaging.radiograph import View

ROWS, COLUMNS = 4248, 3480


def pixels() -> NDArray[np.uint16]:
    """(ROWS, COLUMNS) uint16 with 14 bits: the frontal phantom enlarged, and noise, as in a
    detector.
    """
    drawn = Image.fromarray(study.pixels(View.PA).astype(np.float32))
    wide = np.asarray(drawn.resize((COLUMNS, ROWS), Image.Resampling.BICUBIC)) * 4.0
    noise = np.random.default_rng(5).normal(0.0, 24.0, wide.shape).astype(np.float32)
    return np.clip(np.rint(wide + noise), 0, 16_383).astype(np.uint16)


def write(
    file: Path, drawn: NDArray[np.uint16], number: int = 1, *, compress: bool = False
) -> Path:
    """Write a study of one image, uncompressed or as lossless JPEG 2000; ``number`` tells studies
    apart. Returns ``file``.
    """
    data = study.data_set(View.PA, 1, drawn)
    data.BitsStored, data.HighBit = 14, 13
    data.WindowCenter, data.WindowWidth = [8192, 6000, 10800], [16384, 9600, 9600]
    data.StudyInstanceUID = uid.UID(f"2.25.{1000 + number}")
    data.SeriesInstanceUID = uid.UID(f"2.25.{2000 + number}")
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = uid.UID(
        f"2.25.{3000 + number}"
    )
    data.PatientID = f"SYNTHETIC-{number:04}"
    if compress:
        data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    data.save_as(file, enforce_file_format=True)
    return file
