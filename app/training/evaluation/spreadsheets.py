"""The evaluation as CSV: one file of figures to be worked with, one of what was drafted for each
image.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.files import replacing
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source

COLUMNS = ("source", "split", "part", "row", "metric", "value", "low", "high", "images")
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INVISIBLE = "\ufeff\u200b\u2060\0 \t\r\n\v\f\u00a0\u3000"


def write_csv(evaluation: Mapping[str, Any], file: Path) -> None:
    """One figure a line: ``COLUMNS``."""
    with replacing(file, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for name, source in evaluation["sources"].items():
            for part, row, metric, figure, images in _figures(source):
                values = [figure[key] for key in ("value", "low", "high")]
                line = [name, source["split"], part, row, metric, *values, images]
                writer.writerow([cell(one) for one in line])


def _figures(source: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any], int]]:
    images = source["images"]
    for row in source.get("rows", []):
        for metric, figure in row["metrics"].items():
            yield row["kind"], row["row"], metric, figure, images
    for one in source.get("differences", []):
        yield "difference", f"{one['of']} minus {one['minus']}", one["metric"], one, images
    for one in source.get("findings", []):
        for metric in ("f1", "precision", "recall"):
            yield "finding", one["name"], metric, one[metric], images
    habits = source.get("habits") or {}
    for metric in ("distinct_share", "mean_length"):
        if metric in habits:
            yield "manners", "rank 1", metric, habits[metric], images
    head = source.get("head")
    if head:
        yield "head", "all findings", "mean AUC", head["mean_auc"], images
        yield "head", "all findings", "ECE", head["ece"], images
        for one in head["findings"]:
            yield "head", one["name"], "AUC", one["auc"], one["known"]
            yield "head", one["name"], "ECE", one["ece"], one["known"]
    for group in source.get("subgroups", []):
        for metric, figure in group.items():
            if isinstance(figure, dict):
                label = f"{group['by']} {group['group']}"
                yield "subgroup", label, metric, figure, group["images"]


def write_cases(
    sources: Sequence[Source], drafts: Mapping[str, Sequence[Drafted | None]], file: Path
) -> None:
    """Each image with its report, labels and drafts, to be read by a person. Reports stand in it as
    the collection holds them.
    """
    with replacing(file, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("source", "image", "report", "labels", "rank 1", "rank 2", "rank 3"))
        for source in sources:
            for case, drafted in zip(source.cases, drafts[source.name], strict=True):
                present = sorted(name for name, known in case.labels.items() if known)
                texts = [*(drafted.texts if drafted else ()), "", "", ""][:3]
                image = case.image.name if case.image else ""
                line = [source.name, image, case.report, "|".join(present), *texts]
                writer.writerow([cell(one) for one in line])


def cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe (OWASP, "CSV
    Injection").
    """
    if isinstance(value, str) and value.lstrip(_INVISIBLE).startswith(_FORMULA_STARTS):
        return "'" + value
    return value
