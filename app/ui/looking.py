"""Which region goes with which words, and back: the arithmetic behind hovering a word or the image.

Maps are (8, 8) and sum to 1, row 0 at the top of the image (see
:class:`app.inference.drafts.Draft`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.inference.drafts import Analysis, Draft

ABOVE_UNIFORM = 2.0
TOP_CELLS = 6
_TELLS_NOTHING = frozenset(".,;:()")


def meaning_words(draft: Draft, first: int, end: int) -> list[int]:
    """Indices of the words ``first`` … ``end`` - 1, punctuation left out."""
    return [index for index in range(first, end) if not set(draft.words[index]) <= _TELLS_NOTHING]


def mean_map(draft: Draft, indices: list[int]) -> NDArray[np.float32] | None:
    """The mean of some words' maps, (8, 8); None without words."""
    if not indices or len(draft.attention) != len(draft.words):
        return None
    mean: NDArray[np.float32] = draft.attention[indices].mean(axis=0, dtype=np.float32)
    return mean


def words_at(analysis: Analysis, x: float, y: float) -> set[tuple[int, int]]:
    """(rank, word index) of the words that looked at a point, ``x`` and ``y`` in [0, 1] of the
    image.

    A word looked there when its map's cell has at least twice the uniform weight and is one of the
    map's six largest cells.
    """
    found: set[tuple[int, int]] = set()
    for draft in analysis.drafts:
        if not len(draft.attention):
            continue
        words, rows, columns = draft.attention.shape
        row = min(int(y * rows), rows - 1)
        column = min(int(x * columns), columns - 1)
        flat = draft.attention.reshape(words, rows * columns)
        here = draft.attention[:, row, column]
        place = (flat > here[:, None]).sum(axis=1)
        looked = (here >= ABOVE_UNIFORM / (rows * columns)) & (place < TOP_CELLS)
        found.update((draft.rank, int(index)) for index in np.flatnonzero(looked))
    return found


def telling_word(draft: Draft) -> int | None:
    """The word a picture of the window shows: the longest one, the earlier of two equals."""
    letters = [index for index, word in enumerate(draft.words) if word.isalpha()]
    return max(letters, key=lambda index: len(draft.words[index]), default=None)
