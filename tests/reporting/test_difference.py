"""Differences by words, checked against their definition."""

from __future__ import annotations

import random

import pytest

from app.reporting.difference import Piece, repeated_words, word_diff, word_edit_distance


def test_replaced_word_is_removed_then_added() -> None:
    assert word_diff("The heart is normal.", "The heart is large.") == (
        Piece("same", "The heart is "),
        Piece("removed", "normal."),
        Piece("added", "large."),
    )


def test_equal_texts_are_one_piece() -> None:
    assert word_diff("a  b\nc", "a  b\nc") == (Piece("same", "a  b\nc"),)
    assert word_diff("", "") == ()


def test_everything_removed_or_added() -> None:
    assert word_diff("a b", "") == (Piece("removed", "a b"),)
    assert word_diff("", "a b") == (Piece("added", "a b"),)


def test_chinese_is_compared_by_characters() -> None:
    assert word_diff("心脏不大。", "心脏增大。") == (
        Piece("same", "心脏"),
        Piece("removed", "不"),
        Piece("added", "增"),
        Piece("same", "大。"),
    )


def test_pieces_rebuild_both_texts() -> None:
    chance = random.Random(7)
    for _ in range(200):
        before, after = (" ".join(chance.choices("abcd", k=chance.randrange(8))) for _ in range(2))
        pieces = word_diff(before, after)
        new = "".join(piece.text for piece in pieces if piece.kind != "removed")
        old = " ".join(piece.text for piece in pieces if piece.kind != "added")
        assert new == after
        assert old.split() == before.split()


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [
        ("", "", 0),
        ("a b c", "a b c", 0),
        ("a  b", "a\nb", 0),
        ("a b c", "a x c", 1),
        ("a b c", "b c", 1),
        ("", "a b", 2),
        ("the heart is normal", "heart is large today", 3),
        ("a b", "b a", 2),
    ],
)
def test_edit_distance_counts_words(before: str, after: str, distance: int) -> None:
    assert word_edit_distance(before, after) == distance
    assert word_edit_distance(after, before) == distance


def test_words_that_an_earlier_draft_has_said_are_repeated() -> None:
    drafts = [
        ["the", "heart", "is", "normal", ".", "no", "effusion", "."],
        ["the", "heart", "is", "enlarged", ".", "no", "effusion", "."],
        ["large", "heart", ".", "small", "effusion", "."],
    ]
    first, second, third = repeated_words(drafts)
    assert not any(first)
    assert second == [True, True, True, False, True, True, True, True]
    assert third == [False, True, True, False, True, True]


def test_a_single_draft_repeats_nothing_and_an_equal_one_everything() -> None:
    assert repeated_words([["a", "b"]]) == [[False, False]]
    assert repeated_words([["a", "b"], ["a", "b"]]) == [[False, False], [True, True]]
    assert repeated_words([]) == []
    assert repeated_words([["a"], []]) == [[False], []]
