"""GPT-2's byte pairs: how words are cut, and pieces and merges that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_gpt2 import MERGES, NUMBER, write

from app.errors import ModelError
from app.inference.gpt2_pieces import Cutter, byte_signs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "gpt2")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("heart", ["Ġheart"]),
        ("heat", ["Ġhea", "t"]),
        ("hh", ["Ġh", "h"]),
        ("abc", ["Ġ", "a", "bc"]),  # "b c" stands before "a b"
        ("ab", ["Ġ", "ab"]),
        ("fffff", ["Ġ", "ff", "ff", "f"]),  # from the left
        ("aé", ["Ġ", "a", "Ã", "©"]),  # bytes of UTF-8
        ("tz", ["Ġ", "t", "z"]),  # no merge
        (".", ["."]),  # closes up
        ("<start>", ["<|endoftext|>"]),
    ],
)
def test_words_are_cut_by_the_merges_in_their_order(
    folder: Path, word: str, parts: list[str]
) -> None:
    assert Cutter(folder, spaced=True).cut(word) == [NUMBER[part] for part in parts]


def test_words_of_a_language_without_spaces_have_none_before_them(folder: Path) -> None:
    cutter = Cutter(folder, spaced=False)
    assert cutter.cut("ab") == [NUMBER["ab"]]
    assert cutter.cut("é") == [NUMBER["Ã"], NUMBER["©"]]


def test_every_byte_has_a_sign_of_its_own() -> None:
    signs = byte_signs()
    assert sorted(signs) == list(range(256))
    assert len(set(signs.values())) == 256
    assert signs[ord(" ")] == "Ġ"
    assert signs[ord("\n")] == "Ċ"
    assert signs[ord("!")] == "!"
    assert all(sign.isprintable() for sign in signs.values())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "is not valid JSON"),
        (b"[1]", "is not a JSON object"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'{"a": "first"}', "gives the piece 'a' the number 'first'"),
        (b'{"a": null}', "gives the piece 'a' the number None"),
        (b'{"a": true}', "gives the piece 'a' the number True"),
        (b'{"a": 1e999}', "gives the piece 'a' the number inf"),
        (b'{"a": 1.0}', "gives the piece 'a' the number 1.0"),
        (b"{}", "has no piece '!' for the byte 33"),
    ],
)
def test_damaged_pieces_are_refused_with_a_sentence(
    folder: Path, content: bytes, told: str
) -> None:
    (folder / "vocab.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"vocab\.json") as caught:
        Cutter(folder, spaced=True)
    assert f"{folder / 'vocab.json'} {told}" in caught.value.message
    assert "save_pretrained" in caught.value.hint


def test_a_vocabulary_without_the_sign_of_one_byte_is_refused(folder: Path) -> None:
    fewer = {piece: number for piece, number in NUMBER.items() if piece != "Ċ"}
    (folder / "vocab.json").write_text(json.dumps(fewer))
    with pytest.raises(ModelError, match="has no piece 'Ċ' for the byte 10"):
        Cutter(folder, spaced=True)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((), "makes 0 of the 9 pieces in vocab.json that need a merge, and not 'Ġh'"),
        (MERGES[:5], "makes 5 of the 9 pieces in vocab.json that need a merge, and not 'ff'"),
        ((*MERGES, "no"), "is no pair of pieces"),
        ((*MERGES, "n o w"), "is no pair of pieces"),
        ((*MERGES, "n a"), "makes 'na', which vocab.json doesn't have"),
    ],
)
def test_merges_that_do_not_belong_to_the_pieces_are_refused(
    folder: Path, lines: tuple[str, ...], told: str
) -> None:
    (folder / "merges.txt").write_text("\n".join(("#version: 0.2", *lines)), encoding="utf-8")
    with pytest.raises(ModelError, match=r"merges\.txt") as caught:
        Cutter(folder, spaced=True)
    assert told in caught.value.message
    assert "save_pretrained" in caught.value.hint


def test_merges_that_are_no_text_are_refused(folder: Path) -> None:
    (folder / "merges.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match=r"merges\.txt is no text in UTF-8"):
        Cutter(folder, spaced=True)


def test_bytes_alone_need_no_merges(folder: Path) -> None:
    signs = {sign: byte for byte, sign in byte_signs().items()}
    (folder / "vocab.json").write_text(json.dumps(signs))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    assert Cutter(folder, spaced=True).cut("heart") == list(b" heart")


def test_special_pieces_and_a_few_added_ones_need_no_merge(folder: Path) -> None:
    specials = ("<s>", "</s>", "<|pad|>", "[SEP]", "<unused0>")
    more = NUMBER | {name: 300 + number for number, name in enumerate(specials)}
    (folder / "vocab.json").write_text(json.dumps(more))
    assert Cutter(folder, spaced=True).cut("heart") == [NUMBER["Ġheart"]]
