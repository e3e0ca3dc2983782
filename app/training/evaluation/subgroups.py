"""The same figures by age group, sex and view, where a collection tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.training.corpora import Case
from app.training.evaluation.bootstrap import (
    Additive,
    Bootstrap,
    FloatArray,
    Statistic,
)
from app.training.evaluation.head import calibration_error, mean_auc, measurable

SMALLEST = 20
"""Images that a subgroup needs to be told apart."""

SMALLEST_FOR_AUC = 50
"""Images that a subgroup needs for its mean AUC."""

LEAST_CASES = 5
"""Images with and without a finding, in every such subgroup, for its AUC to count: else the
means would be taken over different findings and say nothing about the subgroups.
"""

AGES = ((0, "0–17"), (18, "18–39"), (40, "40–59"), (60, "60–79"), (80, "80 and over"))


def age_group(age: float | None) -> str:
    """The name of the group, "" where the age is unknown."""
    if age is None or age < 0:
        return ""
    return next(name for lowest, name in reversed(AGES) if age >= lowest)


KINDS: Mapping[str, Callable[[Case], str]] = {
    "age": lambda case: age_group(case.age),
    "sex": lambda case: case.sex,
    "view": lambda case: case.view,
}


def subgroups(
    cases: Sequence[Case],
    bootstrap: Bootstrap,
    head: tuple[FloatArray, FloatArray] | None,
    drafts: Mapping[str, Additive],
) -> list[dict[str, Any]]:
    """Per subgroup: images, the head's mean AUC and calibration error, and each of ``drafts``.

    ``head`` are its scores (n, k) and the truth (n, k). A kind with a single subgroup of at least
    ``SMALLEST`` images compares nothing and is left out.
    """
    told: list[dict[str, Any]] = []
    for kind, group_of in KINDS.items():
        names = np.array([group_of(case) for case in cases], dtype=object)
        chosen = {name: names == name for name in sorted(set(names.tolist())) if name}
        chosen = {name: rows for name, rows in chosen.items() if rows.sum() >= SMALLEST}
        if len(chosen) < 2:
            continue
        large = {name: rows for name, rows in chosen.items() if rows.sum() >= SMALLEST_FOR_AUC}
        columns = None if head is None else _columns(head[1], large.values())
        for name, rows in chosen.items():
            entry: dict[str, Any] = {"by": kind, "group": name, "images": int(rows.sum())}
            if head is not None and columns is not None and columns.any() and name in large:
                area = _within(mean_auc(*head, columns), rows)
                entry["mean AUC"] = bootstrap.figure(area).to_json()
                entry["auc_over"] = int(columns.sum())
            if head is not None:
                error = calibration_error(*head).of(rows)
                entry["ECE"] = bootstrap.figure(error).centred().to_json()
            for metric, measure in drafts.items():
                entry[metric] = bootstrap.figure(measure.of(rows)).to_json()
            told.append(entry)
    return told


def _columns(truth: FloatArray, chosen: Any) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = np.ones(truth.shape[1], np.bool_)
    for rows in chosen:
        enough &= measurable(truth[rows], LEAST_CASES)
    return enough


def _within(statistic: Statistic, rows: NDArray[np.bool_]) -> Statistic:
    return lambda weights: statistic(weights * rows)
