"""Captions become the sentences of a report."""

from __future__ import annotations

from collections import Counter

import pytest

from app.training.cleaning import MAXIMUM_WORDS, clean


@pytest.mark.parametrize(
    ("caption", "report"),
    [
        ("Chest X-ray showing bilateral pneumonia", "bilateral pneumonia."),
        ("Chest X-ray: Left hilar widening (arrow).", "Left hilar widening."),
        ("PA chest radiograph shows a left pleural effusion.", "left pleural effusion."),
        (
            "Chest X-ray on postoperative day 3 showing left-sided pleural effusion.",
            "left-sided pleural effusion.",
        ),
        (
            "Chest X-ray showing bilateral basal opacities (red arrows) and a cavity.",
            "bilateral basal opacities and a cavity.",
        ),
        ("Minimal effusion; there is pleural calcification", None),
    ],
)
def test_figure_talk_arrows_and_times_go(caption: str, report: str | None) -> None:
    expected = report or "Minimal effusion. pleural calcification."
    assert clean(caption, Counter()) == expected


@pytest.mark.parametrize(
    "caption",
    [
        "Chest X-ray on admission",
        "Follow-up radiograph: the effusion has resolved.",
        "CXR after removal of the drain",
        "",
    ],
)
def test_a_caption_without_a_finding_gives_nothing(caption: str) -> None:
    assert clean(caption, Counter()) == ""


def test_every_rule_that_acted_is_counted_by_its_name() -> None:
    counts: Counter[str] = Counter()
    clean("Chest X-ray of a 52-year-old man showing consolidation (white arrow).", counts)
    assert counts["figure talk"] == counts["age"] == counts["arrow"] == 1


def test_a_report_never_passes_the_longest_length() -> None:
    caption = " ".join(f"There is a nodule in zone number {'very ' * 8}low." for _ in range(20))
    assert 0 < len(clean(caption, Counter()).split()) <= MAXIMUM_WORDS
