"""Frozen studies for tests: small gray images, texts without a tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from app.reading.item import Item
from app.reading.protocol import OFFERED, Protocol
from app.store.reader_study import IMAGES, ReaderStudy

PROTOCOL = Protocol(
    "pilot",
    "unpaired",
    3,
    0.5,
    ("R1", "R2"),
    2,
    training=1,
    dark_gap=0.0,
    questions=(OFFERED[0], OFFERED[4]),
)


def frozen(folder: Path, protocol: Protocol = PROTOCOL, items: int = 4) -> ReaderStudy:
    """A study of one training item and ``items`` real ones, in reverse order for R2.

    The second half of a paired one comes after the washout.
    """
    images = folder / IMAGES
    images.mkdir(parents=True)
    rng = np.random.default_rng(0)
    made = []
    for number in range(items + 1):
        code = f"ITEM{number:02}"
        pixels = rng.integers(0, 255, (48, 40), dtype=np.uint8)
        Image.fromarray(pixels).save(images / f"{code}.png")
        made.append(Item(code, f"{code}.png", f"Report {number}.", training=number == 0))
    codes = [item.code for item in made[1:]]
    orders = {
        reader: [made[0].code, *(codes if place % 2 == 0 else reversed(codes))]
        for place, reader in enumerate(protocol.readers)
    }
    second = dict.fromkeys(orders, 2 + items // 2) if protocol.design == "paired" else {}
    return ReaderStudy.create(folder, protocol, made, orders, second)
