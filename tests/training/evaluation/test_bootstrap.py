"""Intervals: patients are drawn, not images; every row sees the same resamples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.training.evaluation.bootstrap import Additive, Bootstrap, Figure, mean


def test_a_mean_has_its_textbook_interval() -> None:
    values = np.random.default_rng(0).normal(3.0, 1.0, 400)
    figure = Bootstrap([str(place) for place in range(400)]).figure(mean(values))
    low, high = figure.interval()
    error = values.std() / math.sqrt(400)
    assert figure.value == pytest.approx(values.mean())
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.02)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.02)


def test_images_of_one_patient_stand_or_fall_together() -> None:
    values = np.repeat([0.0, 1.0] * 10, 5)
    alone = Bootstrap([str(place) for place in range(100)]).figure(mean(values))
    together = Bootstrap([str(place // 5) for place in range(100)]).figure(mean(values))
    assert together.draws.std() > 1.8 * alone.draws.std()
    assert Bootstrap(["a", "a", "b"]).patients == 2


def test_two_rows_are_compared_within_each_resample() -> None:
    values = np.random.default_rng(1).normal(0.0, 5.0, 200)
    bootstrap = Bootstrap([str(place) for place in range(200)])
    better, worse = bootstrap.figure(mean(values + 0.1)), bootstrap.figure(mean(values))
    low, high = better.minus(worse).interval()
    assert low == pytest.approx(0.1)
    assert high == pytest.approx(0.1)
    assert better.interval()[0] < worse.interval()[1]


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(50.0)
    groups = [str(place) for place in range(50)]
    first = Bootstrap(groups, seed=3).figure(mean(values))
    assert first.interval() == Bootstrap(groups, seed=3).figure(mean(values)).interval()
    assert first.interval() != Bootstrap(groups, seed=4).figure(mean(values)).interval()


def test_unknown_values_do_not_count() -> None:
    figure = Bootstrap(["a", "b", "c"]).figure(mean(np.array([1.0, math.nan, 3.0])))
    assert figure.value == 2.0


def test_a_figure_that_can_hardly_be_taken_has_no_interval() -> None:
    draws = np.full(100, np.nan)
    draws[:30] = 1.0
    assert Figure(1.0, draws).to_json() == {"value": 1.0, "low": None, "high": None}
    assert Figure(math.nan, np.full(3, np.nan)).centred().to_json()["value"] is None


def test_centred_resamples_keep_their_spread() -> None:
    figure = Figure(5.0, np.array([1.0, 2.0, 3.0])).centred()
    assert figure.draws.tolist() == [4.0, 5.0, 6.0]


def test_a_part_of_the_images_is_measured_under_the_same_resamples() -> None:
    measure = mean(np.array([1.0, 2.0, 30.0]))
    part = measure.of(np.array([True, True, False]))
    assert isinstance(part, Additive)
    assert Bootstrap(["a", "b", "c"]).figure(part).value == 1.5
