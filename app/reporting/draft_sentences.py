"""The sentences of a draft, counted in the model's words.

The window points at words, a report is made of sentences: this is where the one becomes the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.inference.drafts import Draft
from app.reporting.provenance import split_sentences

Range = tuple[int, int]
"""(first word, last word + 1)."""


def sentence_ranges(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Range, ...]:
    """The words of each sentence of ``text``, in order.

    ``spans`` are the words' character offsets. Every word belongs to one sentence, the one in which
    it starts; a word between two sentences (there should be none) joins the one before it.
    """
    starts = [start for start, _ in split_sentences(text)]
    ranges: list[Range] = []
    first = 0
    for start in starts[1:]:
        last = first
        while last < len(spans) and spans[last][0] < start:
            last += 1
        if last > first:
            ranges.append((first, last))
            first = last
    if first < len(spans):
        ranges.append((first, len(spans)))
    return tuple(ranges)


def sentence_of(ranges: Sequence[Range], word: int) -> Range | None:
    """The sentence that holds ``word``, or None."""
    return next(((first, last) for first, last in ranges if first <= word < last), None)


def words_text(draft: Draft, first: int, last: int) -> str:
    """The text from word ``first`` up to but without word ``last``, as it stands in the draft."""
    if not 0 <= first < last <= len(draft.spans):
        raise IndexError(f"draft {draft.rank} has no words {first}–{last}")
    return draft.text[draft.spans[first][0] : draft.spans[last - 1][1]]


def is_word(text: str) -> bool:
    """Does it carry a meaning of its own? Stops and commas don't."""
    return any(character.isalnum() for character in text)


def next_word(words: Sequence[str], index: int | None, step: int) -> int | None:
    """The word that a walk comes to after ``index``, stops and commas skipped; None at the end.

    ``step`` is 1 or -1. Without an index the walk begins at the end that it walks away from.
    """
    position = index + step if index is not None else 0 if step > 0 else len(words) - 1
    while 0 <= position < len(words):
        if is_word(words[position]):
            return position
        position += step
    return None


def counterpart(words: Sequence[str], index: int, others: Sequence[str]) -> int | None:
    """Where a walk goes on in another draft: the same word nearest by, or the same place."""
    same = [place for place, other in enumerate(others) if other == words[index]]
    if same:
        return min(same, key=lambda place: abs(place - index))
    place = min(index, len(others) - 1)
    return next_word(others, place - 1, 1) if place >= 0 else None
