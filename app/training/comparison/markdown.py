"""The comparison as Markdown, to be read or to stand in a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from app.inference.looks import GRADIENTS
from app.training.comparison.measure import BEST, MODEL
from app.training.config import ANNOTATION
from app.training.evaluation.findings import ENOUGH
from app.training.evaluation.rows import LABELS, TEXT
from app.training.evaluation.tables import NONE, facts, grid, number, rows_table

AGAINST = ("micro F1", "macro F1", "micro F1, abnormal", "CIDEr", "BLEU-4")
"""What is told in pairs against the most typical report."""

_SHARE = 0.5
"""Drafts that are all shorter than this share of the mean report are no whole reports."""


def markdown(comparison: Mapping[str, Any]) -> str:
    """The whole comparison, with its own title."""
    return "\n".join(["# Comparison of models", "", *body(comparison, 2)]) + "\n"


def body(comparison: Mapping[str, Any], level: int) -> Iterator[str]:
    """Without a title; its headings begin at ``level``."""
    draws = comparison["bootstrap"]["draws"]
    yield (
        f"Measured with {comparison['program']} on {comparison['made']}. In brackets: 95 % "
        f"intervals by bootstrap over patients ({draws} resamples, the same for all rows)."
    )
    for note in comparison["notes"]:
        yield ("")
        yield note
    mark = "#" * level
    annotators = {model["label"] for model in comparison["models"] if _annotates(model)}
    yield from ("", f"{mark} The models", "", *_models(comparison))
    for name, source in comparison["sources"].items():
        yield from ("", f"{mark} {name}, {source['split']}", "", *facts(source))
        if source.get("rows"):
            yield from _source(source, mark + "#")
            yield from ("", *_footnotes(source, annotators))


def _models(comparison: Mapping[str, Any]) -> Iterator[str]:
    header = ["", "system", "input", "words known", "maps", "learned reports of", "MB", "million"]
    header[-1] += " parameters"
    timed = comparison["speed"]
    if timed:
        header += ["one image, s", "× as long", "images/s", "× as many"]
    cells = []
    for model in comparison["models"]:
        row: list[object] = [
            f"{model['title']} (`{model['label']}`)",
            model["system"],
            f"{model['image_size']} × {model['image_size']}",
            model["vocabulary_size"],
            "Grad-CAM" if model["looks"] == GRADIENTS else model["looks"],
            _learned(model),
            f"{model['size_bytes'] / 1e6:.1f}",
            f"{model['parameters'] / 1e6:.2f}",
        ]
        cells.append(row + (_speed(model["speed"]) if timed else []))
    yield from grid(header, cells)
    yield ""
    weights = ", ".join(
        f"`{model['label']}` `{model['weights_sha256'][:16]}`" for model in comparison["models"]
    )
    yield f"Weights (sha256): {weights}."
    if timed:
        # Which processor it was stands in the JSON; a table travels without it.
        runs = "one run" if timed["runs"] == 1 else f"{timed['runs']} runs"
        device = "GPU" if comparison["device"].startswith("cuda") else "CPU"
        yield (
            f"Speed: one image to three drafts with their maps, and {timed['batch']} images as one "
            f"batch, on the {device}; medians of {runs}. *×*: against "
            f"`{comparison['reference']}`, which drafted in turn with each other model in the "
            "same run."
        )


def _writer(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the model learned to write, as far as its weights folder tells."""
    config = model["training"].get("config") or {}
    return config.get("writer") or {}


def _learned(model: Mapping[str, Any]) -> str:
    writer = _writer(model)
    told = ", ".join(writer.get("sources") or ()) or NONE
    if _annotates(model):
        told += " (annotations)"
    if writer.get("borrowed"):
        told += f"; borrowed: {', '.join(writer['borrowed'])}"
    return told


def _annotates(model: Mapping[str, Any]) -> bool:
    return bool(_writer(model).get("target") == ANNOTATION)


def _speed(speed: Mapping[str, float]) -> list[object]:
    return [
        f"{speed['seconds']:.3f}",
        f"{speed['times_as_long']:.2f}",
        f"{speed['images_per_second']:.1f}",
        f"{speed['times_as_many']:.2f}",
    ]


