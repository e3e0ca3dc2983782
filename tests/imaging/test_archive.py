"""ZIP archives: opened like a folder, and never more than what is safe of them."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from dicom_files import SHAPES, data_set, write
from PIL import Image

from app.errors import StudyError
from app.imaging import archive
from app.imaging.archive import shown
from app.imaging.study import Study, open_study, read, scan, scan_all


def dicom(path: Path, study: str = "1.1") -> bytes:
    file = write(path, data_set(SHAPES, StudyInstanceUID=study))
    return file.read_bytes()


def packed(path: Path, **entries: bytes) -> Path:
    """An archive with entries by name; two underscores stand for a slash."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name.replace("__", "/"), content)
    return path


def test_an_archive_opens_like_the_folder_that_it_holds(tmp_path: Path) -> None:
    picture = tmp_path / "chest.png"
    Image.fromarray((SHAPES >> 4).astype(np.uint8)).save(picture)
    path = packed(
        tmp_path / "disc.zip",
        DICOM__IM1=dicom(tmp_path / "1", "1.1"),
        DICOM__IM2=dicom(tmp_path / "2", "1.2"),
        **{"chest.png": picture.read_bytes(), "autorun.exe": b"MZ", "read.txt": b"me"},
    )
    studies = open_study(path)
    assert {study.archive for study in studies} == {path}
    assert [study.study_id for study in studies if study.modality == "CR"] == ["1.1", "1.2"]
    assert len(studies) == 3
    image = next(study for study in studies if study.study_id == "1.2").images[0]
    np.testing.assert_array_equal(read(image).pixels, SHAPES)
    assert shown(image.path) == path / "DICOM" / "IM2"
    assert not list(image.path.parents[1].rglob("autorun.exe"))
    assert stat.S_IMODE(image.path.parents[2].stat().st_mode) == 0o700


def test_an_archive_is_unpacked_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", IM1=dicom(tmp_path / "1", "1.1"))
    (first,), (again,) = open_study(path), open_study(path)
    assert first.images[0].path == again.images[0].path
    packed(path, IM1=dicom(tmp_path / "2", "1.2"), IM2=dicom(tmp_path / "3", "1.2"))
    (study,) = open_study(path)
    assert (study.study_id, len(study.images)) == ("1.2", 2)


def test_archives_and_files_may_be_chosen_together(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", IM1=dicom(tmp_path / "1", "1.1"))
    loose = write(tmp_path / "b.dcm", data_set(StudyInstanceUID="1.2"))
    found = list(scan_all([path, loose]))
    assert {study.study_id for study in found if isinstance(study, Study)} == {"1.1", "1.2"}


@pytest.mark.parametrize(
    "name", ["../evil.dcm", "/evil.dcm", "a/../../evil.dcm", "C:\\evil.dcm", "..\\evil.dcm"]
)
def test_no_entry_leaves_the_folder(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", **{name: dicom(tmp_path / "1"), "IM2": dicom(tmp_path / "2")})
    found = list(scan(path))
    (error,) = [item for item in found if isinstance(item, StudyError)]
    assert "points outside the archive" in error.message
    (study,) = [item for item in found if isinstance(item, Study)]
    folder = study.images[0].path.parent
    assert not list(folder.parent.rglob("evil*"))
    assert not list(tmp_path.rglob("evil*"))


def test_links_and_archives_inside_are_left_out_and_said(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", **{"IM1": dicom(tmp_path / "1"), "more.zip": b"PK\3\4"})
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("link.dcm")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    said = [str(item) for item in scan(path) if isinstance(item, StudyError)]
    assert any("“link.dcm” in “a.zip” is a link" in line for line in said)
    assert any("“more.zip” in “a.zip” is an archive itself" in line for line in said)


def test_names_that_no_disk_takes_are_changed_and_doubles_numbered(tmp_path: Path) -> None:
    one, two = dicom(tmp_path / "1", "1.1"), dicom(tmp_path / "2", "1.2")
    path = packed(tmp_path / "a.zip", **{"aa:b/CON": one, "aa_b/CON": two})
    assert {study.images[0].path.name for study in open_study(path)} == {"_CON", "_CON (2)"}


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", IM1=dicom(tmp_path / "1"))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(StudyError, match=r"“a\.zip” is encrypted"):
        open_study(path)


def test_bombs_are_refused_by_what_they_declare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "a.zip", IM1=b"\0" * 3_000_000, IM2=b"\0" * 10)
    monkeypatch.setattr(archive, "_SMALL", 1_000_000)
    with pytest.raises(StudyError, match=r"would unpack to [\d,]+ times its size"):
        open_study(path)
    monkeypatch.setattr(archive, "MAX_BYTES", 2_000_000)
    with pytest.raises(StudyError, match=r"the limits are 20,000 files and 2 MB"):
        open_study(path)
    monkeypatch.setattr(archive, "MAX_FILES", 1)
    with pytest.raises(StudyError, match="holds 2 files"):
        open_study(path)


@pytest.mark.parametrize("cut", [30, 400, 2000])
def test_a_damaged_archive_is_said_in_a_sentence(tmp_path: Path, cut: int) -> None:
    path = packed(tmp_path / "a.zip", IM1=dicom(tmp_path / "1"))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(StudyError, match=r"“a\.zip” is a ZIP archive that is damaged"):
        open_study(path)


def test_an_archive_without_images_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no image in “a\.zip”"):
        open_study(packed(tmp_path / "a.zip", **{"read.txt": b"me"}))


def test_what_was_unpacked_ends_with_the_program(tmp_path: Path) -> None:
    (study,) = open_study(packed(tmp_path / "a.zip", IM1=dicom(tmp_path / "1")))
    shelf = archive._shelf()
    assert study.images[0].path.is_relative_to(shelf)
    shutil.rmtree(shelf)  # what happens at the end
    archive._shelf.cache_clear()
    (again,) = open_study(tmp_path / "a.zip")
    np.testing.assert_array_equal(read(again.images[0]).pixels, SHAPES)
