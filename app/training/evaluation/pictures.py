"""The evaluation as pictures: reliability, AUC per finding, F1 against the rows without an image.

matplotlib draws them and is needed for nothing else; without it there are no pictures and one
sentence that says so. Colours are Okabe and Ito's, which differ for every kind of colour vision,
and nothing is told by colour alone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.files import make_folder, write_bytes

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#6E6E6E"
INK = "#1A1A1A"
_KINDS = {"drafts": BLUE, "oracle": GREEN, "no image": ORANGE, "constant": GREY}
_STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",
}


class PicturesError(AppError):
    """Pictures can't be drawn here; ``message`` says why."""


def figure_type() -> Any:
    """matplotlib's Figure. Raises :class:`PicturesError` when it is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PicturesError(
            "No pictures were drawn, because matplotlib is not installed.",
            "Install Reading Room again.",
        ) from error
    return Figure


def styled() -> AbstractContextManager[None]:
    """What is drawn within looks like every picture of this program."""
    import matplotlib

    context: AbstractContextManager[None] = matplotlib.rc_context(_STYLE)
    return context


def save(picture: Any, file: Path) -> None:
    """Write a picture as PNG, the same bytes each time.

    Raises :class:`app.errors.StoreError` when the file can't be written.
    """
    content = io.BytesIO()
    picture.savefig(content, dpi=150, metadata={"Software": None})
    write_bytes(file, content.getvalue())


def draw(evaluation: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the pictures of every source as PNG into ``folder`` and return their paths.

    Raises :class:`PicturesError` when matplotlib is not installed.
    """
    Figure = figure_type()
    make_folder(folder)
    written = []
    with styled():
        for name, source in evaluation["sources"].items():
            title = f"{evaluation['model']['id']} on {name} ({source['split']})"
            pictures: dict[str, Any] = {}
            head = source.get("head")
            if head:
                pictures["auc"] = _areas(Figure, head, title)
                pictures["reliability"] = _reliability(Figure, head, title)
            rows = [row for row in source.get("rows", []) if "micro F1" in row["metrics"]]
            if rows:
                pictures["findings"] = _bars(Figure, rows, ("micro F1", "macro F1"), title)
            rows = [row for row in source.get("rows", []) if "CIDEr" in row["metrics"]]
            if rows:
                pictures["words"] = _bars(Figure, rows, ("CIDEr", "ROUGE-L"), title)
            for kind, picture in pictures.items():
                file = folder / f"{name}-{kind}.png"
                save(picture, file)
                written.append(file)
    return written


def reach(figure: Mapping[str, Any]) -> tuple[float, float]:
    """How far the interval reaches below and above the value; 0 where it isn't known."""
    value = figure["value"]
    low = value if figure["low"] is None else figure["low"]
    high = value if figure["high"] is None else figure["high"]
    return max(value - low, 0.0), max(high - value, 0.0)


def _areas(figure_type: Any, head: Mapping[str, Any], title: str) -> Any:
    """AUC per finding with intervals, best first; findings with too few cases are left out."""
    known = [one for one in head["findings"] if one["auc"]["low"] is not None]
    known.sort(key=lambda one: one["auc"]["value"])
    names = [f"{one['name'].replace('_', ' ')}  ({one['cases']})" for one in known]
    values = [one["auc"]["value"] for one in known]
    reaches = list(zip(*(reach(one["auc"]) for one in known), strict=True)) or [(), ()]
    picture = figure_type(figsize=(7.2, 1.6 + 0.3 * len(known)), layout="constrained")
    axes = picture.subplots()
    axes.barh(names, values, xerr=reaches, color=BLUE, height=0.65, ecolor=INK, capsize=2)
    mean = head["mean_auc"]["value"]
    above = mean is None or mean >= 0.5
    sides = ("right", "left") if above else ("left", "right")
    axes.axvline(0.5, color=INK, linestyle="--", linewidth=1)
    axes.text(0.5, len(known) - 0.4, " chance ", va="bottom", ha=sides[0])
    if mean is not None:
        axes.axvline(mean, color=ORANGE, linewidth=1.5)
        told = f" mean {mean:.2f} "
        axes.text(mean, len(known) - 0.4, told, va="bottom", ha=sides[1], color=ORANGE)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(-0.6, len(known) + 0.3)
    axes.set_xlabel("AUC with 95 % interval (in brackets: cases)")
    axes.set_title(f"Findings head: {title}")
    return picture


