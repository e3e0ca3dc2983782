"""Small whole DICOM files of every kind, and what can be done to them."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from dicom_files import FRAMES, SHAPES, data_set, encapsulated
from PIL import Image
from pydicom import dcmwrite, uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.sequence import Sequence

GRAY = (SHAPES >> 4).astype(np.uint8)

Spot = tuple[int, int, int]
"""Where an element of a file begins, where its value begins, and how long that is declared."""


def bases() -> list[bytes]:
    """One file per transfer syntax, and some with tables, frames, colour, functional groups."""
    plain = (uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian)
    files = [_saved(_named(data_set(SHAPES), syntax)) for syntax in plain]
    files.append(_saved(_named(_rich(), uid.DeflatedExplicitVRLittleEndian)))
    for syntax in (uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless):
        films = data_set(np.stack([SHAPES, SHAPES // 2]))
        for data in (data_set(SHAPES), films, data_set(_colour())):
            data.compress(syntax, generate_instance_uid=False)
            files.append(_saved(data))
    near = data_set(SHAPES)
    near.compress(uid.JPEGLSNearLossless, jls_error=2, generate_instance_uid=False)
    files.append(_saved(near))
    for syntax, name in (
        (uid.JPEGExtended12Bit, "extended-12-bit.jpg"),
        (uid.JPEGLossless, "lossless-process-14.jpg"),
        (uid.JPEGLosslessSV1, "lossless-sv1.jpg"),
        (uid.HTJ2KLossless, "htj2k-lossless.j2c"),
        (uid.HTJ2K, "htj2k-lossy.j2c"),
    ):
        files.append(_saved(encapsulated(syntax, (FRAMES / name).read_bytes())))
    lossy = _picture("JPEG2000", irreversible=True, quality_layers=[8], no_jp2=True)
    files.append(_saved(encapsulated(uid.JPEG2000, lossy, GRAY)))
    files.append(_saved(encapsulated(uid.JPEGBaseline8Bit, _picture("JPEG", quality=95), GRAY)))
    large = data_set(np.tile(SHAPES, (12, 14)))
    files.append(_saved(large))
    large.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    files.append(_saved(large))
    files += [_saved(_rich()), _saved(_palette()), _saved(_wrapped()), _saved(_frames())]
    return files


def mutated(files: list[bytes], seed: int, number: int) -> tuple[bytes, str]:
    """File ``number`` of ``seed``: one of ``files`` with one to four changes, and which."""
    rng = random.Random(seed * 1_000_003 + number)
    base = rng.randrange(len(files))
    raw, names = bytearray(files[base]), []
    for _ in range(rng.choice((1, 1, 2, 4))):
        change = rng.choice(_CHANGES)
        change(raw, rng)
        names.append(change.__name__.strip("_"))
    return bytes(raw), f"base {base}: {', '.join(names)}"


def _saved(data: FileDataset) -> bytes:
    buffer = BytesIO()
    dcmwrite(buffer, data, enforce_file_format=True)
    return buffer.getvalue()


def _named(data: FileDataset, syntax: uid.UID) -> FileDataset:
    data.file_meta.TransferSyntaxUID = syntax
    return data


def _picture(kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    Image.fromarray(GRAY).save(buffer, kind, **options)
    return buffer.getvalue()


def _colour() -> np.ndarray:
    return np.stack([GRAY, GRAY.T[:1].repeat(88, 0)[:, :76], 255 - GRAY], axis=-1)


def _item(**tags: Any) -> Dataset:
    item = Dataset()
    for keyword, value in tags.items():
        setattr(item, keyword, value)
    return item


def _table(first: int, bits: int, count: int = 4096) -> Sequence:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [count, first, bits])
    item.add_new("LUTData", "OW", np.linspace(0, 2**bits - 1, count).astype("<u2").tobytes())
    item.LUTExplanation = "CURVE"
    return Sequence([item])


def _rich() -> FileDataset:
    return data_set(
        SHAPES,
        SpecificCharacterSet=["", "ISO 2022 IR 87"],
        PatientName="Yamada^Tarou=山田^太郎",
        WindowCenter=[100, 2000],
        WindowWidth=[50, 3000],
        WindowCenterWidthExplanation=["A", "B"],
        VOILUTFunction="SIGMOID",
        ModalityLUTSequence=_table(0, 12),
        VOILUTSequence=_table(100, 16),
        PixelPaddingValue=3,
        PixelPaddingRangeLimit=9,
        ImagerPixelSpacing=[0.1, 0.1],
        PixelSpacing=[0.2, 0.2],
        PatientOrientation=["L", "F"],
        PresentationLUTShape="IDENTITY",
        PhotometricInterpretation="MONOCHROME1",
        ViewCodeSequence=Sequence([_item(CodeValue="399348003", CodeMeaning="AP")]),
    )


def _palette() -> FileDataset:
    data = data_set(GRAY, PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        data.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [256, 0, 16])
        entries = np.arange(256, dtype="<u2") * 257
        data.add_new(f"{colour}PaletteColorLookupTableData", "OW", entries.tobytes())
    return data


def _frames() -> FileDataset:
    voi = Sequence([_item(WindowCenter=5, WindowWidth=9)])
    values = Sequence([_item(RescaleSlope=2, RescaleIntercept=-3)])
    group = _item(FrameVOILUTSequence=voi, PixelValueTransformationSequence=values)
    return data_set(
        np.stack([SHAPES.view(np.int16), SHAPES.view(np.int16)]),
        BitsStored=16,
        HighBit=15,
        PerFrameFunctionalGroupsSequence=Sequence([group, group]),
        SharedFunctionalGroupsSequence=Sequence([_item(FrameVOILUTSequence=voi)]),
    )


def _wrapped() -> FileDataset:
    """Two frames with an extended offset table."""
    data = data_set(np.stack([SHAPES, SHAPES // 2]))
    data.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    streams = list(generate_frames(data.PixelData, number_of_frames=2))
    data.PixelData, data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = (
        encapsulate_extended(streams)
    )
    if len(streams) != 2:
        data.PixelData = encapsulate(streams)
    return data


def _spots(raw: bytes) -> list[Spot]:
    """The elements of an explicit file, those in sequences too, as far as they can be followed."""
    found, place = [], 132
    while place + 12 <= len(raw) and len(found) < 400:
        group, vr = raw[place : place + 2], raw[place + 4 : place + 6]
        if group == b"\xfe\xff" or not vr.isalpha():
            length = 0 if group == b"\xfe\xff" else _number(raw, place + 4, 4)
            value = place + 8
        elif vr in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"UR", b"OV", b"OF", b"OD", b"UC"):
            length, value = _number(raw, place + 8, 4), place + 12
        else:
            length, value = _number(raw, place + 6, 2), place + 8
        found.append((place, value, length))
        inside = vr == b"SQ" or group == b"\xfe\xff" or length == 0xFFFFFFFF
        place = value if inside else value + length
    return found


def _number(raw: bytes, place: int, size: int) -> int:
    return int.from_bytes(raw[place : place + size], "little")


def _spot(raw: bytearray, rng: random.Random) -> Spot:
    return rng.choice(_spots(bytes(raw)) or [(0, 0, 0)])


def _pixels_from(raw: bytearray) -> int:
    return max(132, bytes(raw).rfind(b"\xe0\x7f\x10\0"))


def _length(raw: bytearray, rng: random.Random) -> None:
    start, value, length = _spot(raw, rng)
    new = rng.choice([0, 1, 2, 255, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFF0, 0x7FFFFFFF, 1 << 30])
    new = rng.choice([new, max(0, length + rng.choice([-2, -1, 1, 2, 100]))])
    size = 2 if value - start == 8 and bytes(raw[start + 4 : start + 6]).isalpha() else 4
    raw[value - size : value] = (new & (0xFFFF if size == 2 else 0xFFFFFFFF)).to_bytes(
        size, "little"
    )


def _kind(raw: bytearray, rng: random.Random) -> None:
    start, _, _ = _spot(raw, rng)
    raw[start + 4 : start + 6] = rng.choice(
        [
            b"SQ",
            b"OB",
            b"OW",
            b"UN",
            b"US",
            b"SS",
            b"DS",
            b"IS",
            b"PN",
            b"FD",
            b"AT",
            b"ZZ",
            b"\0\0",
        ]
    )


def _tag(raw: bytearray, rng: random.Random) -> None:
    start, _, _ = _spot(raw, rng)
    raw[start : start + 4] = rng.choice(
        [b"\xe0\x7f\x10\0", b"\x28\0\x10\0", b"\x28\0\0\1", b"\xfe\xff\x0d\xe0", b"\xfe\xff\0\xe0"]
        + [rng.randbytes(4)] * 3
    )


def _value(raw: bytearray, rng: random.Random) -> None:
    _, value, length = _spot(raw, rng)
    end = min(len(raw), value + min(length, 200))
    size = max(0, end - value)
    number = b"-9999999999999999999999"[:size].ljust(size)
    raw[value:end] = rng.choice([rng.randbytes(size), b"\0" * size, b"\xff" * size, number])


_IMAGE = (2, 4, 6, 8, 0x10, 0x11, 0x100, 0x101, 0x102, 0x103, 0x1050, 0x1051, 0x120, 0x121)
_NUMBERS = (0, 1, 2, 3, 7, 8, 9, 12, 15, 16, 17, 24, 32, 64, 76, 255, 16_384, 32_768, 65_535)


def _image(raw: bytearray, rng: random.Random) -> None:
    """Give an element that describes the image another value."""
    tag = struct.pack("<HH", 0x28, rng.choice(_IMAGE))
    place = bytes(raw).find(tag)
    if place < 0:
        return
    if raw[place + 4 : place + 6] in (b"US", b"SS"):
        raw[place + 8 : place + 10] = struct.pack("<H", rng.choice(_NUMBERS))
    else:
        length = min(_number(raw, place + 6, 2), 40)
        words = [b"0", b"-1", b"999999999", b"1e400", b"nan", b"abc", b"\\\\", b"RGB", b"YBR_FULL"]
        new = rng.choice([*words, b"MONOCHROME1", b"PALETTE COLOR", b"YBR_FULL_422", b"YBR_ICT"])
        raw[place + 8 : place + 8 + length] = new.ljust(length)[:length]


def _grown(raw: bytearray, rng: random.Random) -> None:
    """Declare a large image, in the header and in the compressed frame alike."""
    rows, columns = rng.choice([(3480, 4248), (12_000, 8_000), (16_384, 6_000), (40, 16_384)])
    for tag, size in ((b"\x28\0\x10\0US\2\0", rows), (b"\x28\0\x11\0US\2\0", columns)):
        if (place := bytes(raw).find(tag)) > 0:
            raw[place + 8 : place + 10] = struct.pack("<H", size)
    start = _pixels_from(raw)
    if (place := bytes(raw).find(b"\xff\x4f\xff\x51", start)) > 0:
        raw[place + 8 : place + 16] = struct.pack(">II", columns, rows)
        raw[place + 24 : place + 32] = struct.pack(">II", columns, rows)
    for marker in (b"\xff\xc0", b"\xff\xc1", b"\xff\xc3", b"\xff\xf7"):
        if (place := bytes(raw).find(marker, start, start + 300)) > 0:
            raw[place + 5 : place + 9] = struct.pack(">HH", rows, columns)


def _descriptor(raw: bytearray, rng: random.Random) -> None:
    """Damage what a look-up table says of itself."""
    places = [
        place
        for tag in (b"\x28\0\x02\x30", b"\x28\0\x01\x11", b"\x28\0\x06\x30")
        if (place := bytes(raw).find(tag)) > 0
    ]
    if places:
        place = rng.choice(places)
        for word in range(3):
            if rng.random() < 0.6:
                at = place + 8 + 2 * word
                raw[at : at + 2] = struct.pack("<H", rng.choice(_NUMBERS))


def _syntax(raw: bytearray, rng: random.Random) -> None:
    place = bytes(raw).find(b"\2\0\x10\0UI")
    if place > 0:
        length = _number(raw, place + 6, 2)
        name = rng.choice(
            [b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.5", b"1.2.3", b""]
            + [f"1.2.840.10008.1.2.4.{n}".encode() for n in (50, 51, 57, 70, 80, 90, 91, 93, 201)]
            + [b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.100"]
        )
        raw[place + 8 : place + 8 + length] = name.ljust(length, b"\0")[:length]


def _charset(raw: bytearray, rng: random.Random) -> None:
    place = bytes(raw).find(b"\x08\0\x05\0CS")
    if place > 0:
        length = _number(raw, place + 6, 2)
        name = rng.choice([b"\\ISO 2022 IR 87", b"ISO 2022 IR 149", b"GB18030", b"\\\\\\", b"\xff"])
        raw[place + 8 : place + 8 + length] = name.ljust(length)[:length]


def _nested(raw: bytearray, rng: random.Random) -> None:
    """Put a sequence in a sequence in a sequence … before an element."""
    start, _, _ = _spot(raw, rng)
    deep = b"\x40\0\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
    raw[start:start] = deep * rng.choice([1, 3, 50, 3000])


def _removed(raw: bytearray, rng: random.Random) -> None:
    start, value, length = _spot(raw, rng)
    del raw[start : value + min(length, 5000)]


def _doubled(raw: bytearray, rng: random.Random) -> None:
    start, value, length = _spot(raw, rng)
    raw[start:start] = raw[start : value + min(length, 5000)]


def _swapped(raw: bytearray, rng: random.Random) -> None:
    spots = _spots(bytes(raw))
    if len(spots) > 3:
        first = rng.randrange(len(spots) - 2)
        one, two, three = (spot[0] for spot in spots[first : first + 3])
        raw[one:three] = raw[two:three] + raw[one:two]


def _truncated(raw: bytearray, rng: random.Random) -> None:
    del raw[rng.randrange(len(raw)) if rng.random() < 0.5 else len(raw) - rng.randrange(600) :]


def _header_bits(raw: bytearray, rng: random.Random) -> None:
    _flip(raw, rng, 128, _pixels_from(raw), rng.choice([1, 3, 20]))


def _stream_bits(raw: bytearray, rng: random.Random) -> None:
    _flip(raw, rng, _pixels_from(raw), len(raw), rng.choice([1, 5, 50]))


def _stream_head(raw: bytearray, rng: random.Random) -> None:
    """Flip bits where a compressed stream describes itself: sizes, tables, markers."""
    start = _pixels_from(raw) + 12
    _flip(raw, rng, start, min(len(raw), start + 200), rng.choice([1, 2, 8]))


def _flip(raw: bytearray, rng: random.Random, start: int, end: int, count: int) -> None:
    for _ in range(count if start < end else 0):
        raw[rng.randrange(start, end)] ^= 1 << rng.randrange(8)


def _stream_block(raw: bytearray, rng: random.Random) -> None:
    """Overwrite, insert or take out a block of the pixels."""
    start = _pixels_from(raw)
    if start + 20 < len(raw):
        place, size = rng.randrange(start + 12, len(raw)), rng.choice([1, 2, 16, 300])
        new = rng.choice([b"\0" * size, b"\xff" * size, rng.randbytes(size), b"\xff\x90" * size])
        raw[place : place + rng.choice([0, size, len(new)])] = rng.choice([new, new, b""])


def _marker(raw: bytearray, rng: random.Random) -> None:
    """Put a JPEG marker with a length into the stream."""
    start = _pixels_from(raw)
    if start + 30 < len(raw):
        place = rng.randrange(start + 20, min(len(raw), start + 400))
        code = rng.choice([0xC0, 0xC1, 0xC3, 0xC4, 0xDA, 0xDB, 0xF7, 0x51, 0x52, 0x5C, 0x90, 0x93])
        raw[place : place + 4] = bytes([0xFF, code]) + rng.randbytes(2)


def _fragments(raw: bytearray, rng: random.Random) -> None:
    """Split an item of the pixels in two, or swap two of its halves."""
    start = bytes(raw).find(b"\xfe\xff\0\xe0", _pixels_from(raw) + 20)
    if start < 0:
        return
    length = _number(raw, start + 4, 4)
    if not 8 < length < len(raw):
        return
    cut = rng.randrange(2, length, 2)
    body = bytes(raw[start + 8 : start + 8 + length])
    halves = [body[:cut], body[cut:]]
    if rng.random() < 0.5:
        halves.reverse()
    raw[start : start + 8 + length] = b"".join(
        b"\xfe\xff\0\xe0" + struct.pack("<I", len(half)) + half for half in halves
    )


def _item_length(raw: bytearray, rng: random.Random) -> None:
    start = bytes(raw).find(b"\xfe\xff\0\xe0", _pixels_from(raw) + rng.choice([0, 20]))
    if start > 0:
        new = rng.choice([0, 1, 3, 4, 0xFFFFFFFF, 0xFFFFFFFE, 1 << 20, rng.randrange(1 << 14)])
        raw[start + 4 : start + 8] = struct.pack("<I", new)


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(
        _length,
        _kind,
        _tag,
        _value,
        _image,
        _image,
        _grown,
        _descriptor,
        _syntax,
        _charset,
        _nested,
    ),
    *(_removed, _doubled, _swapped, _truncated, _header_bits),
    *(_stream_bits, _stream_head, _stream_head, _stream_block, _marker, _fragments, _item_length),
)
