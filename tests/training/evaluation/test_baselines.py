"""Rows without an image: the typical, a random and the nearest training report."""

from __future__ import annotations

import pytest

from app.training.evaluation import baselines
from app.training.evaluation.baselines import without_image

TRAINING = [
    "right pleural effusion .",
    "right pleural effusion with atelectasis .",
    "large right pleural effusion .",
    "pacemaker leads in place .",
    "miliary nodules in both lungs .",
]
LEARNED = [(text, text.split()) for text in TRAINING]
REPORTS = [["miliary", "nodules", "."], ["pacemaker", "leads", "."], ["pleural", "effusion", "."]]


def test_the_most_typical_report_is_nearest_to_all_others() -> None:
    typical = without_image(LEARNED, REPORTS, seed=1)[0]
    assert typical.drawn == ((TRAINING[0],) * 3,)
    assert "of 5 " in typical.about


def test_random_reports_are_drawn_from_training_by_the_seed() -> None:
    first, again = (without_image(LEARNED, REPORTS * 5, seed=2)[1].drawn for _ in range(2))
    other = without_image(LEARNED, REPORTS * 5, seed=3)[1].drawn
    assert first == again != other
    assert {text for texts in first for text in texts} == set(TRAINING)
    assert [len(texts) for texts in first] == [15] * 10
    assert first[0] != first[1]


def test_the_nearest_report_is_chosen_for_each_image_and_called_an_oracle() -> None:
    nearest = without_image(LEARNED, REPORTS, seed=1)[2]
    assert nearest.oracle
    assert nearest.drawn[0][:2] == (TRAINING[4], TRAINING[3])


def test_without_training_reports_there_are_no_such_rows() -> None:
    assert without_image([], REPORTS, seed=1) == []


def test_a_large_archive_is_sampled_and_the_row_says_of_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [(f"word{place} effusion .", [f"word{place}", "effusion", "."]) for place in range(60)]
    monkeypatch.setattr(baselines, "MOST_COMPARED", 10)
    typical = without_image(many, REPORTS, seed=1)[0]
    assert "of 10 " in typical.about
    assert typical.drawn[0][0] in {text for text, _ in many}
