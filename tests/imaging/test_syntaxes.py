"""Every transfer syntax that radiographs are sent in, every way to wrap one; refusals by name."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import FRAMES, SHAPES, data_set, encapsulated, write
from PIL import Image
from pydicom import dcmwrite, uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.sequence import Sequence

from app.errors import StudyError
from app.imaging import dicom_file
from app.imaging.codecs import SYNTAXES
from app.imaging.dicom import describe, read_dicom
from app.imaging.preview import read_preview

GRAY = (SHAPES >> 4).astype(np.uint8)


def frame(name: str) -> bytes:
    return (FRAMES / name).read_bytes()


def picture(kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    Image.fromarray(GRAY).save(buffer, kind, **options)
    return buffer.getvalue()


def compressed(syntax: uid.UID, pixels: np.ndarray = SHAPES, **options: Any) -> FileDataset:
    data = data_set(pixels)
    data.compress(syntax, generate_instance_uid=False, **options)
    return data


def renamed(path: Path, data: FileDataset, said: str) -> Path:
    """Save ``data`` under the name of another syntax, which the writer would refuse."""
    true, path = data.file_meta.TransferSyntaxUID, write(path, data)
    old, new = (
        b"\2\0\x10\0UI"
        + struct.pack("<H", len(name) + len(name) % 2)
        + name
        + b"\0" * (len(name) % 2)
        for name in (true.encode(), said.encode())
    )
    raw = path.read_bytes()
    assert raw.count(old) == 1
    path.write_bytes(raw.replace(old, new))
    return path


def furthest(path: Path, pixels: np.ndarray = SHAPES) -> int:
    shown = read_dicom(path).pixels
    assert shown.shape == pixels.shape
    return int(np.abs(shown.astype(int) - pixels.astype(int)).max())


# Transfer syntaxes


@pytest.mark.parametrize(
    ("syntax", "name", "error"),
    [
        (uid.JPEGExtended12Bit, "extended-12-bit.jpg", 2),
        (uid.JPEGLossless, "lossless-process-14.jpg", 0),
        (uid.JPEGLosslessSV1, "lossless-sv1.jpg", 0),
        (uid.HTJ2KLossless, "htj2k-lossless.j2c", 0),
        (uid.HTJ2KLosslessRPCL, "htj2k-lossless.j2c", 0),
        (uid.HTJ2K, "htj2k-lossy.j2c", 2),
    ],
    ids=lambda value: value.name if isinstance(value, uid.UID) else "",
)
def test_twelve_bits_come_out_of_jpeg_and_htj2k(
    tmp_path: Path, syntax: uid.UID, name: str, error: int
) -> None:
    path = write(tmp_path / "image.dcm", encapsulated(syntax, frame(name)))
    assert furthest(path) <= error
    radiograph = read_dicom(path)
    assert radiograph.header.transfer_syntax == syntax.name
    assert not radiograph.notes


@pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit])
def test_eight_bits_come_out_of_baseline_and_of_extended_process_2(
    tmp_path: Path, syntax: uid.UID
) -> None:
    data = encapsulated(syntax, picture("JPEG", quality=97), GRAY)
    assert furthest(write(tmp_path / "image.dcm", data), GRAY) <= 4


@pytest.mark.parametrize(
    "syntax",
    [uid.JPEG2000Lossless, uid.JPEG2000, uid.JPEG2000MCLossless, uid.JPEG2000MC],
    ids=lambda syntax: syntax.name,
)
def test_jpeg_2000_of_both_parts(tmp_path: Path, syntax: uid.UID) -> None:
    stream = next(generate_frames(compressed(uid.JPEG2000Lossless).PixelData, number_of_frames=1))
    assert furthest(write(tmp_path / "image.dcm", encapsulated(syntax, stream))) == 0


@pytest.mark.parametrize("syntax", [uid.HTJ2KLossless, uid.HTJ2K])
def test_htj2k_has_previews(tmp_path: Path, syntax: uid.UID) -> None:
    name = "htj2k-lossless.j2c" if syntax == uid.HTJ2KLossless else "htj2k-lossy.j2c"
    small = read_preview(write(tmp_path / "a.dcm", encapsulated(syntax, frame(name))), longest=50)
    assert small is not None
    assert small.pixels.shape == (44, 38)
    assert abs(float(small.pixels.mean()) - float(SHAPES.mean())) < 20


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.RLELossless, uid.JPEG2000Lossless])
def test_all_sixteen_bits_and_both_signs_come_back(
    tmp_path: Path, syntax: uid.UID, signed: bool
) -> None:
    values = (SHAPES.astype(np.int32) * 15).astype(np.uint16)
    pixels = (values.astype(np.int32) - 32_768).astype(np.int16) if signed else values
    data = data_set(pixels, BitsStored=16, HighBit=15)
    data.compress(syntax, generate_instance_uid=False)
    assert furthest(write(tmp_path / "image.dcm", data), pixels) == 0


def test_the_doctor_names_every_compressed_syntax_that_is_read() -> None:
    assert {syntax.name for syntax in SYNTAXES.values()} >= {
        uid.HTJ2K.name,
        uid.JPEGExtended12Bit.name,
        uid.JPEGLossless.name,
    }


# How a compressed image is wrapped


def films(syntax: uid.UID = uid.RLELossless) -> tuple[np.ndarray, list[bytes], FileDataset]:
    frames = np.stack([SHAPES, SHAPES // 2, SHAPES // 3])
    data = compressed(syntax, frames)
    return frames, list(generate_frames(data.PixelData, number_of_frames=3)), data


@pytest.mark.parametrize(("table", "parts"), [(True, 1), (True, 3), (False, 1)])
def test_frames_are_found_with_and_without_an_offset_table(
    tmp_path: Path, table: bool, parts: int
) -> None:
    frames, streams, data = films()
    data.PixelData = encapsulate(streams, fragments_per_frame=parts, has_bot=table)
    path = write(tmp_path / "film.dcm", data)
    for number in range(3):
        np.testing.assert_array_equal(read_dicom(path, number).pixels, frames[number])


def test_frames_are_found_with_an_extended_offset_table(tmp_path: Path) -> None:
    frames, streams, data = films(uid.JPEG2000Lossless)
    encoded = encapsulate_extended(streams)
    data.PixelData, data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = encoded
    path = write(tmp_path / "film.dcm", data)
    np.testing.assert_array_equal(read_dicom(path, 1).pixels, frames[1])


@pytest.mark.parametrize("table", [True, False])
def test_a_single_image_may_lie_in_several_fragments(tmp_path: Path, table: bool) -> None:
    stream = next(generate_frames(compressed(uid.JPEG2000Lossless).PixelData, number_of_frames=1))
    data = encapsulated(uid.JPEG2000Lossless, stream)
    data.PixelData = encapsulate([stream], fragments_per_frame=4, has_bot=table)
    assert furthest(write(tmp_path / "image.dcm", data)) == 0


def test_a_compressed_image_without_an_end_marker_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "image.dcm", encapsulated(uid.JPEGLosslessSV1, frame("lossless-sv1.jpg"))
    )
    raw = path.read_bytes()
    assert raw.endswith(b"\xfe\xff\xdd\xe0\0\0\0\0")
    path.write_bytes(raw[:-8])
    assert furthest(path) == 0


# What a file leaves out or adds


def bare(
    path: Path, syntax: str | None, *, preamble: bool, group_length: int | None = None
) -> Path:
    """A file with a meta header that says only the syntax, or nothing."""
    data = data_set(SHAPES)
    buffer = BytesIO()
    implicit = syntax == uid.ImplicitVRLittleEndian
    big = syntax == uid.ExplicitVRBigEndian
    if big:  # pydicom writes the words as they come
        data.PixelData = np.frombuffer(data.PixelData, "<u2").byteswap().tobytes()
    del data.file_meta
    data.preamble = None
    dcmwrite(buffer, data, implicit_vr=implicit, little_endian=not big, enforce_file_format=False)
    meta = b""
    if syntax is not None:
        value = syntax.encode() + b"\0" * (len(syntax) % 2)
        meta = b"\2\0\x10\0UI" + struct.pack("<H", len(value)) + value
    if group_length is not None:
        meta = b"\2\0\0\0UL\4\0" + struct.pack("<I", group_length) + meta
    path.write_bytes((b"\0" * 128 + b"DICM" if preamble else b"") + meta + buffer.getvalue())
    return path


@pytest.mark.parametrize("preamble", [True, False])
@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian],
    ids=lambda syntax: syntax.name,
)
def test_the_plain_syntaxes_with_and_without_a_preamble(
    tmp_path: Path, syntax: uid.UID, preamble: bool
) -> None:
    assert furthest(bare(tmp_path / "image", syntax, preamble=preamble)) == 0


@pytest.mark.parametrize("preamble", [True, False])
def test_a_file_that_names_no_syntax_is_looked_at(tmp_path: Path, preamble: bool) -> None:
    path = bare(tmp_path / "image", None, preamble=preamble)
    assert furthest(path) == 0
    assert describe(path).header.transfer_syntax == uid.ExplicitVRLittleEndian.name


@pytest.mark.parametrize("length", [0, 4, 10_000])
def test_a_wrong_group_length_is_no_obstacle(tmp_path: Path, length: int) -> None:
    path = bare(tmp_path / "i", uid.ExplicitVRLittleEndian, preamble=True, group_length=length)
    assert furthest(path) == 0


def test_group_lengths_of_old_and_bytes_behind_the_image_are_ignored(tmp_path: Path) -> None:
    data = data_set(SHAPES)
    data.add_new(0x00080000, "UL", 9)
    data.add_new(0x00280000, "UL", 99_999)
    data.add_new(0xFFFCFFFC, "OB", b"\0" * 5_000)
    path = write(tmp_path / "image.dcm", data)
    path.write_bytes(path.read_bytes() + b"\0" * 777)
    assert furthest(path) == 0


def test_an_odd_number_of_pixels_is_read_with_and_without_its_padding(tmp_path: Path) -> None:
    odd = GRAY[:51, :33]
    path = write(tmp_path / "image.dcm", data_set(odd))
    assert furthest(path, odd) == 0
    path.write_bytes(path.read_bytes().removesuffix(b"\0"))
    assert furthest(path, odd) == 0
    data = data_set(odd)
    data.compress(uid.RLELossless, generate_instance_uid=False, encoding_plugin="pydicom")
    assert furthest(write(tmp_path / "rle.dcm", data), odd) == 0


def test_a_deflated_file_is_unpacked_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = data_set(SHAPES)
    data.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    path = write(tmp_path / "small.dcm", data)
    assert furthest(path) == 0
    assert read_dicom(path).header.transfer_syntax == uid.DeflatedExplicitVRLittleEndian.name
    monkeypatch.setattr(dicom_file, "MAX_INFLATED", 5_000)
    with pytest.raises(StudyError, match=r"“small\.dcm” unpacks to more than"):
        read_dicom(path)


def test_a_deflated_file_with_bytes_behind_its_end_is_read(tmp_path: Path) -> None:
    data = data_set(SHAPES)
    data.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    path = write(tmp_path / "image.dcm", data)
    path.write_bytes(path.read_bytes() + zlib.compress(b"more"))
    assert furthest(path) == 0


# Files that are stored otherwise than they say


@pytest.mark.parametrize(
    ("declared", "stream"),
    [
        (uid.ExplicitVRLittleEndian, "htj2k-lossless.j2c"),
        (uid.JPEG2000Lossless, "lossless-sv1.jpg"),
        (uid.JPEGLSLossless, "htj2k-lossless.j2c"),
        (uid.RLELossless, "lossless-process-14.jpg"),
    ],
)
def test_a_wrongly_named_compression_is_found_out(
    tmp_path: Path, declared: uid.UID, stream: str
) -> None:
    data = encapsulated(uid.JPEGLosslessSV1, frame(stream))
    path = renamed(tmp_path / "image.dcm", data, declared)
    assert furthest(path) == 0
    assert any(declared.name in note for note in read_dicom(path).notes)


def test_pixels_that_are_plain_under_the_name_of_a_compression_are_read(tmp_path: Path) -> None:
    path = renamed(tmp_path / "image.dcm", data_set(SHAPES), uid.RLELossless)
    assert furthest(path) == 0
    assert any("RLE" in note for note in read_dicom(path).notes)


# What can't be shown is refused by its name


@pytest.mark.parametrize(
    ("syntax", "said"),
    [
        (uid.MPEG2MPML, r"is a film \(MPEG2 Main Profile"),
        (uid.MPEG4HP41, r"is a film \(MPEG-4 AVC"),
        (uid.HEVCMP51, r"is a film \(HEVC"),
        (uid.UID("1.2.840.10008.1.2.4.51.9"), "transfer syntax that is not known here"),
        (uid.UID("1.3.46.670589.33.1.4.1"), r"not known here \(1\.3\.46\.670589\.33\.1\.4\.1\)"),
        (uid.UID("1.2.840.10008.1.2.4.52"), "JPEG Extended .Process 3 and 5"),
        (uid.UID("1.2.840.10008.1.2.4.110"), "JPEG XL"),
    ],
    ids=lambda value: str(value) if isinstance(value, uid.UID) else "",
)
def test_a_syntax_that_is_not_read_is_named(tmp_path: Path, syntax: uid.UID, said: str) -> None:
    data = encapsulated(uid.JPEG2000, b"\0" * 64)
    path = renamed(tmp_path / "image.dcm", data, syntax)
    with pytest.raises(StudyError, match=said) as caught:
        read_dicom(path)
    assert "“image.dcm”" in caught.value.message
    assert caught.value.hint


def test_an_image_on_a_server_is_named_as_one(tmp_path: Path) -> None:
    data = data_set(SHAPES)
    del data.PixelData
    data.file_meta.TransferSyntaxUID = uid.UID("1.2.840.10008.1.2.4.94")
    data.add_new(0x00287FE0, "UR", "http://server/image")
    with pytest.raises(StudyError, match=r"JPIP Referenced.* lies on a server"):
        read_dicom(write(tmp_path / "image.dcm", data))


@pytest.mark.parametrize(
    ("sop_class", "said"),
    [
        (uid.EncapsulatedPDFStorage, "Encapsulated PDF"),
        (uid.BasicTextSRStorage, "Basic Text SR"),
        (uid.GrayscaleSoftcopyPresentationStateStorage, "Grayscale Softcopy Presentation State"),
        (uid.UID("1.2.3.4"), "1.2.3.4"),
    ],
)
def test_an_object_without_an_image_is_named(tmp_path: Path, sop_class: uid.UID, said: str) -> None:
    data = data_set(Rows=None, Columns=None, SOPClassUID=sop_class)
    del data.PixelData
    data.EncapsulatedDocument = b"%PDF"
    item = Dataset()
    item.Rows = 5
    data.ReferencedImageSequence = Sequence([item])
    with pytest.raises(StudyError, match=f"holds no image .{said}"):
        read_dicom(write(tmp_path / "object.dcm", data))
