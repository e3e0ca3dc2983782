"""Figures of merit that need no library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Area under the ROC curve of scores (n,) for truth (n,) in {0, 1}; NaN where truth is unknown.

    The probability that a positive scores above a negative, ties counted half (Mann–Whitney). NaN
    when one of the two is missing."""
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


def mean_auc(scores: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Mean over the columns of (n, k) that have both kinds; NaN when none has."""
    areas = [auc(scores[:, column], truth[:, column]) for column in range(truth.shape[1])]
    kept = [area for area in areas if not np.isnan(area)]
    return float(np.mean(kept)) if kept else float("nan")
