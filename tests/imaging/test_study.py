"""Files, folders and DICOMDIRs become studies; what can't is said in a sentence."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import RAMP, data_set, write
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence

from app.errors import StudyError
from app.imaging import dicom_file, gate
from app.imaging.dicom import read_dicom
from app.imaging.progress import Looked
from app.imaging.radiograph import View
from app.imaging.study import (
    ImageRef,
    Study,
    looks_like_image,
    open_study,
    read,
    scan,
    scan_with_progress,
)

GRAY = np.arange(80 * 80).reshape(80, 80).astype(np.uint8)


def picture(path: Path, shift: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(GRAY + np.uint8(shift)).save(path)
    return path


def dicom(path: Path, study: str = "1.1", number: int = 1, **tags: Any) -> Path:
    return write(path, data_set(StudyInstanceUID=study, InstanceNumber=number, **tags))


def test_one_dicom_file_is_one_study(tmp_path: Path) -> None:
    path = dicom(tmp_path / "no-suffix", StudyDescription="Chest")
    (study,) = open_study(path)
    assert (study.study_id, study.description, study.modality) == ("1.1", "Chest", "CR")
    assert study.patient.patient_id == "P1"
    assert study.study_date == "20240102"
    assert study.folder == tmp_path
    (image,) = study.images
    assert (image.path, image.view, image.label) == (path, View.PA, "PA")
    np.testing.assert_array_equal(read(image).pixels, RAMP)


def test_one_picture_is_one_study_named_by_its_bytes(tmp_path: Path) -> None:
    path = picture(tmp_path / "chest.png")
    (study,) = open_study(path)
    assert study.study_id == f"file-{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    assert study.images == (ImageRef(path, "chest.png", 0, View.UNKNOWN, "chest.png"),)
    assert (study.modality, study.description, study.patient.name) == ("PNG", "chest", "")


def test_a_folder_is_gathered_by_study_with_frontal_images_first(tmp_path: Path) -> None:
    dicom(tmp_path / "a" / "lat.dcm", "1.1", 1, ViewPosition="LL")
    dicom(tmp_path / "a" / "pa.dcm", "1.1", 2)
    dicom(tmp_path / "b" / "deep" / "other.dcm", "1.2")
    picture(tmp_path / "c.png")
    (tmp_path / "notes.txt").write_text("nothing")
    studies = {study.study_id[:4]: study for study in open_study(tmp_path)}
    assert set(studies) == {"1.1", "1.2", "file"}
    assert [image.view for image in studies["1.1"].images] == [View.PA, View.LATERAL]


def test_series_in_folders_side_by_side_are_one_study_given_once(tmp_path: Path) -> None:
    for series in ("s1", "s2"):
        dicom(tmp_path / "case" / series / "i.dcm", "1.1")
    dicom(tmp_path / "next" / "i.dcm", "1.2")
    found = list(scan(tmp_path))
    assert [len(study.images) for study in found if isinstance(study, Study)] == [2, 1]


def test_a_straggler_brings_its_study_again_whole(tmp_path: Path) -> None:
    dicom(tmp_path / "a" / "x" / "i.dcm", "1.1")
    dicom(tmp_path / "b" / "x" / "i.dcm", "1.2")
    dicom(tmp_path / "c" / "x" / "i.dcm", "1.1")
    counts = [
        (study.study_id, len(study.images)) for study in scan(tmp_path) if isinstance(study, Study)
    ]
    assert counts == [("1.1", 1), ("1.2", 1), ("1.1", 2)]
    assert {study.study_id: len(study.images) for study in open_study(tmp_path)} == {
        "1.1": 2,
        "1.2": 1,
    }


def test_image_keys_are_unique_and_copies_say_nothing_new(tmp_path: Path) -> None:
    first = dicom(tmp_path / "a.dcm", SOPInstanceUID="9.1")
    shutil.copy(first, tmp_path / "copy.dcm")
    dicom(tmp_path / "b.dcm", SOPInstanceUID="9.2")
    (study,) = open_study(tmp_path)
    assert [image.image_key for image in study.images] == ["9.1", "9.2"]


def test_indiana_names_are_grouped_and_no_others(tmp_path: Path) -> None:
    picture(tmp_path / "CXR1000_IM-0003-2001.png", 1)
    picture(tmp_path / "CXR1000_IM-0003-1001.png", 2)
    picture(tmp_path / "CXR1001_IM-0004-1001.png", 3)
    picture(tmp_path / "case-1.png", 4)
    picture(tmp_path / "case-2.png", 5)
    studies = {study.description: study for study in open_study(tmp_path)}
    assert set(studies) == {"CXR1000_IM-0003", "CXR1001_IM-0004", "case-1", "case-2"}
    pair = studies["CXR1000_IM-0003"]
    assert [image.image_key[-8:] for image in pair.images] == ["1001.png", "2001.png"]
    (alone,) = open_study(tmp_path / "CXR1000_IM-0003-1001.png")
    assert alone.study_id == pair.study_id


def test_the_same_picture_twice_is_two_rows(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png")
    assert len(open_study(tmp_path)) == 2


def test_one_bad_file_never_stops_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_text("a text file, named like an image")
    (tmp_path / "b.png").touch()
    picture(tmp_path / "c.png")
    (tmp_path / "d.csv").write_text("1,2,3")
    found = list(scan(tmp_path))
    assert [error.message[:8] for error in found if isinstance(error, StudyError)] == [
        "“a.dcm” ",
        "“b.png” ",
    ]
    assert len(open_study(tmp_path)) == 1


def test_scanning_stops_when_cancelled(tmp_path: Path) -> None:
    for number in range(5):
        dicom(tmp_path / str(number) / "x" / "i.dcm", f"1.{number}")
    seen: list[object] = []
    for found in scan(tmp_path, cancelled=lambda: len(seen) >= 2):
        seen.append(found)
    assert len(seen) == 2


def test_the_kind_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    disguised = tmp_path / "really-a-picture.dcm"
    Image.fromarray(GRAY).save(disguised, "PNG")
    np.testing.assert_array_equal(read(disguised).pixels, GRAY)
    hidden = dicom(tmp_path / "really-dicom.png")
    np.testing.assert_array_equal(read(hidden).pixels, RAMP)


def test_a_dicom_file_with_a_tiff_preamble_is_dicom(tmp_path: Path) -> None:
    data = data_set()
    data.preamble = b"II*\0" + b"\0" * 124
    np.testing.assert_array_equal(read(write(tmp_path / "both.dcm", data)).pixels, RAMP)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"just some text, long enough to be looked at" * 9, "neither a DICOM file nor"),
        (b"PK\x03\x04" + b"\0" * 60, "ZIP"),
    ],
)
def test_what_is_no_image_is_said_in_a_sentence(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "odd.dcm"
    path.write_bytes(content)
    for attempt in (open_study, read):
        with pytest.raises(StudyError, match=rf"“odd\.dcm”.*{why}"):
            attempt(path)


def test_a_missing_file_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no file “gone”"):
        open_study(tmp_path / "gone")
    with pytest.raises(StudyError, match="no image in"):
        open_study(tmp_path)


def test_a_report_alone_is_refused_by_what_it_is(tmp_path: Path) -> None:
    data = data_set(Rows=None, Columns=None, SOPClassUID=uid.BasicTextSRStorage)
    del data.PixelData
    with pytest.raises(StudyError, match="Basic Text SR"):
        open_study(write(tmp_path / "report.dcm", data))


def test_an_unreadable_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: str) -> Iterator[os.DirEntry[str]]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(StudyError, match=r"folder “.*” can't be read: access is denied"):
        open_study(tmp_path)


def test_an_unreadable_folder_below_does_not_stop_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "a" / "a.png")
    (tmp_path / "locked").mkdir()
    listed = os.scandir

    def some(path: Any) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", some)
    found = list(scan(tmp_path))
    (study,) = (item for item in found if isinstance(item, Study))
    (error,) = (item for item in found if isinstance(item, StudyError))
    assert study.images[0].path.name == "a.png"
    assert "locked" in error.message


def test_a_file_that_may_not_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture(tmp_path / "a.png")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(StudyError, match=r"“a\.png” can't be read: access is denied"):
        open_study(path)


def test_a_ct_opens_for_the_viewer_and_the_gate_refuses_it(tmp_path: Path) -> None:
    values = (RAMP.astype(np.int16) - 1024).astype(np.int16)
    for number in (2, 1):
        data = data_set(
            values,
            BitsStored=16,
            HighBit=15,
            Modality="CT",
            ViewPosition=None,
            RescaleIntercept="-1024",
            RescaleSlope="1",
            InstanceNumber=number,
        )
        write(tmp_path / f"{number}.dcm", data)
    (study,) = open_study(tmp_path)
    assert study.modality == "CT"
    assert [image.path.name for image in study.images] == ["1.dcm", "2.dcm"]
    radiograph = read(study.images[0])
    np.testing.assert_array_equal(radiograph.pixels, values)
    assert "computed tomography" in gate.reasons(radiograph)[0]


def test_a_film_says_how_many_frames_it_has_and_gives_each(tmp_path: Path) -> None:
    frames = np.stack([RAMP, RAMP // 2, RAMP // 3])
    write(tmp_path / "film.dcm", data_set(frames))
    (study,) = open_study(tmp_path)
    (image,) = study.images
    assert (image.frame, image.frames) == (0, 3)
    np.testing.assert_array_equal(read(image).pixels, frames[0])
    np.testing.assert_array_equal(read(image, 2).pixels, frames[2])


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless])
def test_one_frame_is_read_without_the_others(
    tmp_path: Path, syntax: uid.UID, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = np.random.default_rng(2).integers(0, 4096, (40, 128, 128)).astype(np.uint16)
    data = data_set(frames)
    if syntax.is_encapsulated:
        data.compress(syntax, generate_instance_uid=False)
    path = write(tmp_path / "film.dcm", data)
    taken = 0
    plain = dicom_file._Bounded.read

    def read_counted(file: Any, size: int = -1) -> bytes:
        nonlocal taken
        got = plain(file, size)
        taken += len(got)
        return got

    monkeypatch.setattr(dicom_file._Bounded, "read", read_counted)
    np.testing.assert_array_equal(read_dicom(path, 30).pixels, frames[30])
    assert taken < 4 * frames[0].nbytes


def test_what_is_worth_trying(tmp_path: Path) -> None:
    assert looks_like_image(Path("x.DCM"))
    assert looks_like_image(dicom(tmp_path / "IM0001"))
    assert not looks_like_image(tmp_path / "gone")
    (tmp_path / "notes.txt").write_text("notes")
    assert not looks_like_image(tmp_path / "notes.txt")


# DICOMDIR


def dicomdir(folder: Path, *files: list[str]) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = uid.MediaStorageDirectoryStorage
    meta.MediaStorageSOPInstanceUID = "1.9"
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.9"
    records = []
    for parts in files:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.add_new("ReferencedFileID", "CS", parts)
        records.append(record)
    patient = Dataset()
    patient.DirectoryRecordType = "PATIENT"
    data.DirectoryRecordSequence = Sequence([patient, *records])
    path = folder / "DICOMDIR"
    folder.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=False)
    return path


@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
def test_a_dicomdir_opens_the_files_it_names_whatever_their_case(tmp_path: Path) -> None:
    dicom(tmp_path / "DICOM" / "IM1")
    dicom(tmp_path / "dicom2" / "im2", "1.2")
    dicom(tmp_path / "DICOM" / "UNNAMED", "1.3")
    path = dicomdir(tmp_path, ["DICOM", "IM1"], ["DICOM2", "IM2"])
    assert [study.study_id for study in open_study(path)] == ["1.1", "1.2"]


@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
@pytest.mark.parametrize(
    "parts", [["..", "SECRET"], ["/etc", "passwd"], ["DISC", "..", "..", "SECRET"], ["../SECRET"]]
)
def test_a_dicomdir_never_leaves_its_folder(tmp_path: Path, parts: list[str]) -> None:
    dicom(tmp_path / "SECRET")
    path = dicomdir(tmp_path / "disc", parts)
    with pytest.raises(StudyError, match="outside its own folder"):
        open_study(path)


@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
def test_a_dicomdir_does_not_follow_a_link_out_of_its_folder(tmp_path: Path) -> None:
    dicom(tmp_path / "SECRET")
    path = dicomdir(tmp_path / "disc", ["LINK"])
    (tmp_path / "disc" / "LINK").symlink_to(tmp_path / "SECRET")
    with pytest.raises(StudyError, match="outside its own folder"):
        open_study(path)


@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
def test_a_missing_file_on_a_disc_does_not_stop_the_others(tmp_path: Path) -> None:
    dicom(tmp_path / "IM1")
    found = list(scan(dicomdir(tmp_path, ["GONE"], ["IM1"])))
    assert [type(item) for item in found] == [StudyError, Study]
    assert "GONE" in str(found[0])


@pytest.mark.shared
def test_the_shared_folders_open(shared_data: Path) -> None:
    studies = open_study(shared_data / "dicom")
    assert len({image.path for study in studies for image in study.images}) == 8
    indiana = open_study(shared_data / "iu-xray" / "images")
    assert sum(len(study.images) for study in indiana) == 29
    assert len(indiana) < 29


def test_a_stopped_search_keeps_what_it_has_found_in_the_folder(tmp_path: Path) -> None:
    for number in range(30):
        dicom(tmp_path / f"{number:02}.dcm", f"1.{number}")
    stopped: list[bool] = []
    found: list[Study] = []
    files = 0
    for item in scan_with_progress([tmp_path], lambda: bool(stopped)):
        if isinstance(item, Looked):
            files += item.files
            stopped.append(True)
        else:
            assert isinstance(item, Study)
            found.append(item)
    assert files == 8
    assert len(found) == 8
