"""Files that are not what they say: refused with one clear sentence, or read as far as they go."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from dicom_files import FRAMES, RAMP, SHAPES, data_set, encapsulated, write
from pydicom import uid
from pydicom.encaps import encapsulate, generate_frames

from app.errors import StudyError
from app.imaging.dicom import read_dicom, read_header
from app.imaging.radiograph import View

SMOOTH = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)


def test_zero_bytes_text_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.dcm", tmp_path / "text.dcm"
    empty.touch()
    text.write_text("This is not DICOM, however it is called. " * 20)
    with pytest.raises(StudyError, match=r"empty\.dcm.*0 bytes"):
        read_dicom(empty)
    with pytest.raises(StudyError, match=r"text\.dcm.*not a DICOM file"):
        read_dicom(text)
    with pytest.raises(StudyError, match=r"no file “gone\.dcm”"):
        read_dicom(tmp_path / "gone.dcm")


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("part", [0.97, 0.6, 0.1, 0.05])
def test_a_truncated_file_is_a_clear_error(tmp_path: Path, compressed: bool, part: float) -> None:
    noise = np.random.default_rng(0).integers(0, 4096, (96, 96)).astype(np.uint16)
    data = data_set(noise)
    if compressed:
        data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    path = write(tmp_path / "cut.dcm", data)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(StudyError, match=r"“cut\.dcm”.*(truncated|incomplete|ends)"):
        read_dicom(path)


def test_a_truncated_image_names_its_syntax(tmp_path: Path) -> None:
    path = write(tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(StudyError, match="Explicit VR Little Endian"):
        read_dicom(path)


def test_a_file_without_pixels_says_so(tmp_path: Path) -> None:
    data = data_set()
    del data.PixelData
    with pytest.raises(StudyError, match=r"“bare\.dcm”.*no pixels"):
        read_dicom(write(tmp_path / "bare.dcm", data))


def test_a_report_is_named_as_what_it_is(tmp_path: Path) -> None:
    data = data_set(Rows=None, Columns=None, SOPClassUID=uid.BasicTextSRStorage)
    del data.PixelData
    with pytest.raises(StudyError, match="Basic Text SR"):
        read_dicom(write(tmp_path / "report.dcm", data))


def test_the_size_is_judged_before_decoding(tmp_path: Path) -> None:
    data = data_set(Rows=20_000, Columns=20_000)
    data.PixelData = b"\0\0"
    with pytest.raises(StudyError, match="20,000 × 20,000") as caught:
        read_dicom(write(tmp_path / "huge.dcm", data))
    assert "16,384" in str(caught.value)
    assert "100 megapixels" in str(caught.value)


def test_garbage_instead_of_a_code_stream_is_a_clear_error(tmp_path: Path) -> None:
    data = data_set()
    data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    data.PixelData = encapsulate([b"\x12\x34" * 200])
    data["PixelData"].is_undefined_length = True
    with pytest.raises(StudyError, match=r"“noise\.dcm”.*JPEG 2000"):
        read_dicom(write(tmp_path / "noise.dcm", data))


@pytest.mark.parametrize("implicit", [True, False])
def test_a_file_without_preamble_opens_when_it_is_plausibly_dicom(
    tmp_path: Path, implicit: bool
) -> None:
    data = data_set()
    data.file_meta = type(data.file_meta)()
    path = tmp_path / "bare"
    data.save_as(path, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
    raw = path.read_bytes()
    path.write_bytes(raw[132:] if raw[128:132] == b"DICM" else raw)
    np.testing.assert_array_equal(read_dicom(path).pixels, RAMP)


def test_unreadable_values_are_left_out_quietly(tmp_path: Path) -> None:
    """Run apart, because what a library writes to stderr can only be seen from outside."""
    path = write(tmp_path / "odd.dcm", data_set(WindowCenter=1, WindowWidth=2))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"20240102", b"yesterda").replace(b"ISO_IR 192", b"KLINGON   "))
    code = (
        "from app.imaging.dicom import read_dicom; from pathlib import Path; import sys;"
        "print(read_dicom(Path(sys.argv[1])).pixels.shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "(80, 72)"
    assert done.stderr == ""


def test_an_element_of_an_unknown_kind_counts_as_absent(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.dcm")
    path.write_bytes(path.read_bytes().replace(b"\x10\0\x20\0LO", b"\x10\0\x20\0ZZ"))
    patient, _, view = read_header(path)
    assert patient.patient_id == ""
    assert view is View.PA


@pytest.mark.parametrize("cut", [60, 200])
def test_a_damaged_code_stream_never_ends_the_program(tmp_path: Path, cut: int) -> None:
    """The decoder that pydicom would choose first aborts the whole process on this stream."""
    data = data_set()
    data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    frame = bytearray(next(generate_frames(data.PixelData, number_of_frames=1)))
    frame[20 : 20 + cut // 2] = b"\xff\x90" * (cut // 4)
    data.PixelData = encapsulate([bytes(frame)])
    with pytest.raises(StudyError, match="JPEG 2000"):
        read_dicom(write(tmp_path / "image.dcm", data))


def test_a_frame_of_another_size_than_its_file_says_is_refused_undecoded(tmp_path: Path) -> None:
    frame = (FRAMES / "lossless-sv1.jpg").read_bytes()
    data = encapsulated(uid.JPEGLosslessSV1, frame, Rows=89)
    with pytest.raises(StudyError, match=r"“image\.dcm” is damaged.*JPEG Lossless") as caught:
        read_dicom(write(tmp_path / "image.dcm", data))
    assert "89" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xff\xda", b"\0\0\0\0\0\0\0\0\xff\xda"),  # GDCM ends the process on this one
        (b"\xff\xc4", b"\xff\xc8"),
        (b"\xff\xc4\0\x16\0", b"\xff\xc4\0\x16\xff"),
    ],
)
def test_a_jpeg_header_out_of_order_never_reaches_the_decoder(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    frame = (FRAMES / "lossless-sv1.jpg").read_bytes()
    assert before in frame
    data = encapsulated(uid.JPEGLosslessSV1, frame.replace(before, after, 1))
    with pytest.raises(StudyError, match="JPEG Lossless"):
        read_dicom(write(tmp_path / "image.dcm", data))


def test_a_large_image_of_next_to_nothing_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    data = data_set(SHAPES)
    data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    frame = bytearray(next(generate_frames(data.PixelData, number_of_frames=1)))
    size = struct.pack(">II", 8_000, 12_000)
    frame[8:16] = frame[24:32] = size
    data = encapsulated(uid.JPEG2000Lossless, bytes(frame), Rows=12_000, Columns=8_000)
    with pytest.raises(StudyError, match="JPEG 2000") as caught:
        read_dicom(write(tmp_path / "image.dcm", data))
    assert "bytes for 12000 × 8000" in str(caught.value.__cause__)


def test_no_more_memory_is_reserved_than_a_file_has_bytes(tmp_path: Path) -> None:
    """An element that declares four gigabytes: asking for them would fail on most machines."""
    path = write(tmp_path / "long.dcm", data_set(ImageComments="x" * 50))
    raw = path.read_bytes()
    at = raw.index(b"\x20\0\0\x40LT")
    declared = b"\x20\0\0\x40UT\0\0" + struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(raw[:at] + declared + raw[at + 8 :])
    with pytest.raises(StudyError, match=r"“long\.dcm”"):
        read_dicom(path)
    assert read_header(path)[0].patient_id == "P1"
