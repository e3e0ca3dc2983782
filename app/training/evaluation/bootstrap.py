"""Intervals by bootstrap over patients.

Images of one patient are alike, so patients are drawn with replacement, never images (cluster
bootstrap; Davison and Hinkley, Bootstrap Methods, 1997, 3.8). A figure of merit is a function of
how often each image was drawn: with it a thousand resamples are one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Statistic = Callable[[FloatArray], FloatArray]
"""Weights (b, n), how often each of the n images counts in each of b resamples → figures (b,)."""

DRAWS = 1000
_BLOCK = 2_000_000
"""Weights held at once."""


@dataclass(frozen=True)
class Additive:
    """A figure that is made of sums over images: ``finish(weights @ sums)``.

    sums    (n, k) what each image adds
    finish  totals (b, k) → figures (b,)
    """

    sums: FloatArray
    finish: Statistic

    def __call__(self, weights: FloatArray) -> FloatArray:
        return self.finish(weights @ self.sums)

    def of(self, chosen: NDArray[np.bool_]) -> Additive:
        """The same figure over the ``chosen`` (n,) images alone."""
        return Additive(self.sums * chosen[:, None], self.finish)


def mean(values: FloatArray) -> Additive:
    """The mean of (n,) values; those that are NaN don't count."""
    known = ~np.isnan(values)
    return Additive(np.stack([np.where(known, values, 0.0), known], axis=1), share)


def share(totals: FloatArray) -> FloatArray:
    """(b, 2) sums and counts → (b,) quotients, NaN where nothing was counted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: FloatArray = np.where(totals[:, 1] > 0, totals[:, 0] / totals[:, 1], np.nan)
    return quotient


@dataclass(frozen=True)
class Figure:
    """A measured value and the same in every resample, ``draws`` (b,)."""

    value: float
    draws: FloatArray

    def minus(self, other: Figure) -> Figure:
        """The difference within each resample (a paired comparison)."""
        return Figure(self.value - other.value, self.draws - other.draws)

    def centred(self) -> Figure:
        """Resamples shifted to the value.

        Figures that depend on how many different images there are (the share of distinct texts, a
        calibration error) come out too low or too high whenever images are drawn twice; their
        spread is still right.
        """
        if np.isnan(self.draws).all():
            return self
        return Figure(self.value, self.draws - float(np.nanmean(self.draws)) + self.value)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Percentiles of the resamples; NaN where the figure could be taken in fewer than half."""
        known = self.draws[~np.isnan(self.draws)]
        if 2 * len(known) < len(self.draws) or not len(known):
            return float("nan"), float("nan")
        low, high = np.percentile(known, [50 * (1 - level), 50 * (1 + level)])
        return float(low), float(high)

    def to_json(self) -> dict[str, Any]:
        """``value``, ``low``, ``high``: six decimals, None where there is no number."""
        low, high = self.interval()
        named = {"value": self.value, "low": low, "high": high}
        return {
            name: round(number, 6) if np.isfinite(number) else None
            for name, number in named.items()
        }


def average(figures: Sequence[Figure]) -> Figure:
    """The mean of several figures, within each resample."""
    return Figure(
        float(np.mean([figure.value for figure in figures])),
        np.mean([figure.draws for figure in figures], axis=0),
    )


class Bootstrap:
    """The same resamples of n images for every figure, so that figures can be compared in pairs.

    ``groups`` names each image's patient. Resample b draws as many patients as there are.
    """

    def __init__(self, groups: Sequence[str], draws: int = DRAWS, seed: int = 7) -> None:
        _names, self._member = np.unique(np.array(groups, dtype=object), return_inverse=True)
        self.patients = len(_names)
        rng = np.random.default_rng(seed)
        even = np.full(self.patients, 1.0 / max(self.patients, 1))
        self._counts = rng.multinomial(self.patients, even, size=draws).astype(np.uint16)

    def figure(self, statistic: Statistic) -> Figure:
        """``statistic`` of all images, and of every resample."""
        images = len(self._member)
        value = float(statistic(np.ones((1, images)))[0])
        step = max(_BLOCK // max(images, 1), 1)
        parts = [
            statistic(self._counts[start : start + step, self._member].astype(np.float64))
            for start in range(0, len(self._counts), step)
        ]
        return Figure(value, np.concatenate(parts) if parts else np.zeros(0))
