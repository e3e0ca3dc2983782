"""Is the machine as good? Mean difference, non-inferiority and the rank tests.

The independent observation is the case, not the rating: readers' scores of one case are averaged
for the rank tests, and the bootstrap draws whole cases. In a paired design a reader counts for a
case with both scores or not at all. Positive differences favour the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.reading.analysis.table import Table

Design = Literal["unpaired", "paired"]

RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """An estimate and its 95 % interval, NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Test:
    """A named test, two-sided. ``statistic`` and ``p`` are NaN where it can't be computed."""

    name: str
    statistic: float
    p: float
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """Machine against human.

    ``superiority`` P(machine > human) + ½ P(equal), ``at_least`` P(machine ≥ human): for a case of
    each arm drawn at random when unpaired, for one and the same case when paired.
    ``non_inferior``: there is an interval of the mean difference, wholly above −margin.
    """

    design: Design
    cases: tuple[int, int]
    means: tuple[float, float]
    difference: Interval
    margin: float
    non_inferior: bool
    superiority: Interval
    at_least: Interval
    tests: tuple[Test, ...]


def compare(
    table: Table, design: Design, margin: float, *, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """Compare the arms. ``margin`` > 0 in points of the scale, fixed before the study."""
    human, machine = _observations(table, design)
    rng = np.random.default_rng(seed)
    if not len(human) or not len(machine):
        nothing = Interval(float("nan"), float("nan"), float("nan"))
        counts, means = (len(human), len(machine)), (float("nan"), float("nan"))
        return Comparison(design, counts, means, nothing, margin, False, nothing, nothing, ())
    drawn = _resampled(human, machine, design, rng, resamples)
    mean = _interval(
        machine.mean() - human.mean(), np.array([m.mean() - h.mean() for h, m in drawn])
    )
    wins = _interval(
        _superiority(human, machine, design),
        np.array([_superiority(h, m, design) for h, m in drawn]),
    )
    reached = _interval(
        _at_least(human, machine, design), np.array([_at_least(h, m, design) for h, m in drawn])
    )
    return Comparison(
        design=design,
        cases=(len(human), len(machine)),
        means=(float(human.mean()), float(machine.mean())),
        difference=mean,
        margin=margin,
        non_inferior=mean.low > -margin,
        superiority=wins,
        at_least=reached,
        tests=_unpaired_tests(human, machine) if design == "unpaired" else _paired(human, machine),
    )


def _observations(table: Table, design: Design) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means per case of (human, machine); when paired over the readers who have scored both."""
    if design == "paired":
        means = [np.mean(pairs, axis=0) for pairs in table.pairs().values()]
        both = np.array(means, np.float64).reshape(-1, 2)
        return both[:, 0], both[:, 1]
    human, machine = table.case_means("human"), table.case_means("machine")
    return np.array(list(human.values())), np.array(list(machine.values()))


def _resampled(
    human: NDArray[np.float64],
    machine: NDArray[np.float64],
    design: Design,
    rng: np.random.Generator,
    resamples: int,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Cases drawn anew: within each arm, or whole pairs."""
    drawn = []
    for _ in range(resamples):
        first = rng.integers(0, len(human), len(human))
        second = first if design == "paired" else rng.integers(0, len(machine), len(machine))
        drawn.append((human[first], machine[second]))
    return drawn


def _interval(value: float, drawn: NDArray[np.float64]) -> Interval:
    """None (NaN) where every resample is the same: cases that never vary, or a single one, say
    nothing of how others would differ.
    """
    if np.ptp(drawn) < 1e-9:
        return Interval(float(value), float("nan"), float("nan"))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(float(value), float(low), float(high))


def _superiority(human: NDArray[np.float64], machine: NDArray[np.float64], design: Design) -> float:
    above, equal = _above_and_equal(human, machine, design)
    return above + equal / 2


def _at_least(human: NDArray[np.float64], machine: NDArray[np.float64], design: Design) -> float:
    return sum(_above_and_equal(human, machine, design))


def _above_and_equal(
    human: NDArray[np.float64], machine: NDArray[np.float64], design: Design
) -> tuple[float, float]:
    """Shares of (pairs of) cases in which the machine is above, and in which both are equal."""
    if design == "paired":
        return float((machine > human).mean()), float((machine == human).mean())
    ordered = np.sort(human)
    below = np.searchsorted(ordered, machine, side="left")
    up_to = np.searchsorted(ordered, machine, side="right")
    return float(below.mean() / len(human)), float((up_to - below).mean() / len(human))


def _unpaired_tests(human: NDArray[np.float64], machine: NDArray[np.float64]) -> tuple[Test, ...]:
    from scipy import stats

    ranks = stats.mannwhitneyu(machine, human, alternative="two-sided", method="asymptotic")
    return (
        Test("Mann-Whitney U", float(ranks.statistic), float(ranks.pvalue)),
        _brunner_munzel(human, machine),
    )


def _brunner_munzel(human: NDArray[np.float64], machine: NDArray[np.float64]) -> Test:
    from scipy import stats

    name = "Brunner-Munzel"
    if min(len(human), len(machine)) < 2:
        return Test(name, float("nan"), float("nan"), "needs two cases in each arm")
    above, equal = _above_and_equal(human, machine, "unpaired")
    apart = above in (0.0, 1.0) and equal == 0.0
    if apart or (np.ptp(human) == 0 and np.ptp(machine) == 0):
        return Test(name, float("nan"), float("nan"), "the arms do not overlap or do not vary")
    # In scipy a positive statistic means that the second sample is larger.
    found = stats.brunnermunzel(human, machine, alternative="two-sided", distribution="t")
    return Test(name, float(found.statistic), float(found.pvalue))


def _paired(human: NDArray[np.float64], machine: NDArray[np.float64]) -> tuple[Test, ...]:
    from scipy import stats

    name = "Wilcoxon signed rank"
    if not np.any(machine != human):
        return (Test(name, float("nan"), 1.0, "every case has the same score in both arms"),)
    # Means of three readers that differ by a third differ in their last bits; unrounded, such equal
    # differences would get ranks of their own. Pratt keeps zeros in the ranking: a five-point scale
    # has many.
    apart = np.round(machine - human, 9)
    found = stats.wilcoxon(apart, zero_method="pratt", method="asymptotic")
    return (Test(name, float(found.statistic), float(found.pvalue)),)
