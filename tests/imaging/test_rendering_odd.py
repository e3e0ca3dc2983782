"""Files that are odd, or plain wrong, in what they say about their gray values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from dicom_files import RAMP, data_set, write
from highdicom.content import LUT
from highdicom.pixels import apply_lut
from pydicom import dcmread, dcmwrite, uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from rendering_cases import Table, lut_item

from app.imaging import lut
from app.imaging.dicom import read_dicom
from app.imaging.radiograph import Lut, Radiograph, Window

CURVE = np.rint(4095 * np.linspace(0, 1, 2001) ** 2).astype(np.uint16)


def opened(tmp_path: Path, data: FileDataset) -> Radiograph:
    return read_dicom(write(tmp_path / "odd.dcm", data))


def table_of(radiograph: Radiograph) -> Lut:
    (found,) = radiograph.voi
    assert isinstance(found, Lut)
    return found


def with_lut(item: Dataset, pixels: np.ndarray = RAMP, **tags: Any) -> FileDataset:
    return data_set(pixels, VOILUTSequence=Sequence([item]), **tags)


# Bits


@pytest.mark.parametrize(("stored", "high"), [(12, 11), (12, 15), (12, 13), (10, 12), (15, 14)])
@pytest.mark.parametrize("signed", [False, True])
def test_the_stored_bits_count_wherever_they_lie(
    tmp_path: Path, stored: int, high: int, signed: bool
) -> None:
    low = -(1 << (stored - 1)) if signed else 0
    values = np.linspace(low, low + (1 << stored) - 1, 64 * 64).astype(np.int64).reshape(64, 64)
    words = (values & ((1 << stored) - 1)) << (high + 1 - stored)
    data = data_set(
        words.astype(np.uint16), BitsStored=stored, HighBit=high, PixelRepresentation=int(signed)
    )
    radiograph = opened(tmp_path, data)
    np.testing.assert_array_equal(radiograph.pixels, values)
    assert radiograph.header.bits_stored == stored
    assert not radiograph.notes


def test_signed_values_beyond_their_bits_are_believed(tmp_path: Path) -> None:
    values = np.linspace(-9000, 9000, 64 * 64).astype(np.int16).reshape(64, 64)
    radiograph = opened(tmp_path, data_set(values, BitsStored=12, HighBit=11))
    np.testing.assert_array_equal(radiograph.pixels, values)
    assert radiograph.notes == ("The file declares 12 bits, but its values need 15.",)
    assert radiograph.header.bits_stored == 15


# Tables


@pytest.mark.parametrize("vr", ["US", "SS"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("first", [-500, 0, 700])
def test_the_first_input_is_right_whatever_its_vr(
    tmp_path: Path, vr: str, signed: bool, first: int
) -> None:
    item = lut_item(Table(CURVE, first, 12), "US")
    written = first & 0xFFFF if vr == "US" else first
    item.add_new("LUTDescriptor", vr, [len(CURVE), written, 12])
    pixels = RAMP.astype(np.int16) - 1000 if signed else RAMP
    radiograph = opened(tmp_path, with_lut(item, pixels))
    assert table_of(radiograph).first_value == first
    shown = lut.render(radiograph.pixels, lut.display_table(radiograph, radiograph.voi[0]))
    inputs = np.clip(pixels.astype(int) - first, 0, len(CURVE) - 1)
    assert np.abs(shown - CURVE[inputs] / 4095 * 255).max() <= 0.5


def test_a_high_first_input_of_unsigned_pixels_stays_high(tmp_path: Path) -> None:
    item = lut_item(Table(CURVE, 40_000, 12), "US")
    radiograph = opened(tmp_path, with_lut(item, BitsStored=16, HighBit=15))
    assert table_of(radiograph).first_value == 40_000


def test_no_entries_are_65536_entries(tmp_path: Path) -> None:
    entries = np.arange(65_536, dtype=np.uint16)[::-1].copy()
    pixels = np.linspace(0, 65_535, 64 * 64).astype(np.uint16).reshape(64, 64)
    item = lut_item(Table(entries[:2], 0, 16), "OW")
    item.LUTDescriptor = [0, 0, 16]
    item.LUTData = entries.tobytes()
    radiograph = opened(tmp_path, with_lut(item, pixels, BitsStored=16, HighBit=15))
    assert len(table_of(radiograph).table) == 65_536
    shown = lut.render(pixels, lut.display_table(radiograph, radiograph.voi[0]))
    assert np.abs(shown - (255 - pixels / 65_535 * 255)).max() <= 0.51


@pytest.mark.parametrize("entries", [256, 255, 101])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("vr", ["OW", "US"])
def test_eight_bit_entries_are_read_from_words_and_from_bytes(
    tmp_path: Path, entries: int, packed: bool, vr: str
) -> None:
    curve = np.rint(255 * np.linspace(0, 1, entries) ** 0.5).astype(np.uint8)
    data = curve.tobytes() + b"\0" * (entries % 2) if packed else curve.astype("<u2").tobytes()
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [entries, 20, 8])
    item.add_new("LUTData", vr, data if vr == "OW" else np.frombuffer(data, "<u2").tolist())
    radiograph = opened(tmp_path, with_lut(item, (RAMP % 256).astype(np.uint8)))
    np.testing.assert_array_equal(table_of(radiograph).table, curve)
    assert not radiograph.notes


@pytest.mark.parametrize("bits", [8, 12])
def test_a_big_endian_files_words_are_turned(tmp_path: Path, bits: int) -> None:
    curve = CURVE if bits == 12 else (CURVE[::20] >> 4).astype(np.uint16)
    item = lut_item(Table(curve, 0, bits), "OW")
    data = with_lut(item, RAMP.astype(">u2"))
    item.LUTData = np.frombuffer(item.LUTData, "<u2").astype(">u2").tobytes()
    data.PixelData = RAMP.astype(">u2").tobytes()
    data.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
    path = tmp_path / "big.dcm"
    dcmwrite(path, data, enforce_file_format=True)
    radiograph = read_dicom(path)
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    np.testing.assert_array_equal(table_of(radiograph).table, curve)


@pytest.mark.parametrize(
    ("declared", "real"), [(16, 12), (16, 10), (8, 12), (12, 16), (0, 12), (32, 16)]
)
@pytest.mark.parametrize("what", ["VOI", "modality"])
def test_a_table_is_as_deep_as_its_data(
    tmp_path: Path, declared: int, real: int, what: str
) -> None:
    curve = np.rint(((1 << real) - 1) * np.linspace(0, 1, 3001) ** 2).astype(np.uint16)
    item = lut_item(Table(curve, 100, declared), "US")
    if what == "VOI":
        radiograph = opened(tmp_path, with_lut(item))
        assert any(f"declares {declared} bits" in note for note in radiograph.notes)
        shown = lut.render(radiograph.pixels, lut.display_table(radiograph, radiograph.voi[0]))
        inputs = np.clip(RAMP.astype(int) - 100, 0, 3000)
        assert np.abs(shown - curve[inputs] / ((1 << real) - 1) * 255).max() <= 0.5
    else:
        item.ModalityLUTType = "US"
        radiograph = opened(tmp_path, data_set(ModalityLUTSequence=Sequence([item])))
        assert lut.modality_values(radiograph)[3100] == curve[-1]


def test_a_table_that_ends_early_keeps_what_it_has(tmp_path: Path) -> None:
    item = lut_item(Table(CURVE, 0, 12), "US")
    item.LUTDescriptor = [4096, 0, 12]
    radiograph = opened(tmp_path, with_lut(item))
    assert len(table_of(radiograph).table) == len(CURVE)
    assert radiograph.notes == ("A VOI LUT declares 4096 entries and has 2001.",)


# Windows


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("width", [0, -1, -400])
def test_a_window_without_width_leaves_the_others(
    tmp_path: Path, width: float, function: str
) -> None:
    data = data_set(WindowCenter=[9, 1000], WindowWidth=[width, 300], VOILUTFunction=function)
    radiograph = opened(tmp_path, data)
    assert [voi.width for voi in radiograph.voi if isinstance(voi, Window)] == [300]
    alone = opened(tmp_path, data_set(WindowCenter=9, WindowWidth=width))
    assert [voi.explanation for voi in lut.choices(alone)] == ["Auto"]


@pytest.mark.parametrize(("width", "white_from"), [(1, 2000), (0.5, 2001)])
def test_a_linear_window_of_one_or_less_is_a_step(
    tmp_path: Path, width: float, white_from: int
) -> None:
    radiograph = opened(tmp_path, data_set(WindowCenter=2000, WindowWidth=width))
    table = lut.display_table(radiograph, radiograph.voi[0])
    assert (table[: min(2000, white_from)] == 0).all()
    assert (table[white_from:] == 255).all()


def test_a_polarity_that_contradicts_itself_is_decided_once(tmp_path: Path) -> None:
    data = data_set(
        WindowCenter=2048,
        WindowWidth=4096,
        PhotometricInterpretation="MONOCHROME1",
        PresentationLUTShape="IDENTITY",
    )
    radiograph = opened(tmp_path, data)
    table = lut.display_table(radiograph, radiograph.voi[0])
    assert (table[0], table[4095]) == (255, 0)


# Published files


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "cr-chest-pa_jpeg-baseline",
        "cr-chest-pa_jpeg2000_monochrome1",
        "cr-extremity_jpegls-lossless",
        "cr-extremity_rle",
        "dx-thorax_monochrome1_inverse",
        "modality-lut-sequence",
        "ot_voi-lut-sequence",
        "xa_jpeg-lossless",
    ],
)
def test_a_published_file_looks_as_highdicom_shows_it(shared_data: Path, name: str) -> None:
    path = shared_data / "dicom" / f"{name}.dcm"
    radiograph = read_dicom(path)
    if name == "xa_jpeg-lossless":
        # pydicom, and so highdicom, has no decoder for it here: it gets our pixels, uncompressed
        data = dcmread(path)
        data.PixelData, data.NumberOfFrames = radiograph.pixels.tobytes(), 1
        data["PixelData"].is_undefined_length = False
        data.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        image = highdicom.Image.from_dataset(data)
    else:
        image = highdicom.imread(path)
    np.testing.assert_array_equal(radiograph.pixels, image.get_stored_frame(1))
    voi = lut.choices(radiograph)[0]
    shown = lut.render(radiograph.pixels, lut.display_table(radiograph, voi))
    levels: dict[str, Any] = {"voi_output_range": (0.0, 255.0), "dtype": np.float64}
    if not radiograph.voi:
        # Auto and "As stored" are ours: the same window for highdicom, which takes it for LINEAR
        assert isinstance(voi, Window)
        own = highdicom.VOILUTTransformation(
            window_center=voi.center + 0.5, window_width=voi.width + 1
        )
        levels["voi_transform_selector"] = own
    if isinstance(voi, Lut) and "VOILUTSequence" in image:
        # highdicom spreads a table by its own lowest and highest entry, the standard by its bits
        table = LUT.from_dataset(image.VOILUTSequence[0])
        expected = apply_lut(
            image.get_stored_frame(1).astype(np.int64), table.lut_data, table.first_mapped_value
        ) / ((1 << table.bits_per_entry) - 1)
        assert np.abs(shown - expected * 255).max() <= 1
        return
    expected = image.get_frame(1, apply_voi_transform=True, **levels)
    assert np.abs(shown - expected).max() <= 1