def _reliability(figure_type: Any, head: Mapping[str, Any], title: str) -> Any:
    """The share that has a finding against the head's number, all findings and the commonest."""
    commonest = sorted(head["findings"], key=lambda one: -one["cases"])[:3]
    picture = figure_type(figsize=(6.0, 6.4), layout="constrained")
    upper, lower = picture.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    upper.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1, label="as it should be")
    curves = [("all findings", head["bins"], BLUE, "o", 2.4)]
    marks = (("s", ORANGE), ("^", GREEN), ("D", GREY))
    for one, (mark, colour) in zip(commonest, marks, strict=False):
        curves.append((one["name"].replace("_", " "), one["bins"], colour, mark, 1.2))
    for label, bins, colour, mark, width in curves:
        scores, shares = [bin["score"] for bin in bins], [bin["share"] for bin in bins]
        upper.plot(scores, shares, color=colour, marker=mark, linewidth=width, label=label)
    upper.set_ylabel("share of images that have the finding")
    upper.set_xlim(0, 1)
    upper.set_ylim(0, 1)
    upper.legend(frameon=False)
    ece = head["ece"]["value"]
    told = "" if ece is None else f", ECE {ece:.3f}"
    upper.set_title(f"Calibration{told}: {title}")
    lefts = [bin["from"] for bin in head["bins"]]
    counts = [bin["images"] for bin in head["bins"]]
    lower.bar(lefts, counts, width=0.1, align="edge", color=BLUE, edgecolor="white")
    lower.set_yscale("log")
    lower.set_ylabel("number")
    lower.set_xlabel("what the head says")
    return picture


def _bars(
    figure_type: Any, rows: Sequence[Mapping[str, Any]], metrics: tuple[str, ...], title: str
) -> Any:
    """Each row's figures with intervals; the first draft's reach goes through as a band."""
    picture = figure_type(figsize=(9.6, 1.6 + 0.34 * len(rows)), layout="constrained")
    panels = picture.subplots(1, len(metrics), sharey=True)
    names = [row["row"] for row in reversed(rows)]
    for axes, metric in zip(panels, metrics, strict=True):
        figures = [row["metrics"][metric] for row in reversed(rows)]
        values = [figure["value"] or 0.0 for figure in figures]
        reaches = list(
            zip(*(reach({**one, "value": one["value"] or 0.0}) for one in figures), strict=True)
        )
        colours = [_KINDS[row["kind"]] for row in reversed(rows)]
        axes.barh(names, values, xerr=reaches, color=colours, height=0.65, ecolor=INK, capsize=2)
        first = rows[0]["metrics"][metric]
        if first["low"] is not None:
            axes.axvspan(first["low"], first["high"], color=BLUE, alpha=0.15, linewidth=0, zorder=0)
        _cut_oracle(axes, list(reversed(rows)), values)
        axes.set_xlabel(f"{metric} with 95 % interval")
    panels[0].set_title(title)
    return picture


def _cut_oracle(axes: Any, rows: Sequence[Mapping[str, Any]], values: Sequence[float]) -> None:
    """Where an oracle is far beyond every row that can be had, end the axis and write its value."""
    honest = [value for row, value in zip(rows, values, strict=True) if "oracle" not in row["row"]]
    limit = 3 * max(honest, default=0.0)
    if 0 < limit < max(values):
        axes.set_xlim(0, limit)
        for place, value in enumerate(values):
            if value > limit:
                axes.text(limit, place, f"{value:.2f} → ", ha="right", va="center", color="white")
