"""Decoding DICOM: every syntax that can be made here, every lie that real files tell."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import RAMP, data_set, write
from PIL import Image
from pydicom import dcmwrite, uid
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from app.errors import StudyError
from app.imaging import lut
from app.imaging.dicom import read_dicom, read_header
from app.imaging.radiograph import Lut, Radiograph, View, Window

SMOOTH = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)


def roundtrip(tmp_path: Path, pixels: np.ndarray = RAMP, **tags: Any) -> Radiograph:
    return read_dicom(write(tmp_path / "image.dcm", data_set(pixels, **tags)))


# Transfer syntaxes


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.RLELossless,
        uid.JPEGLSLossless,
        uid.JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.name,
)
def test_a_lossless_syntax_gives_the_stored_values(tmp_path: Path, syntax: uid.UID) -> None:
    data = data_set()
    if syntax.is_compressed and syntax != uid.DeflatedExplicitVRLittleEndian:
        data.compress(syntax, generate_instance_uid=False)
    data.file_meta.TransferSyntaxUID = syntax
    if syntax == uid.ExplicitVRBigEndian:
        data.PixelData = RAMP.astype(">u2").tobytes()  # pydicom writes the words as they come
    path = tmp_path / "image.dcm"
    dcmwrite(path, data, enforce_file_format=True)
    radiograph = read_dicom(path)
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    assert radiograph.header.transfer_syntax == syntax.name
    assert radiograph.pixels.dtype.isnative


def encoded(kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    Image.fromarray(SMOOTH).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("syntax", "frame"),
    [
        (uid.JPEGBaseline8Bit, encoded("JPEG", quality=95)),
        (uid.JPEG2000, encoded("JPEG2000", irreversible=True, quality_layers=[4], no_jp2=True)),
    ],
    ids=["JPEG baseline", "JPEG 2000"],
)
def test_a_lossy_syntax_comes_close(tmp_path: Path, syntax: uid.UID, frame: bytes) -> None:
    data = data_set(SMOOTH)
    data.file_meta.TransferSyntaxUID = syntax
    data.PixelData = encapsulate([frame])
    data["PixelData"].is_undefined_length = True
    pixels = read_dicom(write(tmp_path / "image.dcm", data)).pixels
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - SMOOTH).max() <= 6


def test_near_lossless_jpeg_ls_comes_close(tmp_path: Path) -> None:
    data = data_set()
    data.compress(uid.JPEGLSNearLossless, jls_error=2, generate_instance_uid=False)
    pixels = read_dicom(write(tmp_path / "image.dcm", data)).pixels
    assert np.abs(pixels.astype(int) - RAMP).max() <= 2


def test_a_syntax_without_a_decoder_is_refused_by_name(tmp_path: Path) -> None:
    data = data_set()
    data.PixelData = encapsulate([b"\0" * 64])
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = uid.MPEG2MPML
    path = write(tmp_path / "film.dcm", data)
    with pytest.raises(StudyError, match=r"film\.dcm.*MPEG2"):
        read_dicom(path)


# Pixels


def test_signed_values_are_extended_from_their_stored_bits(tmp_path: Path) -> None:
    values = np.arange(-2048, 2048).reshape(64, 64).astype(np.int16)
    raw = (values.view(np.uint16) & 0x0FFF).astype(np.uint16)
    radiograph = roundtrip(tmp_path, raw, PixelRepresentation=1)
    assert radiograph.pixels.dtype == np.int16
    np.testing.assert_array_equal(radiograph.pixels, values)


def test_an_overlay_in_the_high_bits_is_masked(tmp_path: Path) -> None:
    data = data_set(RAMP | np.uint16(0x8000))
    data.add_new(0x60000100, "US", 16)
    data.add_new(0x60000102, "US", 15)
    radiograph = read_dicom(write(tmp_path / "image.dcm", data))
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    assert any("overlay" in note for note in radiograph.notes)


def test_values_beyond_the_declared_bits_are_believed(tmp_path: Path) -> None:
    radiograph = roundtrip(tmp_path, BitsStored=10, HighBit=9)
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    assert radiograph.header.bits_stored == 12
    assert any("10 bits" in note for note in radiograph.notes)


def test_a_high_bit_above_the_stored_bits_is_shifted_down(tmp_path: Path) -> None:
    radiograph = roundtrip(tmp_path, RAMP << 4, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(radiograph.pixels, RAMP)


def test_monochrome1_is_inverted_exactly_once(tmp_path: Path) -> None:
    plain = roundtrip(tmp_path / "2", WindowCenter=2048, WindowWidth=4096)
    turned = roundtrip(
        tmp_path / "1",
        PhotometricInterpretation="MONOCHROME1",
        PresentationLUTShape="INVERSE",
        WindowCenter=2048,
        WindowWidth=4096,
    )
    assert turned.inverted
    assert not turned.notes
    np.testing.assert_array_equal(
        lut.display_table(turned, turned.voi[0]), 255 - lut.display_table(plain, plain.voi[0])
    )
    assert plain.image_id != turned.image_id


@pytest.mark.parametrize(
    ("photometric", "shape"), [("MONOCHROME1", "IDENTITY"), ("MONOCHROME2", "INVERSE")]
)
def test_a_contradicting_presentation_lut_is_noted_and_ignored(
    tmp_path: Path, photometric: str, shape: str
) -> None:
    radiograph = roundtrip(
        tmp_path, PhotometricInterpretation=photometric, PresentationLUTShape=shape
    )
    assert radiograph.inverted == (photometric == "MONOCHROME1")
    assert any(shape in note for note in radiograph.notes)


def test_frames_are_read_one_at_a_time(tmp_path: Path) -> None:
    frames = np.stack([RAMP, RAMP // 2, RAMP // 3])
    path = write(tmp_path / "film.dcm", data_set(frames))
    third = read_dicom(path, frame=2)
    np.testing.assert_array_equal(third.pixels, RAMP // 3)
    assert (third.frame, third.frames) == (2, 3)
    with pytest.raises(StudyError, match="3 frames"):
        read_dicom(path, frame=3)


def test_colour_stays_colour_and_equal_channels_become_gray(tmp_path: Path) -> None:
    rgb = np.zeros((40, 40, 3), np.uint8)
    rgb[:20] = (200, 30, 30)
    assert roundtrip(tmp_path / "a", rgb).colour
    gray = roundtrip(tmp_path / "b", np.repeat(SMOOTH[..., None], 3, axis=2))
    np.testing.assert_array_equal(gray.pixels, SMOOTH)


def test_a_file_without_photometry_or_samples_still_opens(tmp_path: Path) -> None:
    radiograph = roundtrip(
        tmp_path, PhotometricInterpretation=None, SamplesPerPixel=None, PixelRepresentation=None
    )
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    assert any("MONOCHROME2" in note for note in radiograph.notes)


# Windows, tables, padding


def test_windows_keep_their_order_explanation_and_function(tmp_path: Path) -> None:
    radiograph = roundtrip(
        tmp_path,
        WindowCenter=[100, 200],
        WindowWidth=[50, 60],
        WindowCenterWidthExplanation=["SOFT", "BONE"],
        VOILUTFunction="SIGMOID",
    )
    assert radiograph.voi == (
        Window(100, 50, "SIGMOID", "SOFT"),
        Window(200, 60, "SIGMOID", "BONE"),
    )


@pytest.mark.parametrize("width", [0, -5])
def test_an_impossible_width_is_dropped_and_noted(tmp_path: Path, width: int) -> None:
    radiograph = roundtrip(tmp_path, WindowCenter=[1, 2], WindowWidth=[width, 10])
    assert [voi.width for voi in radiograph.voi if isinstance(voi, Window)] == [10]
    assert any("width" in note for note in radiograph.notes)


def lut_item(table: list[int], first: int, bits: int, descriptor_vr: str = "US") -> Sequence:
    item = Dataset()
    item.add_new("LUTDescriptor", descriptor_vr, [len(table), first, bits])
    item.add_new("LUTData", "US", table)
    item.LUTExplanation = "CURVE"
    return Sequence([item])


def test_voi_luts_come_before_windows(tmp_path: Path) -> None:
    radiograph = roundtrip(
        tmp_path,
        VOILUTSequence=lut_item([0, 100, 4095], 5, 12),
        WindowCenter=1,
        WindowWidth=2,
    )
    first, second = radiograph.voi
    assert isinstance(first, Lut)
    assert isinstance(second, Window)
    assert (first.first_value, first.bits, first.explanation) == (5, 12, "CURVE")
    assert first.table.tolist() == [0, 100, 4095]


def test_a_lut_that_lies_about_its_bits_is_corrected(tmp_path: Path) -> None:
    radiograph = roundtrip(tmp_path, VOILUTSequence=lut_item(list(range(0, 4096, 4)), 0, 16))
    first = radiograph.voi[0]
    assert isinstance(first, Lut)
    assert first.bits == 12
    assert any("16 bits" in note for note in radiograph.notes)


def test_a_damaged_lut_is_dropped_and_the_image_opens(tmp_path: Path) -> None:
    broken = Dataset()
    broken.LUTExplanation = "EMPTY"
    radiograph = roundtrip(tmp_path, VOILUTSequence=Sequence([broken]))
    assert radiograph.voi == ()
    assert any("VOI LUT" in note for note in radiograph.notes)
    assert lut.choices(radiograph)[0].explanation == "Auto"


def test_a_modality_lut_of_signed_pixels_starts_below_zero(tmp_path: Path) -> None:
    radiograph = roundtrip(
        tmp_path,
        RAMP.view(np.int16),
        ModalityLUTSequence=lut_item(list(range(100)), -50, 16, "SS"),
    )
    assert radiograph.modality_lut is not None
    assert radiograph.modality_lut.first_value == -50


def test_rescale_and_padding_are_taken_over(tmp_path: Path) -> None:
    radiograph = roundtrip(
        tmp_path,
        RescaleSlope="0.5",
        RescaleIntercept="-100",
        PixelPaddingValue=4095,
        PixelPaddingRangeLimit=3900,
    )
    assert (radiograph.slope, radiograph.intercept) == (0.5, -100)
    assert radiograph.padding == (3900, 4095)


@pytest.mark.parametrize(
    ("padding", "limit", "kept", "note"),
    [
        (0, None, (0, 0), ""),
        (5000, None, (5000, 5000), ""),
        (2000, None, None, "among the image's own values"),
        (2000, 2100, None, "among the image's own values"),
        (0, 4095, None, "Every pixel"),
    ],
)
def test_padding_that_would_pierce_the_image_is_not_believed(
    tmp_path: Path, padding: int, limit: int | None, kept: tuple[int, int] | None, note: str
) -> None:
    radiograph = roundtrip(tmp_path, PixelPaddingValue=padding, PixelPaddingRangeLimit=limit)
    assert radiograph.padding == kept
    assert [note in line for line in radiograph.notes] == ([True] if note else [])


def test_colour_has_no_padding(tmp_path: Path) -> None:
    rgb = np.zeros((40, 40, 3), np.uint8)
    rgb[:20] = (200, 30, 30)
    assert roundtrip(tmp_path, rgb, PixelPaddingValue=0).padding is None


def test_padding_of_signed_pixels_may_be_written_without_a_sign(tmp_path: Path) -> None:
    pixels = np.full((40, 40), -2000, np.int16)
    pixels[10:30] = 100
    data = data_set(pixels)
    data.add_new("PixelPaddingValue", "US", 65_536 - 2000)
    assert read_dicom(write(tmp_path / "image.dcm", data)).padding == (-2000, -2000)


# Words


@pytest.mark.parametrize(
    ("tags", "view"),
    [
        ({"ViewPosition": "PA"}, View.PA),
        ({"ViewPosition": "AP"}, View.AP),
        ({"ViewPosition": "LL"}, View.LATERAL),
        ({"ViewPosition": "LATERAL"}, View.LATERAL),
        ({"ViewPosition": "RAO"}, View.OTHER),
        ({"ViewPosition": "LLD"}, View.OTHER),
        ({"ViewPosition": None}, View.UNKNOWN),
        ({"ViewPosition": None, "SeriesDescription": "Chest PA erect"}, View.PA),
        ({"ViewPosition": None, "SeriesDescription": "W chest lat."}, View.LATERAL),
        ({"ViewPosition": None, "SeriesDescription": "Chest PA and lateral"}, View.UNKNOWN),
        ({"ViewPosition": None, "StudyDescription": "Chest PA"}, View.UNKNOWN),
        ({"ViewPosition": None, "SeriesDescription": "LAPAROTOMY PADS"}, View.UNKNOWN),
    ],
)
def test_the_view_is_read_with_care(tmp_path: Path, tags: dict[str, Any], view: View) -> None:
    assert read_header(write(tmp_path / "image.dcm", data_set(**tags)))[2] is view


def test_the_view_code_counts_when_no_position_is_given(tmp_path: Path) -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "272479007", "SCT"
    code.CodeMeaning = "postero-anterior"
    data = data_set(ViewPosition=None, ViewCodeSequence=Sequence([code]))
    assert read_header(write(tmp_path / "image.dcm", data))[2] is View.PA


@pytest.mark.parametrize(
    ("charset", "name", "shown"),
    [
        ("ISO_IR 100", "Müller^Jörg", "Müller, Jörg"),
        ("ISO_IR 192", "Zhang^San=张^三", "Zhang, San (张 三)"),
        ("GB18030", "张^三", "张, 三"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎", "Yamada, Tarou (山田 太郎)"),
        ("ISO_IR 100", "", ""),
    ],
)
def test_names_are_read_in_their_character_set(
    tmp_path: Path, charset: Any, name: str, shown: str
) -> None:
    data = data_set(SpecificCharacterSet=charset, PatientName=name)
    assert read_header(write(tmp_path / "image.dcm", data))[0].name == shown


def test_the_header_says_what_the_file_says(tmp_path: Path) -> None:
    patient, header, _ = read_header(write(tmp_path / "image.dcm"))
    assert patient.patient_id == "P1"
    assert (header.study_date, header.study_time) == ("20240102", "030405")
    assert (header.modality, header.body_part) == ("CR", "CHEST")
    assert header.study_instance_uid == "1.2.3"
    assert header.bits_stored == 12


@pytest.mark.parametrize(
    ("tags", "kind", "millimetres"),
    [
        ({"ImagerPixelSpacing": [0.2, 0.2]}, "detector plane", 0.2),
        ({"PixelSpacing": [0.2, 0.2]}, "detector plane", 0.2),
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.2, 0.2]}, "calibrated", 0.1),
        ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]}, "detector plane", 0.2),
        ({"PixelSpacing": [0.3, 0.3], "Modality": "CT"}, "calibrated", 0.3),
    ],
)
def test_a_length_is_called_what_it_is(
    tmp_path: Path, tags: dict[str, Any], kind: str, millimetres: float
) -> None:
    spacing = roundtrip(tmp_path, **tags).spacing
    assert spacing is not None
    assert (spacing.kind, spacing.row_mm) == (kind, millimetres)


def test_a_spacing_of_zero_is_ignored_and_noted(tmp_path: Path) -> None:
    radiograph = roundtrip(tmp_path, PixelSpacing=[0, 0])
    assert radiograph.spacing is None
    assert any("PixelSpacing" in note for note in radiograph.notes)


@pytest.mark.parametrize("orientation", ["L", ["X", "Y"], ["L", "F", "H"], ""])
def test_an_invalid_orientation_is_tolerated(tmp_path: Path, orientation: Any) -> None:
    assert roundtrip(tmp_path, PatientOrientation=orientation).header.patient_orientation == (
        "",
        "",
    )


# Real files


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "shape", "dtype", "syntax", "inverted"),
    [
        ("cr-chest-pa_jpeg-baseline", (1024, 1024), "uint8", "JPEG Baseline", False),
        ("cr-chest-pa_jpeg2000_monochrome1", (1955, 1841), "uint16", "JPEG 2000", True),
        ("cr-extremity_jpegls-lossless", (1760, 1760), "uint16", "JPEG-LS Lossless", True),
        ("cr-extremity_rle", (1760, 1760), "uint16", "RLE Lossless", True),
        ("dx-thorax_monochrome1_inverse", (169, 211), "uint8", "Explicit VR Little", True),
        ("modality-lut-sequence", (512, 512), "int16", "Explicit VR Little", False),
        ("ot_voi-lut-sequence", (512, 512), "uint8", "Explicit VR Little", False),
        ("xa_jpeg-lossless", (1024, 1024), "uint16", "JPEG Lossless", False),
    ],
)
def test_a_published_file_opens(
    shared_data: Path, name: str, shape: tuple[int, int], dtype: str, syntax: str, inverted: bool
) -> None:
    radiograph = read_dicom(shared_data / "dicom" / f"{name}.dcm")
    assert radiograph.pixels.shape == shape
    assert radiograph.pixels.dtype == dtype
    assert radiograph.header.transfer_syntax.startswith(syntax)
    assert radiograph.inverted is inverted
    shown = lut.render(radiograph.pixels, lut.display_table(radiograph, lut.choices(radiograph)[0]))
    assert shown.std() > 15
