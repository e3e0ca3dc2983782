"""How drafts are written, whatever they say: how many differ, how long they are, what must not
occur, and whether they tell left from right and ill from well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.inference.vocabulary import NOU
from app.training import labels
from app.training.evaluation.bootstrap import Bootstrap, Figure, FloatArray, mean
from app.training.evaluation.overlap import Words

_RIGHT = re.compile(r"\bright(?:-sided)?\b", re.IGNORECASE)
_LEFT = re.compile(r"\bleft(?:-sided)?\b", re.IGNORECASE)
_BOTH = re.compile(r"\bbilateral(?:ly)?\b|\bboth\b", re.IGNORECASE)
_NORMAL = re.compile(
    r"\b(?:normal|clear|unremarkable|no (?:acute|active|significant|evidence|abnormal\w*)"
    r"|(?:no|without) (?:\w+ ){0,2}abnormalit(?:y|ies))\b",
    re.IGNORECASE,
)
KNOWN_FOR_NORMAL = 10
"""Labels that must be known, and all absent, for an image to count as normal."""


def habits(
    texts: Sequence[str], words: Sequence[Words], longest: int, bootstrap: Bootstrap
) -> dict[str, Any]:
    """Of the first drafts: share of distinct ones, length in words, and what must not occur.

    ``words`` are the model's own, punctuation included; ``longest`` is the cap on their number.
    """
    lengths = np.array([float(len(draft)) for draft in words])
    return {
        "distinct": len(set(texts)),
        "distinct_share": _share(texts, bootstrap).to_json(),
        "mean_length": bootstrap.figure(mean(lengths)).to_json(),
        "empty": sum(not text.strip() for text in texts),
        "nou": sum(NOU in draft for draft in words),
        "over_cap": int((lengths > longest).sum()),
        "at_cap": int((lengths >= longest).sum()),
        "cap": longest,
        "commonest": _commonest(texts),
    }


def _share(texts: Sequence[str], bootstrap: Bootstrap) -> Figure:
    """Different texts ÷ texts; what the shift of its resamples moves beyond 1 is 1."""
    figure = bootstrap.figure(Distinct(texts)).centred()
    return Figure(figure.value, figure.draws.clip(0.0, 1.0))


class Distinct:
    """Different texts ÷ texts, as a statistic."""

    def __init__(self, texts: Sequence[str]) -> None:
        _kinds, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
        self._order = np.argsort(place, kind="stable")
        self._starts = np.flatnonzero(np.diff(place[self._order], prepend=-1))

    def __call__(self, weights: FloatArray) -> FloatArray:
        if not len(self._order):
            return np.full(len(weights), np.nan)
        drawn = np.add.reduceat(weights[:, self._order], self._starts, axis=1) > 0
        shares: FloatArray = drawn.sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
        return shares


def _commonest(texts: Sequence[str]) -> dict[str, Any]:
    if not texts:
        return {"text": "", "images": 0}
    counts: dict[str, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    text = max(counts, key=lambda one: counts[one])
    return {"text": text, "images": counts[text]}


def side(text: str) -> str:
    """ "right" or "left" where the text names only that one, else ""."""
    if _BOTH.search(text):
        return ""
    right, left = bool(_RIGHT.search(text)), bool(_LEFT.search(text))
    return "" if right == left else "right" if right else "left"


def swapped_sides(drafts: Sequence[str], reports: Sequence[str]) -> dict[str, int]:
    """Images whose report and first draft both name one side, and how many name the other one."""
    pairs = [(side(draft), side(report)) for draft, report in zip(drafts, reports, strict=True)]
    both = [(ours, theirs) for ours, theirs in pairs if ours and theirs]
    return {"both_name_one": len(both), "opposite": sum(ours != theirs for ours, theirs in both)}


def normal_drafts(
    normal: NDArray[np.bool_], said_normal: NDArray[np.bool_], bootstrap: Bootstrap
) -> dict[str, Any]:
    """How many normal studies get a first draft that calls them so, and how many others do."""

    def part(chosen: NDArray[np.bool_]) -> dict[str, Any]:
        told = np.where(chosen, said_normal.astype(np.float64), np.nan)
        return {
            "images": int(chosen.sum()),
            "drafted_normal": int((chosen & said_normal).sum()),
            "share": bootstrap.figure(mean(told)).to_json(),
        }

    return {"normal": part(normal), "abnormal": part(~normal)}


def calls_normal(text: str) -> bool:
    """Whether the text says that something is normal and names no finding at all.

    Naming no finding is not enough: "loops of bowel in the left chest" names none of those that the
    labeller knows.
    """
    return bool(_NORMAL.search(text)) and not labels.positives(text, labels.FINDINGS)


def is_normal(known: Mapping[str, float]) -> bool:
    """Whether enough labels are known, and every one of them is absent."""
    return len(known) >= KNOWN_FOR_NORMAL and not any(known.values())
