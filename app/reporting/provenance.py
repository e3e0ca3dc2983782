"""Where each sentence of a report comes from: the model, a person, or both.

Provenance is computed from the text and from the draft sentences that were put into it, never
stored with the text: it can't drift from what stands there, whatever undo, paste and typing did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.reporting.difference import longest_common, words
from app.reporting.report import Provenance, Sentence, Source

ALIKE = 0.5
"""The share of words in common (Dice) from which on a sentence counts as an edited draft
sentence."""

_STOP = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|[。！？]+[”’」』）]*")
_LIST_NUMBER = re.compile(r"[(]?(\d{1,3}|[A-Za-z])[.)]+")
_ABBREVIATIONS = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "vs",
        "cf",
        "ca",
        "approx",
        "incl",
        "resp",
        "fig",
        "figs",
        "e.g",
        "i.e",
        "viz",
        "al",
        "pt",
        "pts",
        "dept",
    ]
)
_BEFORE_NUMBERS = frozenset(["no", "nos", "nr", "vol", "p", "pp"])
"""Abbreviations only in front of a number: "no. 3", but "effusion: no"."""
_MAY_END = frozenset(["etc", "a.m", "p.m"])
"""Abbreviations that end a sentence when a capital letter follows."""


def split_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) character offsets of the sentences of ``text``, without white space around them.

    A line break ends a sentence, as do ``. ! ?`` before white space and ``。！？`` anywhere.
    Decimals, common abbreviations, initials and the number of a list item don't.
    """
    return tuple(
        span
        for line in re.finditer(r"[^\r\n\u2028\u2029]+", text)
        for span in _sentences_of_line(text, line.start(), line.end())
    )


def sentences(text: str, sources: Sequence[Source]) -> tuple[Sentence, ...]:
    """The sentences of a report with their provenance.

    A sentence that says what a source says, white space aside, is the model's. One that shares at
    least half of its words with a source that no other sentence has claimed is edited. The rest was
    written.
    """
    parts = [part for source in sources for part in _parts(source)]
    spans = split_sentences(text)
    found: list[Source | None] = [_exactly(text[start:end], parts) for start, end in spans]
    free = [part for part in parts if part not in found]
    result = []
    for (start, end), source in zip(spans, found, strict=True):
        provenance = Provenance.MODEL
        if source is None:
            source = _most_alike(text[start:end], free)
            provenance = Provenance.WRITTEN if source is None else Provenance.EDITED
            if source is not None:
                free.remove(source)
        result.append(Sentence(start, end, text[start:end], provenance, source))
    return tuple(result)


def _sentences_of_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if stop.start() >= begin and _ends(text, begin, stop, end):
            yield from _trimmed(text, begin, stop.end())
            begin = stop.end()
    yield from _trimmed(text, begin, end)


def _ends(text: str, begin: int, stop: re.Match[str], line_end: int) -> bool:
    """Does this stop end the sentence that began at ``begin``?"""
    if not stop.group().startswith(".") or stop.group().startswith(".."):
        return True
    so_far = text[begin : stop.end()].strip()
    if _LIST_NUMBER.fullmatch(so_far):
        return False
    follows = text[stop.end() : line_end].lstrip()
    before = text[begin : stop.start()].split()
    last = before[-1].lstrip("(\"'“‘[") if before else ""
    name = last.lower()
    if name in _ABBREVIATIONS:
        return not follows
    if name in _BEFORE_NUMBERS:
        return not follows[:1].isdigit()
    if name in _MAY_END:
        return not follows[:1].islower()
    # "Dr. J. Smith": an initial behind a title or another initial.
    return not (len(last) == 1 and last.isupper() and len(before) > 1 and before[-2][-1:] == ".")


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _parts(source: Source) -> list[Source]:
    """A source of several sentences as one source for each."""
    return [
        Source(source.analysis_id, source.rank, source.text[start:end])
        for start, end in split_sentences(source.text)
    ]


def _exactly(sentence: str, parts: Sequence[Source]) -> Source | None:
    plain = " ".join(sentence.split())
    return next((part for part in parts if " ".join(part.text.split()) == plain), None)


def _most_alike(sentence: str, parts: Sequence[Source]) -> Source | None:
    mine = _bare_words(sentence)
    best, most = None, ALIKE
    for part in parts:
        theirs = _bare_words(part.text)
        total = len(mine) + len(theirs)
        alike = 2 * len(longest_common(mine, theirs)) / total if total else 0.0
        if alike > most or (best is None and alike >= most):
            best, most = part, alike
    return best


def _bare_words(text: str) -> list[str]:
    bare = (word.strip(".,;:!?()[]\"'“”‘’。，；：！？（）").casefold() for word in words(text))
    return [word for word in bare if word]
