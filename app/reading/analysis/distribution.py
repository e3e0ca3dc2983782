"""How often each score was given to each arm: the paper's Figure 6, and the share that is
acceptable.

(Chest X-ray report generation, arXiv 2006.10347, blinded evaluation: acceptable is a score of 4 or
5.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.reading.analysis.table import Table
from app.reading.ratings import Arm

SCORES: Final = (1, 2, 3, 4, 5)
ACCEPTABLE: Final = 4


@dataclass(frozen=True)
class Proportion:
    """``count`` of ``of``, with Wilson's interval for single scores (95 %).

    The interval takes every rating as independent; ratings of one case by several readers are not
    quite, so it is somewhat too narrow when readers are pooled.
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else float("nan")


@dataclass(frozen=True)
class Distribution:
    """Counts per score (1 to 5) of one arm, and the share that is acceptable."""

    arm: Arm
    counts: tuple[int, int, int, int, int]
    acceptable: Proportion

    @property
    def total(self) -> int:
        return sum(self.counts)

    def share(self, score: int) -> float:
        """Share of ``score`` among all; NaN for an arm without ratings."""
        return self.counts[score - 1] / self.total if self.total else float("nan")


def distribution(table: Table, arm: Arm) -> Distribution:
    values = table.values(arm)
    counts = tuple(int((values == score).sum()) for score in SCORES)
    good = int((values >= ACCEPTABLE).sum())
    return Distribution(
        arm,
        (counts[0], counts[1], counts[2], counts[3], counts[4]),
        proportion(good, len(values)),
    )


def proportion(count: int, of: int) -> Proportion:
    """Wilson's score interval at 95 %; NaN limits for nothing counted."""
    from statsmodels.stats.proportion import proportion_confint

    if of == 0:
        return Proportion(0, 0, float("nan"), float("nan"))
    low, high = proportion_confint(count, of, method="wilson")
    return Proportion(count, of, float(low), float(high))
