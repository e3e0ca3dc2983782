"""Findings that drafts name against those that are known: F1, and the constants to be beaten.

A draft that names the commonest finding for every image scores well by the counts alone. So the
same figures are taken of constant answers, chosen with the truth at hand, which flatters them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.training.evaluation.bootstrap import Additive, FloatArray

ENOUGH = 10
"""Cases that a finding needs to count in a macro average."""


@dataclass(frozen=True)
class Truth:
    """What is known of n images.

    names   the k findings
    known   (n, k) float64: 1.0 present, 0.0 absent, NaN unknown
    """

    names: tuple[str, ...]
    known: FloatArray

    @property
    def cases(self) -> NDArray[np.int64]:
        """(k,) images in which each finding is present."""
        counts: NDArray[np.int64] = (self.known == 1.0).sum(axis=0)
        return counts

    @property
    def frequent(self) -> NDArray[np.bool_]:
        """(k,) findings with at least ``ENOUGH`` cases."""
        many: NDArray[np.bool_] = self.cases >= ENOUGH
        return many

    @property
    def abnormal(self) -> NDArray[np.bool_]:
        """(n,) images with at least one of the findings."""
        some: NDArray[np.bool_] = (self.known == 1.0).any(axis=1)
        return some

    def constant(self, chosen: Sequence[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n, k) the answer that names the ``chosen`` findings for every image."""
        answer = np.zeros(self.known.shape, np.bool_)
        answer[:, chosen] = True
        return answer


def _counts(truth: Truth, named: NDArray[np.bool_]) -> FloatArray:
    """(n, 3, k): right, named wrongly, missed; an unknown finding counts for nothing."""
    present, absent = truth.known == 1.0, truth.known == 0.0
    return np.stack([present & named, absent & named, present & ~named], axis=1).astype(np.float64)


def micro_f1(truth: Truth, named: NDArray[np.bool_]) -> Additive:
    """F1 of all findings' counts together; ``named`` (n, k)."""
    return Additive(_counts(truth, named).sum(axis=2), _f1)


def macro_f1(truth: Truth, named: NDArray[np.bool_]) -> Additive:
    """Mean F1 of the findings with at least ``ENOUGH`` cases; NaN where there is none."""
    counts = _counts(truth, named)[:, :, truth.frequent]
    findings = counts.shape[2]

    def finish(totals: FloatArray) -> FloatArray:
        if not findings:
            return np.full(len(totals), np.nan)
        by_finding = totals.reshape(-1, 3, findings).transpose(0, 2, 1).reshape(-1, 3)
        average: FloatArray = _f1(by_finding).reshape(-1, findings).mean(axis=1)
        return average

    return Additive(counts.reshape(len(counts), -1), finish)


def finding_f1(truth: Truth, named: NDArray[np.bool_], column: int) -> Additive:
    """F1 of one finding."""
    return Additive(_counts(truth, named)[:, :, column], _f1)


def precision(truth: Truth, named: NDArray[np.bool_], column: int) -> Additive:
    """Of the images for which a finding is named, the share that has it."""
    return Additive(_counts(truth, named)[:, :2, column], _of_both)


def recall(truth: Truth, named: NDArray[np.bool_], column: int) -> Additive:
    """Of the images that have a finding, the share for which it is named."""
    return Additive(_counts(truth, named)[:, ::2, column], _of_both)


def each_f1(truth: Truth, named: NDArray[np.bool_]) -> FloatArray:
    """(n,) F1 of each image by itself; 1.0 where nothing is present and nothing named."""
    counts = _counts(truth, named).sum(axis=2)
    return np.where(counts.sum(axis=1) > 0, _f1(counts), 1.0)


def _f1(totals: FloatArray) -> FloatArray:
    """(b, 3) right, wrong, missed → (b,) F1; 0 where there is nothing to find or name."""
    whole = 2 * totals[:, 0] + totals[:, 1] + totals[:, 2]
    quotient: FloatArray = 2 * totals[:, 0] / np.maximum(whole, 1e-12)
    return quotient


def _of_both(totals: FloatArray) -> FloatArray:
    """(b, 2) → (b,) the first as a share of both; NaN where there is neither."""
    whole = totals.sum(axis=1)
    return np.where(whole > 0, totals[:, 0] / np.maximum(whole, 1e-12), np.nan)


def best_single(truth: Truth) -> int:
    """The finding that, named for every image, gives the best micro F1."""
    figures = [_whole(micro_f1(truth, truth.constant([place]))) for place in range(_width(truth))]
    return int(np.argmax(figures))


def best_set(truth: Truth) -> NDArray[np.int64]:
    """The findings that, named together for every image, give the best micro F1.

    The best set of any size holds the commonest findings: exchanging one for a commoner one only
    adds hits.
    """
    order = np.argsort(-truth.cases, kind="stable")
    figures = [
        _whole(micro_f1(truth, truth.constant(order[: size + 1]))) for size in range(len(order))
    ]
    chosen: NDArray[np.int64] = np.sort(order[: int(np.argmax(figures)) + 1])
    return chosen


def _whole(figure: Additive) -> float:
    return float(figure(np.ones((1, len(figure.sums))))[0])


def _width(truth: Truth) -> int:
    return len(truth.names)
