"""Public collections with captions or labels: ROCOv2, ChestX-ray14, Kermany's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.training.cleaning import CAPTIONS
from app.training.corpora.cases import NIH_LABELS, Case, ImportReport
from app.training.corpora.tables import inside, rows


def read_roco(folder: Path, report: ImportReport, _options: Mapping[str, Any]) -> Iterator[Case]:
    """ROCOv2 chest radiographs: ``captions.csv`` (image, caption, split) beside ``images/``."""
    for row in rows(folder / "captions.csv", ("image", "caption", "split")):
        image = inside(folder / "images", row["image"])
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        text = CAPTIONS.clean(row["caption"], report.rules)
        if not text:
            report.left_out["caption names no finding"] += 1
            continue
        report.taken += 1
        yield Case(image, report.source, row["split"], row["image"], report=text)


def read_nih(folder: Path, report: ImportReport, _options: Mapping[str, Any]) -> Iterator[Case]:
    """ChestX-ray14: ``labels.csv`` (image, labels, patient_id, …, split) beside ``images/``."""
    for row in rows(folder / "labels.csv", ("image", "labels", "patient_id", "split")):
        image = inside(folder / "images", row["image"])
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


def read_kermany(folder: Path, report: ImportReport, _options: Mapping[str, Any]) -> Iterator[Case]:
    """Paediatric radiographs, normal or pneumonia: ``labels.csv`` (image, label, patient_id,
    split).

    A normal one has none of the findings; of a pneumonia the others are unknown.
    """
    for row in rows(folder / "labels.csv", ("image", "label", "patient_id", "split")):
        image = inside(folder / "images", row["image"])
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        normal = row["label"] == "normal"
        labels = dict.fromkeys(NIH_LABELS, 0.0) if normal else {"Pneumonia": 1.0}
        report.taken += 1
        yield Case(
            image, report.source, row["split"], f"kermany-{row['patient_id']}", labels=labels
        )
