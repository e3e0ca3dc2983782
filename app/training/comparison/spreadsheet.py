"""The comparison as CSV: the figures, one a line, and the first drafts side by side."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.files import replacing
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source
from app.training.evaluation.spreadsheets import cell

COLUMNS = ("source", "split", "kind", "row", "metric", "value", "low", "high", "images")


def write_csv(comparison: Mapping[str, Any], file: Path) -> None:
    """One figure a line: ``COLUMNS``; what belongs to a model and no collection has no source."""
    with replacing(file, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for line in (*_models(comparison), *_figures(comparison)):
            writer.writerow([cell(one) for one in line])


def _models(comparison: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    for model in comparison["models"]:
        told = {name: model[name] for name in ("size_bytes", "parameters", "vocabulary_size")}
        for metric, value in (told | (model["speed"] or {})).items():
            yield "", "", "model", model["label"], metric, value, None, None, None


def _figures(comparison: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    for name, source in comparison["sources"].items():
        start = (name, source["split"])
        images = source.get("scored", source["images"])
        for row in source.get("rows", []):
            manners = row["manners"]
            figures = {
                **row["metrics"],
                **{key: manners[key] for key in ("distinct_share", "mean_length")},
                **{f"F1 {one['name']}": one["f1"] for one in row["findings"]},
            }
            for metric, figure in figures.items():
                yield (*start, row["kind"], row["row"], metric, *_values(figure), images)
            for metric in ("distinct", "longest", "at_cap", "empty"):
                value = (manners[metric], None, None)
                yield (*start, row["kind"], row["row"], metric, *value, images)
        for one in source.get("differences", []):
            label = f"{one['of']} minus {one['minus']}"
            yield (*start, "difference", label, one["metric"], *_values(one), images)


def _values(figure: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return figure["value"], figure["low"], figure["high"]


def write_drafts(
    sources: Sequence[Source], drafts: Mapping[str, Sequence[Drafted | None]], file: Path
) -> None:
    """Each image with its report and every model's first draft, to be read by a person. Reports
    stand in it as the collection holds them.
    """
    with replacing(file, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([cell(one) for one in ("source", "image", "report", *drafts)])
        place = 0
        for source in sources:
            for case in source.cases:
                texts = [
                    one.texts[0] if one is not None and one.texts else ""
                    for one in (each[place] for each in drafts.values())
                ]
                image = case.image.name if case.image else ""
                writer.writerow([cell(one) for one in (source.name, image, case.report, *texts)])
                place += 1
