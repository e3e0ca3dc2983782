"""DICOM files joined with a table of reports by what their headers say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from app.errors import AppError
from app.training.corpora import Case, Corpus, ImportReport, read


def dicom_file(path: Path, **values: object) -> None:
    data = Dataset()
    data.SOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = f"1.2.{abs(hash(path.name)) % 10**9}"
    data.StudyInstanceUID, data.Modality, data.PatientID = "1.2.3", "DX", "P1"
    data.Rows = data.Columns = 4
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.SamplesPerPixel, data.PixelRepresentation = 7, 1, 0
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = np.arange(16, dtype=np.uint8).tobytes()
    for name, value in values.items():
        setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    dicom_file(
        tmp_path / "a" / "1",
        AccessionNumber="001",
        ViewPosition="PA",
        PatientAge="045Y",
        PatientSex="F",
    )
    dicom_file(tmp_path / "a" / "2", AccessionNumber="001", ViewPosition="LL")
    dicom_file(tmp_path / "b" / "3", AccessionNumber="002", StudyInstanceUID="1.2.4", PatientID="")
    dicom_file(tmp_path / "b" / "4", AccessionNumber="999")
    dicom_file(tmp_path / "b" / "5", AccessionNumber="")
    dicom_file(tmp_path / "b" / "6", AccessionNumber="001", Modality="CT")
    dicom_file(tmp_path / "b" / "7", AccessionNumber="001", NumberOfFrames=2, PixelData=bytes(32))
    dicom_file(tmp_path / "b" / "8", AccessionNumber="004")
    (tmp_path / "b" / "9").write_bytes(bytes(128) + b"DICM" + b"\x02\x00")
    (tmp_path / "reports.csv").write_text(
        "Accession;StudyUID;Text\n001;1.2.3;FINDINGS: Stable cardiomegaly.\n"
        "002;1.2.4;FINDINGS: No effusion.\n003;1.2.5;Clear lungs.\n004;1.2.6;Recommend CT.\n"
        ";;Clear lungs.\n001;1.2.3;Small effusion.\n"
    )
    return tmp_path


def taken(folder: Path, **options: object) -> tuple[list[Case], ImportReport]:
    columns = {"key": "Accession", "report": "Text"}
    return read(Corpus("ward", "dicom", folder, {"columns": columns, **options}))


def test_reports_join_frontal_images_and_every_loss_is_counted(archive: Path) -> None:
    cases, report = taken(archive)
    first, second = cases
    assert first.report == "Cardiomegaly."
    assert (first.view, first.age, first.sex) == ("PA", 45.0, "F")
    assert second.report == "No effusion."
    assert second.view == ""
    assert first.group != second.group
    assert report.taken == 2
    left = dict(report.left_out)
    damaged = left.pop("file can't be read", 0) + left.pop("file holds no image", 0)
    assert damaged == 1
    assert left == {
        "view is lateral": 1,
        "image without a report": 1,
        "image without an accession number": 1,
        "modality CT": 1,
        "more than one frame": 1,
        "no sentence left of the report": 1,
        "report without an image that can be used": 1,
        "report without a key": 1,
        "second report for one key": 1,
    }


def test_by_study_uid(archive: Path) -> None:
    cases, _ = taken(archive, key="study", columns={"key": "StudyUID", "report": "Text"})
    # All files but the lateral one, those of other kinds and the damaged one are of the two
    # studies.
    assert {case.report for case in cases} == {"Cardiomegaly.", "No effusion."}


def test_identifiers_become_pseudonyms(archive: Path) -> None:
    for case in taken(archive)[0]:
        assert case.group.startswith("ward-")
        assert "P1" not in case.group
        assert "1.2" not in case.study


def test_mistakes_are_named(archive: Path) -> None:
    with pytest.raises(AppError, match="none of the images"):
        taken(archive, columns={"key": "StudyUID", "report": "Text"})
    with pytest.raises(AppError, match="key = 'name' is unknown"):
        taken(archive, key="name")
    with pytest.raises(AppError, match="no column with reports"):
        taken(archive, columns={"key": "Accession"})
    with pytest.raises(AppError, match="no column 'key'"):
        taken(archive, columns={})


def test_without_pydicom_it_says_what_to_install(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "app.imaging.dicom", None)
    with pytest.raises(AppError, match="needs pydicom"):
        taken(archive)


def test_links_out_of_the_folder_are_left_out(archive: Path) -> None:
    outside = archive.parent / "outside"
    dicom_file(outside / "x", AccessionNumber="002")
    (archive / "b" / "link").symlink_to(outside / "x")
    cases, report = taken(archive)
    assert len(cases) == 2
    assert report.left_out["link that leads outside the folder"] == 1
