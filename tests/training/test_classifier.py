"""The first stage's learning rate."""

from __future__ import annotations

from itertools import pairwise

from app.training.classifier import rate


def test_each_size_has_a_rise_and_a_fall_of_its_own() -> None:
    rates = [rate(step, [70, 35]) for step in range(106)]
    first, second = rates[:70], rates[70:105]
    assert max(first) == first[10] == 1.0
    assert max(second) == second[5] == 0.3
    assert first[-1] < 0.01
    assert second[-1] < 0.01
    assert rates[-1] == 0.0
    assert all(one < other for one, other in pairwise(first[:11]))
    assert all(one > other for one, other in pairwise(first[10:]))
