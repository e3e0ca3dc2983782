"""The analysis as a whole, against scipy and statsmodels and against the paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from study_scores import arms, score

from app.errors import StoreError
from app.reading.analysis.pictures import draw, margin_figure
from app.reading.analysis.results import analyse
from app.reading.analysis.wording import verdict
from app.reading.ratings import Score

PAPER = {"human": (5, 4, 5, 9, 77), "machine": (4, 4, 6, 14, 72)}
"""Scores 1 to 5 of 100 reports each. The paper gives 5 and 4 only; the rest is spread over 1–3."""


def expanded(counts: tuple[int, ...]) -> list[int]:
    return [score for score, count in enumerate(counts, start=1) for _ in range(count)]


def simulated(seed: int = 5, readers: int = 3, cases: int = 40) -> list[Score]:
    rng = np.random.default_rng(seed)
    rows = []
    for arm, shift in (("human", 0.3), ("machine", 0.0)):
        quality = rng.normal(3.6 + shift, 0.8, cases)
        for reader in range(readers):
            values = np.clip(np.rint(quality + rng.normal(0, 0.6, cases)), 1, 5).astype(int)
            rows += [
                score(f"r{reader}", f"{arm}{n}", arm, int(value), seconds=10 + n)  # type: ignore[arg-type]
                for n, value in enumerate(values)
            ]
    return rows


def test_the_papers_figure_comes_back() -> None:
    found = analyse(
        arms(expanded(PAPER["human"]), expanded(PAPER["machine"])), "unpaired", 0.5, resamples=200
    ).pooled
    assert [found.human.share(score) for score in (5, 4)] == [0.77, 0.09]
    assert [found.machine.share(score) for score in (5, 4)] == [0.72, 0.14]
    assert f"{found.human.acceptable.share:.0%}" == f"{found.machine.acceptable.share:.0%}" == "86%"
    assert found.difference.value == pytest.approx(0.0)
    assert found.difference.low < 0 < found.difference.high


def test_unpaired_tests_are_scipys_on_the_means_of_cases() -> None:
    rows = simulated()
    pooled = analyse(rows, "unpaired", 0.5, resamples=200).pooled.comparison
    means: dict[str, list[float]] = {"human": [], "machine": []}
    for arm, values in means.items():
        for n in range(40):
            values.append(
                float(np.mean([r.score for r in rows if r.case == f"{arm}{n}" and r.arm == arm]))
            )
    human, machine = means["human"], means["machine"]
    u = stats.mannwhitneyu(machine, human, alternative="two-sided")
    bm = stats.brunnermunzel(human, machine)
    by_name = {test.name: test for test in pooled.tests}
    assert by_name["Mann-Whitney U"].statistic == u.statistic
    assert by_name["Mann-Whitney U"].p == pytest.approx(u.pvalue)
    assert by_name["Brunner-Munzel"].statistic == pytest.approx(bm.statistic)
    assert by_name["Brunner-Munzel"].p == pytest.approx(bm.pvalue)
    assert pooled.superiority.value == pytest.approx(u.statistic / (40 * 40))
    assert pooled.at_least.value == pytest.approx(np.mean([m >= h for m in machine for h in human]))
    assert pooled.difference.value == pytest.approx(np.mean(machine) - np.mean(human))


def test_equal_differences_of_three_readers_means_are_ties() -> None:
    rng = np.random.default_rng(4)
    human = rng.integers(1, 6, (3, 40))
    machine = np.clip(human + rng.integers(-2, 2, (3, 40)), 1, 5)
    rows = [
        row
        for n, reader in enumerate(("r1", "r2", "r3"))
        for row in arms(human[n].tolist(), machine[n].tolist(), reader, paired=True)
    ]
    (test,) = analyse(rows, "paired", 0.5, resamples=200).pooled.comparison.tests
    thirds = machine.sum(axis=0) - human.sum(axis=0)  # whole numbers: equal ones are equal
    expected = stats.wilcoxon(thirds, zero_method="pratt", method="asymptotic")
    assert (test.statistic, test.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_paired_tests_are_scipys_on_whole_pairs() -> None:
    human = [5, 4, 4, 3, 5, 2, 4, 5, 3, 4, 5, 5]
    machine = [4, 4, 5, 3, 4, 1, 4, 4, 2, 4, 5, 4]
    rows = arms(human, machine, paired=True)
    rows.append(score("r1", "alone", "human", 1))  # not in the other arm: left out
    compared = analyse(rows, "paired", 0.5, resamples=500).pooled.comparison
    (test,) = compared.tests
    expected = stats.wilcoxon(machine, human, zero_method="pratt", method="asymptotic")
    assert (test.statistic, test.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert compared.cases == (12, 12)
    assert compared.at_least.value == pytest.approx(np.mean(np.array(machine) >= human))
    # A paired interval is narrower than that of two independent arms.
    apart = analyse(arms(human, machine), "unpaired", 0.5, resamples=500).pooled.comparison
    assert np.ptp([compared.difference.low, compared.difference.high]) < np.ptp(
        [apart.difference.low, apart.difference.high]
    )


def test_an_incomplete_paired_study_compares_each_reader_with_themselves() -> None:
    """A strict reader who read one arm of a case only is no difference between the arms."""
    lenient = arms([5, 4] * 30, [5, 4] * 30, "lenient", paired=True)
    strict = [score("strict", f"h{n}", "human" if n < 40 else "machine", 2) for n in range(60)]
    compared = analyse([*lenient, *strict], "paired", 0.5, resamples=200).pooled.comparison
    assert compared.difference.value == 0.0
    assert compared.means == (4.5, 4.5)
    assert compared.cases == (60, 60)
    both = [score("strict", f"h{n}", arm, 2) for n in range(60) for arm in ("human", "machine")]
    whole = analyse([*lenient, *both], "paired", 0.5, resamples=200).pooled.comparison
    assert whole.means == (3.25, 3.25)


def test_nobody_with_both_scores_of_a_case_is_no_comparison() -> None:
    rows = [*arms([5, 4], [], "a", paired=True), *arms([], [5, 4], "b", paired=True)]
    found = analyse(rows, "paired", 0.5, resamples=50).pooled
    assert found.comparison.cases == (0, 0)
    assert np.isnan(found.difference.value)


def test_proportions_are_statsmodels() -> None:
    one = analyse(simulated(), "unpaired", 0.5, resamples=100).readers[0]
    human, machine = one.human.acceptable, one.machine.acceptable
    assert human.of == machine.of == 40
    wilson = proportion_confint(human.count, human.of, method="wilson")
    assert (human.low, human.high) == pytest.approx(wilson)
    newcombe = confint_proportions_2indep(
        machine.count, 40, human.count, 40, method="newcomb", compare="diff"
    )
    assert (one.difference.low, one.difference.high) == pytest.approx(newcombe)


@pytest.mark.parametrize(("margin", "expected"), [(2.0, True), (0.05, False)])
def test_non_inferiority_is_judged_by_the_lower_limit(margin: float, expected: bool) -> None:
    compared = analyse(simulated(), "unpaired", margin, resamples=500).pooled.comparison
    assert compared.non_inferior is expected
    assert (compared.difference.low > -margin) is expected


def test_more_readers_of_the_same_cases_are_not_more_cases() -> None:
    one = arms([5, 4, 3, 2, 4, 5], [4, 4, 3, 1, 3, 5], "a")
    again = arms([5, 4, 3, 2, 4, 5], [4, 4, 3, 1, 3, 5], "b")
    single = analyse(one, "unpaired", 0.5, seed=2, resamples=500).pooled.comparison
    double = analyse(one + again, "unpaired", 0.5, seed=2, resamples=500).pooled.comparison
    assert double.difference == single.difference
    assert double.tests == single.tests


def test_the_same_seed_gives_the_same_figures() -> None:
    rows = simulated()
    assert analyse(rows, "unpaired", 0.5, seed=9, resamples=50) == analyse(
        list(reversed(rows)), "unpaired", 0.5, seed=9, resamples=50
    )


def test_each_reader_and_time_are_told_apart() -> None:
    found = analyse(simulated(), "unpaired", 0.5, resamples=50)
    assert [reading.reader for reading in found.readers] == ["r0", "r1", "r2"]
    assert all(reading.human.total == 40 for reading in found.readers)
    assert [one.arm for one in found.times] == ["human", "machine"]
    assert found.times[0].quartiles == pytest.approx((19.75, 29.5, 39.25))
    assert len(found.pairs) == 3


def test_training_counts_for_nothing_and_a_blind_study_is_refused() -> None:
    rows = arms([5, 4], [4, 3])
    with_training = [*rows, score("r1", "t", "machine", 1, training=True)]
    found = analyse(with_training, "unpaired", 0.5, resamples=50)
    assert found.pooled == analyse(rows, "unpaired", 0.5, resamples=50).pooled
    with pytest.raises(ValueError, match="blind"):
        analyse([*rows, score("r1", "", "", 3)], "unpaired", 0.5)


def test_an_arm_without_ratings_is_no_crash() -> None:
    found = analyse(arms([5, 4], []), "unpaired", 0.5, resamples=50).pooled
    assert np.isnan(found.comparison.difference.value)
    assert found.comparison.non_inferior is False
    assert found.machine.total == 0


def test_arms_that_never_vary_have_no_brunner_munzel() -> None:
    compared = analyse(arms([5] * 6, [5] * 6), "unpaired", 0.5, resamples=50).pooled.comparison
    by_name = {test.name: test for test in compared.tests}
    assert np.isnan(by_name["Brunner-Munzel"].p)
    assert by_name["Brunner-Munzel"].note
    assert compared.superiority.value == 0.5


@pytest.mark.parametrize(("human", "machine"), [([5] * 6, [5] * 6), ([4], [5])])
def test_scores_that_never_vary_give_no_interval_and_no_verdict(
    human: list[int], machine: list[int]
) -> None:
    results = analyse(arms(human, machine), "unpaired", 0.5, resamples=50)
    compared = results.pooled.comparison
    assert compared.difference.value == machine[0] - human[0]
    assert np.isnan([compared.difference.low, compared.difference.high]).all()
    assert compared.non_inferior is False
    assert "for an interval and a verdict" in verdict(compared)
    assert "non-inferior" not in verdict(compared)
    margin_figure(results).canvas.draw()


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "difference.png").mkdir()
    found = analyse(simulated(), "unpaired", 0.5, resamples=200)
    with pytest.raises(StoreError, match="difference"):
        draw(found, tmp_path)
    assert (tmp_path / "figure6.png").is_file()
