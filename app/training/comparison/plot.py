"""The comparison as a picture: each row's figures with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.files import make_folder
from app.training.comparison.measure import MODEL
from app.training.evaluation.pictures import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    figure_type,
    reach,
    save,
    styled,
)
from app.training.evaluation.rows import NO_IMAGE, ORACLE

SHOWN = ("micro F1", "macro F1", "CIDEr", "BLEU-4")

_SIGNS = {
    MODEL: (BLUE, "o", "model"),
    NO_IMAGE: (ORANGE, "s", "without the image"),
    ORACLE: (GREEN, "D", "without the image, chosen with the truth at hand"),
}
"""Colour, mark and words of each kind of row."""

_BEYOND = 2.5
"""An oracle this many times beyond every row that can be had is not let to squeeze the others."""


def draw(comparison: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write one PNG for each collection into ``folder`` and return their paths.

    Raises PicturesError when matplotlib is not installed.
    """
    figure = figure_type()
    make_folder(folder)
    written = []
    with styled():
        for name, source in comparison["sources"].items():
            rows = source.get("rows", [])
            metrics = [one for one in SHOWN if any(_told(row, one) for row in rows)]
            if metrics:
                file = folder / f"{name}-comparison.png"
                save(_intervals(figure, rows, metrics, f"{name} ({source['split']})"), file)
                written.append(file)
    return written


def _intervals(
    figure: Any, rows: Sequence[Mapping[str, Any]], metrics: Sequence[str], title: str
) -> Any:
    """A panel for each metric, a line for each row; the reach of the most typical report goes
    through as a band.
    """
    picture = figure(figsize=(3.6 + 2.6 * len(metrics), 1.9 + 0.42 * len(rows)))
    picture.set_layout_engine("constrained")
    panels = picture.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    places = list(range(len(rows)))[::-1]
    constant = next((row for row in rows if row["kind"] == NO_IMAGE), None)
    for axes, metric in zip(panels, metrics, strict=True):
        band = constant["metrics"].get(metric) if constant else None
        if band and band["low"] is not None:
            axes.axvspan(band["low"], band["high"], color=ORANGE, alpha=0.12, linewidth=0)
        limit = _limit(rows, metric)
        for row, place in zip(rows, places, strict=True):
            if not _told(row, metric):
                continue
            told = row["metrics"][metric]
            colour, mark, _ = _SIGNS[row["kind"]]
            if limit and told["value"] > limit:
                axes.text(
                    limit, place, f"{told['value']:.2f} →", ha="right", va="center", color=colour
                )
                continue
            axes.errorbar(
                told["value"],
                place,
                xerr=[[one] for one in reach(told)],
                color=colour,
                marker=mark,
                markersize=6,
                linewidth=1.6,
                capsize=3,
            )
        if limit:
            axes.set_xlim(right=limit)
        axes.set_xlim(left=-0.03 * axes.get_xlim()[1])  # a mark at 0 is seen whole
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_xlabel(metric)
    panels[0].set_yticks(places, [row["row"] for row in rows])
    picture.suptitle(f"{title}: 95 % intervals by bootstrap over patients", color=INK, fontsize=11)
    _legend(picture, {row["kind"] for row in rows}, constant)
    return picture


def _told(row: Mapping[str, Any], metric: str) -> bool:
    """Whether a row has this figure: of a few images no finding may be there often enough."""
    figure = row["metrics"].get(metric)
    return figure is not None and figure["value"] is not None


def _limit(rows: Sequence[Mapping[str, Any]], metric: str) -> float:
    """Where the axis ends because of an oracle; 0 where it need not."""
    figures = [(row["kind"], row["metrics"].get(metric) or {}) for row in rows]
    honest = [one["high"] or one["value"] or 0.0 for kind, one in figures if one and kind != ORACLE]
    most = max((one["value"] or 0.0 for kind, one in figures if one and kind == ORACLE), default=0)
    limit = _BEYOND * max(honest, default=0.0)
    return limit if most > limit else 0.0


def _legend(picture: Any, kinds: set[str], constant: Mapping[str, Any] | None) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=colour, marker=mark, linewidth=1.6, label=words)
        for kind, (colour, mark, words) in _SIGNS.items()
        if kind in kinds
    ]
    if constant is not None:
        label = f"reach of the {constant['row']}"
        handles.append(Patch(color=ORANGE, alpha=0.12, linewidth=0, label=label))
    picture.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
