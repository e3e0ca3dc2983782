"""A picture as a file: PNG or JPEG with nothing in it but pixels, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from app import files
from app.errors import StoreError

FORMATS = {".png": b"PNG", ".jpg": b"JPEG", ".jpeg": b"JPEG"}
_QUALITY = 95
_METRE = 3780  # dots: 96 per inch, so that a picture has no size in other programs


def encoded(picture: QImage, suffix: str) -> bytes:
    """The bytes of a file whose name ends in ``suffix``; gray pictures as gray.

    Raises StoreError for a suffix that is neither PNG nor JPEG.
    """
    kind = FORMATS.get(suffix.lower())
    if kind is None:
        raise StoreError(
            f"“{suffix or 'no suffix'}” is no kind of picture that can be written.",
            "End the name in .png or .jpg.",
        )
    whole = picture.convertToFormat(QImage.Format.Format_RGB32)
    size, line = whole.size(), whole.bytesPerLine()
    # Its pixels alone: an image may carry words of its own.
    plain = QImage(whole.constBits(), size.width(), size.height(), line, whole.format())
    plain.setDotsPerMeterX(_METRE)
    plain.setDotsPerMeterY(_METRE)
    if plain.allGray():
        plain = plain.convertToFormat(QImage.Format.Format_Grayscale8)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, kind)
    if kind == b"JPEG":
        writer.setQuality(_QUALITY)
    if not writer.write(plain):
        raise StoreError(f"The picture could not be written ({writer.errorString()}).")
    return bytes(buffer.data().data())


def save(picture: QImage, file: Path) -> None:
    """Write ``picture`` to ``file``. Raises StoreError; the old file then stays as it was."""
    files.write_bytes(file, encoded(picture, file.suffix))
