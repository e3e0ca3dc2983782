"""A hospital's report becomes sentences that one image can bear out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.training.cleaning import REPORTS


def cleaned(text: str) -> str:
    return REPORTS.clean(text, Counter())


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("No XXXX focal airspace consolidation.", "No focal airspace consolidation."),
        ("XXXX XXXX opacities in right mid lung.", "Opacities in right mid lung."),
        ("There are no XXXX of a pleural effusion.", "There is no pleural effusion."),
        ("No ___ of acute disease.", "No acute disease."),
        ("Lungs are clear. XXXX are normal.", "Lungs are clear."),
        ("The heart and pulmonary [**Hospital**] are normal. No effusion.", "No effusion."),
        (
            "Opacity, XXXX scarring. Nodule most XXXX representing a granuloma.",
            "Opacity, scarring. Nodule representing a granuloma.",
        ),
        ("Hyperinflated lungs, air trapping versus inspiratory XXXX.", "Hyperinflated lungs."),
        ("External monitor leads XXXX the thorax.", ""),
        (
            "There is a XXXX 10 XXXX nodule in the right apex.",
            "There is a nodule in the right apex.",
        ),
        ("Normal chest x-XXXX.", "Normal chest."),
        ("Probable edema, less XXXX fibrosis.", "Probable edema."),
    ],
)
def test_hidden_words_are_taken_out_or_their_sentence_goes(text: str, report: str) -> None:
    assert cleaned(text) == report


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("Stable mild cardiomegaly.", "Mild cardiomegaly."),
        ("Mild cardiomegaly, unchanged since the prior study.", "Mild cardiomegaly."),
        ("Compared to prior exam, there is a left effusion.", "There is a left effusion."),
        ("Calcified granulomas are unchanged.", "Calcified granulomas."),
        ("The heart and mediastinum are unchanged.", ""),
        ("Stable cardiomediastinal silhouette.", ""),
        ("There has been interval improvement of the edema.", ""),
        ("Sternotomy changes are again noted.", "Sternotomy changes are noted."),
        ("Prior granulomatous disease.", "Prior granulomatous disease."),
    ],
)
def test_what_is_said_of_an_earlier_study_goes(text: str, report: str) -> None:
    assert cleaned(text) == report


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("Left nodule, recommend chest CT for further evaluation.", "Left nodule."),
        ("Recommend clinical correlation.", ""),
        ("Findings were discussed with Dr. Miller by telephone at 5:30 p.m.", ""),
        ("Dictated by the resident. No effusion.", "No effusion."),
        ("PA and lateral views of the chest were obtained. Clear lungs.", "Clear lungs."),
        ("Frontal and lateral views of the chest show a normal heart.", "A normal heart."),
        ("Right knee: no fracture. Clear lungs.", "Clear lungs."),
        ("Seen in a 45-year-old male: edema on 3/4/2015.", "Seen in: edema."),
        ("Airspace disease on the lateral view.", "Airspace disease."),
    ],
)
def test_advice_dictation_technique_and_other_parts_go(text: str, report: str) -> None:
    assert cleaned(text) == report


def test_an_enumeration_loses_its_numbers_and_nothing_else_does() -> None:
    text = "1. No effusion 2. Fracture of rib 7. 3.Heart size 1.5 times normal."
    assert cleaned(text) == "No effusion. Fracture of rib 7. Heart size 1.5 times normal."


def test_a_sentence_said_twice_is_kept_once() -> None:
    counts: Counter[str] = Counter()
    assert (
        REPORTS.clean("Clear lungs. No effusion. Clear lungs.", counts)
        == "Clear lungs. No effusion."
    )
    assert counts["said twice"] == 1


def test_chinese_passes_whole() -> None:
    assert cleaned("双肺纹理清晰。心影不大。") == "双肺纹理清晰。 心影不大。"


@pytest.mark.shared
def test_no_hidden_word_is_left_in_real_reports(shared_data: Path) -> None:
    import csv

    with (shared_data / "iu-xray" / "indiana_reports.csv").open(encoding="utf-8") as stream:
        texts = [f"{row['findings']} {row['impression']}" for row in csv.DictReader(stream)][::4]
    counts: Counter[str] = Counter()
    reports = [REPORTS.clean(text, counts) for text in texts]
    assert not [report for report in reports if "XX" in report or "▮" in report]
    assert sum(bool(report) for report in reports) > 0.97 * len(texts)
    assert counts["hidden word"] > 100
    assert counts["comparison"] > 100
