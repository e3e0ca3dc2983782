"""Words, numbers, and back."""

from __future__ import annotations

import pytest

from app.errors import ModelError
from app.inference.vocabulary import END, NOU, START, Vocabulary, tokenize


def test_english_is_lower_cased_and_split_on_words_and_sentence_punctuation() -> None:
    assert tokenize("Right-sided effusion, 2.5 cm; NO pneumothorax.") == [
        "right-sided",
        "effusion",
        ",",
        "2.5",
        "cm",
        ";",
        "no",
        "pneumothorax",
        ".",
    ]


def test_words_seen_fewer_than_three_times_become_nou() -> None:
    vocabulary = Vocabulary.learn(["effusion left", "effusion left", "effusion right"])
    assert list(vocabulary) == [START, END, NOU, "effusion"]
    assert vocabulary.encode("left effusion") == [0, 2, 3, 1]


def test_a_report_comes_back_as_a_reader_writes_it() -> None:
    vocabulary = Vocabulary.learn(["no effusion , heart normal ."], minimum_count=1)
    words = vocabulary.words(vocabulary.encode("No effusion, heart normal. No effusion."))
    text, spans = vocabulary.join(words)
    assert text == "No effusion, heart normal. No effusion."
    assert [text[start:end].lower() for start, end in spans] == words


def test_chinese_is_joined_without_spaces() -> None:
    vocabulary = Vocabulary([START, END, NOU, "双肺", "纹理", "增多", "。"], "zh")
    assert vocabulary.join(["双肺", "纹理", "增多", "。"])[0] == "双肺纹理增多。"


def test_chinese_is_segmented_with_jieba() -> None:
    pytest.importorskip("jieba", reason="jieba is an optional dependency")
    assert "肺" in "".join(tokenize("双肺纹理增多", "zh"))


def test_a_damaged_word_list_is_refused() -> None:
    with pytest.raises(ModelError, match="vocabulary"):
        Vocabulary(["effusion", START, END])


def test_punctuation_is_known_apart_from_what_a_report_says() -> None:
    vocabulary = Vocabulary([START, END, NOU, ".", "effusion", ","])
    assert vocabulary.punctuation == (3, 5)
    assert vocabulary.content([4, 3, 4, 5]) == (4, 4)
