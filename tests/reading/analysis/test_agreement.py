"""κ and α against published examples and against another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa
from study_scores import score

from app.reading.analysis import wording
from app.reading.analysis.agreement import krippendorff, ordinal_alpha, pairs, with_themselves
from app.reading.analysis.comparison import Interval
from app.reading.analysis.table import Table

KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Four observers, twelve units: example E of “Computing Krippendorff's Alpha-Reliability” (2011),
ordinal α = 0.815."""


def matrix(text: str) -> np.ndarray:
    rows = text.strip().splitlines()
    return np.array([[np.nan if c == "." else float(c) for c in row.split()] for row in rows])


def test_alpha_is_the_published_one() -> None:
    assert ordinal_alpha(matrix(KRIPPENDORFF)) == pytest.approx(0.815, abs=5e-4)


def test_alpha_of_a_study_has_an_interval_around_it() -> None:
    scored = matrix(KRIPPENDORFF)
    rows = [
        score(f"r{reader}", f"c{item}", "human", int(value))
        for reader, line in enumerate(scored)
        for item, value in enumerate(line)
        if not np.isnan(value)
    ]
    alpha = krippendorff(Table.of(rows), seed=3)
    assert (alpha.readers, alpha.items) == (4, 11)  # the last unit has one observer only
    assert alpha.value == pytest.approx(0.815, abs=5e-4)
    assert alpha.low < alpha.value < alpha.high <= 1.0
    assert krippendorff(Table.of(rows), seed=3) == alpha


def test_alpha_is_one_for_the_same_scores_and_none_for_a_constant() -> None:
    same = np.array([[1.0, 5, 3, 4], [1, 5, 3, 4]])
    assert ordinal_alpha(same) == pytest.approx(1.0)
    assert np.isnan(ordinal_alpha(np.full((2, 5), 4.0)))
    assert np.isnan(ordinal_alpha(np.full((2, 5), np.nan)))


def by_hand(one: list[int], other: list[int]) -> float:
    """Quadratic-weighted κ written out (Cohen 1968; Fleiss and Cohen 1973)."""
    observed = np.mean([(a - b) ** 2 for a, b in zip(one, other, strict=True)])
    chance = np.mean([(a - b) ** 2 for a in one for b in other])
    return float(1 - observed / chance)


def test_kappa_of_two_readers_is_taken_over_what_both_have_scored() -> None:
    one = [5, 5, 4, 3, 1, 2, 5, 4, 4, 2]
    other = [5, 4, 4, 3, 2, 2, 5, 5, 3, 1]
    rows = [score("a", f"c{n}", "human", value) for n, value in enumerate(one)]
    rows += [score("b", f"c{n}", "human", value) for n, value in enumerate(other)]
    rows.append(score("a", "only-a", "machine", 1))
    (kappa,) = pairs(Table.of(rows))
    assert (kappa.first, kappa.second, kappa.items) == ("a", "b", 10)
    assert kappa.value == pytest.approx(by_hand(one, other))
    assert kappa.low < kappa.value < kappa.high
    assert kappa.identical == pytest.approx(0.5)


def test_kappa_weights_as_cohen_does() -> None:
    """His illustration (Psychological Bulletin 1968, 70:213): three categories, 200 cases."""
    counts = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    rows = []
    for (a, b), count in np.ndenumerate(counts):
        for n in range(count):
            rows.append(score("a", f"{a}{b}-{n}", "human", a + 1))
            rows.append(score("b", f"{a}{b}-{n}", "human", b + 1))
    (kappa,) = pairs(Table.of(rows))
    ones, others = np.nonzero(counts)
    listed = np.repeat(np.stack([ones, others]), counts[ones, others], axis=1) + 1
    assert kappa.value == pytest.approx(by_hand(list(listed[0]), list(listed[1])))
    assert kappa.identical == pytest.approx(0.70)  # the agreement that he gives


def test_kappa_is_undefined_for_constant_readers() -> None:
    rows = [score(reader, f"c{n}", "human", 5) for reader in "ab" for n in range(4)]
    (kappa,) = pairs(Table.of(rows))
    assert np.isnan(kappa.value)
    assert kappa.identical == 1.0


@pytest.mark.parametrize("other", [[5, 4, 5, 3, 5, 5], [4] * 6])
def test_a_reader_who_never_varies_has_kappa_0_and_no_limits(other: list[int]) -> None:
    rows = [score("a", f"c{n}", "human", 5) for n in range(6)]
    rows += [score("b", f"c{n}", "human", value) for n, value in enumerate(other)]
    (kappa,) = pairs(Table.of(rows))
    assert kappa.value == 0.0
    assert np.isnan([kappa.low, kappa.high]).all()
    assert wording.interval(Interval(kappa.value, kappa.low, kappa.high)) == "0.00 (–)"


def test_few_repeats_have_limits_that_kappa_can_reach() -> None:
    """The asymptotic limits of these six are 0.40 and 1.15."""
    first, again = [5, 4, 2, 1, 3, 5], [5, 4, 3, 1, 3, 3]
    rows = [score("a", f"c{n}", "human", value, item=f"i{n}") for n, value in enumerate(first)]
    rows += [
        score("a", f"c{n}", "human", value, item=f"x{n}", repeat_of=f"i{n}")
        for n, value in enumerate(again)
    ]
    (kappa,) = with_themselves(Table.of(rows))
    assert kappa.low < kappa.value < kappa.high <= 1.0
    assert with_themselves(Table.of(rows)) == (kappa,)


def test_equal_readings_have_no_limits() -> None:
    rows = [score(one, f"c{n}", "human", value) for one in "ab" for n, value in enumerate([5, 4])]
    (kappa,) = pairs(Table.of(rows))
    assert kappa.value == 1.0
    assert np.isnan(kappa.low)


def test_many_items_have_the_asymptotic_limits() -> None:
    rng = np.random.default_rng(4)
    one = rng.integers(1, 6, 60)
    other = np.clip(one + rng.integers(-1, 2, 60), 1, 5)
    rows = [score("a", f"c{n}", "human", int(value)) for n, value in enumerate(one)]
    rows += [score("b", f"c{n}", "human", int(value)) for n, value in enumerate(other)]
    counts = np.zeros((5, 5))
    np.add.at(counts, (one - 1, other - 1), 1)
    expected = cohens_kappa(counts, wt="quadratic")
    (kappa,) = pairs(Table.of(rows))
    assert kappa.value == pytest.approx(expected.kappa)
    assert (kappa.low, kappa.high) == pytest.approx((expected.kappa_low, expected.kappa_upp))


def test_repeats_compare_a_reader_with_their_first_score_and_count_nowhere_else() -> None:
    first, again = [5, 4, 2, 1, 3], [5, 4, 3, 1, 3]
    rows = [score("a", f"c{n}", "human", value, item=f"i{n}") for n, value in enumerate(first)]
    rows += [
        score("a", f"c{n}", "human", value, item=f"x{n}", repeat_of=f"i{n}")
        for n, value in enumerate(again)
    ]
    table = Table.of(rows)
    (kappa,) = with_themselves(table)
    assert kappa.items == 5
    assert kappa.value == pytest.approx(by_hand(first, again))
    assert len(table.scores) == 5


def test_a_figure_that_rounds_to_zero_has_no_minus() -> None:
    assert wording.number(-0.004) == "0.00"
    assert wording.number(-0.006) == "−0.01"
