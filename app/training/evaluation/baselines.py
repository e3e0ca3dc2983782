"""Drafts without an image: what a collection's language alone is worth.

Three texts of the training set: its most typical report for every image, a random one for each, and
(an oracle, since it is chosen with the truth at hand) the one nearest to each image's own report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.training.evaluation.cider import Cider
from app.training.evaluation.overlap import Words

MOST_COMPARED = 3000
"""Training reports among which the most typical is looked for: the work grows with the square."""

MOST_DRAWN = 5000
"""Random reports in all: a single draw for each image has luck of its own, which ten even out."""

MOST_PAIRS = 20_000_000
"""Reports × training reports that are compared to find the nearest; a number each in memory."""

LEAST_SEARCHED, MOST_SEARCHED = 1000, 20_000
"""Training reports among which the nearest is looked for."""


@dataclass(frozen=True)
class Baseline:
    """Texts made without the images, one for each of them, as often as they were ``drawn``.
    ``about`` says how; an ``oracle`` was chosen with the truth at hand.
    """

    name: str
    about: str
    drawn: tuple[tuple[str, ...], ...]
    oracle: bool = False


def without_image(
    training: Sequence[tuple[str, Words]], reports: Sequence[Words], seed: int
) -> list[Baseline]:
    """The three rows for n ``reports``; ``training`` are (text, its words). Empty without
    training.
    """
    if not training or not reports:
        return []
    rng = np.random.default_rng(seed)
    compared = _sample(training, MOST_COMPARED, rng)
    most = min(max(MOST_PAIRS // len(reports), LEAST_SEARCHED), MOST_SEARCHED)
    searched = _sample(training, most, rng)
    draws = min(max(MOST_DRAWN // len(reports), 1), 10)
    drawn = rng.integers(len(training), size=(draws, len(reports)))
    return [
        Baseline(
            "most typical report",
            "the same training report for every image: of "
            f"{len(compared)} the one with the highest mean CIDEr to the others",
            ((_most_typical(compared),) * len(reports),),
        ),
        Baseline(
            "random report",
            f"a training report drawn at random for each image; mean of {draws} draws "
            f"(seed {seed})",
            tuple(tuple(training[place][0] for place in places) for places in drawn),
        ),
        Baseline(
            "nearest report (oracle)",
            f"of {len(searched)} training reports the one with the highest CIDEr to the "
            "image's own report, which no model can know",
            (_nearest(searched, reports),),
            oracle=True,
        ),
    ]


def _sample(
    training: Sequence[tuple[str, Words]], most: int, rng: np.random.Generator
) -> list[tuple[str, Words]]:
    if len(training) <= most:
        return list(training)
    return [training[place] for place in np.sort(rng.permutation(len(training))[:most])]


def _most_typical(training: Sequence[tuple[str, Words]]) -> str:
    words = [one for _text, one in training]
    table = Cider(words).table(words)
    np.fill_diagonal(table, 0.0)
    return training[int(table.sum(axis=0).argmax())][0]


def _nearest(training: Sequence[tuple[str, Words]], reports: Sequence[Words]) -> tuple[str, ...]:
    words = [one for _text, one in training]
    measure = Cider(reports)
    nearest = measure.table(words).argmax(axis=1)
    return tuple(training[place][0] for place in nearest)
