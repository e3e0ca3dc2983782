"""Captions become the sentences of a report."""

from __future__ import annotations

from collections import Counter

import pytest

from app.training.cleaning import CAPTIONS


def cleaned(caption: str) -> str:
    return CAPTIONS.clean(caption, Counter())


@pytest.mark.parametrize(
    ("caption", "report"),
    [
        ("Chest X-ray showing bilateral pneumonia", "Bilateral pneumonia."),
        ("Chest X-ray: Left hilar widening (arrow).", "Left hilar widening."),
        ("PA chest radiograph shows a left pleural effusion.", "Left pleural effusion."),
        (
            "Chest X-ray on postoperative day 3 showing left-sided pleural effusion.",
            "Left-sided pleural effusion.",
        ),
        (
            "Chest X-ray showing bilateral basal opacities (red arrows) and a cavity.",
            "Bilateral basal opacities and a cavity.",
        ),
        (
            "Minimal effusion; there is pleural calcification",
            "Minimal effusion. Pleural calcification.",
        ),
        (
            "Chest radiograph of a 52-year-old man. The heart is enlarged (5 cm).",
            "The heart is enlarged.",
        ),
        (
            "Recurrent pneumothorax.Red arrow points toward the collapsed lung.Blue arrow "
            "points toward the normal lung.",
            "Pneumothorax. Collapsed lung. Normal lung.",
        ),
    ],
)
def test_figure_talk_arrows_and_times_go(caption: str, report: str) -> None:
    assert cleaned(caption) == report


@pytest.mark.parametrize(
    ("caption", "report"),
    [
        ("Chest x-ray showing pneumomediastinum.", "Pneumomediastinum."),
        ("A normal chest X-ray seen during follow-up in clinic.", "Normal chest."),
        ("The chest X-ray was normal on admission.", "Normal chest."),
        (
            "Chest radiograph taken 17 months after excision of the primary lesion showing "
            "multiple pulmonary metastasis.",
            "Multiple pulmonary metastasis.",
        ),
        (
            "Day 4: chest X-ray showing worsening interstitial infiltrates",
            "Interstitial infiltrates.",
        ),
        (
            "X-ray showing resolution of pneumothorax, with residual emphysema over the axilla.",
            "Emphysema over the axilla.",
        ),
        (
            "Chest X-ray of a patient with productive cough shows opacification of the left lung.",
            "Opacification of the left lung.",
        ),
        (
            "Bilateral infiltrates on chest X-ray suggesting pneumonia.",
            "Bilateral infiltrates suggesting pneumonia.",
        ),
        (
            "Radiograph with left pneumothorax showing mediastinal shift.",
            "Left pneumothorax showing mediastinal shift.",
        ),
        (
            "Chest X-ray of a 56-year-old lady with acute asthma showing left upper lobe collapse.",
            "Left upper lobe collapse.",
        ),
        (
            "Widened mediastinum in a 12-year-old with a syndrome.",
            "Widened mediastinum with a syndrome.",
        ),
        ("Taken after intubation. PA view showing edema.CXR: chest X-ray", "Edema."),
        ("Chest X-ray showing nodules (bilateral effusions).", "Nodules, bilateral effusions."),
        ("Chest x-ray: enlarged cardiac silhouette", "Enlarged cardiac silhouette."),
    ],
)
def test_findings_are_not_lost_with_the_talk(caption: str, report: str) -> None:
    assert cleaned(caption) == report


@pytest.mark.parametrize(
    "caption",
    [
        "Chest X-ray on admission",
        "Follow-up radiograph: the effusion has resolved.",
        "CXR after removal of the drain",
        "CXR following drainage of the left pleural effusion",
        "LV: left ventricle; RV: right ventricle",
        "",
    ],
)
def test_a_caption_without_a_finding_gives_nothing(caption: str) -> None:
    assert cleaned(caption) == ""


def test_every_rule_that_acted_is_counted_once_for_a_caption() -> None:
    counts: Counter[str] = Counter()
    text = "CXR with edema (white arrow). Mass in a 52-year-old man. CXR: collapse (red arrow)."
    CAPTIONS.clean(text, counts)
    CAPTIONS.clean(text, counts)
    assert counts["figure talk"] == counts["age"] == counts["arrow"] == 2


def test_a_report_never_passes_the_longest_length() -> None:
    caption = " ".join(f"There is a nodule in zone number {n} {'very ' * 8}low." for n in range(20))
    assert 0 < len(cleaned(caption).split()) <= CAPTIONS.words
    assert len(CAPTIONS.clean(caption, Counter(), words=20).split()) <= 20


def test_a_long_caption_is_cleaned_in_reasonable_steps() -> None:
    # Patterns that backtrack without end would hang here.
    assert cleaned("chest " * 2000) == ""
    assert cleaned("chest x-ray " * 500 + "normal " * 500) is not None


@pytest.mark.shared
def test_real_captions_keep_no_talk_about_the_figure(shared_data) -> None:  # type: ignore[no-untyped-def]
    import csv
    import re

    with (shared_data / "roco" / "captions.csv").open(encoding="utf-8") as stream:
        captions = [row["caption"] for row in csv.DictReader(stream)][::3]
    reports = [cleaned(caption) for caption in captions]
    kept = [report for report in reports if report]
    assert len(kept) > 0.8 * len(captions)
    talk = re.compile(r"arrow|x-?ray\b|radiograph|year-old|\bday \d|\bpatient", re.IGNORECASE)
    assert sum(bool(talk.search(report)) for report in kept) < 0.03 * len(kept)
