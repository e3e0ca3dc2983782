"""Copies for a blinded study show the same picture and know nothing about its source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from app.errors import StudyError
from app.imaging.lut import choices, display_table
from app.imaging.opaque import MOMENT, write_opaque
from app.imaging.reading import read_image
from app.paths import resources

SYNTHETIC = sorted(
    file for file in (resources() / "synthetic").rglob("*") if file.is_file() and "." in file.name
)
DICOM = [file for file in SYNTHETIC if file.suffix == ".dcm"]


@pytest.mark.parametrize("source", DICOM, ids=lambda path: path.name)
def test_a_copy_looks_the_same_and_names_nobody(source: Path, tmp_path: Path) -> None:
    with_name = tmp_path / "named.dcm"
    data = pydicom.dcmread(source)
    data.PatientName = "Roentgen^Anna"
    data.StationName = "ROOM7"
    data.add_new(0x00091010, "LO", "private secret")
    data.save_as(with_name)
    copy = write_opaque(with_name, tmp_path, "K7QFAB")
    assert copy.name == "K7QFAB.dcm"
    before, after = read_image(with_name), read_image(copy)
    assert np.array_equal(before.pixels, after.pixels)
    assert after.spacing == before.spacing
    assert after.view == before.view
    tables = [display_table(image, choices(image)[0]) for image in (before, after)]
    assert np.array_equal(tables[0], tables[1])
    content = copy.read_bytes()
    for secret in (b"Roentgen", b"ROOM7", b"private secret", data.StudyInstanceUID.encode()):
        assert secret not in content
    assert after.patient.name == after.patient.patient_id == ""
    assert copy.stat().st_mtime == MOMENT


def test_a_picture_becomes_a_png_without_metadata(tmp_path: Path) -> None:
    picture = Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30) % 251)
    exif = Image.Exif()
    exif[0x0131] = "Scanner of Ward 9"
    picture.save(tmp_path / "source.jpg", exif=exif, comment=b"Anna")
    copy = write_opaque(tmp_path / "source.jpg", tmp_path, "K7QFAB")
    assert copy.name == "K7QFAB.png"
    with Image.open(copy) as opened:
        assert opened.info == {}
    assert b"Ward" not in copy.read_bytes()
    assert np.array_equal(read_image(copy).pixels, read_image(tmp_path / "source.jpg").pixels)


def test_the_same_source_under_the_same_code_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = write_opaque(DICOM[0], tmp_path / "a", "K7QFAB").read_bytes()
    assert one == write_opaque(DICOM[0], tmp_path / "b", "K7QFAB").read_bytes()


def test_what_is_no_image_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "out").mkdir()
    with pytest.raises(StudyError):
        write_opaque(tmp_path / "text.png", tmp_path / "out", "K7QFAB")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.shared
def test_real_files_are_copied(shared_data: Path, tmp_path: Path) -> None:
    copied = 0
    for source in sorted((shared_data / "dicom").glob("*.dcm")):
        copy = write_opaque(source, tmp_path, f"CODE{copied}")
        assert np.array_equal(read_image(copy).pixels, read_image(source).pixels)
        copied += 1
    assert copied >= 6
