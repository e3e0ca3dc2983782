"""A smaller picture out of a JPEG 2000 file means what the whole one means."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import data_set, write
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate

from app.errors import StudyError
from app.imaging import lut, preview, pyramid
from app.imaging.dicom import read_dicom
from app.imaging.preview import read_preview


def chest(height: int = 300, width: int = 260, top: int = 4095) -> np.ndarray:
    """Smooth shapes, a sharp border and a little noise, as a detector gives them."""
    y, x = np.mgrid[:height, :width]
    shapes = 0.5 + 0.35 * np.sin(x / 31) * np.cos(y / 23)
    shapes[: height // 10] = 0.02
    noise = np.random.default_rng(4).normal(0, 0.01, shapes.shape)
    return ((shapes + noise).clip(0, 1) * top).astype(np.uint16)


def jpeg2000(path: Path, pixels: np.ndarray, **tags: Any) -> Path:
    data = data_set(pixels, **tags)
    data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    return write(path, data)


def difference(small: np.ndarray, whole: np.ndarray, factor: int, top: int) -> float:
    """Mean distance between a preview and the whole image's average, as a share of the range."""
    averaged = pyramid.reduce(whole, factor)
    assert small.shape == averaged.shape
    return float(np.abs(small.astype(int) - averaged.astype(int)).mean() / top)


@pytest.mark.parametrize("size", [(300, 260), (301, 259), (299, 263), (306, 257)])
def test_a_preview_is_about_the_average_of_the_pixels_it_stands_for(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = jpeg2000(tmp_path / "image.dcm", chest(*size), ImagerPixelSpacing=[0.1, 0.2])
    small, whole = read_preview(path, longest=80), read_dicom(path)
    assert small is not None
    assert (small.reduction, whole.reduction) == (4, 1)
    assert small.pixels.dtype == whole.pixels.dtype
    assert difference(small.pixels, whole.pixels, 4, 4095) < 0.02
    assert small.spacing is not None
    assert (small.spacing.row_mm, small.spacing.column_mm) == (0.4, 0.8)
    assert (small.header, small.voi, small.view) == (whole.header, whole.voi, whole.view)


def test_signed_sixteen_bit_values_keep_their_sign(tmp_path: Path) -> None:
    values = (chest(top=60_000).astype(np.int32) - 30_000).astype(np.int16)
    path = jpeg2000(tmp_path / "image.dcm", values, BitsStored=16, HighBit=15)
    small, whole = read_preview(path, longest=150), read_dicom(path)
    assert small is not None
    np.testing.assert_array_equal(whole.pixels, values)
    assert small.pixels.dtype == np.int16
    assert small.reduction == 2
    assert difference(small.pixels, values, 2, 60_000) < 0.02


def test_eight_bits_and_monochrome1_look_alike_small_and_whole(tmp_path: Path) -> None:
    path = jpeg2000(
        tmp_path / "image.dcm",
        chest(top=255).astype(np.uint8),
        PhotometricInterpretation="MONOCHROME1",
        WindowCenter=120,
        WindowWidth=200,
    )
    small, whole = read_preview(path, longest=130), read_dicom(path)
    assert small is not None
    assert small.inverted
    assert small.pixels.dtype == np.uint8
    shown = lut.render(small.pixels, lut.display_table(small, small.voi[0]))
    reference = lut.render(whole.pixels, lut.display_table(whole, whole.voi[0]))
    assert difference(shown, reference, small.reduction, 255) < 0.03


def test_padding_stays_padding(tmp_path: Path) -> None:
    pixels = chest()
    pixels[:, :60] = 0
    path = jpeg2000(tmp_path / "image.dcm", pixels, PixelPaddingValue=0)
    small = read_preview(path, longest=80)
    assert small is not None
    assert small.padding == (0, 0)
    assert not small.pixels[10:, : 60 // 4 - 3].any()


def test_a_frame_of_a_film_has_its_own_preview(tmp_path: Path) -> None:
    frames = np.stack([chest(), chest() // 2, chest() // 4])
    path = jpeg2000(tmp_path / "film.dcm", frames)
    small = read_preview(path, frame=2, longest=80)
    assert small is not None
    assert (small.frame, small.frames) == (2, 3)
    assert difference(small.pixels, frames[2], 4, 1024) < 0.02
    with pytest.raises(StudyError, match="3 frames"):
        read_preview(path, frame=3)


def test_lossy_files_have_previews_too(tmp_path: Path) -> None:
    whole = chest(top=255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(whole).save(
        buffer, "JPEG2000", irreversible=True, quality_layers=[8], no_jp2=True
    )
    data = data_set(whole)
    data.file_meta.TransferSyntaxUID = uid.JPEG2000
    data.PixelData = encapsulate([buffer.getvalue()])
    data["PixelData"].is_undefined_length = True
    small = read_preview(write(tmp_path / "image.dcm", data), longest=150)
    assert small is not None
    assert difference(small.pixels, whole, 2, 255) < 0.02


def test_there_is_none_where_the_file_holds_no_smaller_picture(tmp_path: Path) -> None:
    small = jpeg2000(tmp_path / "small.dcm", chest())
    assert read_preview(small) is None
    assert read_preview(write(tmp_path / "plain.dcm"), longest=20) is None
    picture = tmp_path / "picture.png"
    Image.fromarray(chest()).save(picture)
    assert read_preview(picture, longest=20) is None
    buffer = BytesIO()
    Image.fromarray(chest()).save(buffer, "JPEG2000", num_resolutions=1, no_jp2=True)
    data = data_set(chest(), BitsStored=16, HighBit=15)
    data.file_meta.TransferSyntaxUID = uid.JPEG2000Lossless
    data.PixelData = encapsulate([buffer.getvalue()])
    data["PixelData"].is_undefined_length = True
    path = write(tmp_path / "flat.dcm", data)
    np.testing.assert_array_equal(read_dicom(path).pixels, chest())
    assert read_preview(path, longest=80) is None


def test_a_stream_that_hides_its_sign_has_no_preview(tmp_path: Path) -> None:
    """Negative values in an unsigned stream: their averages would be far from both."""
    path = jpeg2000(tmp_path / "image.dcm", chest())
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"\x28\0\x03\1US\2\0\0\0", b"\x28\0\x03\1US\2\0\1\0"))
    assert read_dicom(path).pixels.dtype == np.int16
    assert read_preview(path, longest=80) is None


def test_a_damaged_stream_has_no_preview_and_the_whole_image_says_why(tmp_path: Path) -> None:
    path = jpeg2000(tmp_path / "cut.dcm", chest())
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 3])
    read_preview(path, longest=80)
    with pytest.raises(StudyError, match=r"“cut\.dcm”"):
        read_dicom(path)


def test_a_preview_decodes_nothing_but_its_own_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = jpeg2000(tmp_path / "image.dcm", chest())

    def decode(*_: object) -> None:
        raise AssertionError("the whole image was decoded")

    monkeypatch.setattr("app.imaging.dicom.decode", decode)
    assert preview.read_preview(path, longest=80) is not None
