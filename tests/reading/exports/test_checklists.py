"""CLAIM and DECIDE-AI, filled from a finished study: what it knows, and nothing else."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from study_scores import arms

from app.reading.analysis.results import analyse
from app.reading.exports import checklists
from app.reading.exports.checklists import OPEN, Checklist, Facts
from app.reading.exports.claim import claim
from app.reading.exports.completeness import Completeness
from app.reading.exports.decide_ai import decide_ai
from app.reading.preparation import GIVEN
from app.reading.protocol import OFFERED, Protocol
from app.reading.study import Deed

PROTOCOL = Protocol(
    "t", "unpaired", 77, 0.4, ("r1", "r2"), 20, training=3, repeats=4, questions=OFFERED
)
FROZEN, LOCKED = datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def facts() -> Facts:
    rng = np.random.default_rng(2)
    scores = [
        score
        for reader in ("r1", "r2")
        for score in arms(rng.integers(1, 6, 20).tolist(), rng.integers(1, 6, 20).tolist(), reader)
    ]
    cases = [
        {"case": f"C{n}", "patient": f"P{n}", "abnormal": None, "author": "", "drafted_by": []}
        for n in range(60)
    ]
    key = {
        "items": [
            {"model": "toy 12ab", "arm": "machine", "case": "C4"},
            {"model": "", "arm": "human", "case": "C3"},
        ],
        "accepted": ["film: in 3 items of the human arm."],
        "preparation": {"cases": cases, "excluded": ["C1", "C2"], "texts": {"human C3": "Clear."}},
    }
    log = [Deed(FROZEN, "frozen"), Deed(LOCKED, "withdrawn", "r3"), Deed(LOCKED, "locked")]
    results = analyse(scores, "unpaired", 0.4, seed=1, resamples=200)
    complete = Completeness.of(results, {"r1": 40, "r2": 40}, ("r3",))
    return Facts.of(PROTOCOL, results, "9.9", key, log, complete)


def item(checklist: Checklist, number: str) -> str:
    return next(one.filled for one in checklist.items if one.number == number)


def test_claim_has_its_44_items(facts: Facts) -> None:
    assert [one.number for one in claim(facts).items] == [str(n) for n in range(1, 45)]


def test_decide_ai_has_17_items_of_its_own_and_10_generic(facts: Facts) -> None:
    numbers = [one.number for one in decide_ai(facts).items]
    assert [n for n in numbers if n.isdecimal()] == [str(n) for n in range(1, 18)]
    roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
    assert [n for n in numbers if not n.isdecimal()] == roman


def test_items_are_filled_from_the_study(facts: Facts) -> None:
    made = claim(facts)
    assert "margin of 0.4 points" in item(made, "6")
    assert "2026-05-04" in item(made, "5")
    assert "1 human and 0 machine texts were reworded by hand" in item(made, "9")
    assert "accepted: film: in 3 items" in item(made, "40")
    assert "40 cases were drawn at random (seed 77 and the secret in the key)" in item(made, "10")
    assert "2 were taken out" in item(made, "10")
    assert "(r3)" in item(made, "12")
    assert "2 readers, 1 withdrawn" in item(made, "16")
    assert "alpha" in item(made, "18")
    assert "power of" in item(made, "21")
    assert "toy 12ab" in item(made, "22")
    assert "80 of 80 ratings due" in item(made, "35")
    assert "Every rating that was due was made (r1 40 of 40, r2 40 of 40)" in item(made, "12")
    assert "bootstrap interval clustered by case, and for each reader" in item(made, "29")
    assert PROTOCOL.sha256 in item(made, "42")
    other = decide_ai(facts)
    assert "toy 12ab" in item(other, "4")
    assert "How serious?" in item(other, "6")
    assert "the machine's mean score" in item(other, "VII").lower()


def test_missing_ratings_are_counted_for_each_reader(facts: Facts) -> None:
    due = {"r1": 40, "r2": 44, "r4": 44}
    short = replace(facts, complete=Completeness.of(facts.results, due))
    said = "48 of 128 ratings due were not made (made: r1 40 of 40, r2 40 of 44, r4 0 of 44)"
    assert said in item(claim(short), "12")
    assert said in item(decide_ai(short), "9")
    assert "80 of 128 ratings due" in item(claim(short), "35")


@pytest.mark.parametrize("number", ["1", "2", "3", "13", "15", "24", "25", "32", "33", "36", "44"])
def test_what_the_study_does_not_know_is_left_to_the_authors(facts: Facts, number: str) -> None:
    assert item(claim(facts), number) == OPEN


def test_an_answer_without_its_ground_is_not_given(facts: Facts) -> None:
    bare = replace(
        facts, patients=False, models=("a", "b"), protocol=replace(PROTOCOL, questions=())
    )
    assert item(claim(bare), "20") == OPEN
    assert item(claim(bare), "39") == OPEN
    assert item(decide_ai(bare), "11") == OPEN
    assert item(decide_ai(bare), "6") == OPEN
    assert item(claim(facts), "20") != OPEN
    given = replace(facts, models=(GIVEN,))
    assert item(decide_ai(given), "11") == OPEN
    assert "drafting" not in item(claim(given), "23")


def test_what_is_answered_in_part_says_that_the_rest_is_open(facts: Facts) -> None:
    made = claim(facts)
    assert item(made, "16").endswith("The rest: to be filled by the authors.")
    assert f"{44 - len(made.open)} of 44 items are filled" in made.markdown()


def test_both_files_say_the_same(facts: Facts, tmp_path: Path) -> None:
    text, table = checklists.write(claim(facts), tmp_path, "claim")
    with table.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 44
    assert rows[0]["this_study"] == OPEN
    assert {row["authors_must_fill"] for row in rows} == {"0", "1"}
    written = text.read_text(encoding="utf-8")
    for row in rows:
        assert f"| {row['item']}. {row['name']} |" in written
        assert row["this_study"].replace("|", "/") in written
