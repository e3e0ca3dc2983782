"""The matrix of gray images that the display pipeline is held against, and files made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from dicom_files import data_set
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence

PHOTOMETRIC = ("MONOCHROME2", "MONOCHROME1")
BITS = (8, 10, 12, 14, 15, 16)
SIGNS = ("unsigned", "signed")
VOIS = (
    "none",
    "LINEAR",
    "LINEAR_EXACT",
    "SIGMOID",
    "three windows",
    "LUT, US, 12 bits",
    "LUT, OW, 16 bits",
    "LUT, OW, 8 bits",
)
MODALITIES = ("none", "rescale 0.5, −100.25", "rescale 2, −1024", "LUT")
PADDINGS = ("none", "value", "range")
RESCALE = {"rescale 0.5, −100.25": (0.5, -100.25), "rescale 2, −1024": (2.0, -1024.0)}


@dataclass(frozen=True)
class Table:
    """A look-up table as the file holds it: ``entries`` of ``bits`` from input ``first`` on."""

    entries: np.ndarray
    first: int
    bits: int


@dataclass(frozen=True)
class Case:
    """One image of the matrix: everything that the file says, in plain numbers."""

    photometric: str
    bits: int
    signed: bool
    voi: str
    modality: str
    padding: str

    @property
    def lowest(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def highest(self) -> int:
        return self.lowest + (1 << self.bits) - 1

    @property
    def rescale(self) -> tuple[float, float]:
        return RESCALE.get(self.modality, (1.0, 0.0))

    @property
    def modality_table(self) -> Table | None:
        if self.modality != "LUT":
            return None
        span = self.highest - self.lowest
        size = min(span * 7 // 8, 30_000)
        entries = np.rint(4000 * np.linspace(0, 1, size) ** 1.5) + 50
        return Table(entries.astype(np.uint16), self.lowest + span // 16, 16)

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest modality value that is possible."""
        if self.modality == "LUT":
            return 50.0, 4050.0
        slope, intercept = self.rescale
        return self.lowest * slope + intercept, self.highest * slope + intercept

    @property
    def windows(self) -> tuple[tuple[float, float, str], ...]:
        """(center, width, function) of every window in the file."""
        low, high = (round(value) for value in self.range)
        middle, width = (low + high) // 2, (high - low) // 2
        if self.voi == "three windows":
            return (
                (middle, width, "LINEAR"),
                (low + width / 2.0, 1.0, "LINEAR"),
                (middle + 10.5, width * 3.0, "LINEAR"),
            )
        if self.voi in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
            return ((middle + 3.5, width + 0.25, self.voi),)
        return ()

    @property
    def voi_table(self) -> Table | None:
        if not self.voi.startswith("LUT"):
            return None
        bits = int(self.voi.split()[2])
        low, high = self.range
        # Odd numbers, so that a table sampled at every second entry keeps its last.
        size = min(int((high - low) * 3 / 4), 30_000) // 2 * 2 + 1
        first = max(int(low + min((high - low) / 8, 30_000)), -32_768) // 2 * 2
        curve = 1 / (1 + np.exp(-np.linspace(-4, 4, size)))
        curve = (curve - curve[0]) / (curve[-1] - curve[0])
        return Table(np.rint(curve * ((1 << bits) - 1)).astype(np.uint16), first, bits)

    @property
    def padded(self) -> tuple[int, int] | None:
        """Lowest and highest stored value that is padding: at the dark end (PS3.3 C.7.5.1.1.2)."""
        if self.padding == "none":
            return None
        width = 3 if self.padding == "range" else 0
        if self.photometric == "MONOCHROME1":
            return self.highest - width, self.highest
        return self.lowest, self.lowest + width

    def pixels(self) -> np.ndarray:
        """Every stored value that is possible, or 16,384 of them with both ends; padding around."""
        side = 64 if self.bits <= 12 else 128
        first, last = self.lowest, self.highest
        if self.padded and self.photometric == "MONOCHROME1":
            last = self.padded[0] - 1
        elif self.padded:
            first = self.padded[1] + 1
        values = np.rint(np.linspace(first, last, side * side)).astype(np.int64)
        pixels = values.reshape(side, side)
        if self.padded:
            low, high = self.padded
            frame = np.arange(side) % (high - low + 1) + low
            pixels = np.pad(pixels, 4)
            for part in (pixels[:4], pixels[-4:], pixels[:, :4].T, pixels[:, -4:].T):
                part[...] = np.resize(frame, part.shape)
        kind = "i" if self.signed else "u"
        return pixels.astype(f"{kind}{1 if self.bits == 8 else 2}")

    def file(self) -> FileDataset:
        slope, intercept = self.rescale
        inverse = self.photometric == "MONOCHROME1"
        tags: dict[str, Any] = {
            "PhotometricInterpretation": self.photometric,
            "PresentationLUTShape": "INVERSE" if inverse else "IDENTITY",
            "BitsStored": self.bits,
            "HighBit": self.bits - 1,
        }
        if self.modality in RESCALE:
            tags |= {"RescaleSlope": slope, "RescaleIntercept": intercept, "RescaleType": "US"}
        if self.windows:
            tags |= {
                "WindowCenter": [center for center, _, _ in self.windows],
                "WindowWidth": [width for _, width, _ in self.windows],
                "VOILUTFunction": self.windows[0][2],
            }
        data = data_set(self.pixels(), **tags)
        if self.modality_table is not None:
            item = lut_item(self.modality_table, "OW")
            item.ModalityLUTType = "US"
            data.ModalityLUTSequence = Sequence([item])
        if self.voi_table is not None:
            data.VOILUTSequence = Sequence([lut_item(self.voi_table, self.voi.split(", ")[1])])
        if self.padded:
            vr = "SS" if self.signed else "US"
            ends = self.padded[::-1] if inverse else self.padded
            data.add_new("PixelPaddingValue", vr, ends[0])
            if self.padding == "range":
                data.add_new("PixelPaddingRangeLimit", vr, ends[1])
        return data


def lut_item(table: Table, vr: str) -> Dataset:
    item = Dataset()
    sign = "SS" if table.first < 0 else "US"
    item.add_new("LUTDescriptor", sign, [len(table.entries), table.first, table.bits])
    if vr == "US":
        item.add_new("LUTData", "US", table.entries.tolist())
        return item
    packed = table.entries.astype("<u1" if table.bits == 8 else "<u2").tobytes()
    item.add_new("LUTData", "OW", packed + b"\0" * (len(packed) % 2))
    return item


def cases(photometric: str, bits: int, sign: str) -> Iterator[Case]:
    for voi, modality, padding in product(VOIS, MODALITIES, PADDINGS):
        yield Case(photometric, bits, sign == "signed", voi, modality, padding)
