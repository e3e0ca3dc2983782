"""Did the blinding hold? What the readers guessed, and how they scored what they took for what.

A guess may be "human", "machine" or "don't know" (anything else counts as not asked).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.reading.analysis.comparison import Interval
from app.reading.analysis.table import ARMS, Table
from app.reading.ratings import Score

GUESSES: Final = ("human", "machine", "don't know")


@dataclass(frozen=True)
class Blinding:
    """``counts`` (guess × arm) as in :data:`GUESSES` and ``ARMS``.

    ``james`` 0 (all guess right) to 1 (all say they don't know), 0.5 for random guessing;
    ``bang`` per arm −1 (all wrong) to 1 (all right), 0 for random guessing. Intervals by bootstrap
    over cases (95 %).
    """

    counts: tuple[tuple[int, int], ...]
    james: Interval
    bang: tuple[Interval, Interval]
    correct: Interval
    score_by_guess: tuple[tuple[str, int, float], ...]


def blinding(table: Table, *, seed: int = 0, resamples: int = 2_000) -> Blinding | None:
    """None when nobody was asked."""
    asked = [score for score in table.scores if score.answers.get("guess") in GUESSES]
    if not asked:
        return None
    counts = _counts(asked)
    cases = sorted({score.case for score in asked})
    per_case = np.stack([_counts([s for s in asked if s.case == case]) for case in cases])
    rng = np.random.default_rng(seed)
    drawn = [
        per_case[rng.integers(0, len(cases), len(cases))].sum(axis=0) for _ in range(resamples)
    ]
    return Blinding(
        counts=tuple((int(row[0]), int(row[1])) for row in counts),
        james=_spread(james(counts), [james(one) for one in drawn]),
        bang=(
            _spread(bang(counts, 0), [bang(one, 0) for one in drawn]),
            _spread(bang(counts, 1), [bang(one, 1) for one in drawn]),
        ),
        correct=_spread(_correct(counts), [_correct(one) for one in drawn]),
        score_by_guess=tuple(_score_by_guess(asked)),
    )


def james(counts: NDArray[np.int64]) -> float:
    """James' index (Statistics in Medicine 1996); ``counts`` (3, 2) by guess and arm.

    (1 + P_dk + (1 − P_dk) K) / 2, K = (observed − expected) / expected share of wrong guesses among
    those who guessed. NaN without any answer; K is 0 where it is not defined.
    """
    total = counts.sum()
    if not total:
        return float("nan")
    guessed = counts[:2].astype(np.float64)
    unsure = float(counts[2].sum() / total)
    if not guessed.sum():
        return 1.0
    observed = (guessed[0, 1] + guessed[1, 0]) / guessed.sum()
    rows, columns = guessed.sum(axis=1), guessed.sum(axis=0)
    expected = (rows[0] * columns[1] + rows[1] * columns[0]) / guessed.sum() ** 2
    excess = (observed - expected) / expected if expected else 0.0
    return float((1 + unsure + (1 - unsure) * excess) / 2)


def bang(counts: NDArray[np.int64], arm: int) -> float:
    """Bang's index of one arm (Controlled Clinical Trials 2004): (right − wrong) / asked."""
    asked = counts[:, arm].sum()
    return float((counts[arm, arm] - counts[1 - arm, arm]) / asked) if asked else float("nan")


def _correct(counts: NDArray[np.int64]) -> float:
    """Share of right guesses among those who guessed."""
    guessed = counts[:2].sum()
    return float((counts[0, 0] + counts[1, 1]) / guessed) if guessed else float("nan")


def _counts(scores: Sequence[Score]) -> NDArray[np.int64]:
    counts = np.zeros((len(GUESSES), len(ARMS)), np.int64)
    for score in scores:
        if score.arm:
            counts[GUESSES.index(score.answers["guess"]), ARMS.index(score.arm)] += 1
    return counts


def _spread(value: float, drawn: Sequence[float]) -> Interval:
    known = [one for one in drawn if not np.isnan(one)]
    low, high = np.quantile(known, (0.025, 0.975)) if known else (float("nan"), float("nan"))
    return Interval(value, float(low), float(high))


def _score_by_guess(asked: Sequence[Score]) -> list[tuple[str, int, float]]:
    """(guess, how many, mean score) of every guess that was made."""
    rows = []
    for guess in GUESSES:
        scores = [score.score for score in asked if score.answers["guess"] == guess]
        if scores:
            rows.append((guess, len(scores), float(np.mean(scores))))
    return rows
