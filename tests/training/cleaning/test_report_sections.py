"""Headings in raw reports."""

from __future__ import annotations

import pytest

from app.training.cleaning.sections import split


def test_headings_on_their_lines_or_within_one() -> None:
    lines = split("FINAL REPORT\n INDICATION: cough\n\n FINDINGS: Clear.\n\n IMPRESSION: Normal.")
    run_on = split("Indication: cough. Findings: Clear. Impression: Normal.")
    for parts in (lines, run_on):
        assert parts["findings"] == "Clear."
        assert parts["impression"] == "Normal."
        assert parts["indication"].startswith("cough")


def test_words_within_a_sentence_are_no_headings() -> None:
    parts = split("FINDINGS: Nodule in a man with a history: biopsy was done.")
    assert parts["findings"] == "Nodule in a man with a history: biopsy was done."


def test_a_text_without_headings_is_findings() -> None:
    assert split("Clear lungs. ") == {"findings": "Clear lungs."}


def test_a_report_that_just_goes_on_after_its_headings() -> None:
    parts = split("HISTORY: cough\n\nCOMPARISON: None.\n\nClear lungs.\n\nNormal heart.")
    assert parts["findings"] == "Clear lungs.\n\nNormal heart."
    assert parts["comparison"] == "None."


def test_a_section_that_comes_twice_is_joined() -> None:
    assert split("FINDINGS: One.\nFINDINGS: Two.")["findings"] == "One.\nTwo."


@pytest.mark.parametrize("heading", ["影像所见", "检查所见", "影像学表现"])
def test_chinese_headings(heading: str) -> None:
    assert split(f"{heading}：双肺清晰。诊断意见：未见异常。") == {
        "": "",
        "findings": "双肺清晰。",
        "impression": "未见异常。",
    }
