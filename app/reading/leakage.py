"""Can the arms be told apart by their words alone?

A classifier on words and pairs of words (presence) and on the text's length, a ridge regression of
the arm, learns on four fifths of the cases and scores the last fifth. Its area under the curve is
the chance that it ranks a machine's text above a human one: 0.5 when nothing tells them apart. It
finds a style of many words; a single word that only one arm has is lost in it among a thousand
others, so the word that differs most is looked at beside it.

How far chance alone brings both is seen by shuffling the arms and learning anew, many times. (An
interval over fixed scores leaves out what varies most, the learning.)
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
from scipy import stats

from app.reading.normalise import WORD, length

LEAST: Final = 10
"""Texts in either arm, below which nothing can be told."""
FOLDS: Final = 5
REPETITIONS: Final = 8
FEATURES: Final = 1500
RIDGE: Final = 16.0
"""Finds planted words and styles as well as logistic regression with a penalty of 1 does."""
SHUFFLES: Final = 399
LEVEL: Final = 0.025
"""Share of false alarms; of an area, only one above 0.5 is a leak."""
_TOKEN: Final = re.compile(rf"{WORD.pattern}|[^\w\s]")


@dataclass(frozen=True)
class Leak:
    """``auc`` of the arms as they are; ``low`` and ``high``: within which 95 % of the shuffled arms
    come out, so what chance alone does to these texts, and no interval around ``auc``.

    ``word`` differs most between the arms; ``human`` and ``machine`` texts have it. ``p``: share of
    the shuffled arms that area or word tells apart as well or better (permutation test of the
    smaller of their two p; the arms as they are count as one shuffle). ``words``: what tells most
    in the classifier, each with the arm it speaks for.
    """

    auc: float
    low: float
    high: float
    word: str
    human: int
    machine: int
    p: float
    words: tuple[tuple[str, str], ...]

    @property
    def flagged(self) -> bool:
        return self.p <= LEVEL

    @property
    def told(self) -> str:
        """The figures in words."""
        return (
            f"AUC {self.auc:.2f} ({self.low:.2f} to {self.high:.2f} with the arms shuffled), "
            f'"{self.word}" in {self.human} human and {self.machine} machine texts, p {self.p:.3f}'
        )


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
    lengths = [[length(text) for text in texts] for texts in (human, machine)]
    p = float(stats.mannwhitneyu(*lengths).pvalue)
    return Gap(float(np.median(lengths[0])), float(np.median(lengths[1])), p)


def leak_test(
    human: Sequence[str],
    machine: Sequence[str],
    seed: int,
    groups: Sequence[str] | None = None,
) -> Leak:
    """Cross-validated area under the curve, the word that differs most, and both by chance.

    ``groups`` names the case of each text, human ones first; a case is never on both sides of the
    learning. The arms are shuffled among the cases; those of a case with texts in both are swapped
    or not. Raises ValueError for fewer than :data:`LEAST` texts in an arm.
    """
    if min(len(human), len(machine)) < LEAST:
        raise ValueError(f"fewer than {LEAST} texts in an arm")
    texts = [*human, *machine]
    truth = np.array([0] * len(human) + [1] * len(machine))
    cases = list(groups) if groups is not None else [str(n) for n in range(len(texts))]
    rng = np.random.default_rng(seed)
    case = np.unique(cases, return_inverse=True)[1]
    names, features = _features(texts)
    learning = _Learning(features)
    labels = np.column_stack([truth, _shuffled(truth, case, rng)])
    areas = _areas(learning, labels, case, rng)
    low, high = np.quantile(areas[1:], [0.025, 0.975])
    word, gaps = _gaps(features[:, :-1], labels)
    has = features[:, word] > 0
    return Leak(
        auc=float(areas[0]),
        low=float(low),
        high=float(high),
        word=names[word],
        human=int(has[truth == 0].sum()),
        machine=int(has[truth == 1].sum()),
        p=_p(np.stack([areas, gaps])),
        words=learning.telling(names, truth),
    )


class _Learning:
    """Ridge regression of labels on fixed texts; the labels of many shuffles at once."""

    def __init__(self, features: NDArray[np.float64]) -> None:
        count = len(features)
        self._centred = features - features.mean(axis=0)
        alike = self._centred @ self._centred.T
        self._inverse = np.linalg.inv(alike + RIDGE * np.eye(count))
        # What a text's fitted label takes from every text's label, the free intercept included.
        self._hat = alike @ self._inverse + 1.0 / count

    def scores(self, signs: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """(rows, shuffles) scores of the texts ``rows`` by what the others teach.

        A linear fit without ``rows`` follows from the fit with them: their residuals are
        (1 − H)⁻¹ times those of the whole fit (Allen's PRESS, for several rows at once).
        """
        left = signs[rows] - self._hat[rows] @ signs
        kept = np.eye(len(rows)) - self._hat[np.ix_(rows, rows)]
        return np.asarray(signs[rows] - np.linalg.solve(kept, left))

    def telling(
        self, names: Sequence[str], truth: NDArray[np.int64]
    ) -> tuple[tuple[str, str], ...]:
        """The twelve names of the largest weights, with the arm they speak for."""
        weights = self._centred.T @ (self._inverse @ (2.0 * truth - 1.0))
        order = np.argsort(-np.abs(weights))[:12]
        return tuple((names[n], "machine" if weights[n] > 0 else "human") for n in order)


def _areas(
    learning: _Learning,
    labels: NDArray[np.int64],
    case: NDArray[np.intp],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """(shuffles + 1,) the area of each column of ``labels`` (texts, shuffles + 1).

    Folds are drawn without regard to the labels, so that every column is treated alike. What a fold
    has more of the one arm, its learning has less: that mean is taken off the scores, which are
    then on one scale and summed over the repetitions.
    """
    signs = np.asarray(2.0 * labels - 1.0)
    scores = np.zeros(signs.shape)
    for _ in range(REPETITIONS):
        fold = (rng.permutation(int(case.max()) + 1) % FOLDS)[case]
        for number in range(FOLDS):
            rows = np.flatnonzero(fold == number)
            if len(rows):
                scores[rows] += learning.scores(signs, rows) - signs[fold != number].mean(axis=0)
    # Rounded: equal texts have equal scores, whatever the sums' last bit says.
    ranks = stats.rankdata(np.round(scores, 9), axis=0)
    ones = labels.sum(axis=0)
    above = (ranks * labels).sum(axis=0) - ones * (ones + 1) / 2
    return np.asarray(above / (ones * (len(labels) - ones)))


def _gaps(
    present: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[int, NDArray[np.float64]]:
    """The word whose share of texts differs most between the arms as they are, and per column of
    ``labels`` how far the furthest word is off, in its own standard deviations."""
    if not present.shape[1]:  # no word stands in two texts
        return 0, np.zeros(labels.shape[1])
    centred = present - present.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    signs = 2.0 * labels - 1.0
    off = np.abs((centred / np.where(spread > 0, spread, 1.0)).T @ (signs - signs.mean(axis=0)))
    return int(off[:, 0].argmax()), np.asarray(off.max(axis=0))


def _p(found: NDArray[np.float64]) -> float:
    """Of ``found`` (statistics, shuffles), the arms as they are first: the permutation p of the
    smallest of the statistics' own p."""
    # A hair's breadth less is the same figure, summed in another order.
    ranks = stats.rankdata(-np.round(found, 9), method="max", axis=1)
    smallest = ranks.min(axis=0)
    return float((smallest <= smallest[0]).mean())


def _shuffled(
    truth: NDArray[np.int64], case: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.int64]:
    """(texts, shuffles) labels as they could as well have been drawn."""
    count = int(case.max()) + 1
    machine = np.bincount(case, truth, count)
    both = (machine > 0) & (machine < np.bincount(case, minlength=count))
    single = np.flatnonzero(~both)
    arm = (machine > 0).astype(np.int64)
    made = []
    for _ in range(SHUFFLES):
        drawn = arm.copy()
        drawn[single] = rng.permutation(arm[single])
        swapped = rng.integers(0, 2, count)
        made.append(np.where(both[case], truth ^ swapped[case], drawn[case]))
    return np.column_stack(made)


def _grams(text: str) -> set[str]:
    tokens = _TOKEN.findall(text)
    return {*tokens, *(f"{one} {other}" for one, other in itertools.pairwise(tokens))}


def _features(texts: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Names, and (texts, names): presence of each, and the length in doublings of ten words.

    The vocabulary is taken from all texts: it knows no arm, so it teaches nothing about one.
    """
    grams = [_grams(text) for text in texts]
    counts = Counter(name for gram in grams for name in gram)
    kept = [name for name, count in counts.items() if count >= 2]
    names = sorted(kept, key=lambda name: (-counts[name], name))[:FEATURES]
    place = {name: number for number, name in enumerate(names)}
    made = np.zeros((len(texts), len(names) + 1))
    for row, text in enumerate(texts):
        made[row, [place[name] for name in grams[row] if name in place]] = 1.0
        made[row, -1] = 2 * math.log2((length(text) + 1) / 10)
    return [*names, "(length)"], made
