"""The findings head: AUC under resampling and calibration."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.training.evaluation import head
from app.training.evaluation.bootstrap import Bootstrap
from app.training.metrics import auc as plain_auc


def test_auc_of_drawn_images_is_the_plain_one_of_those_images() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 8, 40) / 8
    truth = rng.integers(0, 2, 40).astype(float)
    truth[::7] = math.nan
    weights = rng.integers(0, 3, (5, 40)).astype(float)
    found = head.auc(scores, truth)(weights)
    for drawn, area in zip(weights, found, strict=True):
        places = np.repeat(np.arange(40), drawn.astype(int))
        assert area == pytest.approx(plain_auc(scores[places], truth[places]))


def test_auc_without_one_of_the_kinds_is_unknown_and_left_out_of_the_mean() -> None:
    scores = np.array([[0.1, 0.2], [0.9, 0.8]])
    truth = np.array([[0.0, 1.0], [1.0, 1.0]])
    ones = np.ones((1, 2))
    assert math.isnan(head.auc(scores[:, 1], truth[:, 1])(ones)[0])
    assert head.mean_auc(scores, truth, np.array([True, True]))(ones)[0] == 1.0
    assert math.isnan(head.mean_auc(scores, truth, np.array([False, False]))(ones)[0])
    unknown = np.full(2, math.nan)
    assert math.isnan(head.auc(scores[:, 0], unknown)(ones)[0])


def test_a_true_probability_is_calibrated_and_a_shifted_one_is_not() -> None:
    rng = np.random.default_rng(1)
    chance = rng.random((4000, 2))
    truth = (rng.random((4000, 2)) < chance).astype(float)
    ones = np.ones((1, 4000))
    assert head.calibration_error(chance, truth)(ones)[0] < 0.02
    assert head.calibration_error(np.full((4000, 2), 0.9), truth)(ones)[0] == pytest.approx(
        0.9 - truth.mean()
    )


def test_unknown_truth_does_not_enter_the_calibration() -> None:
    scores = np.array([[0.25], [0.75]])
    truth = np.array([[0.0], [math.nan]])
    assert head.calibration_error(scores, truth)(np.ones((1, 2)))[0] == pytest.approx(0.25)
    assert head.reliability(scores, truth) == [
        {"from": 0.2, "to": 0.3, "images": 1, "score": 0.25, "share": 0.0}
    ]


def test_a_score_of_one_falls_into_the_last_bin() -> None:
    bins = head.reliability(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    assert [(one["from"], one["to"]) for one in bins] == [(0.0, 0.1), (0.9, 1.0)]


def test_measure_tells_each_finding_and_averages_those_with_enough_cases() -> None:
    rng = np.random.default_rng(2)
    truth = np.zeros((60, 3))
    truth[:20, 0] = truth[:5, 1] = 1.0
    truth[:, 2] = math.nan
    scores = 0.2 * rng.random((60, 3)) + 0.5 * np.nan_to_num(truth)
    bootstrap = Bootstrap([str(place) for place in range(60)], draws=50)
    told = head.measure(("often", "rare", "unknown"), scores, truth, bootstrap)
    assert told["auc_over"] == 1
    assert told["mean_auc"]["value"] == 1.0
    assert [(one["name"], one["cases"], one["known"]) for one in told["findings"]] == [
        ("often", 20, 60),
        ("rare", 5, 60),
    ]
    assert sum(one["images"] for one in told["bins"]) == 120
