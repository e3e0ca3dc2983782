"""Picture files: nothing in them but pixels, whole or not at all."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from app.errors import StoreError
from app.ui.pictures.saving import encoded, save


@pytest.fixture
def picture() -> QImage:
    made = QImage(40, 30, QImage.Format.Format_RGB32)
    made.fill(QColor(90, 90, 90))
    made.setText("Description", "Doe^Jane")
    made.setDevicePixelRatio(2.5)
    return made


def chunks(png: bytes) -> set[bytes]:
    found, at = set(), 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.add(png[at + 4 : at + 8])
        at += 12 + length
    return found


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
def test_a_file_carries_no_words(picture: QImage, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"x{suffix}"
    save(picture, file)
    content = file.read_bytes()
    assert b"Doe" not in content
    if suffix == ".png":
        assert chunks(content) <= {b"IHDR", b"pHYs", b"IDAT", b"IEND", b"PLTE", b"gAMA", b"sRGB"}
    with Image.open(file) as read:
        assert read.size == (40, 30)
        assert not read.getexif()
        assert np.all(abs(np.asarray(read.convert("L")).astype(int) - 90) <= 1)
        assert read.mode == "L"  # a gray picture is stored as gray


def test_colour_is_kept(picture: QImage, tmp_path: Path) -> None:
    picture.setPixelColor(3, 4, QColor(90, 169, 230))
    save(picture, tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as read:
        assert read.convert("RGB").getpixel((3, 4)) == (90, 169, 230)


def test_another_kind_is_refused_and_the_old_file_stays(picture: QImage, tmp_path: Path) -> None:
    file = tmp_path / "x.gif"
    file.write_bytes(b"old")
    with pytest.raises(StoreError, match="no kind of picture"):
        save(picture, file)
    assert file.read_bytes() == b"old"
    with pytest.raises(StoreError):
        save(picture, tmp_path / "nowhere" / "x.png")
    assert list(tmp_path.iterdir()) == [file]


def test_the_pixels_are_the_same_again(tmp_path: Path) -> None:
    gray = np.random.default_rng(3).integers(0, 256, (21, 33), dtype=np.uint8)
    image = QImage(gray.data, 33, 21, 33, QImage.Format.Format_Grayscale8)
    (tmp_path / "x.png").write_bytes(encoded(image, ".png"))
    with Image.open(tmp_path / "x.png") as read:
        assert np.array_equal(np.asarray(read), gray)
