"""The PDF and the methods paragraph say what the protocol and the ratings say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from study_scores import arms

from app.reading.analysis.results import analyse
from app.reading.exports import methods, pdf
from app.reading.exports.completeness import Completeness
from app.reading.protocol import Protocol

PROTOCOL = Protocol("t", "unpaired", 77, 0.4, ("r1", "r2"), 20, training=3, repeats=4)
WHOLE = Completeness((("r1", 40, 40), ("r2", 40, 40)))


def results():  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(2)
    scores = [
        score
        for reader in ("r1", "r2")
        for score in arms(rng.integers(1, 6, 20).tolist(), rng.integers(1, 6, 20).tolist(), reader)
    ]
    return analyse(scores, "unpaired", 0.4, seed=1, resamples=200)


def test_the_paragraph_is_filled_from_the_protocol() -> None:
    text = methods.paragraph(PROTOCOL, results(), "9.9", ["toy 12ab"], WHOLE)
    for said in (
        *("seed 77", "20 human and 20 machine cases", "3 training items"),
        "2 readers scored every report from 1 to 5 without knowing their origin",
        "a bootstrap interval clustered by case, and for each reader alone Newcombe's interval",
        "Wilson's intervals, which take every rating as independent",
        *("4 items were shown a second time", "could not go back", "0.4 points", "Mann-Whitney"),
        *("Reading Room 9.9", PROTOCOL.sha256, "made before the study (toy 12ab; rank 1)"),
    ):
        assert said in text
    assert "washout" not in text
    plain = methods.paragraph(
        replace(PROTOCOL, training=0, repeats=0), results(), "9.9", ["toy 12ab"], WHOLE
    )
    assert "training" not in plain
    assert "second time" not in plain


@pytest.mark.parametrize(
    ("complete", "said"),
    [
        (
            Completeness((("r1", 40, 40), ("r2", 12, 40), ("r3", 0, 40))),
            "3 readers scored reports from 1 to 5 (52 of 120 ratings due: r1 40 of 40, r2 12 of "
            "40, r3 0 of 40) without",
        ),
        (
            Completeness((("r1", 40, 40), ("r2", 38, 38))),
            "2 readers scored every report that they were to be shown from 1 to 5 (r1 40 of 40, "
            "r2 38 of 38) without",
        ),
        (
            Completeness((("r1", 40, 40),), ("r2",)),
            "item. Ratings of withdrawn readers (r2) are left out. The key",
        ),
    ],
)
def test_the_paragraph_says_every_report_only_when_it_is_true(
    complete: Completeness, said: str
) -> None:
    text = methods.paragraph(PROTOCOL, results(), "9.9", ["toy 12ab"], complete)
    assert said in text
    missing = "Nothing is put in the place of a rating that wasn't made"
    assert (missing in text) is not complete.whole


def test_the_same_results_give_the_same_pdf(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        pdf.write("A pilot", results(), "How it was done.", tmp_path / name)
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content == (tmp_path / "b.pdf").read_bytes()
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 7
