"""What comes out of PNG, JPEG, WebP and TIFF files, whole and broken."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import StudyError
from app.imaging.pixels import MAX_SIDE
from app.imaging.raster import is_raster, read_raster

RAMP = (np.arange(48 * 40).reshape(48, 40) % 251).astype(np.uint8)
DEEP = (np.arange(48 * 40).reshape(48, 40) * 31).astype(np.uint16)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(rows: np.ndarray, colour_type: int, size: tuple[int, int] | None = None) -> bytes:
    """A 16-bit PNG of (H, W, channels) values, unfiltered; ``size`` (w, h) may lie."""
    height, width = rows.shape[:2]
    header = struct.pack(">IIBBBBB", *(size or (width, height)), 16, colour_type, 0, 0, 0)
    body = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_eight_bit_gray_comes_back_exactly(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(RAMP).save(path, **({"lossless": True} if name.endswith("webp") else {}))
    radiograph = read_raster(path)
    assert radiograph.pixels.dtype == np.uint8
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    assert not radiograph.colour
    assert not radiograph.inverted


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(DEEP).save(path)
    radiograph = read_raster(path)
    assert radiograph.pixels.dtype == np.uint16
    np.testing.assert_array_equal(radiograph.pixels, DEEP)
    assert radiograph.header.bits_stored == 16


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_a_lossy_gray_picture_is_gray_and_near(tmp_path: Path, suffix: str) -> None:
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(smooth).convert("RGB").save(path, quality=95)
    pixels = read_raster(path).pixels
    assert pixels.shape == (64, 64)
    assert np.abs(pixels.astype(int) - smooth).max() < 8


def test_sixteen_bit_gray_with_alpha_keeps_its_depth(tmp_path: Path) -> None:
    alpha = np.full_like(DEEP, 65_535)
    alpha[:, :10] = 0
    path = tmp_path / "a.png"
    path.write_bytes(png(np.stack([DEEP, alpha], axis=-1), 4))
    pixels = read_raster(path).pixels
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels[:, 10:], DEEP[:, 10:])
    assert not pixels[:, :10].any()


def test_sixteen_bit_colour_with_alpha_is_read_and_said(tmp_path: Path) -> None:
    alpha = np.full_like(DEEP, 65_535)
    path = tmp_path / "a.png"
    path.write_bytes(png(np.stack([DEEP, DEEP, DEEP, alpha], axis=-1), 6))
    radiograph = read_raster(path)
    np.testing.assert_array_equal(radiograph.pixels, DEEP >> 8)
    assert any("eight bits" in note for note in radiograph.notes)


def test_alpha_lies_on_black(tmp_path: Path) -> None:
    rgba = np.full((20, 20, 4), 200, np.uint8)
    rgba[..., 3] = 0
    rgba[10:, :, 3] = 255
    path = tmp_path / "a.png"
    Image.fromarray(rgba).save(path)
    pixels = read_raster(path).pixels
    assert not pixels[:10].any()
    assert (pixels[10:] == 200).all()


def test_colour_stays_colour(tmp_path: Path) -> None:
    rgb = np.zeros((20, 20, 3), np.uint8)
    rgb[5:9, 5:9] = (255, 160, 0)
    path = tmp_path / "a.png"
    Image.fromarray(rgb).save(path)
    radiograph = read_raster(path)
    assert radiograph.colour
    np.testing.assert_array_equal(radiograph.pixels, rgb)


def test_a_palette_picture_is_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RAMP).convert("P").save(path)
    np.testing.assert_array_equal(read_raster(path).pixels, RAMP)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_exif_orientation_is_honoured(tmp_path: Path, orientation: int, name: str) -> None:
    # What stands at row 0, column 0 of the upright picture, by EXIF 2.3.
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0)} | {
        5: (0, 0), 6: (-1, 0), 7: (-1, -1), 8: (0, -1)
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / name
    Image.fromarray(DEEP).save(path, exif=exif)
    pixels = read_raster(path).pixels
    assert pixels.shape == (DEEP.shape if orientation < 5 else DEEP.shape[::-1])
    assert pixels[0, 0] == DEEP[corner[orientation]]


def test_a_sixteen_bit_white_is_zero_tiff_is_inverted_once(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(DEEP).save(path, tiffinfo={262: 0})
    radiograph = read_raster(path)
    assert radiograph.inverted
    np.testing.assert_array_equal(radiograph.pixels, DEEP)


def test_identity_is_the_picture_not_the_file(tmp_path: Path) -> None:
    first, second, other = tmp_path / "a.png", tmp_path / "b.tif", tmp_path / "c.png"
    Image.fromarray(DEEP).save(first)
    Image.fromarray(DEEP).save(second)
    Image.fromarray(RAMP).save(other)
    assert read_raster(first).image_id == read_raster(second).image_id
    assert read_raster(first).image_id != read_raster(other).image_id
    assert len(read_raster(first).image_id) == 64


def test_an_image_beyond_the_limit_is_refused_unread_naming_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png(np.zeros((4, 4, 1)), 0, size=(20_000, 20_000)))
    with pytest.raises(StudyError, match="20,000 × 20,000") as caught:
        read_raster(path)
    assert "16,384 pixels per side" in str(caught.value)
    assert "100 megapixels" in str(caught.value)
    assert "huge.png" in str(caught.value)


def test_many_pixels_on_short_sides_are_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    path.write_bytes(png(np.zeros((4, 4, 1)), 0, size=(MAX_SIDE, 12_000)))
    with pytest.raises(StudyError, match="100 megapixels"):
        read_raster(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif"])
@pytest.mark.parametrize("part", [0.9, 0.5, 0.05])
def test_a_truncated_picture_is_a_clear_error(tmp_path: Path, name: str, part: float) -> None:
    whole = np.random.default_rng(1).integers(0, 255, (96, 96)).astype(np.uint8)
    path = tmp_path / name
    Image.fromarray(whole).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: max(20, int(len(data) * part))])
    with pytest.raises(StudyError, match=f"“{name}”.*(damaged|incomplete)"):
        read_raster(path)


def test_zero_bytes_and_text_are_clear_errors(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.png", tmp_path / "text.png"
    empty.touch()
    text.write_text("not a picture")
    with pytest.raises(StudyError, match=r"empty\.png.*0 bytes"):
        read_raster(empty)
    with pytest.raises(StudyError, match=r"text\.png.*not a PNG"):
        read_raster(text)
    with pytest.raises(StudyError, match=r"no file “gone\.png”"):
        read_raster(tmp_path / "gone.png")


def test_floating_point_pixels_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(np.zeros((8, 8), np.float32)).save(path)
    with pytest.raises(StudyError, match=r"float\.tif"):
        read_raster(path)


def test_the_format_is_told_from_the_first_bytes() -> None:
    assert is_raster(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
    assert not is_raster(b"plain text, long enough")
