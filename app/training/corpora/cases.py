"""What an importer yields, and what it tells about it.

Everything here is plain data: the readers of this package make it, the rest of training uses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NIH_LABELS = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
"""The 14 labels of ChestX-ray14 in the order of its paper."""

UNKNOWN = "image:"
"""How the group of a case begins whose patient is unknown: the image stands for itself, and
:mod:`app.training.splits` may join it with others that show the same.
"""


@dataclass(frozen=True)
class Case:
    """One image with what is known about it.

    image   the file, or None for a report without one
    source  the collection's name
    split   "train", "val" or "test", "" where the collection does not say
    group   the patient, or the image itself where patients are unknown: a split never divides it
    report  the cleaned sentences, "" where there are none
    labels  1.0 (present) and 0.0 (absent) by finding; one that is not in it is unknown
    view    "PA", "AP", "frontal", "lateral", or "" where unknown
    age     in years
    sex     "F", "M", or "" where unknown
    study   what the images of one examination have in common
    annotation  the collection's own short annotation, a finding and its place in a few words
    """

    image: Path | None
    source: str
    split: str
    group: str
    report: str = ""
    labels: dict[str, float] = field(default_factory=dict)
    view: str = ""
    age: float | None = None
    sex: str = ""
    study: str = ""
    annotation: str = ""


@dataclass(frozen=True)
class Corpus:
    """One entry of a training configuration: a collection, where it lies and how it is read."""

    name: str
    kind: str
    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class ImportReport:
    """What an import took and what it left out, and why.

    ``rules`` counts, for each cleaning rule, the texts in which it acted.
    """

    source: str
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """One sentence a line, for a terminal."""
        lines = [f"{self.source}: {self.taken} cases taken"]
        lines += [f"  left out: {count} ({why})" for why, count in self.left_out.most_common()]
        lines += [f"  cleaned: {count} × {name}" for name, count in self.rules.most_common()]
        return lines


Reader = Callable[[Path, ImportReport, Mapping[str, Any]], Iterator[Case]]
"""The collection's folder, the report to fill in, and the options → cases, one at a time."""
