"""From drafts to figures, for collections with reports and with labels alone."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from app.training.corpora import Case
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source
from app.training.evaluation.known import Settings
from app.training.evaluation.measure import measure_source

Pair = tuple[Source, list[Drafted | None]]


def row(result: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in result["rows"] if one["row"] == name)
    return found["metrics"]


def test_reports_give_words_and_findings_for_every_row(pairs: Pair, settings: Settings) -> None:
    result = measure_source(*pairs, settings, None)
    names = [one["row"] for one in result["rows"]]
    assert names[:3] == ["rank 1", "rank 2", "best of 2 (oracle)"]
    assert names[3:6] == ["most typical report", "random report", "nearest report (oracle)"]
    assert any(name.startswith("always ") for name in names)
    assert set(row(result, "rank 1")) >= {"BLEU-4", "ROUGE-2", "CIDEr", "micro F1", "macro F1"}
    assert "METEOR" not in row(result, "rank 1")
    assert set(row(result, "every finding")) == {
        "micro F1",
        "macro F1",
        "micro F1, abnormal",
        "macro F1, abnormal",
    }
    json.dumps(result, allow_nan=False)


def test_an_oracle_is_never_worse_than_a_rank(pairs: Pair, settings: Settings) -> None:
    result = measure_source(*pairs, settings, None)
    best, first = row(result, "best of 2 (oracle)"), row(result, "rank 1")
    for metric in ("CIDEr", "ROUGE-L", "ROUGE-1", "micro F1"):
        assert best[metric]["value"] >= first[metric]["value"]
    assert row(result, "nearest report (oracle)")["CIDEr"]["value"] > first["CIDEr"]["value"]


def test_differences_are_the_first_rank_minus_each_other_row(
    pairs: Pair, settings: Settings
) -> None:
    result = measure_source(*pairs, settings, None)
    random = row(result, "random report")["micro F1"]["value"]
    told = next(
        one
        for one in result["differences"]
        if one["minus"] == "random report" and one["metric"] == "micro F1"
    )
    assert told["value"] == pytest.approx(
        row(result, "rank 1")["micro F1"]["value"] - random, abs=1e-5
    )
    assert told["low"] > 0


def test_unreadable_images_are_told_and_patients_counted(pairs: Pair, settings: Settings) -> None:
    result = measure_source(*pairs, settings, None)
    assert (result["images"], result["patients"]) == (47, 24)
    assert result["left_out"] == {"image missing": 2, "image can't be read": 1}


def test_sides_findings_and_normal_studies_of_the_first_drafts(
    pairs: Pair, settings: Settings
) -> None:
    result = measure_source(*pairs, settings, None)
    assert result["sides"] == {"both_name_one": 24, "opposite": 12}
    effusion = next(one for one in result["findings"] if one["name"] == "Pleural Effusion")
    assert (effusion["cases"], effusion["named"]) == (12, 24)
    assert effusion["precision"]["value"] == 0.5
    assert result["normal"]["normal"] | {"share": 0} == {
        "images": 11,
        "drafted_normal": 11,
        "share": 0,
    }
    assert result["normal"]["abnormal"]["drafted_normal"] == 0


def test_without_labels_the_head_is_held_to_what_reports_name(
    pairs: Pair, settings: Settings
) -> None:
    head = measure_source(*pairs, settings, None)["head"]
    assert head["truth"] == "reports"
    assert [one["cases"] for one in head["findings"]] == [12, 12]
    assert head["findings"][0]["auc"]["value"] == 1.0
    assert head["findings"][1]["auc"]["value"] == 0.5


def test_labels_alone_give_findings_head_and_no_words(labelled: Pair, settings: Settings) -> None:
    result = measure_source(*labelled, settings, None)
    assert result["truth"] == "labels"
    assert result["sides"] is None
    assert result["checked"] is None
    assert {"BLEU-1", "CIDEr"}.isdisjoint(row(result, "rank 1"))
    assert "nearest report (oracle)" not in [one["row"] for one in result["rows"]]
    assert result["head"]["truth"] == "labels"
    assert result["macro_over"] == ["Effusion"]
    assert result["normal"]["normal"]["images"] == 20


def test_subgroups_need_two_of_a_size(pairs: Pair, labelled: Pair, settings: Settings) -> None:
    by_sex = measure_source(*pairs, settings, None)["subgroups"]
    assert [(one["by"], one["group"], one["images"]) for one in by_sex] == [
        ("sex", "F", 24),
        ("sex", "M", 23),
    ]
    assert by_sex[0]["micro F1"]["value"] > 0
    # Twenty of 80 and over at most; the other groups are too small or alone.
    assert measure_source(*labelled, settings, None)["subgroups"] == []


def test_drafts_in_chinese_are_measured_by_words_alone(settings: Settings) -> None:
    chinese = dataclasses.replace(settings, language="zh", findings=())
    cases = tuple(Case(None, "own", "val", str(n), "心影增大。") for n in range(3))
    source = Source("own", "table", "val", cases, ("心影增大。",))
    pytest.importorskip("jieba")
    result = measure_source(
        source, [Drafted(("心影增大。",), (("心影", "增大", "。"),), {})] * 3, chinese, None
    )
    assert set(row(result, "rank 1")) == {
        *(f"BLEU-{n}" for n in (1, 2, 3, 4)),
        "ROUGE-1",
        "ROUGE-2",
        "ROUGE-L",
        "CIDEr",
    }
    assert result["head"] is None
    assert result["normal"] is None
    assert result["findings"] == []


def test_images_without_a_single_draft_are_measured_as_empty(settings: Settings) -> None:
    cases = tuple(Case(None, "own", "val", str(n), "cardiomegaly .") for n in range(2))
    source = Source("own", "table", "val", cases, ("Right pleural effusion.",))
    silent = Drafted((), (), {"Effusion": 0.1, "Cardiomegaly": 0.1})
    result = measure_source(source, [silent, silent], settings, None)
    assert result["habits"]["empty"] == 2
    assert "rank 1" not in [one["row"] for one in result["rows"]]


def test_nothing_readable_is_told_without_figures(settings: Settings) -> None:
    cases = (Case(None, "own", "val", "1", "cardiomegaly ."),)
    result = measure_source(Source("own", "table", "val", cases, ()), [None], settings, None)
    assert result["images"] == 0
    assert "rows" not in result
