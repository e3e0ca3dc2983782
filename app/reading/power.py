"""How likely is a study to show non-inferiority when both arms are equally good? By simulation."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.reading.protocol import Protocol

ASSUMED: Final = (0.03, 0.04, 0.07, 0.09, 0.77)
"""Shares of the scores 1 to 5: the paper's human reports for 4 and 5; how its other 14 % are spread
is not told there and assumed here."""
AGREEMENT: Final = 0.5
"""Assumed correlation of two readers' judgement of one report, on the scale behind the scores."""
SIMULATIONS: Final = 2000


def power(
    protocol: Protocol, shares: tuple[float, ...] = ASSUMED, simulations: int = SIMULATIONS
) -> float:
    """Share of simulated studies whose 95 % interval stays above minus the margin, in [0, 1].

    Each case has a quality of its own that its readers share in part; a study compares the means
    over the readers, case by case (paired) or arm by arm.
    """
    rng = np.random.default_rng([protocol.seed, 4])
    limits = np.quantile(rng.standard_normal(200_000), np.cumsum(shares)[:-1])
    cases, readers = protocol.per_arm, len(protocol.readers)

    def arm(quality: np.ndarray) -> np.ndarray:
        own = rng.standard_normal((simulations, cases, readers))
        latent = np.sqrt(AGREEMENT) * quality[..., None] + np.sqrt(1 - AGREEMENT) * own
        return np.asarray((1 + np.searchsorted(limits, latent)).mean(axis=2))

    quality = rng.standard_normal((simulations, cases))
    human = arm(quality)
    if protocol.design == "paired":
        gaps = arm(quality) - human
        difference = gaps.mean(axis=1)
        error = gaps.std(axis=1, ddof=1) / np.sqrt(cases)
    else:
        machine = arm(rng.standard_normal((simulations, cases)))
        difference = machine.mean(axis=1) - human.mean(axis=1)
        variances = machine.var(axis=1, ddof=1) + human.var(axis=1, ddof=1)
        error = np.sqrt(variances / cases)
    return float((difference - 1.96 * error > -protocol.margin).mean())
