"""The difference of acceptable shares against Newcombe's own tables, and by whole cases."""

from __future__ import annotations

import numpy as np
import pytest
from study_scores import arms, score

from app.reading.analysis import wording
from app.reading.analysis.results import analyse
from app.reading.analysis.share_difference import newcombe, newcombe_paired, share_difference
from app.reading.analysis.table import Table
from app.reading.ratings import Score


@pytest.mark.parametrize(
    ("pairs", "limits"),
    [
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        ((20, 12, 2, 16), (0.0562, 0.3292)),
        ((18, 12, 2, 18), (0.0562, 0.3290)),
        ((36, 14, 0, 0), (0.1528, 0.4167)),
        ((35, 14, 0, 1), (0.1461, 0.4175)),
        ((18, 14, 0, 18), (0.1441, 0.3963)),
        ((2, 97, 1, 0), (0.8721, 0.9854)),
    ],
)
def test_paired_limits_are_newcombes(
    pairs: tuple[int, int, int, int], limits: tuple[float, float]
) -> None:
    """Statistics in Medicine 1998, 17:2635, table III, method 10."""
    found = newcombe_paired(*pairs)
    assert (found.low, found.high) == pytest.approx(limits, abs=6e-5)


def test_independent_limits_are_newcombes() -> None:
    """Statistics in Medicine 1998, 17:873, table II, method 10: 56 of 70 against 48 of 80."""
    found = newcombe(56, 70, 48, 80)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=6e-5)


def alike(readers: str, cases: int = 100) -> list[Score]:
    """A paired study of readers who judge alike; the arms mostly agree on what is acceptable."""
    rng = np.random.default_rng(3)
    good = rng.random(cases) < 0.7
    given = [np.where(rng.random(cases) < 0.95, good, ~good) for _ in range(2)]
    scores = [np.where(one, 5, 3).tolist() for one in given]
    return [row for reader in readers for row in arms(scores[0], scores[1], reader, paired=True)]


def width(found: object) -> float:
    return float(found.high - found.low)  # type: ignore[attr-defined]


def test_pairs_that_agree_narrow_the_limits_of_a_reader() -> None:
    rows = Table.of(alike("a"))
    paired, apart = share_difference(rows, "paired"), share_difference(rows, "unpaired")
    assert (paired.method, apart.method) == ("Newcombe, paired", "Newcombe")
    assert paired.value == pytest.approx(apart.value)
    assert width(paired) < 0.8 * width(apart)


@pytest.mark.parametrize("design", ["unpaired", "paired"])
def test_readers_who_say_the_same_of_a_case_don_t_narrow_the_limits(design: str) -> None:
    one = share_difference(Table.of(alike("a")), design)  # type: ignore[arg-type]
    four = share_difference(Table.of(alike("abcd")), design, resamples=2_000)  # type: ignore[arg-type]
    assert four.method == "bootstrap by case"
    assert four.value == pytest.approx(one.value)
    # Four times as many independent ratings would halve the width.
    assert width(four) == pytest.approx(width(one), rel=0.25)


def test_only_pairs_of_one_reader_count_when_paired() -> None:
    rows = [*alike("a"), *(score("b", f"h{n}", "human", 1) for n in range(100))]
    found = share_difference(Table.of(rows), "paired", resamples=200)
    assert found.value == share_difference(Table.of(alike("a")), "paired").value


def test_scores_without_spread_have_no_limits() -> None:
    rows = [*arms([5] * 6, [4] * 6, "a"), *arms([5] * 6, [4] * 6, "b")]
    found = share_difference(Table.of(rows), "unpaired", resamples=100)
    assert found.value == 0.0
    assert np.isnan([found.low, found.high]).all()
    text = wording.markdown(analyse(rows, "unpaired", 0.5, resamples=100))
    assert "Active seconds: pauses, idle time and the gaps between items are taken out." in text
    assert "| 0.00 points (–) |" in text


@pytest.mark.parametrize(
    ("readers", "design", "said"),
    [
        ("a", "unpaired", "has Newcombe's interval for two independent shares"),
        (
            "a",
            "paired",
            "has Newcombe's interval for paired shares (Stat Med 1998;17:2635, method 10).",
        ),
        ("ab", "paired", "clustered by case, and for each reader alone Newcombe's interval for pa"),
        ("ab", "unpaired", "take every rating as independent and are somewhat too narrow"),
    ],
)
def test_the_results_name_the_method(readers: str, design: str, said: str) -> None:
    found = analyse(alike(readers, 20), design, 0.5, resamples=50)  # type: ignore[arg-type]
    assert said in wording.markdown(found)
