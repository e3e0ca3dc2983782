"""How long the readers took, per arm: active seconds only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.reading.analysis.table import ARMS, Table
from app.reading.ratings import Arm


@dataclass(frozen=True)
class Times:
    """Seconds: quartiles of the active time per item, and the median until the first input."""

    arm: Arm
    items: int
    quartiles: tuple[float, float, float]
    to_first: float


def times(table: Table) -> tuple[Times, ...]:
    found = []
    for arm in ARMS:
        scores = table.of_arm(arm)
        if scores:
            active = np.array([score.seconds_active for score in scores])
            low, middle, high = (float(q) for q in np.quantile(active, (0.25, 0.5, 0.75)))
            first = float(np.median([score.seconds_to_first for score in scores]))
            found.append(Times(arm, len(scores), (low, middle, high), first))
    return tuple(found)
