"""Figures of merit that need no library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Area under the ROC curve of scores (n,) for truth (n,) in {0, 1}; NaN where truth is unknown.

    The probability that a positive scores above a negative, ties counted half (Mann–Whitney). NaN
    when one of the two is missing.
    """
    known = ~np.isnan(truth)
    scores, truth = scores[known], truth[known]
    positives = int((truth > 0.5).sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    _values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank_of_value = np.cumsum(counts) - (counts - 1) / 2.0
    ranks = rank_of_value[inverse]
    total = float(ranks[truth > 0.5].sum())
    return (total - positives * (positives + 1) / 2.0) / (positives * negatives)


def auc_by_source(
    scores: NDArray[np.floating], truth: NDArray[np.floating], sources: Sequence[str]
) -> dict[str, list[float]]:
    """AUC of each column of (n, k) within each source of the n rows.

    Never across sources: a network tells a child's radiograph from an adult's at a glance, and
    would look as if it told the healthy from the ill.
    """
    names = np.array(sources)
    return {
        name: [
            auc(scores[names == name, column], truth[names == name, column])
            for column in range(truth.shape[1])
        ]
        for name in dict.fromkeys(sources)
    }


def mean_auc(areas: Mapping[str, Sequence[float]]) -> float:
    """Mean over the findings of each source, then over the sources; NaN where nothing was
    measured.
    """
    means = [float(np.nanmean(row)) for row in areas.values() if not np.isnan(row).all()]
    return float(np.mean(means)) if means else float("nan")
