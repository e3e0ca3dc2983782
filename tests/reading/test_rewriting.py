"""What a rewriting made of the texts is shown, and pieces are told from statements."""

from __future__ import annotations

import pytest

from app.reading.allocation import Planned
from app.reading.rewriting import is_fragment, reworded, uneven


@pytest.mark.parametrize(
    "text",
    [
        "Administration of tocilizumab.",
        "The patient on admission.",
        "Follow-up at one year.",
        "A mass in the.",
        "Effusion of.",
    ],
)
def test_a_piece_that_states_nothing_is_a_fragment(text: str) -> None:
    assert is_fragment(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dextrocardia of the heart.",
        "Cardiomegaly.",
        "Bilateral diffuse infiltrates.",
        "Free gas under the right hemidiaphragm.",
        "The central line is in place.",
        "No abnormality.",
    ],
)
def test_what_names_a_finding_or_organ_or_has_a_verb_is_none(text: str) -> None:
    assert not is_fragment(text)


def test_only_texts_that_say_something_else_than_they_came_with_are_shown() -> None:
    raw = [
        Planned("A", "a", "human", "FINDINGS: Mass"),
        Planned("B", "b", "human", "CXR showing a mass"),
    ]
    items = [Planned("A", "a", "human", "Mass."), Planned("B", "b", "human", "A mass.")]
    (one,) = reworded(items, raw)
    assert (one.code, one.before, one.after) == ("B", "CXR showing a mass", "A mass.")


@pytest.mark.parametrize(("human", "machine", "told"), [(12, 1, True), (6, 5, False)])
def test_many_more_rewritten_texts_in_one_arm_are_told(
    human: int, machine: int, told: bool
) -> None:
    raw = [Planned(f"H{n}", f"h{n}", "human", "Mass (arrow).") for n in range(20)]
    raw += [Planned(f"M{n}", f"m{n}", "machine", "Mass (arrow).") for n in range(20)]
    changed = {f"H{n}" for n in range(human)} | {f"M{n}" for n in range(machine)}
    items = [
        Planned(one.code, one.case, one.arm, "Mass." if one.code in changed else one.report)
        for one in raw
    ]
    sentence = "rewritten: 12 of 20 texts of the human arm and 1 of 20 of the machine arm."
    codes = {one.code for one in reworded(items, raw)}
    assert uneven("rewritten", items, codes) == (sentence if told else "")
