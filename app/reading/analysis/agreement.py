"""Do the readers mean the same by a score? Weighted κ, Krippendorff's α, and second readings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.reading.analysis.distribution import SCORES
from app.reading.analysis.table import Table

ENOUGH: Final = 30
"""Items from which κ's asymptotic standard error is used; it says nothing of ten hidden repeats."""


@dataclass(frozen=True)
class Kappa:
    """Quadratic-weighted κ of two readings of the same items, with its 95 % interval.

    The interval is asymptotic from :data:`ENOUGH` items on, and a bootstrap over the items below.
    κ is NaN where it is not defined: fewer than two items, or one and the same score throughout. It
    is 0 without limits (NaN) when one reading is constant: no better than chance, whatever the
    other says. Two equal readings have no limits either: nothing in them varies.
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


def pairs(table: Table, *, seed: int = 0) -> tuple[Kappa, ...]:
    """κ of every two readers, over the items that both have scored."""
    rng = np.random.default_rng(seed)
    scored = table.matrix()
    found = []
    for one, other in combinations(range(len(table.readers)), 2):
        both = ~np.isnan(scored[one]) & ~np.isnan(scored[other])
        names = table.readers[one], table.readers[other]
        found.append(_kappa(*names, scored[one][both], scored[other][both], rng))
    return tuple(found)


def with_themselves(table: Table, *, seed: int = 0) -> tuple[Kappa, ...]:
    """κ of each reader's first and second score of the hidden repeats."""
    rng = np.random.default_rng(seed)
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
            found.append(_kappa(reader, reader, readings[:, 0], readings[:, 1], rng))
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


def _kappa(
    first: str,
    second: str,
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    rng: np.random.Generator,
) -> Kappa:
    nan = float("nan")
    identical = float((one == other).mean()) if len(one) else nan
    if len(one) < 2 or len(np.unique([one, other])) < 2:
        return Kappa(first, second, len(one), nan, nan, nan, identical)
    if len(np.unique(one)) < 2 or len(np.unique(other)) < 2:
        return Kappa(first, second, len(one), 0.0, nan, nan, identical)
    value = float(_weighted(one, other))
    low, high = (nan, nan) if identical == 1.0 else _limits(one, other, rng)
    return Kappa(first, second, len(one), value, low, high, identical)


def _weighted(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """κ over the last axis (Cohen 1968): 1 − mean (a − b)² / what chance would make of it.

    NaN where both readings are one and the same score throughout.
    """
    observed = ((one - other) ** 2).mean(axis=-1)
    apart = (one.mean(axis=-1) - other.mean(axis=-1)) ** 2
    chance = one.var(axis=-1) + other.var(axis=-1) + apart
    known = chance > 0
    return np.asarray(np.where(known, 1 - observed / np.where(known, chance, 1.0), np.nan))


def _limits(
    one: NDArray[np.float64], other: NDArray[np.float64], rng: np.random.Generator
) -> tuple[float, float]:
    if len(one) < ENOUGH:
        rows = rng.integers(0, len(one), (2_000, len(one)))
        low, high = np.nanquantile(_weighted(one[rows], other[rows]), (0.025, 0.975))
        return float(low), float(high)
    from statsmodels.stats.inter_rater import cohens_kappa

    counts = np.zeros((len(SCORES), len(SCORES)))
    np.add.at(counts, (one.astype(int) - 1, other.astype(int) - 1), 1)
    found = cohens_kappa(counts, wt="quadratic")
    return max(float(found.kappa_low), -1.0), min(float(found.kappa_upp), 1.0)
