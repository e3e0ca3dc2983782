"""Word vectors from a GloVe file: in which rows they land, and which files are refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from torch import nn

from app.errors import AppError
from app.inference.vocabulary import SPECIAL, Vocabulary
from app.training import glove

WIDTH = 4
WORDS = Vocabulary((*SPECIAL, ".", "heart", "éffusion", "x-ray", "lungs"))
HEART, EFFUSION, LUNGS = 4, 5, 7


def embedding() -> nn.Embedding:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Embedding(len(WORDS), WIDTH)


def write(folder: Path, lines: Iterable[str], end: str = "\n") -> Path:
    file = folder / "glove.6B.4d.txt"
    file.write_text("".join(line + end for line in lines), encoding="utf-8", newline="")
    return file


GOOD = (
    "the 0.418 0.24968 -0.41242 0.1217",
    ". 0.15164 0.30177 -0.16763 0.17684",
    "heart 1.5 -2.0 0.25 1e-1",
    "sandwich 0.1 0.2 0.3 0.4",
    "éffusion -0.5 0.5 -0.25 0.25",
)


def test_known_words_get_their_vectors_and_are_counted(tmp_path: Path) -> None:
    words = embedding()
    assert glove.load(write(tmp_path, GOOD), WORDS, words) == 3
    expected = torch.tensor(
        [
            [0.15164, 0.30177, -0.16763, 0.17684],
            [1.5, -2.0, 0.25, 0.1],
            [-0.5, 0.5, -0.25, 0.25],
        ]
    )
    assert torch.equal(words.weight[[3, HEART, EFFUSION]], expected)
    assert words.weight.requires_grad
    assert words.weight.shape == (len(WORDS), WIDTH)


def test_other_words_keep_their_start_in_the_files_scale(tmp_path: Path) -> None:
    before, after = embedding().weight.detach(), embedding()
    glove.load(write(tmp_path, GOOD), WORDS, after)
    vectors = after.weight.detach()[[3, HEART, EFFUSION]]
    scale = vectors.std(correction=0) / before.std(correction=0)
    unknown = [0, 1, 2, 6, LUNGS]
    torch.testing.assert_close(after.weight.detach()[unknown], before[unknown] * scale)


def test_an_embedding_without_any_spread_is_filled_as_well(tmp_path: Path) -> None:
    words = embedding()
    nn.init.zeros_(words.weight)
    assert glove.load(write(tmp_path, GOOD), WORDS, words) == 3
    assert bool(words.weight.isfinite().all())
    assert not bool(words.weight[LUNGS].any())


def test_the_first_of_two_lines_of_a_word_counts(tmp_path: Path) -> None:
    words = embedding()
    lines = (*GOOD, "heart 9 9 9 9")
    assert glove.load(write(tmp_path, lines), WORDS, words) == 3
    assert words.weight[HEART].tolist() == pytest.approx([1.5, -2.0, 0.25, 0.1])


def test_lines_with_spaces_in_the_word_or_nothing_in_them_are_passed_over(tmp_path: Path) -> None:
    lines = (*GOOD, ". . . 0.1 0.2 0.3 0.4", "at name@domain.com 0.1 0.2 0.3 0.4", "")
    assert glove.load(write(tmp_path, lines), WORDS, embedding()) == 3


@pytest.mark.parametrize("end", ["\r\n", " \n"])
def test_other_ends_of_lines_are_read(tmp_path: Path, end: str) -> None:
    words = embedding()
    assert glove.load(write(tmp_path, GOOD, end), WORDS, words) == 3
    assert words.weight[HEART].tolist() == pytest.approx([1.5, -2.0, 0.25, 0.1])


def test_a_last_line_without_an_end_counts(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD[:2])
    file.write_text(file.read_text("utf-8") + "lungs 1 2 3 4", encoding="utf-8")
    words = embedding()
    assert glove.load(file, WORDS, words) == 2
    assert words.weight[LUNGS].tolist() == [1, 2, 3, 4]


def test_words_that_are_no_utf_8_disturb_nothing(tmp_path: Path) -> None:
    file = tmp_path / "glove.txt"
    file.write_bytes(b"\xff\xfe 1 2 3 4\n" + "\n".join(GOOD).encode())
    assert glove.load(file, WORDS, embedding()) == 3


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["the 0.1 0.2 0.3"], "holds 3 numbers a word; the model's words have 4"),
        (["the 0.1 0.2 0.3 0.4 0.5"], "holds 5 numbers a word; the model's words have 4"),
        ([*GOOD, "lungs 0.1 0.2 0.3"], "Line 6 of "),
        ([*GOOD, "lungs 0.1 0.2 0.3 0.4 0.5"], "Line 6 of "),
        ([*GOOD, "lungs 0.1 0.2 0.3 many"], "Line 6 of "),
        ([*GOOD, "lungs 0.1 0.2 0.3 nan"], "Line 6 of "),
        ([*GOOD, "lungs 0.1 0.2 0.3 1e99"], "Line 6 of "),
        (["400000 4", *GOOD], "Line 1 of "),
        (["<html>", *GOOD], "Line 1 of "),
        (["the 0.1 0.2 0.3 0.4"], "holds no word of the reports"),
        ([], "holds no word of the reports"),
    ],
)
def test_a_file_that_is_no_use_is_refused_with_a_sentence(
    tmp_path: Path, lines: list[str], told: str
) -> None:
    file, words = write(tmp_path, lines), embedding()
    before = words.weight.detach().clone()
    with pytest.raises(AppError, match=told) as caught:
        glove.load(file, WORDS, words)
    assert str(file) in caught.value.message
    assert caught.value.hint
    assert torch.equal(words.weight.detach(), before)


def test_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "glove.zip"
    file.write_bytes(b"PK\x03\x04" + bytes(3 * glove.LONGEST))
    for other in (file, tmp_path / "missing.txt", tmp_path):
        with pytest.raises(AppError, match=str(other)):
            glove.load(other, WORDS, embedding())


def test_a_file_is_not_held_as_a_whole(tmp_path: Path) -> None:
    lines = [f"word{number} 0.123456 0.123456 0.123456 0.123456" for number in range(50_000)]
    file, words = write(tmp_path, [*lines, *GOOD]), embedding()
    tracemalloc.start()
    try:
        glove.load(file, WORDS, words)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < file.stat().st_size / 5
