"""Public collections with captions or labels: ROCOv2, ChestX-ray14, Kermany's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.training.cleaning import CAPTIONS
from app.training.cleaning.words import FILM
from app.training.corpora import fields
from app.training.corpora.cases import NIH_LABELS, UNKNOWN, Case, ImportReport
from app.training.corpora.tables import column_names, inside, rows

_OF_THE_CHEST = re.compile(
    rf"\b(?:cxr|(?=.*\b{FILM}\b).*\b(?:chest|thora|lung|pulmonary|pleura))",
    re.IGNORECASE | re.DOTALL,
)


def read_roco(folder: Path, report: ImportReport, options: Mapping[str, Any]) -> Iterator[Case]:
    """ROCOv2: ``captions.csv`` (image, caption, split) beside ``images/``, or as it was published,
    ``{train,valid,test}_captions.csv`` (ID, Caption) beside ``{train,valid,test}/``, of which only
    radiographs of the chest are taken.
    """
    for name, image, caption, split in _captions(folder, report):
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        text = CAPTIONS.clean(caption, report.rules, options.get("words"))
        if not text:
            report.left_out["caption names no finding"] += 1
            continue
        report.taken += 1
        yield Case(image, report.source, split, f"{UNKNOWN}{name}", report=text, study=name)


def _captions(folder: Path, report: ImportReport) -> Iterator[tuple[str, Path, str, str]]:
    published = [
        side for side in ("train", "valid", "test") if (folder / f"{side}_captions.csv").is_file()
    ]
    if (folder / "captions.csv").is_file() or not published:
        file = folder / "captions.csv"
        for row in rows(file, ("image", "caption", "split")):
            image = inside(folder / "images", row["image"])
            yield row["image"], image, row["caption"], fields.split(row["split"], str(file))
        return
    for side in published:
        for row in rows(folder / f"{side}_captions.csv", ("ID", "Caption")):
            if not _OF_THE_CHEST.search(row["Caption"]):
                report.left_out["caption is not of a chest radiograph"] += 1
                continue
            image = inside(folder / side, f"{row['ID']}.jpg")
            yield row["ID"], image, row["Caption"], fields.split(side, side)


def read_nih(folder: Path, report: ImportReport, _options: Mapping[str, Any]) -> Iterator[Case]:
    """ChestX-ray14: ``labels.csv`` (image, labels, patient_id, age, sex, view, split) beside
    ``images/``, or as it was published, ``Data_Entry_2017*.csv`` beside ``images*/`` with
    ``test_list.txt`` and ``train_val_list.txt`` if they are there.
    """
    original = sorted(folder.glob("Data_Entry_2017*.csv"))
    if original and not (folder / "labels.csv").is_file():
        found = _original(folder, original[0], report)
    else:
        found = _listed(folder)
    for image, row in found:
        if image is None or not image.is_file():
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
            view=fields.view(row.get("view", "")),
            age=fields.age(row.get("age", "")),
            sex=fields.sex(row.get("sex", "")),
            study=image.stem,
        )


def _listed(folder: Path) -> Iterator[tuple[Path | None, dict[str, str]]]:
    file = folder / "labels.csv"
    for row in rows(file, ("image", "labels", "patient_id", "split")):
        split = fields.split(row["split"], str(file))
        yield inside(folder / "images", row["image"]), {**row, "split": split}


def _original(
    folder: Path, file: Path, report: ImportReport
) -> Iterator[tuple[Path | None, dict[str, str]]]:
    # The archive comes in twelve parts, images_001/images/… to images_012/images/….
    shelves = [folder / "images", *sorted(folder.glob("images_*/images"))]
    images = {path.name: path for shelf in shelves if shelf.is_dir() for path in shelf.iterdir()}
    held_out, learning = (
        set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()
        for path in (folder / "test_list.txt", folder / "train_val_list.txt")
    )
    names = column_names(file)
    sex = "Patient Sex" if "Patient Sex" in names else "Patient Gender"
    columns = ("Image Index", "Finding Labels", "Patient ID", "Patient Age", sex, "View Position")
    for row in rows(file, columns):
        name = row["Image Index"]
        if learning and name not in learning and name not in held_out:
            report.left_out["in neither of the published lists"] += 1
            continue
        path = images.get(name)
        yield (
            (inside(folder, str(path.relative_to(folder))) if path else None),
            {
                "labels": row["Finding Labels"],
                "patient_id": row["Patient ID"].lstrip("0") or "0",
                "age": row["Patient Age"],
                "sex": row[sex],
                "view": row["View Position"],
                "split": "test" if name in held_out else "",
            },
        )


def read_kermany(folder: Path, report: ImportReport, _options: Mapping[str, Any]) -> Iterator[Case]:
    """Paediatric radiographs, normal or pneumonia: ``labels.csv`` (image, label, patient_id,
    split).

    A normal one has none of the findings; of a pneumonia the others are unknown.
    """
    file = folder / "labels.csv"
    for row in rows(file, ("image", "label", "patient_id", "split")):
        image = inside(folder / "images", row["image"])
        label = row["label"].lower()
        if label not in ("normal", "pneumonia", "bacterial", "viral", "bacteria", "virus"):
            report.left_out["label is neither normal nor pneumonia"] += 1
            continue
        if not image.is_file():
            report.left_out["image missing"] += 1
            continue
        report.taken += 1
        yield Case(
            image,
            report.source,
            fields.split(row["split"], str(file)),
            f"kermany-{row['patient_id']}",
            labels=dict.fromkeys(NIH_LABELS, 0.0) if label == "normal" else {"Pneumonia": 1.0},
            view="frontal",
            study=image.stem,
        )
