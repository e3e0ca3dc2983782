"""What a model was measured at: ``scores.json`` beside its weights.

``readingroom evaluate --card`` writes it with the model card; another program may. It holds the
sha256 of the weights that were measured, and per collection the figures of the first draft::

    {"format": 1, "weights_sha256": "…",
     "sources": [{"name": "indiana", "split": "test", "images": 590,
                  "scores": {"macro F1": {"value": 0.31, "low": 0.28, "high": 0.34},
                             "CIDEr": {"value": 0.9, "low": null, "high": null}}}]}

``low`` and ``high`` are the ends of a 95 % interval, null where none was taken.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import ModelError

FILE, FORMAT = "scores.json", 1
SHOWN = ("macro F1", "CIDEr")
"""The figures that are kept: findings named rightly, and likeness of the words."""


@dataclass(frozen=True)
class Score:
    """A figure with the ends of its 95 % interval, None where none was taken."""

    metric: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Measured:
    """The first draft's ``scores`` on the ``images`` images of one collection's ``split``."""

    name: str
    split: str
    images: int
    scores: tuple[Score, ...]


def read(folder: Path, weights_sha256: str) -> tuple[Measured, ...]:
    """The scores of the weights in ``folder``; none without a file.

    Raises ModelError for a file that can't be read, and for one of other weights.
    """
    file = folder / FILE
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        if entry["format"] != FORMAT:
            raise ValueError("another format")
        found = tuple(_measured(source) for source in entry["sources"])
        of_these = entry["weights_sha256"] == weights_sha256
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{file} can't be read.", "Evaluate the model again.") from error
    if not of_these:
        raise ModelError(f"{file} is about other weights.", "Evaluate the model again.")
    return found


def from_evaluation(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The content of the file, from an ``evaluation.json`` (docs/evaluation.md)."""
    sources = []
    for name, source in evaluation["sources"].items():
        first = next((row for row in source["rows"] if row["kind"] == "drafts"), None)
        metrics = first["metrics"] if first is not None else {}
        scores = {
            metric: metrics[metric]
            for metric in SHOWN
            if metric in metrics and metrics[metric]["value"] is not None
        }
        if scores:
            part = {key: source[key] for key in ("split", "images")}
            sources.append({"name": name, **part, "scores": scores})
    return {
        "format": FORMAT,
        "weights_sha256": evaluation["model"]["weights_sha256"],
        "sources": sources,
    }


def _measured(source: Mapping[str, Any]) -> Measured:
    scores = tuple(
        Score(name, _number(figure["value"]), *(_end(figure.get(end)) for end in ("low", "high")))
        for name, figure in source["scores"].items()
    )
    return Measured(str(source["name"]), str(source["split"]), int(source["images"]), scores)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def _end(value: Any) -> float | None:
    return None if value is None else _number(value)
