"""The findings head: does its number order the images, and can it be believed?

AUC is the probability that an image with the finding scores above one without; calibration asks
whether of the images given 30 % three in ten have it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.training.evaluation.bootstrap import Additive, Bootstrap, FloatArray, Statistic
from app.training.evaluation.findings import ENOUGH

FEWEST = 5
"""Images with and without a finding below which its AUC gets no interval."""

BINS = 10
"""Bins of equal width over [0, 1]."""


def auc(scores: FloatArray, truth: FloatArray) -> Statistic:
    """Area under the ROC curve of scores (n,) for truth (n,) in {0, 1}, NaN where unknown.

    Ties count half. NaN in a resample that lacks one of the two kinds.
    """
    order = np.argsort(scores, kind="stable")
    order = order[~np.isnan(truth[order])]
    present = truth[order] > 0.5
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.nan) != 0)

    def statistic(weights: FloatArray) -> FloatArray:
        if not len(order):
            return np.full(len(weights), np.nan)
        drawn = weights[:, order]
        with_it = np.add.reduceat(drawn * present, starts, axis=1)
        without = np.add.reduceat(drawn * ~present, starts, axis=1)
        below = np.cumsum(without, axis=1) - without
        pairs = with_it.sum(axis=1) * without.sum(axis=1)
        won = (with_it * (below + 0.5 * without)).sum(axis=1)
        return np.where(pairs > 0, won / np.maximum(pairs, 1e-12), np.nan)

    return statistic


def mean_auc(scores: FloatArray, truth: FloatArray, columns: NDArray[np.bool_]) -> Statistic:
    """Mean AUC of the chosen ``columns`` of (n, k); those that can't be taken don't count."""
    single = [auc(scores[:, place], truth[:, place]) for place in np.flatnonzero(columns)]

    def statistic(weights: FloatArray) -> FloatArray:
        if not single:
            return np.full(len(weights), np.nan)
        areas = np.stack([one(weights) for one in single])
        counted = (~np.isnan(areas)).sum(axis=0)
        total = np.nansum(areas, axis=0)
        return np.where(counted > 0, total / np.maximum(counted, 1), np.nan)

    return statistic


def measurable(truth: FloatArray, least: int) -> NDArray[np.bool_]:
    """(k,) findings with at least ``least`` images with and as many without."""
    enough: NDArray[np.bool_] = ((truth == 1.0).sum(axis=0) >= least) & (
        (truth == 0.0).sum(axis=0) >= least
    )
    return enough


def calibration_error(scores: FloatArray, truth: FloatArray) -> Additive:
    """Expected calibration error of scores (n, k) for truth (n, k), NaN where unknown.

    Over ``BINS`` bins of equal width: mean distance between the mean score and the share that has
    the finding, weighted by the bin's images (Guo et al., arXiv 1706.04599, equation 3).
    """
    known = ~np.isnan(truth)
    gaps = np.zeros((len(scores), BINS + 1))
    for column in range(scores.shape[1]):
        rows = np.flatnonzero(known[:, column])
        score = scores[rows, column]
        np.add.at(gaps, (rows, _bin(score)), score - truth[rows, column])
        gaps[rows, BINS] += 1
    return Additive(gaps, _gap)


def _gap(totals: FloatArray) -> FloatArray:
    counted = totals[:, BINS]
    distance = np.abs(totals[:, :BINS]).sum(axis=1)
    return np.where(counted > 0, distance / np.maximum(counted, 1e-12), np.nan)


def reliability(scores: FloatArray, truth: FloatArray) -> list[dict[str, Any]]:
    """Each bin that holds a score: its edges, images, mean score, and the share that has the
    finding; ``scores`` and ``truth`` of any one shape.
    """
    known = ~np.isnan(truth)
    score, present = scores[known], truth[known]
    place = _bin(score)
    return [
        {
            "from": number / BINS,
            "to": (number + 1) / BINS,
            "images": int(inside.sum()),
            "score": round(float(score[inside].mean()), 6),
            "share": round(float(present[inside].mean()), 6),
        }
        for number in range(BINS)
        if (inside := place == number).any()
    ]


def _bin(scores: FloatArray) -> NDArray[np.int64]:
    places: NDArray[np.int64] = np.clip((scores * BINS).astype(np.int64), 0, BINS - 1)
    return places


def _area(scores: FloatArray, truth: FloatArray, bootstrap: Bootstrap) -> dict[str, Any]:
    """AUC with its interval, without one where so few are drawn again and again that it would look
    certain.
    """
    area = bootstrap.figure(auc(scores, truth)).to_json()
    if not measurable(truth[:, None], FEWEST).all():
        area |= {"low": None, "high": None}
    return area


def measure(
    names: tuple[str, ...], scores: FloatArray, truth: FloatArray, bootstrap: Bootstrap
) -> dict[str, Any]:
    """AUC and calibration per finding and together, as they stand in the evaluation's JSON.

    The mean AUC is over the findings with at least ``ENOUGH`` images with and without them.
    """
    columns = measurable(truth, ENOUGH)
    findings = []
    for place, name in enumerate(names):
        known = ~np.isnan(truth[:, place])
        if not known.any():
            continue
        score, present = scores[:, [place]], truth[:, [place]]
        error = bootstrap.figure(calibration_error(score, present)).centred()
        findings.append(
            {
                "name": name,
                "cases": int((present == 1.0).sum()),
                "known": int(known.sum()),
                "auc": _area(score[:, 0], present[:, 0], bootstrap),
                "ece": error.to_json(),
                "bins": reliability(score, present),
            }
        )
    overall = bootstrap.figure(calibration_error(scores, truth)).centred()
    return {
        "mean_auc": bootstrap.figure(mean_auc(scores, truth, columns)).to_json(),
        "auc_over": int(columns.sum()),
        "ece": overall.to_json(),
        "bins": reliability(scores, truth),
        "findings": findings,
    }
