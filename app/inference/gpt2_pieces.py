"""The byte pairs of a GPT-2 in Hugging Face's layout (Radford et al. 2019): words into pieces.

``vocab.json`` numbers the pieces; ``merges.txt`` says, in order of rank, which two pieces are made
one. A word's bytes are pieces themselves, so that there is no word that can't be cut.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from app.errors import ModelError
from app.inference.gpt2_config import HINT, MERGES, PIECES, json_object, shown
from app.inference.vocabulary import END, START

BOUNDARY = "<|endoftext|>"
"""The piece that stands between two texts: it becomes ``<start>`` and ``<end>``."""
_SPECIAL = re.compile(r"<.+>|\[.+\]")
"""Pieces with a meaning of their own, such as ``<|endoftext|>`` and ``[PAD]``: no merge makes
them."""
_UNMADE = 0.1
"""The share of the other pieces that no merge may make: a few may have been added by hand."""

_Pair = tuple[str, str]


class Cutter:
    """GPT-2's byte pairs: words into the ids of their pieces. ``spaced``: the language parts its
    words by spaces, as English does and Chinese doesn't.

    Raises ModelError where ``folder`` has no readable pieces, lacks that of a byte, or its merges
    don't belong to them.
    """

    def __init__(self, folder: Path, *, spaced: bool) -> None:
        self._spaced = spaced
        self._sign = byte_signs()
        self._ids = _pieces(folder / PIECES, self._sign)
        self._rank = _merges(folder / MERGES)
        _check(folder, self._ids, self._rank)

    def cut(self, word: str) -> list[int]:
        """The ids of a word's pieces as it stands within a text, in English with a space before it.
        The frame is the boundary between texts, nothing where the folder has none.
        """
        if word in (START, END):
            return [self._ids[BOUNDARY]] if BOUNDARY in self._ids else []
        text = f" {word}" if self._spaced and word not in ".,;:" else word
        parts = [self._sign[byte] for byte in text.encode()]
        while len(parts) > 1:
            pairs = list(pairwise(parts))
            best = min(pairs, key=lambda pair: self._rank.get(pair, len(self._rank)))
            if best not in self._rank:
                break
            parts = _merged(parts, best)
        return [self._ids[part] for part in parts]


def byte_signs() -> dict[int, str]:
    """A visible sign for each byte: printable Latin-1 stands for itself, the others are moved
    behind it, as in GPT-2's vocabulary.
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {
        byte: chr(256 + number) for number, byte in enumerate(others)
    }


def _pieces(file: Path, signs: dict[int, str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for piece, number in json_object(file).items():
        if type(number) is not int:  # not true, and not 1e999, which JSON reads as infinity
            raise ModelError(
                f"{file} gives the piece {shown(piece)} the number {shown(number)}, which is no "
                "whole one.",
                HINT,
            )
        ids[piece] = number
    for byte, sign in signs.items():
        if sign not in ids:
            raise ModelError(
                f"{file} has no piece {sign!r} for the byte {byte}: it is not GPT-2's.", HINT
            )
    return ids


def _merges(file: Path) -> dict[_Pair, int]:
    """Pairs → their rank, the lowest first."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelError(f"{file} can't be read: {error.strerror}.", HINT) from error
    except ValueError as error:
        raise ModelError(f"{file} is no text in UTF-8.", HINT) from error
    rank: dict[_Pair, int] = {}
    for number, line in enumerate(lines, 1):
        pair = line.split()
        if not pair or line.startswith("#version"):
            continue
        if len(pair) != 2:
            raise ModelError(f"Line {number} of {file} is no pair of pieces.", HINT)
        rank.setdefault((pair[0], pair[1]), len(rank))
    return rank


def _check(folder: Path, ids: dict[str, int], rank: dict[_Pair, int]) -> None:
    """Merges of another vocabulary, or cut off, would cut words into other pieces than those that
    the weights have learned.
    """
    made = {first + second for first, second in rank}
    for piece in made:
        if piece not in ids:
            raise ModelError(
                f"{folder / MERGES} makes {shown(piece)}, which {PIECES} doesn't have.", HINT
            )
    merged = [piece for piece in ids if len(piece) > 1 and not _SPECIAL.fullmatch(piece)]
    unmade = [piece for piece in merged if piece not in made]
    if len(unmade) > _UNMADE * len(merged):
        raise ModelError(
            f"{folder / MERGES} is empty, cut off or another vocabulary's: it makes {len(made)} of "
            f"the {len(merged)} pieces in {PIECES} that need a merge, and not {shown(unmade[0])}.",
            HINT,
        )


def _merged(parts: list[str], pair: _Pair) -> list[str]:
    """``parts`` with every occurrence of ``pair``, from the left, made one."""
    joined: list[str] = []
    index = 0
    while index < len(parts):
        if tuple(parts[index : index + 2]) == pair:
            joined.append(parts[index] + parts[index + 1])
            index += 2
        else:
            joined.append(parts[index])
            index += 1
    return joined
