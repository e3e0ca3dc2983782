"""How first drafts are written: variety, length, sides, normal studies."""

from __future__ import annotations

import numpy as np
import pytest

from app.training.evaluation.bootstrap import Bootstrap
from app.training.evaluation.habits import (
    Distinct,
    calls_normal,
    habits,
    is_normal,
    normal_drafts,
    side,
    swapped_sides,
)


def test_different_drafts_are_counted_among_those_drawn() -> None:
    weights = np.array([[1.0, 1, 1, 1], [2, 2, 0, 0], [0, 0, 0, 4]])
    assert Distinct(["a", "b", "a", "c"])(weights).tolist() == [0.75, 0.5, 0.25]


def test_habits_tell_what_must_not_occur() -> None:
    texts = ["A b.", "A b.", "", "X"]
    words = [("a", "b", "."), ("a", "b", "."), (), ("x",) * 5 + ("<nou>",)]
    told = habits(texts, words, 4, Bootstrap(list("pqrs"), draws=20))
    assert told["distinct"] == 3
    assert told["distinct_share"]["value"] == 0.75
    assert told["mean_length"]["value"] == pytest.approx(12 / 4)
    assert (told["empty"], told["nou"], told["over_cap"], told["cap"]) == (1, 1, 1, 4)
    assert told["at_cap"] == 1
    assert told["commonest"] == {"text": "A b.", "images": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Right pleural effusion.", "right"),
        ("left-sided pneumothorax", "left"),
        ("opacity on the right and left", ""),
        ("Bilateral infiltrates, more on the right.", ""),
        ("bright spot", ""),
        ("", ""),
    ],
)
def test_the_side_of_a_text_is_the_only_one_it_names(text: str, expected: str) -> None:
    assert side(text) == expected


def test_swapped_sides_are_counted_where_both_name_one() -> None:
    drafts = ["Right effusion.", "Left effusion.", "Effusion.", "Left mass."]
    reports = ["left effusion.", "left effusion.", "left effusion.", "bilateral masses."]
    assert swapped_sides(drafts, reports) == {"both_name_one": 2, "opposite": 1}


def test_normal_studies_need_enough_known_labels_and_none_present() -> None:
    assert is_normal(dict.fromkeys("abcdefghij", 0.0))
    assert not is_normal({**dict.fromkeys("abcdefghij", 0.0), "k": 1.0})
    assert not is_normal({"Pneumonia": 0.0})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Normal chest.", True),
        ("No acute cardiopulmonary disease.", True),
        ("The lungs are clear. No pleural effusion.", True),
        ("Without any gross abnormality.", True),
        ("The heart is normal. Right pleural effusion.", False),
        ("Loops of bowel in the left chest.", False),
        ("Abnormal rib.", False),
        ("", False),
    ],
)
def test_a_text_calls_normal_what_it_says_so_of_without_a_finding(
    text: str, expected: bool
) -> None:
    assert calls_normal(text) is expected


def test_drafts_of_normal_studies_are_told_apart_from_the_others() -> None:
    normal = np.array([True, True, False, False])
    said = np.array([True, False, True, False])
    told = normal_drafts(normal, said, Bootstrap(list("abcd"), draws=20))
    assert told["normal"] | {"share": None} == {"images": 2, "drafted_normal": 1, "share": None}
    assert told["abnormal"]["share"]["value"] == 0.5
