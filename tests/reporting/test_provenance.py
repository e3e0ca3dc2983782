"""Sentences are cut where a reader would cut them, and know where they come from."""

from __future__ import annotations

import pytest

from app.reporting.provenance import sentences, split_sentences
from app.reporting.report import Provenance, Source


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("no full stop", ["no full stop"]),
        ("Heart normal. Lungs clear.", ["Heart normal.", "Lungs clear."]),
        ("heart normal. lungs clear", ["heart normal.", "lungs clear"]),
        ("A 3.5 cm nodule. No 2.5.", ["A 3.5 cm nodule.", "No 2.5."]),
        (
            "Opacity, e.g. pneumonia. Seen by Dr. J. Smith today.",
            ["Opacity, e.g. pneumonia.", "Seen by Dr. J. Smith today."],
        ),
        (
            "Lesion no. 3 grew. Effusion: no. Done.",
            ["Lesion no. 3 grew.", "Effusion: no.", "Done."],
        ),
        ("Lines, tubes etc. in place.", ["Lines, tubes etc. in place."]),
        ("Lines, tubes etc. Heart normal.", ["Lines, tubes etc.", "Heart normal."]),
        ("1. Heart normal. 2. Lungs clear.", ["1. Heart normal.", "2. Lungs clear."]),
        ("1. Heart\n2. Lungs.", ["1. Heart", "2. Lungs."]),
        ("FINDINGS:\r\nHeart normal\n\nLungs", ["FINDINGS:", "Heart normal", "Lungs"]),
        ("Really?! Yes... Perhaps.", ["Really?!", "Yes...", "Perhaps."]),
        ('He said "clear." Then left.', ['He said "clear."', "Then left."]),
        ("心脏不大。双肺清晰。未见异常", ["心脏不大。", "双肺清晰。", "未见异常"]),
        ("Compared with the film of Dr.", ["Compared with the film of Dr."]),
        ("...", ["..."]),
    ],
)
def test_sentences_are_cut_where_a_reader_cuts(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_offsets_leave_out_the_white_space_around() -> None:
    text = "  Heart normal.   Lungs clear.\n"
    assert split_sentences(text) == ((2, 15), (18, 30))


def provenances(text: str, *sources: str) -> list[Provenance]:
    taken = [Source(1, rank, sentence) for rank, sentence in enumerate(sources, start=1)]
    return [sentence.provenance for sentence in sentences(text, taken)]


def test_unchanged_sentence_is_the_models() -> None:
    source = Source(7, 2, "The lungs are clear.")
    [sentence] = sentences("  The lungs  are clear.", [source])
    assert (sentence.provenance, sentence.source) == (Provenance.MODEL, source)
    assert (sentence.start, sentence.text) == (2, "The lungs  are clear.")


@pytest.mark.parametrize(
    "typed",
    [
        "No pleural effusion",
        "no pleural effusion.",
        "Small pleural effusion.",
        "No pleural effusion or pneumothorax.",
    ],
)
def test_changed_sentence_is_edited_and_keeps_its_source(typed: str) -> None:
    source = Source(1, 1, "No pleural effusion.")
    [sentence] = sentences(typed, [source])
    assert (sentence.provenance, sentence.source) == (Provenance.EDITED, source)


def test_sentence_of_other_words_is_written() -> None:
    [sentence] = sentences("There is a fracture of the third rib.", [Source(1, 1, "Lungs clear.")])
    assert (sentence.provenance, sentence.source) == (Provenance.WRITTEN, None)
    assert provenances("Anything.") == [Provenance.WRITTEN]


def test_source_that_stands_unchanged_does_not_make_another_sentence_edited() -> None:
    text = "The heart is normal. The heart is shifted."
    assert provenances(text, "The heart is normal.") == [Provenance.MODEL, Provenance.WRITTEN]


def test_same_sentence_twice_is_the_models_twice() -> None:
    assert provenances("Clear. Clear.", "Clear.") == [Provenance.MODEL, Provenance.MODEL]


def test_whole_draft_as_a_source_counts_sentence_by_sentence() -> None:
    text = "Heart normal. Lungs are mostly clear."
    assert provenances(text, "Heart normal. Lungs are clear.") == [
        Provenance.MODEL,
        Provenance.EDITED,
    ]


def test_edited_sentence_takes_the_source_most_like_it() -> None:
    close, far = Source(1, 1, "The right lung is clear."), Source(1, 2, "The left lung is clear.")
    [sentence] = sentences("The left lung is not clear.", [close, far])
    assert sentence.source == far
