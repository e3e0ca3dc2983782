"""What the loader hands over when a study is opened, and what it keeps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import uid
from pydicom.dataset import FileDataset, FileMetaDataset
from pytestqt.qtbot import QtBot
from stand_in import WAIT_MS

from app.imaging.radiograph import Patient
from app.imaging.study import open_study
from app.paths import resources
from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.ui.library import record_of
from app.ui.loader import LoadedStudy, LoaderWorker
from app.ui.viewer.area import ViewerArea


@pytest.fixture
def loader(qtbot: QtBot) -> Iterator[LoaderWorker]:
    made = LoaderWorker()
    made.start()
    yield made
    assert made.stop()


def read(qtbot: QtBot, loader: LoaderWorker, record: StudyRecord) -> list[LoadedStudy]:
    got: list[LoadedStudy] = []
    failed: list[Exception] = []
    loader.read(record, got.append, failed.append)
    qtbot.waitUntil(lambda: bool(failed) or (bool(got) and got[-1].finished), timeout=WAIT_MS)
    assert not failed
    return got


def large(folder: Path) -> Path:
    """A JPEG 2000 file that is large enough for a preview."""
    rows, columns = 2400, 2200
    y, x = np.mgrid[:rows, :columns]
    pixels = (x + y).astype(np.uint16)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = uid.DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    for keyword, value in {
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "SOPInstanceUID": "1.2.3",
        "StudyInstanceUID": "1.2",
        "Modality": "DX",
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 14,
        "HighBit": 13,
        "PixelRepresentation": 0,
    }.items():
        setattr(data, keyword, value)
    data.PixelData = pixels.tobytes()
    data["PixelData"].VR = "OW"
    data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    file = folder / "large.dcm"
    data.save_as(file, enforce_file_format=True)
    return file


def opened(path: Path) -> StudyRecord:
    return record_of(open_study(path)[0])


def test_the_first_image_comes_before_the_others(qtbot: QtBot, loader: LoaderWorker) -> None:
    got = read(qtbot, loader, opened(resources() / "synthetic"))
    assert [(len(loaded.images), loaded.finished) for loaded in got] == [(1, False), (2, True)]
    assert got[0].images[0] is got[1].images[0]
    assert got[0].pyramids[0] is got[1].pyramids[0]


def test_a_preview_comes_first_and_keeps_its_view_when_the_image_arrives(
    qtbot: QtBot, loader: LoaderWorker, tmp_path: Path
) -> None:
    small, first, whole = read(qtbot, loader, opened(large(tmp_path)))
    assert first.images == whole.images
    assert small.images[0].reduction > 1
    assert not small.finished
    assert whole.images[0].reduction == 1
    area = ViewerArea()
    qtbot.addWidget(area)
    area.resize(800, 700)
    area.show()
    qtbot.waitExposed(area)
    area.set_radiographs(small.images, small.pyramids)
    (pane,) = area.panes
    qtbot.waitUntil(lambda: pane.width() > 500)
    assert any("preview" in line for line in pane.corners().bottom_left)
    pane.rotate(1)
    pane.zoom_by(3)
    pane.adjust_window(40, 10)
    reduction = small.images[0].reduction
    x, y = pane.view_geometry.center
    voi = pane.windowing.voi
    area.set_radiographs(whole.images, whole.pyramids)  # the old pane is deleted soon after
    (full,) = area.panes
    qtbot.waitUntil(lambda: full.width() > 500)
    assert full.view_geometry.quarters == 1
    assert full.view_geometry.center == pytest.approx((x * reduction, y * reduction), rel=0.02)
    assert full.windowing.voi == voi
    assert not any("preview" in line for line in full.corners().bottom_left)


def test_a_study_that_was_read_is_there_at_once_until_its_file_changes(
    qtbot: QtBot, loader: LoaderWorker, picture: Callable[..., Path]
) -> None:
    file = picture("one")
    record = opened(file)
    first = read(qtbot, loader, record)[-1]
    assert read(qtbot, loader, record) == [first]
    Image.new("L", (80, 60), 100).save(file)
    os.utime(file, ns=(1, 1))
    changed = read(qtbot, loader, record)[-1]
    assert changed.images[0].width == 80


def test_what_was_prefetched_is_not_read_again(
    qtbot: QtBot,
    loader: LoaderWorker,
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = opened(picture("one"))
    loader.prefetch([record])
    qtbot.waitUntil(lambda: loader.idle, timeout=WAIT_MS)

    def never(*_: object) -> None:
        raise AssertionError("the file was read again")

    monkeypatch.setattr("app.imaging.study.read", never)
    assert len(read(qtbot, loader, record)) == 1


def test_a_prefetch_that_fails_says_nothing(qtbot: QtBot, loader: LoaderWorker) -> None:
    nowhere, now = "/nowhere/x.dcm", datetime.now(UTC)
    gone = StudyRecord("gone", Patient(), "", "", "", "", "", Status.NEW, nowhere, now)
    crashed: list[Exception] = []
    loader.crashed.connect(crashed.append)
    loader.prefetch([gone])
    qtbot.waitUntil(lambda: loader.idle, timeout=WAIT_MS)
    assert not crashed
