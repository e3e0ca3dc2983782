"""Phantoms with a finding at a known place: what a word's attention map should cover.

The phantom is the chest made of formulas that the first start shows, drawn small. Into its soft
tissue a finding is put whose place and shape are known to the millimetre. It is no radiograph, and
a model that looks right here may look wrong at patients; but where the finding is is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.imaging import preprocess
from app.imaging.phantom import film, frontal
from app.imaging.phantom.shapes import Array, Field, blur, smooth
from app.imaging.radiograph import Radiograph, View

ROWS, COLUMNS, PITCH = 320, 256, 1.35
"""Size of the phantom in pixels, and of a pixel in mm: 432 × 346 mm."""

SOFT = 185.0
"""Millimetres of water behind the middle of the heart's left side."""

COVERED = 0.25
"""Share of a cell of the attention map from which on it belongs to the finding."""

KINDS = ("opacity", "mass", "effusion", "cardiomegaly")
_ZONES = {"upper": 130.0, "middle": 195.0, "lower": 265.0}
"""Height of the lungs' zones, mm from the top."""


@dataclass(frozen=True, eq=False)
class Planted:
    """A phantom and the finding in it.

    image     (ROWS, COLUMNS) uint8, bright where dense
    region    (ROWS, COLUMNS) bool, where the finding is
    sentence  what a report would say of it, lower case, words apart by spaces
    word      the finding's own word in the sentence
    """

    kind: str
    image: NDArray[np.uint8]
    region: NDArray[np.bool_]
    sentence: str
    word: str

    def cells(self, grid: tuple[int, int]) -> NDArray[np.bool_]:
        """The cells of an attention map, (rows, columns) bool, that the finding covers by a quarter
        or more; of a smaller finding the one that it covers most.
        """
        rows, columns = grid
        mask = Image.fromarray(self.region.astype(np.float32))
        share = np.asarray(mask.resize((columns, rows), Image.Resampling.BOX))
        return np.asarray(share >= min(COVERED, float(share.max())))


def plant(kind: str, seed: int) -> Planted:
    """A phantom with one finding of ``kind``, its side, place and size drawn from ``seed``."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    field = Field(ROWS, COLUMNS, PITCH)
    side, name = ((-1, "right"), (1, "left"))[int(random.integers(2))]
    zone = tuple(_ZONES)[int(random.integers(len(_ZONES)))]
    u, z = side * random.uniform(72, 88), _ZONES[zone] + random.uniform(-8, 8)
    if kind == "opacity":
        wide, high = random.uniform(26, 40, 2)
        cloud = blur(field.ellipsoid(u, z, wide, high, 24), 3.0)
        noise = blur(random.standard_normal(field.shape).astype(np.float32), 2.0)
        water = cloud * (1 + 4.0 * noise)
        sentence, word = f"opacity in the {name} {zone} lobe .", "opacity"
    elif kind == "mass":
        radius = random.uniform(22, 32)
        water = cloud = blur(field.ellipsoid(u, z, radius, radius, 22), 1.0)
        sentence, word = f"mass in the {name} {zone} lobe .", "mass"
    elif kind == "effusion":
        across = side * field.u
        level = random.uniform(235, 285) + 45 - 45 * np.clip((across - 40) / 96, 0, 1.1) ** 3
        inside = smooth(24, 52, across) * smooth(142, 126, across) * smooth(352, 334, field.z)
        water = cloud = np.asarray(110 * smooth(-9, 12, field.z - level) * inside, np.float32)
        sentence, word = f"{name} pleural effusion .", "effusion"
    else:
        half = random.uniform(88, 104)
        water = cloud = blur(field.ellipsoid(14, 262, half, 62, 40), 1.5)
        sentence, word = "cardiomegaly .", "cardiomegaly"
    # What is planted takes the place of air: it makes nothing denser than soft tissue.
    chest = _chest()
    drawn = np.maximum(chest, np.minimum(chest + np.maximum(water, 0), SOFT))
    region = np.asarray(cloud > 0.4 * cloud.max())
    return Planted(kind, _exposed(drawn, seed), region, sentence, word)


def bare(seed: int) -> NDArray[np.uint8]:
    """The same phantom without the finding, (ROWS, COLUMNS) uint8."""
    return _exposed(_chest(), seed)


def equalised(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """A phantom as the model's input before normalisation, (size, size) uint8."""
    return preprocess.equalised(Radiograph(image, Path(), "phantom", view=View.PA), size)


@lru_cache(maxsize=1)
def _chest() -> Array:
    return frontal.tissue(Field(ROWS, COLUMNS, PITCH))


def _exposed(tissue: Array, seed: int) -> NDArray[np.uint8]:
    return np.asarray(film.expose(tissue, seed) >> 4, np.uint8)
