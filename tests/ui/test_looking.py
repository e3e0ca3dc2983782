"""Words and regions: the arithmetic of pointing."""

from __future__ import annotations

import numpy as np
from stand_in import analysis_of, draft_of

from app.inference.drafts import Draft
from app.ui.looking import mean_map, meaning_words, telling_word, words_at


def one_cell(rank: int, cells: list[tuple[int, int]]) -> Draft:
    attention = np.zeros((len(cells), 8, 8), np.float32)
    for index, (row, column) in enumerate(cells):
        attention[index, row, column] = 1.0
    words = tuple("abcdefgh"[: len(cells)])
    spans = tuple((2 * index, 2 * index + 1) for index in range(len(cells)))
    return Draft(rank, " ".join(words), words, spans, -1.0, -1.0, attention)


def test_a_point_lights_the_words_whose_cell_it_is_in() -> None:
    from dataclasses import replace

    drafts = (one_cell(1, [(0, 0), (7, 7)]), one_cell(2, [(7, 7), (3, 4)]))
    analysis = replace(analysis_of("x"), drafts=drafts)
    assert words_at(analysis, 0.99, 0.99) == {(1, 1), (2, 0)}
    assert words_at(analysis, 0.0, 0.0) == {(1, 0)}
    assert words_at(analysis, 0.51, 0.40) == {(2, 1)}
    assert words_at(analysis, 1.0, 1.0) == {(1, 1), (2, 0)}
    assert words_at(analysis, 0.3, 0.9) == set()


def test_uniform_attention_lights_nothing() -> None:
    from dataclasses import replace

    flat = replace(
        draft_of(1, "No effusion.", -1.0), attention=np.full((3, 8, 8), 1 / 64, np.float32)
    )
    assert words_at(replace(analysis_of("x"), drafts=(flat,)), 0.5, 0.5) == set()


def test_a_sentence_is_the_mean_of_its_words_without_punctuation() -> None:
    draft = draft_of(1, "No effusion. Heart normal.", -1.0)
    words = meaning_words(draft, 0, 3)
    assert [draft.words[index] for index in words] == ["no", "effusion"]
    mean = mean_map(draft, words)
    assert mean is not None
    np.testing.assert_allclose(mean, (draft.attention[0] + draft.attention[1]) / 2, rtol=1e-6)
    np.testing.assert_allclose(mean.sum(), 1.0, rtol=1e-5)
    assert mean_map(draft, []) is None


def test_the_telling_word_is_the_longest() -> None:
    draft = draft_of(1, "There is a pneumothorax, small.", -1.0)
    index = telling_word(draft)
    assert index is not None
    assert draft.words[index] == "pneumothorax"
