"""Machine minus human in the share that is acceptable, with an interval that fits the design.

One reader's ratings of different cases are independent, so one reader's difference has Newcombe's
interval: for two independent shares (Statistics in Medicine 1998, 17:873, method 10), or in a
paired design for two shares of the same cases (17:2635, method 10). Several readers' ratings of one
case are not independent: pooled, whole cases are drawn anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from app.reading.analysis.comparison import Design
from app.reading.analysis.distribution import ACCEPTABLE, proportion
from app.reading.analysis.table import Table

Method = Literal["Newcombe", "Newcombe, paired", "bootstrap by case"]
_NAN: Final = float("nan")


@dataclass(frozen=True)
class Difference:
    """Machine minus human, in shares, with its 95 % interval by ``method``.

    When paired over the ratings of cases that the same reader scored in both arms. Without limits
    (NaN) where the bootstrap finds no spread at all, as when every score is acceptable.
    """

    value: float
    low: float
    high: float
    method: Method


def share_difference(
    table: Table, design: Design, *, seed: int = 0, resamples: int = 10_000
) -> Difference:
    """NaN when an arm has no ratings, or no reader has scored a case in both."""
    alone = len(table.readers) < 2
    if design == "paired":
        pairs = [np.array(both) >= ACCEPTABLE for both in table.pairs().values()]
        if not pairs:
            return Difference(_NAN, _NAN, _NAN, "Newcombe, paired")
        if alone:
            human, machine = np.concatenate(pairs).T
            return newcombe_paired(
                int((machine & human).sum()),
                int((machine & ~human).sum()),
                int((human & ~machine).sum()),
                int((~machine & ~human).sum()),
            )
        counts = np.array([(*both.sum(axis=0), len(both)) for both in pairs], np.float64)

        def gap(drawn: Sequence[NDArray[np.float64]]) -> float:
            human, machine, of = drawn[0]
            return float((machine - human) / of)

        return _by_case([counts], gap, seed, resamples)
    arms = [_per_case(table, "human"), _per_case(table, "machine")]
    if not len(arms[0]) or not len(arms[1]):
        return Difference(_NAN, _NAN, _NAN, "Newcombe")
    if alone:
        (human, humans), (machine, machines) = (arm.sum(axis=0).astype(int) for arm in arms)
        return newcombe(int(machine), int(machines), int(human), int(humans))
    return _by_case(
        arms,
        lambda drawn: float(drawn[1][0] / drawn[1][1] - drawn[0][0] / drawn[0][1]),
        seed,
        resamples,
    )


def newcombe(machine: int, machines: int, human: int, humans: int) -> Difference:
    """For ``machine`` of ``machines`` against ``human`` of ``humans``, all independent."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        machine, machines, human, humans, method="newcomb", compare="diff"
    )
    return Difference(machine / machines - human / humans, float(low), float(high), "Newcombe")


def newcombe_paired(both: int, machine: int, human: int, neither: int) -> Difference:
    """For pairs that are acceptable in both arms, in one alone, or in neither.

    The two Wilson intervals joined, less what the correlation φ of the pairs takes off; φ is
    corrected for continuity when positive.
    """
    count = both + machine + human + neither
    first, second = proportion(both + machine, count), proportion(both + human, count)
    value = (machine - human) / count
    margins = (both + machine) * (human + neither) * (both + human) * (machine + neither)
    excess = float(both * neither - machine * human)
    if excess > 0:
        excess = max(excess - count / 2, 0.0)
    phi = excess / math.sqrt(margins) if margins else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))

    return Difference(
        value,
        value - reach(first.share - first.low, second.high - second.share),
        value + reach(first.high - first.share, second.share - second.low),
        "Newcombe, paired",
    )


def _per_case(table: Table, arm: Literal["human", "machine"]) -> NDArray[np.float64]:
    """(cases, 2): how many scores of a case are acceptable, of how many."""
    by_case: dict[str, list[int]] = {}
    for score in table.of_arm(arm):
        by_case.setdefault(score.case, []).append(int(score.score >= ACCEPTABLE))
    return np.array([(sum(by_case[case]), len(by_case[case])) for case in sorted(by_case)], float)


def _by_case(
    arms: Sequence[NDArray[np.float64]],
    gap: Callable[[Sequence[NDArray[np.float64]]], float],
    seed: int,
    resamples: int,
) -> Difference:
    """``arms``: counts (cases, figures) that are drawn apart; ``gap`` of their sums."""
    rng = np.random.default_rng(seed)
    drawn = [
        gap([arm[rng.integers(0, len(arm), len(arm))].sum(axis=0) for arm in arms])
        for _ in range(resamples)
    ]
    value = gap([arm.sum(axis=0) for arm in arms])
    low, high = (float(limit) for limit in np.quantile(drawn, (0.025, 0.975)))
    if low == high:
        low = high = _NAN
    return Difference(float(value), low, high, "bootstrap by case")
