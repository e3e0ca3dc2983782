"""What differs between texts, by words: between a report and its draft, and among three drafts.

Words are compared exactly, with their punctuation; white space only separates them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "removed", "added"]
_WORD = re.compile(
    r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff65]|[^\s\u3400-\u9fff\u3000-\u303f\uff01-\uff65]+"
)
"""A run of characters without white space; each Chinese character and full-width mark stands
alone."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text with its fate on the way from one text to the other.

    ``same`` and ``added`` pieces joined give the second text exactly; ``same`` pieces take their
    white space from there.
    """

    kind: Kind
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The shortest list of pieces that turns ``before`` into ``after``, word by word.

    Removed words come before the words that were put in their place.
    """
    old, new = _with_space(before), _with_space(after)
    kept = longest_common([word for word, _ in old], [word for word, _ in new])
    pieces: list[tuple[Kind, str]] = []
    i = j = 0
    for a, b in [*kept, (len(old), len(new))]:
        pieces.append(("removed", "".join(text for _, text in old[i:a])))
        pieces.append(("added", "".join(text for _, text in new[j:b])))
        if b < len(new):
            pieces.append(("same", new[b][1]))
        i, j = a + 1, b + 1
    return _joined(pieces)


def word_edit_distance(before: str, after: str) -> int:
    """Levenshtein distance in words: insertions, removals and replacements, each counting one."""
    old, new = words(before), words(after)
    if old == new:
        return 0
    row = list(range(len(new) + 1))
    for i, word in enumerate(old, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(new, start=1):
            cheapest = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], cheapest
    return row[-1]


def repeated_words(texts: Sequence[Sequence[str]]) -> list[list[bool]]:
    """For each draft and word: has a draft before it said the word already, in the same order?

    Those words can be dimmed: the first draft is read whole, of the others only what is new stands
    out. Each draft is aligned with every one before it by their longest common subsequence.
    """
    marks = [[False] * len(text) for text in texts]
    for later, text in enumerate(texts):
        for earlier in texts[:later]:
            for _, position in longest_common(earlier, text):
                marks[later][position] = True
    return marks


def shared_words(
    texts: Sequence[Sequence[str]], others: Sequence[Sequence[str]]
) -> list[list[bool]]:
    """For each draft and word: does the other draft at its place say the word too, in the same
    order? As :func:`repeated_words`, for the drafts of two models; ``others`` has one per text.
    """
    marks = [[False] * len(text) for text in texts]
    for mark, text, other in zip(marks, texts, others, strict=True):
        for _, position in longest_common(other, text):
            mark[position] = True
    return marks


def words(text: str) -> list[str]:
    """The words of a text in order, punctuation left on."""
    return _WORD.findall(text)


def longest_common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs (into ``old``, into ``new``) of a longest common subsequence, increasing."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    m, n = len(old) - start, len(new) - start
    # length[i][j]: longest common subsequence of old[start + i:] and new[start + j:]
    length = [[0] * (n + 1) for _ in range(m + 1)]
    for i in range(m - 1, -1, -1):
        for j in range(n - 1, -1, -1):
            if old[start + i] == new[start + j]:
                length[i][j] = length[i + 1][j + 1] + 1
            else:
                length[i][j] = max(length[i + 1][j], length[i][j + 1])
    pairs = [(k, k) for k in range(start)]
    i = j = 0
    while i < m and j < n:
        if old[start + i] == new[start + j]:
            pairs.append((start + i, start + j))
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _with_space(text: str) -> list[tuple[str, str]]:
    """Each word with the same word and the white space after it; leading space belongs to the
    first."""
    matches = list(_WORD.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)]
    starts = [0] + [match.start() for match in matches[1:]]
    return [
        (match.group(), text[start:end])
        for match, start, end in zip(matches, starts, ends, strict=False)
    ]


def _joined(pieces: Sequence[tuple[Kind, str]]) -> tuple[Piece, ...]:
    """Neighbours of one kind as one piece, empty ones dropped."""
    joined: list[Piece] = []
    for kind, text in pieces:
        if not text:
            continue
        if joined and joined[-1].kind == kind:
            joined[-1] = Piece(kind, joined[-1].text + text)
        else:
            joined.append(Piece(kind, text))
    return tuple(joined)