def _source(source: Mapping[str, Any], mark: str) -> Iterator[str]:
    for title, table in (
        ("Words shared with the report", rows_table(source, (*TEXT, BEST))),
        ("Findings named", rows_table(source, LABELS)),
    ):
        if table:
            yield from ("", f"{mark} {title}", "", *table)
    yield from ("", f"{mark} Manners of the first drafts", "", *_manners(source))
    against = _against(source)
    if against:
        yield from ("", f"{mark} Above the most typical report (paired)", "", *against)
    by_finding = _by_finding(source)
    if by_finding:
        yield from ("", f"{mark} F1 of each finding", "", *by_finding)


def _manners(source: Mapping[str, Any]) -> list[str]:
    header = ["", "distinct ÷ reports", "mean length", "longest", "never ended", "empty"]
    cells = [
        [
            row["row"],
            f"{manners['distinct']} ÷ {source['scored']} = {number(manners['distinct_share'], 2)}",
            number(manners["mean_length"], 1),
            manners["longest"],
            NONE if manners["at_cap"] is None else f"{manners['at_cap']} (cap {manners['cap']})",
            manners["empty"],
        ]
        for row in source["rows"]
        for manners in [row["manners"]]
    ]
    return grid(header, cells)


def _against(source: Mapping[str, Any]) -> list[str]:
    """Each model minus the most typical report."""
    typical = next((row["row"] for row in source["rows"] if row["kind"] == "no image"), None)
    models = [row["row"] for row in source["rows"] if row["kind"] == MODEL]
    told = {
        (one["of"], one["metric"]): one
        for one in source["differences"]
        if one["minus"] == typical and one["metric"] in AGAINST
    }
    metrics = [metric for metric in AGAINST if any((row, metric) in told for row in models)]
    if not metrics:
        return []
    cells = [[row, *(number(told.get((row, metric))) for metric in metrics)] for row in models]
    return grid(["", *metrics], cells)


def _by_finding(source: Mapping[str, Any]) -> list[str]:
    models = [row for row in source["rows"] if row["kind"] == MODEL]
    chosen = [place for place, one in enumerate(models[0]["findings"]) if one["cases"] >= ENOUGH]
    if not chosen:
        return []
    cells = [
        [
            models[0]["findings"][place]["name"],
            models[0]["findings"][place]["cases"],
            *(number(row["findings"][place]["f1"], 2) for row in models),
        ]
        for place in chosen
    ]
    return grid(["finding", "cases", *(row["row"] for row in models)], cells)


def _footnotes(source: Mapping[str, Any], annotators: Collection[str]) -> Iterator[str]:
    told = [f"the {source['truth']}"]
    if source["macro_over"]:
        told.append(f"macro F1 over {', '.join(source['macro_over'])}")
    yield f"- Truth: {'; '.join(told)}. No Finding is never counted."
    yield (
        "- *Never ended*: drafts as long as the cap on their words, where the search closed them. "
        "Lengths count punctuation."
    )
    for name, length in short(source, annotators):
        what = "writes annotations" if name in annotators else "writes less than reports"
        yield (
            f"- `{name}` {what}: no draft has more than {length} words, a report has "
            f"{source['report_length']:.1f} on average. It is scored as it is, against whole "
            "reports, so BLEU (brevity), ROUGE and CIDEr (length) are low by its form alone; and a "
            "draft at its cap may be complete."
        )
    for row in source["rows"]:
        if row["kind"] == MODEL and source["images"] > 1 and row["manners"]["distinct"] == 1:
            yield f"- `{row['row']}` says the same of every image: it is a constant."
    for row in source["rows"]:
        if row["kind"] != MODEL:
            yield f"- *{row['row']}*: {row['about']}."


def short(source: Mapping[str, Any], annotators: Collection[str] = ()) -> Sequence[tuple[str, int]]:
    """The models whose drafts are no whole reports, and their longest draft: those that learned
    annotations, and those that show it by their lengths.
    """
    mean = source["report_length"]
    return [
        (row["row"], row["manners"]["longest"])
        for row in source["rows"]
        if row["kind"] == MODEL
        and mean
        and (row["row"] in annotators or 0 < row["manners"]["longest"] < _SHARE * mean)
    ]
