"""Archives of images and reports → cases.

Each reader streams one collection's own files and tells what it took and what it left out.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import AppError
from app.training.cleaning import clean

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


@dataclass(frozen=True)
class Case:
    """One image with what is known about it.

    ``source`` is the collection's name. ``labels`` holds 1.0 (present) and 0.0 (absent) by finding;
    a finding that is not in it is unknown. ``group`` is the patient, or the image itself where
    patients are unknown: a split never divides a group.
    """

    image: Path
    source: str
    split: str
    group: str
    report: str = ""
    labels: dict[str, float] = field(default_factory=dict)


@dataclass
class ImportReport:
    """What an import took and what it left out, and why."""

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


Reader = Callable[[Path, ImportReport], Iterator[Case]]


def read_roco(folder: Path, report: ImportReport) -> Iterator[Case]:
    """ROCOv2 chest radiographs: ``captions.csv`` (image, caption, split) beside ``images/``."""
    for row in _rows(folder / "captions.csv", ("image", "caption", "split")):
        image = _inside(folder / "images", row["image"])
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        text = clean(row["caption"], report.rules)
        if not text:
            report.left_out["caption names no finding"] += 1
            continue
        report.taken += 1
        yield Case(image, report.source, row["split"], row["image"], report=text)


def read_nih(folder: Path, report: ImportReport) -> Iterator[Case]:
    """ChestX-ray14: ``labels.csv`` (image, labels, patient_id, …, split) beside ``images/``."""
    for row in _rows(folder / "labels.csv", ("image", "labels", "patient_id", "split")):
        image = _inside(folder / "images", row["image"])
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        present = set(row["labels"].split("|"))
        report.taken += 1
        yield Case(
            image,
            report.source,
            row["split"],
            f"nih-{row['patient_id']}",
            labels={name: float(name in present) for name in NIH_LABELS},
        )


def read_kermany(folder: Path, report: ImportReport) -> Iterator[Case]:
    """Paediatric radiographs, normal or pneumonia: ``labels.csv`` (image, label, patient_id,
    split).

    A normal one has none of the findings; of a pneumonia the others are unknown.
    """
    for row in _rows(folder / "labels.csv", ("image", "label", "patient_id", "split")):
        image = _inside(folder / "images", row["image"])
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        normal = row["label"] == "normal"
        labels = dict.fromkeys(NIH_LABELS, 0.0) if normal else {"Pneumonia": 1.0}
        report.taken += 1
        yield Case(
            image, report.source, row["split"], f"kermany-{row['patient_id']}", labels=labels
        )


READERS: dict[str, Reader] = {"roco": read_roco, "nih": read_nih, "kermany": read_kermany}
"""The collections that a training configuration can name."""


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            missing = [name for name in columns if name not in (rows.fieldnames or ())]
            if missing:
                raise AppError(
                    f"{file} has no column {missing[0]!r}.",
                    f"It needs the columns {', '.join(columns)}.",
                )
            yield from rows
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.",
            "Check the folder that --data or the configuration names.",
        ) from error
    except UnicodeDecodeError as error:
        raise AppError(f"{file} is not UTF-8 text.", "Save the table as UTF-8.") from error


def _inside(folder: Path, name: str) -> Path:
    """``folder / name``, refused when it leads out of the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise AppError(
            f"A table names the image {name!r}, which lies outside {folder}.",
            "Correct the table: images are named relative to its own folder.",
        )
    return path
