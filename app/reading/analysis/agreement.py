"""Do the readers mean the same by a score? Weighted κ, Krippendorff's α, and second readings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.reading.analysis.distribution import SCORES
from app.reading.analysis.table import Table


@dataclass(frozen=True)
class Kappa:
    """Quadratic-weighted κ of two readings of the same items, with its 95 % interval.

    NaN where it is not defined: fewer than two items, or both readings constant.
    """

    first: str
    second: str
    items: int
    value: float
    low: float
    high: float
    identical: float


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's ordinal α over all readers, with a bootstrap interval over items (95 %)."""

    readers: int
    items: int
    value: float
    low: float
    high: float


def pairs(table: Table) -> tuple[Kappa, ...]:
    """κ of every two readers, over the items that both have scored."""
    scored = table.matrix()
    found = []
    for one, other in combinations(range(len(table.readers)), 2):
        both = ~np.isnan(scored[one]) & ~np.isnan(scored[other])
        found.append(
            _kappa(table.readers[one], table.readers[other], scored[one][both], scored[other][both])
        )
    return tuple(found)


def with_themselves(table: Table) -> tuple[Kappa, ...]:
    """κ of each reader's first and second score of the hidden repeats."""
    first = {(score.reader, score.item): score.score for score in table.scores}
    found = []
    for reader in table.readers:
        twice = [
            (first[reader, again.repeat_of], again.score)
            for again in table.repeats
            if again.reader == reader and (reader, again.repeat_of) in first
        ]
        if twice:
            readings = np.array(twice, np.float64)
            found.append(_kappa(reader, reader, readings[:, 0], readings[:, 1]))
    return tuple(found)


def krippendorff(table: Table, *, seed: int = 0, resamples: int = 1_000) -> Alpha:
    """Ordinal α; items that fewer than two readers have scored say nothing and are left out."""
    scored = table.matrix()
    pairable = scored[:, (~np.isnan(scored)).sum(axis=0) >= 2]
    value = ordinal_alpha(pairable)
    rng = np.random.default_rng(seed)
    drawn = [
        ordinal_alpha(pairable[:, rng.integers(0, pairable.shape[1], pairable.shape[1])])
        for _ in range(resamples if pairable.shape[1] > 1 else 0)
    ]
    known = [one for one in drawn if not np.isnan(one)]
    low, high = np.quantile(known, (0.025, 0.975)) if known else (float("nan"), float("nan"))
    return Alpha(scored.shape[0], pairable.shape[1], value, float(low), float(high))


def ordinal_alpha(scored: NDArray[np.float64]) -> float:
    """Krippendorff's α with the ordinal metric; ``scored`` (readers, items), NaN for not scored.

    α = 1 − D_o / D_e over the coincidence matrix (Krippendorff, "Computing Krippendorff's
    Alpha-Reliability", 2011). NaN when nothing can be paired or every score is the same.
    """
    values = np.unique(scored[~np.isnan(scored)])
    seen = np.stack([(scored == value).sum(axis=0) for value in values]) if len(values) else None
    if seen is None:
        return float("nan")
    per_item = seen.sum(axis=0)
    seen, per_item = seen[:, per_item >= 2], per_item[per_item >= 2]
    if not per_item.size:
        return float("nan")
    weighted = seen / (per_item - 1)
    coincidences = weighted @ seen.T - np.diag(weighted.sum(axis=1))
    margins = coincidences.sum(axis=1)
    total = margins.sum()
    # δ²(c, k) = (Σ n_g from c to k − (n_c + n_k) / 2)²
    upto = np.cumsum(margins) - margins / 2
    distance = (upto[:, None] - upto[None, :]) ** 2
    expected = float((np.outer(margins, margins) * distance).sum()) / (total - 1)
    if expected == 0.0:
        return float("nan")
    observed = float((coincidences * distance).sum())
    return float(1.0 - observed / expected)


def _kappa(first: str, second: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> Kappa:
    from statsmodels.stats.inter_rater import cohens_kappa

    nan = float("nan")
    identical = float((one == other).mean()) if len(one) else nan
    counts = np.zeros((len(SCORES), len(SCORES)))
    np.add.at(counts, (one.astype(int) - 1, other.astype(int) - 1), 1)
    constant = len(np.unique(np.concatenate([one, other]))) < 2
    if len(one) < 2 or constant:
        return Kappa(first, second, len(one), nan, nan, nan, identical)
    found = cohens_kappa(counts, wt="quadratic")
    return Kappa(
        first,
        second,
        len(one),
        float(found.kappa),
        float(found.kappa_low),
        float(found.kappa_upp),
        identical,
    )
