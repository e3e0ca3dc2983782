"""Figures of merit against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.training.metrics import auc, auc_by_source, mean_auc


def test_auc_is_the_share_of_pairs_in_the_right_order_with_ties_counted_half() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 10, 60).astype(float)
    truth = rng.integers(0, 2, 60).astype(float)
    pairs = [
        1.0 if p > n else 0.5 if p == n else 0.0
        for p in scores[truth == 1]
        for n in scores[truth == 0]
    ]
    assert auc(scores, truth) == pytest.approx(np.mean(pairs))


def test_unknown_truth_is_left_out() -> None:
    assert auc(np.array([0.1, 0.9, 0.5]), np.array([0.0, 1.0, math.nan])) == 1.0


def test_one_kind_alone_has_no_auc() -> None:
    assert math.isnan(auc(np.array([0.1, 0.2]), np.ones(2)))


def test_sources_are_never_compared_with_each_other() -> None:
    scores = np.array([[0.1], [0.9], [0.2], [0.3]])
    truth = np.array([[0.0], [1.0], [1.0], [0.0]])
    areas = auc_by_source(scores, truth, ["nih", "nih", "children", "children"])
    assert areas == {"nih": [1.0], "children": [0.0]}
    assert mean_auc(areas) == 0.5


def test_a_source_without_both_kinds_does_not_count() -> None:
    assert mean_auc({"nih": [0.8, math.nan], "children": [math.nan, math.nan]}) == 0.8
