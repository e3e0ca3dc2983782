"""Can the arms be told apart by their words alone?

A classifier on words and pairs of words (presence, ridge-penalised logistic regression) and on the
text's length learns on four fifths of the cases and scores the last fifth. Its area under the curve
is the chance that it ranks a machine's text above a human one: 0.5 when nothing tells them apart.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

FOLDS: Final = 5
REPETITIONS: Final = 4
FEATURES: Final = 1500
RIDGE: Final = 1.0
RESAMPLES: Final = 1000
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Leak:
    """``low`` and ``high``: 95 % over resampled texts; ``words``: what tells most, each with the
    arm it speaks for."""

    auc: float
    low: float
    high: float
    words: tuple[tuple[str, str], ...]

    @property
    def flagged(self) -> bool:
        return self.low > 0.5


@dataclass(frozen=True)
class Gap:
    """Median words per text, and the p of Mann and Whitney's test that lengths are alike."""

    human: float
    machine: float
    p: float

    @property
    def flagged(self) -> bool:
        return self.p < 0.05


def length_gap(human: Sequence[str], machine: Sequence[str]) -> Gap:
    lengths = [[len(text.split()) for text in texts] for texts in (human, machine)]
    p = float(stats.mannwhitneyu(*lengths).pvalue)
    return Gap(float(np.median(lengths[0])), float(np.median(lengths[1])), p)


def leak_test(
    human: Sequence[str],
    machine: Sequence[str],
    seed: int,
    groups: Sequence[str] | None = None,
) -> Leak:
    """Cross-validated area under the curve of the classifier.

    ``groups`` names the case of each text, human ones first; a case is never on both sides. Raises
    ValueError for fewer than ten texts in an arm.
    """
    if min(len(human), len(machine)) < 10:
        raise ValueError("fewer than ten texts in an arm")
    texts = [*human, *machine]
    truth = np.array([0] * len(human) + [1] * len(machine))
    grams = [_grams(text) for text in texts]
    cases = list(groups) if groups is not None else [str(n) for n in range(len(texts))]
    rng = np.random.default_rng(seed)
    ranks = np.zeros(len(texts))
    for _ in range(REPETITIONS):
        fold = _folds(cases, truth, rng)
        for number in range(FOLDS):
            test = np.flatnonzero(fold == number)
            if not len(test):
                continue
            learn = np.flatnonzero(fold != number)
            names = _vocabulary([grams[place] for place in learn])
            weights = _fit(_matrix(grams, texts, names, learn), truth[learn])
            scores = _matrix(grams, texts, names, test) @ weights[1:] + weights[0]
            # Scores of different folds aren't on one scale; ranks within a fold are.
            ranks[test] += stats.rankdata(scores) / (len(test) + 1)
    auc = _auc(ranks, truth)
    drawn = [
        _auc(ranks[rows], truth[rows])
        for rows in (_resampled(truth, rng) for _ in range(RESAMPLES))
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Leak(auc, float(low), float(high), _telling(grams, texts, truth))


def _grams(text: str) -> Counter[str]:
    tokens = _TOKEN.findall(text)
    pairs = [f"{one} {other}" for one, other in itertools.pairwise(tokens)]
    return Counter([*tokens, *pairs])


def _folds(
    cases: Sequence[str], truth: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """A fold per text: cases of one arm are dealt evenly, texts of one case stay together."""
    arm = {case: int(label) for case, label in zip(cases, truth, strict=True)}
    fold: dict[str, int] = {}
    for label in (0, 1):
        own = sorted(case for case in arm if arm[case] == label)
        for place, number in enumerate(rng.permutation(len(own))):
            fold[own[number]] = place % FOLDS
    return np.array([fold[case] for case in cases])


def _vocabulary(grams: Sequence[Counter[str]]) -> list[str]:
    counts = Counter(name for gram in grams for name in gram)
    kept = [name for name, count in counts.items() if count >= 2]
    return sorted(kept, key=lambda name: (-counts[name], name))[:FEATURES]


def _matrix(
    grams: Sequence[Counter[str]],
    texts: Sequence[str],
    names: Sequence[str],
    rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(rows, names + 1): presence of each name, and the length in doublings of ten words."""
    place = {name: number for number, name in enumerate(names)}
    made = np.zeros((len(rows), len(names) + 1))
    for row, text in enumerate(rows):
        for name in grams[text]:
            if name in place:
                made[row, place[name]] = 1.0
        made[row, -1] = 2 * math.log2((len(texts[text].split()) + 1) / 10)
    return made


def _fit(features: NDArray[np.float64], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights of a ridge-penalised logistic regression, the intercept first."""
    sign = 2.0 * truth - 1.0

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (features @ weights[1:] + weights[0])
        slope = -sign / (1.0 + np.exp(np.clip(margin, -500, 500)))
        value = float(np.logaddexp(0.0, -margin).sum() + RIDGE / 2 * (weights[1:] ** 2).sum())
        return value, np.concatenate([[slope.sum()], features.T @ slope + RIDGE * weights[1:]])

    start = np.zeros(features.shape[1] + 1)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x, float)


def _auc(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    ones = int(truth.sum())
    above = stats.rankdata(scores)[truth == 1].sum() - ones * (ones + 1) / 2
    return float(above / (ones * (len(truth) - ones)))


def _resampled(truth: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    arms = [np.flatnonzero(truth == label) for label in (0, 1)]
    return np.concatenate([rng.choice(arm, len(arm)) for arm in arms])


def _telling(
    grams: Sequence[Counter[str]], texts: Sequence[str], truth: NDArray[np.int64]
) -> tuple[tuple[str, str], ...]:
    names = _vocabulary(grams)
    everything = np.arange(len(texts))
    weights = _fit(_matrix(grams, texts, names, everything), truth)[1:]
    names = [*names, "(length)"]
    order = np.argsort(-np.abs(weights))[:12]
    return tuple((names[n], "machine" if weights[n] > 0 else "human") for n in order)
