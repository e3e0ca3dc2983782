"""A draft's sentences in words, and walking through them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.inference.drafts import Draft
from app.reporting.draft_sentences import (
    counterpart,
    next_word,
    sentence_of,
    sentence_ranges,
    words_text,
)

TEXT = "Heart normal, small. No effusion."
SPANS = tuple(match.span() for match in re.finditer(r"\w+|[.,]", TEXT))
WORDS = tuple(TEXT[start:end] for start, end in SPANS)
RANGES = ((0, 5), (5, 8))


def test_every_word_belongs_to_one_sentence():
    assert sentence_ranges(TEXT, SPANS) == RANGES
    assert sentence_ranges("", ()) == ()


def test_chinese_sentences_need_no_spaces():
    text = "心影正常。两肺清晰。"
    spans = ((0, 2), (2, 4), (4, 5), (5, 7), (7, 9), (9, 10))
    assert sentence_ranges(text, spans) == ((0, 3), (3, 6))


def test_the_sentence_around_a_word():
    assert sentence_of(RANGES, 5) == (5, 8)
    assert sentence_of(RANGES, 8) is None


def test_the_text_of_some_words_is_cut_from_the_draft():
    draft = Draft(1, TEXT, WORDS, SPANS, -1.0, -1.0, np.zeros((8, 8, 8), np.float32))
    assert words_text(draft, 5, 8) == "No effusion."
    with pytest.raises(IndexError):
        words_text(draft, 5, 9)


def test_a_walk_skips_stops_and_commas_and_ends():
    walk = [next_word(WORDS, None, 1)]
    while (index := next_word(WORDS, walk[-1], 1)) is not None:
        walk.append(index)
    assert walk == [0, 1, 3, 5, 6]
    assert next_word(WORDS, None, -1) == 6
    assert next_word(WORDS, 0, -1) is None


def test_a_walk_goes_on_at_the_same_word_of_another_draft_or_at_the_same_place():
    assert counterpart(WORDS, 6, ("effusion", "a", "b", "effusion")) == 3
    assert counterpart(WORDS, 6, ("a", "b")) == 1
    assert counterpart(WORDS, 2, (",",)) == 0
    assert counterpart(WORDS, 1, ()) is None
