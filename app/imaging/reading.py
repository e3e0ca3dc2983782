"""One image file → Radiograph.

pydicom is imported for a DICOM file only, so that pictures are read, and models trained on them,
where it is not installed.
"""

from __future__ import annotations

from pathlib import Path

from app.imaging.kinds import kind_of, no_image
from app.imaging.radiograph import Radiograph
from app.imaging.raster import read_raster


def read_image(path: Path, frame: int = 0) -> Radiograph:
    """Decode a file chosen by its content; ``frame`` counts from 0. Raises StudyError."""
    path = Path(path)
    match kind_of(path):
        case "dicom":
            from app.imaging.dicom import read_dicom

            return read_dicom(path, frame)
        case "raster":
            return read_raster(path)
        case "empty" | "zip" | "unknown" as kind:
            raise no_image(path, kind)
