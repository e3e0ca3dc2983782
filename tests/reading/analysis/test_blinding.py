"""The blinding indexes against a published trial."""

from __future__ import annotations

import numpy as np
import pytest
from study_scores import score

from app.reading.analysis.blinding import bang, blinding, james
from app.reading.analysis.table import Table
from app.reading.ratings import Arm

CRISP = np.array([[82, 27], [25, 29], [170, 83]])
"""Bang, Ni and Davis (Controlled Clinical Trials 2004, 25:143), the CRISP trial: guesses
(lovastatin, placebo, don't know) by arm (lovastatin, placebo). They give James 0.75, Bang 0.21 and
0.01."""


def test_the_indexes_are_the_published_ones() -> None:
    assert james(CRISP) == pytest.approx(0.75, abs=0.005)
    assert bang(CRISP, 0) == pytest.approx(0.21, abs=0.005)
    assert bang(CRISP, 1) == pytest.approx(0.01, abs=0.005)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[50, 0], [0, 50], [0, 0]], 0.0),
        ([[25, 25], [25, 25], [0, 0]], 0.5),
        ([[0, 0], [0, 0], [50, 50]], 1.0),
    ],
)
def test_james_at_its_ends(counts: list[list[int]], expected: float) -> None:
    assert james(np.array(counts)) == pytest.approx(expected)


def test_bang_at_its_ends() -> None:
    right, wrong = np.array([[50, 0], [0, 50], [0, 0]]), np.array([[0, 50], [50, 0], [0, 0]])
    assert bang(right, 0) == bang(right, 1) == 1.0
    assert bang(wrong, 0) == bang(wrong, 1) == -1.0
    assert np.isnan(bang(np.zeros((3, 2), int), 0))


def test_guesses_are_counted_by_arm_and_scored_by_guess() -> None:
    guesses: list[tuple[Arm, str, int]] = [
        ("human", "human", 5),
        ("human", "machine", 3),
        ("machine", "machine", 2),
        ("machine", "don't know", 4),
        ("machine", "", 1),  # not asked
    ]
    rows = [
        score("a", f"c{n}", arm, value, answers={"guess": guess} if guess else {})
        for n, (arm, guess, value) in enumerate(guesses)
    ]
    found = blinding(Table.of(rows), seed=1)
    assert found is not None
    assert found.counts == ((1, 0), (1, 1), (0, 1))
    assert found.correct.value == pytest.approx(2 / 3)
    assert found.score_by_guess == (("human", 1, 5.0), ("machine", 2, 2.5), ("don't know", 1, 4.0))
    assert found.bang[0].value == 0.0
    assert found.bang[1].value == 0.5


def test_nobody_asked_says_nothing() -> None:
    assert blinding(Table.of([score("a", "c", "human", 5)])) is None
