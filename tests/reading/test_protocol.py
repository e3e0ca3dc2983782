"""A protocol says what is wrong with it, and its text says the same thing every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import StudyError
from app.reading.protocol import PAPER_RUBRIC, from_toml, to_toml

SMALLEST = """
name = "pilot"
design = "unpaired"
seed = 7
margin = 0.5
readers = ["R1", "R2"]
per_arm = 100
"""


def test_the_smallest_protocol_reads_as_the_paper_did() -> None:
    protocol = from_toml(SMALLEST, Path("p.toml"))
    assert (protocol.design, protocol.per_arm, protocol.readers) == ("unpaired", 100, ("R1", "R2"))
    assert protocol.rubric == PAPER_RUBRIC


def test_the_canonical_text_reads_back_to_the_same_protocol() -> None:
    text = (
        SMALLEST
        + """
title = "Röntgen \\"A\\" \\\\ B"
questions = ["guess", "acceptable", {key = "why", text = "Why?", required = true}]
[rubric]
5 = "very good"
4 = "good"
3 = "so so"
2 = "poor"
1 = "wrong"
"""
    )
    protocol = from_toml(text, Path("p.toml"))
    again = from_toml(to_toml(protocol), Path("q.toml"))
    assert again == protocol
    assert again.sha256 == protocol.sha256
    assert from_toml(SMALLEST, Path("p.toml")).sha256 != protocol.sha256


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("margin = 0", "margin must be above 0"),
        ('design = "paired"', "washout_days must be at least 1"),
        ('design = "crossed"', "design is 'crossed'"),
        ("per_arm = 1.5", "per_arm is 1.5"),
        ("seed = -1", "seed is -1"),
        ('readers = ["R1", "R1"]', "a reader is named twice"),
        ('readers = ["../x"]', "reader's code"),
        ('name = "../out"', "name must be letters"),
        ("repeats = 500", "repeats can't be more"),
        ('questions = ["mood"]', "is no question"),
        ("colour = 1", "no setting 'colour'"),
        ("idle_after = nan", "idle_after is nan"),
        ('choice = "worst"', "choice is 'worst'"),
        ("per_arm = ", "is not a protocol"),
        ('rubric = {5 = "a"}', "rubric must say"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(change: str, sentence: str) -> None:
    name = change.partition(" ")[0]
    text = "\n".join(line for line in SMALLEST.splitlines() if not line.startswith(f"{name} "))
    with pytest.raises(StudyError) as caught:
        from_toml(f"{text}\n{change}\n", Path("folder/p.toml"))
    assert sentence in caught.value.message
    assert "folder/p.toml" in caught.value.message
