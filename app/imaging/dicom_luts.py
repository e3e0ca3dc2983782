"""The look-up tables and windows of a DICOM data set, as far as they make sense.

Nothing here stops an image from opening: a table or window that can't be right is dropped or
mended, and a note says so (PS3.3 C.7.5.1.1.2, C.11.1, C.11.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from app.imaging.dicom_tags import items, numbers_of, text, value
from app.imaging.radiograph import Lut, Voi, Window

_FUNCTIONS: dict[str, Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]] = {
    "": "LINEAR",
    "LINEAR": "LINEAR",
    "LINEAR_EXACT": "LINEAR_EXACT",
    "SIGMOID": "SIGMOID",
}


def rescale(sources: Sequence[Dataset], notes: list[str]) -> tuple[float, float]:
    """Return (slope, intercept); (1, 0) where the file has none or a slope of zero."""
    for data in sources:
        slope = numbers_of(value(data, "RescaleSlope"))
        intercept = numbers_of(value(data, "RescaleIntercept"))
        if slope and slope[0] == 0:
            notes.append("The rescale slope is 0 and is ignored.")
            return 1.0, 0.0
        if slope or intercept:
            return (slope or [1.0])[0], (intercept or [0.0])[0]
    return 1.0, 0.0


def modality_lut(sources: Sequence[Dataset], signed: bool, notes: list[str]) -> Lut | None:
    """Return the first usable table of ModalityLUTSequence."""
    for item in _items(sources, "ModalityLUTSequence"):
        table = _lut(item, signed, "modality LUT", notes)
        if table is not None:
            return table
    return None


def vois(sources: Sequence[Dataset], signed: bool, notes: list[str]) -> tuple[Voi, ...]:
    """Return VOI LUTs, then windows, each in the file's order and with its explanation.

    ``signed``: the values that reach the VOI may be negative, so that a LUT's first input may be.
    """
    found: list[Voi] = []
    for item in _items(sources, "VOILUTSequence"):
        table = _lut(item, signed, "VOI LUT", notes)
        if table is not None:
            found.append(table)
    for data in sources:
        found += _windows(data, notes)
    return tuple(_named(found))


def padding(data: Dataset, pixels: NDArray[Any], notes: list[str]) -> tuple[int, int] | None:
    """Return the stored values that stand for “no image here”, lowest and highest.

    They lie outside the values of the image itself (PS3.3 C.7.5.1.1.2); where the pixels (H, W)
    say otherwise the file is not believed, because making them black would pierce the image.
    """
    first = numbers_of(value(data, "PixelPaddingValue"))
    if not first or pixels.ndim == 3:
        return None
    last = numbers_of(value(data, "PixelPaddingRangeLimit")) or first
    signed = pixels.dtype == np.int16
    low, high = sorted(_word(int(number), signed) for number in (first[0], last[0]))
    below, above = bool((pixels < low).any()), bool((pixels > high).any())
    if below and above and bool(((pixels >= low) & (pixels <= high)).any()):
        notes.append("The padding value lies among the image's own values and is ignored.")
        return None
    if not below and not above:
        notes.append("Every pixel has the padding value, which is ignored.")
        return None
    return low, high


def _windows(data: Dataset, notes: list[str]) -> list[Window]:
    centers = numbers_of(value(data, "WindowCenter"))
    widths = numbers_of(value(data, "WindowWidth"))
    names = value(data, "WindowCenterWidthExplanation")
    names = list(names) if isinstance(names, MultiValue) else [names or ""]
    shape = text(data, "VOILUTFunction").upper()
    if shape not in _FUNCTIONS:
        notes.append(f"The VOI function “{shape}” is unknown; LINEAR is used.")
    if len(centers) != len(widths):
        notes.append("The file's window centers and widths don't pair up.")
    windows = []
    for index, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if width <= 0:
            notes.append(f"A window of width {width:g} is ignored.")
            continue
        name = str(names[index]).strip() if index < len(names) else ""
        windows.append(Window(center, width, _FUNCTIONS.get(shape, "LINEAR"), name))
    return windows


def _lut(item: Dataset, signed: bool, what: str, notes: list[str]) -> Lut | None:
    descriptor = [int(number) for number in numbers_of(value(item, "LUTDescriptor"))]
    entries = _entries(value(item, "LUTData"), item.original_encoding[1])
    if len(descriptor) != 3 or entries.size < 2:
        notes.append(f"A {what} is damaged and is ignored.")
        return None
    declared, first, bits = descriptor[0] & 0xFFFF or 65_536, descriptor[1], descriptor[2]
    if entries.size == (declared + 1) // 2 and declared > 2:
        # Eight-bit entries, two to a word, low byte first (PS3.3 C.11.1.1.1)
        entries = np.ascontiguousarray(entries, "<u2").view(np.uint8)[:declared].astype(np.uint16)
    if entries.size < declared:
        notes.append(f"A {what} declares {declared} entries and has {entries.size}.")
    table = entries[:declared]
    needed = max(1, int(table.max()).bit_length())
    if not 8 <= bits <= 16 or needed > bits or needed <= bits - 2:
        # Many writers declare 16 bits for a 12-bit table, which would show it at a sixteenth.
        if what == "VOI LUT":
            notes.append(f"A {what} declares {bits} bits; its data have {needed}.")
        bits = needed
    first = _word(first, signed)
    if first + len(table) > 1 << 16:
        first -= 1 << 16  # no stored value lies there: a negative input in a file without a sign
    return Lut(table, first, bits, text(item, "LUTExplanation"))


def _entries(data: Any, little_endian: bool | None) -> NDArray[np.uint16]:
    if isinstance(data, bytes):
        words = ">u2" if little_endian is False else "<u2"
        return np.frombuffer(data[: len(data) // 2 * 2], words).astype(np.uint16)
    try:
        return np.atleast_1d(np.asarray(data, np.int64)).astype(np.uint16)
    except (ValueError, TypeError, OverflowError):
        return np.empty(0, np.uint16)


def _word(number: int, signed: bool) -> int:
    """Read 16 bits with the sign that the pixels have, whatever VR the writer chose."""
    word = number & 0xFFFF
    return word - 0x10000 if signed and word > 0x7FFF else word


def _items(sources: Sequence[Dataset], keyword: str) -> list[Dataset]:
    return next((found for data in sources if (found := items(data, keyword))), [])


def _named(found: list[Voi]) -> list[Voi]:
    """Give those without an explanation one, so that a menu can tell them apart."""
    named: list[Voi] = []
    taken: set[str] = set()
    for number, voi in enumerate(found, 1):
        kind = "VOI LUT" if isinstance(voi, Lut) else "Window"
        name = voi.explanation or (kind if len(found) == 1 else f"{kind} {number}")
        if name in taken:
            name = f"{name} ({number})"
        taken.add(name)
        named.append(
            Lut(voi.table, voi.first_value, voi.bits, name)
            if isinstance(voi, Lut)
            else Window(voi.center, voi.width, voi.function, name)
        )
    return named
