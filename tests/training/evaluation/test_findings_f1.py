"""F1 of findings, and the constants that have to be beaten."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from app.training.evaluation import findings as f1
from app.training.evaluation.bootstrap import Additive
from app.training.evaluation.findings import ENOUGH, Truth

U = math.nan


def value(figure: Additive) -> float:
    return float(figure(np.ones((1, len(figure.sums))))[0])


def random_truth(images: int = 60, findings: int = 4, seed: int = 0) -> Truth:
    rng = np.random.default_rng(seed)
    shares = np.array([0.5, 0.3, 0.2, 0.05])[:findings]
    known = (rng.random((images, findings)) < shares).astype(float)
    return Truth(tuple("abcd"[:findings]), known)


def test_micro_and_macro_f1_by_hand() -> None:
    known = np.array([[1, 0]] * ENOUGH + [[0, 1]] * ENOUGH, float)
    truth = Truth(("a", "b"), known)
    named = truth.constant([0])
    assert value(f1.micro_f1(truth, named)) == pytest.approx(2 * 10 / (2 * 10 + 10 + 10))
    assert value(f1.macro_f1(truth, named)) == pytest.approx((20 / 30 + 0) / 2)
    assert value(f1.finding_f1(truth, named, 0)) == pytest.approx(20 / 30)
    assert value(f1.precision(truth, named, 0)) == 0.5
    assert value(f1.recall(truth, named, 0)) == 1.0
    assert math.isnan(value(f1.precision(truth, named, 1)))


def test_unknown_findings_count_neither_for_nor_against() -> None:
    truth = Truth(("a",), np.array([[1.0], [U], [0.0]]))
    named = np.array([[True], [True], [False]])
    assert value(f1.micro_f1(truth, named)) == 1.0


def test_rare_findings_do_not_enter_the_macro_average() -> None:
    known = np.zeros((30, 2))
    known[:ENOUGH, 0] = 1
    known[: ENOUGH - 1, 1] = 1
    truth = Truth(("often", "rare"), known)
    assert truth.frequent.tolist() == [True, False]
    assert value(f1.macro_f1(truth, truth.constant([0]))) == pytest.approx(20 / 40)
    nothing = Truth(("rare",), np.zeros((3, 1)))
    assert math.isnan(value(f1.macro_f1(nothing, nothing.constant([0]))))


def test_abnormal_images_alone_lose_the_false_alarms_on_normal_ones() -> None:
    truth = Truth(("a",), np.array([[1.0], [0.0]]))
    everywhere = f1.micro_f1(truth, truth.constant([0]))
    assert value(everywhere) == pytest.approx(2 / 3)
    assert value(everywhere.of(truth.abnormal)) == 1.0


def test_no_constant_beats_the_best_set_in_micro_f1() -> None:
    truth = random_truth()
    best = value(f1.micro_f1(truth, truth.constant(f1.best_set(truth))))
    every = [
        value(f1.micro_f1(truth, truth.constant(list(chosen))))
        for size in (1, 2, 3, 4)
        for chosen in itertools.combinations(range(4), size)
    ]
    assert best == pytest.approx(max(every))
    singles = every[:4]
    assert f1.best_single(truth) == int(np.argmax(singles))


def test_no_constant_beats_naming_everything_in_macro_f1() -> None:
    truth = random_truth(seed=5)
    everything = value(f1.macro_f1(truth, truth.constant(range(4))))
    for size in (1, 2, 3):
        for chosen in itertools.combinations(range(4), size):
            assert value(f1.macro_f1(truth, truth.constant(list(chosen)))) <= everything


def test_an_image_without_findings_and_none_named_is_right() -> None:
    truth = Truth(("a",), np.array([[0.0], [0.0], [1.0]]))
    named = np.array([[False], [True], [True]])
    assert f1.each_f1(truth, named).tolist() == [1.0, 0.0, 1.0]
