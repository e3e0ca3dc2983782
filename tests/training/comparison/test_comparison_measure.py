"""Several models held to the same reports: rows, intervals, pairs, and who writes annotations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from app.training.comparison.markdown import body, short
from app.training.comparison.measure import BEST, measure
from app.training.corpora import Case
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source
from app.training.evaluation.known import Settings
from app.training.evaluation.overlap import alone, rouge_l

REPORTS = (
    "right pleural effusion with atelectasis .",
    "cardiomegaly without edema .",
    "left pneumothorax .",
    "no acute disease . the lungs are clear .",
)
CASES = 120


def drafted(*texts: str) -> Drafted:
    return Drafted(texts, tuple(tuple(text.split()) for text in texts), {})


@pytest.fixture(scope="module")
def source() -> Source:
    """A patient for each image."""
    cases = [Case(None, "own", "test", f"p{n}", REPORTS[n % 4]) for n in range(CASES)]
    return Source("own", "table", "test", tuple(cases), REPORTS * 3)


def model(right: float, seed: int, ranks: int = 3) -> list[Drafted | None]:
    """Drafts that are the image's report in a share ``right`` of the images."""
    rng = np.random.default_rng(seed)
    drafts: list[Drafted | None] = []
    for number in range(CASES):
        others = [REPORTS[int(place)] for place in rng.integers(4, size=ranks)]
        if rng.random() < right:
            others[0] = REPORTS[number % 4]
        drafts.append(drafted(*others))
    return drafts


@pytest.fixture(scope="module")
def models() -> dict[str, list[Drafted | None]]:
    return {"good": model(0.8, 1), "poor": model(0.2, 2), "single": model(0.5, 3, ranks=1)}


@pytest.fixture(scope="module")
def settings(models: dict[str, list[Drafted | None]]) -> dict[str, Settings]:
    return {name: Settings((), 9, draws=1000) for name in models}


@pytest.fixture(scope="module")
def measured(
    source: Source, models: dict[str, list[Drafted | None]], settings: dict[str, Settings]
) -> dict[str, Any]:
    return measure(source, models, "good", settings, None)


def row(measured: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in measured["rows"] if one["row"] == name)
    return found


def each(drafts: list[Drafted | None], source: Source) -> np.ndarray:
    texts = [one.words[0] for one in drafts if one is not None]
    return alone(rouge_l(texts, [case.report.split() for case in source.cases]))


@pytest.mark.parametrize("name", ["good", "poor"])
def test_intervals_are_those_of_scipys_bootstrap(
    source: Source,
    models: dict[str, list[Drafted | None]],
    measured: dict[str, Any],
    name: str,
) -> None:
    values = each(models[name], source)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=5000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    told = row(measured, name)["metrics"]["ROUGE-L"]
    assert told["value"] == pytest.approx(values.mean(), abs=1e-6)
    width = expected.high - expected.low
    assert told["low"] == pytest.approx(expected.low, abs=0.12 * width)
    assert told["high"] == pytest.approx(expected.high, abs=0.12 * width)


def test_the_interval_of_a_difference_is_that_of_the_pairs(
    source: Source, models: dict[str, list[Drafted | None]], measured: dict[str, Any]
) -> None:
    pairs = each(models["poor"], source) - each(models["good"], source)
    rng = np.random.default_rng(0)
    drawn = pairs[rng.integers(CASES, size=(5000, CASES))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    told = next(
        one
        for one in measured["differences"]
        if (one["of"], one["minus"], one["metric"]) == ("poor", "good", "ROUGE-L")
    )
    assert told["value"] == pytest.approx(pairs.mean(), abs=2e-6)
    assert (told["low"], told["high"]) == pytest.approx((low, high), abs=0.12 * (high - low))
    assert told["high"] < 0


def test_the_reference_is_held_against_rows_without_an_image_alone(
    measured: dict[str, Any],
) -> None:
    pairs = {(one["of"], one["minus"]) for one in measured["differences"]}
    assert ("good", "most typical report") in pairs
    assert ("poor", "nearest report (oracle)") in pairs
    assert ("good", "good") not in pairs
    assert ("good", "poor") not in pairs


def test_the_best_of_the_ranks_is_told_beside_the_first(measured: dict[str, Any]) -> None:
    for name in ("good", "poor"):
        metrics = row(measured, name)["metrics"]
        assert metrics[BEST]["value"] > metrics["CIDEr"]["value"]
    only = row(measured, "single")["metrics"]
    assert only[BEST] == only["CIDEr"]


def test_findings_are_named_without_no_finding(measured: dict[str, Any]) -> None:
    findings = row(measured, "good")["findings"]
    assert "No Finding" not in [one["name"] for one in findings]
    told = {one["name"]: one for one in findings}
    assert told["Cardiomegaly"]["cases"] == CASES // 4
    assert told["Cardiomegaly"]["f1"]["value"] > 0.7


def test_an_image_that_one_model_could_not_read_counts_for_none(
    source: Source, models: dict[str, list[Drafted | None]], settings: dict[str, Settings]
) -> None:
    broken = {**models, "poor": [None, *models["poor"][1:]]}
    told = measure(source, broken, "good", settings, None)
    assert (told["images"], told["scored"]) == (CASES - 1, CASES - 1)
    assert told["left_out"] == {"image can't be read": 1}
    nothing = {name: [None] * CASES for name in models}
    assert "rows" not in measure(source, nothing, "good", settings, None)


def test_a_model_of_annotations_is_told_by_the_length_of_its_drafts(
    source: Source, settings: dict[str, Settings]
) -> None:
    whole = tuple(
        Case(None, "own", "test", f"p{n}", " ".join(REPORTS)) for n, _ in enumerate(source.cases)
    )
    long = Source("own", "table", "test", whole, REPORTS)
    models = {"good": [drafted("opacity left mild")] * CASES, "poor": model(1.0, 4)}
    told = measure(long, models, "good", settings, None)
    assert short(told) == [("good", 3), ("poor", 9)]
    again = measure(source, models, "good", settings, None)
    assert short(again) == []
    assert short(again, {"good"}) == [("good", 3)]
    assert row(told, "poor")["manners"]["at_cap"] == CASES // 4
    assert row(told, "good")["manners"]["at_cap"] == 0


def test_labels_alone_give_findings_and_no_words() -> None:
    cases = tuple(
        Case(None, "own", "test", str(n), labels={"Effusion": float(n % 2)}) for n in range(40)
    )
    source = Source("own", "nih", "test", cases, REPORTS)
    models = {"one": [drafted(REPORTS[0])] * 40}
    told = measure(source, models, "one", {"one": Settings((), 9, draws=50)}, None)
    assert set(row(told, "one")["metrics"]) == {
        "micro F1",
        "macro F1",
        "micro F1, abnormal",
        "macro F1, abnormal",
    }
    assert [one["row"] for one in told["rows"]] == ["one", "most typical report", "random report"]
    assert short(told) == []


def test_silent_models_and_models_without_speed_can_be_told(source: Source) -> None:
    silent = Drafted((), (), {})
    settings = {"one": Settings((), 9, draws=50)}
    told = measure(source, {"one": [silent] * CASES}, "one", settings, None)
    assert row(told, "one")["manners"]["empty"] == CASES
    comparison = {
        "program": "readingroom 0",
        "made": "2026-01-01",
        "device": "",
        "bootstrap": {"draws": 50},
        "speed": None,
        "reference": "one",
        "notes": [],
        "models": [],
        "sources": {"own": told},
    }
    lines = list(body(comparison, 4))
    assert "#### The models" in lines
    assert "##### Findings named" in lines
