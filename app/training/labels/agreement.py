"""How far two labellings of the same texts agree, finding by finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from app.errors import AppError
from app.training.labels.phrases import CHEXPERT


@dataclass(frozen=True)
class Agreement:
    """Counts of one finding: in the ``truth``, as ``predicted``, and in both (``hits``)."""

    truth: int
    predicted: int
    hits: int

    @property
    def precision(self) -> float:
        """Share of the predicted that are true; 0 where nothing was predicted."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the true that were predicted; 0 where nothing is true."""
        return self.hits / self.truth if self.truth else 0.0

    @property
    def f1(self) -> float:
        """2·hits / (truth + predicted); 0 where neither has any."""
        total = self.truth + self.predicted
        return 2 * self.hits / total if total else 0.0


def agreement(
    predicted: Sequence[Set[str]],
    truth: Sequence[Set[str]],
    findings: Sequence[str] = CHEXPERT,
) -> dict[str, Agreement]:
    """Agreement of two lists of positive findings, one set a text, for each of ``findings``."""
    if len(predicted) != len(truth):
        raise AppError(
            f"Labels of {len(predicted)} texts can't be compared with labels of {len(truth)}.",
            "Give both lists in the same order, one set of findings for each text.",
        )
    return {
        finding: Agreement(
            truth=sum(finding in row for row in truth),
            predicted=sum(finding in row for row in predicted),
            hits=sum(finding in a and finding in b for a, b in zip(predicted, truth, strict=True)),
        )
        for finding in findings
    }


def macro_f1(table: Mapping[str, Agreement], least: int = 1) -> float:
    """Mean F1 over the findings with at least ``least`` true cases; NaN where there are none."""
    scores = [row.f1 for row in table.values() if row.truth >= least]
    return sum(scores) / len(scores) if scores else float("nan")


def micro_f1(table: Mapping[str, Agreement]) -> float:
    """F1 of all findings' cases taken together."""
    rows = table.values()
    return Agreement(
        sum(row.truth for row in rows),
        sum(row.predicted for row in rows),
        sum(row.hits for row in rows),
    ).f1
