"""Everything that the analysis of a reader study says, as one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.reading.analysis import agreement, blinding, comparison, distribution, timing
from app.reading.analysis.agreement import Alpha, Kappa
from app.reading.analysis.blinding import Blinding
from app.reading.analysis.comparison import Comparison, Design
from app.reading.analysis.distribution import Distribution
from app.reading.analysis.share_difference import Difference, share_difference
from app.reading.analysis.table import POOLED, Table
from app.reading.analysis.timing import Times
from app.reading.ratings import Score


@dataclass(frozen=True)
class Reading:
    """One reader's figures, or those of all together (``reader`` is then "")."""

    reader: str
    human: Distribution
    machine: Distribution
    difference: Difference
    comparison: Comparison


@dataclass(frozen=True)
class Results:
    """``pooled`` over all readers, then each reader alone in the order of their codes."""

    design: Design
    pooled: Reading
    readers: tuple[Reading, ...]
    pairs: tuple[Kappa, ...]
    alpha: Alpha
    repeats: tuple[Kappa, ...]
    times: tuple[Times, ...]
    blinding: Blinding | None


def analyse(
    scores: Iterable[Score],
    design: Design,
    margin: float,
    *,
    seed: int = 0,
    resamples: int = comparison.RESAMPLES,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Results:
    """Analyse the scores of an unblinded study; the same seed gives the same figures.

    ``margin`` > 0 in points of the scale, as the protocol has fixed it. ``progress(done, total)``
    is called before each reader and may raise to stop. Raises ValueError for scores that are still
    blind.
    """
    table = Table.of(scores)
    everybody = (POOLED, *table.readers)

    def of(reader: str) -> Reading:
        progress(everybody.index(reader), len(everybody))
        part = table.of_reader(reader)
        human = distribution.distribution(part, "human")
        machine = distribution.distribution(part, "machine")
        return Reading(
            reader,
            human,
            machine,
            share_difference(part, design, seed=seed, resamples=resamples),
            comparison.compare(part, design, margin, seed=seed, resamples=resamples),
        )

    return Results(
        design=design,
        pooled=of(POOLED),
        readers=tuple(of(reader) for reader in table.readers),
        pairs=agreement.pairs(table, seed=seed),
        alpha=agreement.krippendorff(table, seed=seed),
        repeats=agreement.with_themselves(table, seed=seed),
        times=timing.times(table),
        blinding=blinding.blinding(table, seed=seed),
    )
