"""The scores of a study, sorted for counting: what counts, by arm, by reader, by case.

Every figure of the analysis is taken from one :class:`Table`, so that no two of them count
different rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.reading.ratings import Arm, Score

ARMS: Final[tuple[Arm, Arm]] = ("human", "machine")
POOLED: Final = ""
"""In place of a reader's code: all readers together."""


@dataclass(frozen=True)
class Table:
    """``scores`` without training, each once; ``repeats`` are second showings of the same items.

    Repeats count for a reader's agreement with their own first score and for nothing else.
    """

    scores: tuple[Score, ...]
    repeats: tuple[Score, ...] = ()

    @classmethod
    def of(cls, scores: Iterable[Score]) -> Table:
        """Sort ``scores``. Raises ValueError for one without an arm or a case: still blind."""
        real = [score for score in scores if not score.training]
        if any(score.arm not in ARMS or not score.case for score in real):
            raise ValueError("the scores of a blind study can't be analysed")
        return cls(
            tuple(score for score in real if not score.repeat_of),
            tuple(score for score in real if score.repeat_of),
        )

    @cached_property
    def readers(self) -> tuple[str, ...]:
        return tuple(sorted({score.reader for score in self.scores}))

    def of_reader(self, reader: str) -> Table:
        """The rows of one reader, or of all for :data:`POOLED`."""
        if reader == POOLED:
            return self
        return Table(
            tuple(score for score in self.scores if score.reader == reader),
            tuple(score for score in self.repeats if score.reader == reader),
        )

    def of_arm(self, arm: Arm) -> tuple[Score, ...]:
        return tuple(score for score in self.scores if score.arm == arm)

    def values(self, arm: Arm) -> NDArray[np.int64]:
        """(n,) every score of an arm."""
        return np.array([score.score for score in self.of_arm(arm)], np.int64)

    def case_means(self, arm: Arm) -> dict[str, float]:
        """Mean over the readers per case: the independent observations of an arm."""
        by_case: dict[str, list[int]] = {}
        for score in self.of_arm(arm):
            by_case.setdefault(score.case, []).append(score.score)
        return {case: float(np.mean(values)) for case, values in sorted(by_case.items())}

    def pairs(self) -> dict[str, list[tuple[int, int]]]:
        """Per case the scores (human, machine) of every reader who gave both.

        A reader with one half only would put their strictness in the place of a difference.
        """
        machine = {(score.reader, score.case): score.score for score in self.of_arm("machine")}
        by_case: dict[str, list[tuple[int, int]]] = {}
        for score in sorted(self.of_arm("human"), key=lambda score: (score.case, score.reader)):
            other = machine.get((score.reader, score.case))
            if other is not None:
                by_case.setdefault(score.case, []).append((score.score, other))
        return by_case

    def matrix(self, readers: Sequence[str] | None = None) -> NDArray[np.float64]:
        """(readers, items) scores, NaN where a reader has not seen an item."""
        names = tuple(readers or self.readers)
        items = sorted({score.item for score in self.scores})
        row = {name: index for index, name in enumerate(names)}
        column = {item: index for index, item in enumerate(items)}
        filled = np.full((len(names), len(items)), np.nan)
        for score in self.scores:
            if score.reader in row:
                filled[row[score.reader], column[score.item]] = score.score
        return filled
