"""Named rules over the sentences of a text, each counted in the texts where it acted.

The order matters, and so the rules of a kind of text are one list: an edit replaces what its
pattern finds, a drop leaves the whole sentence out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Replacement = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True)
class Rule:
    """Where ``pattern`` stands in a sentence, ``replacement`` takes its place; None drops the
    sentence. The name appears in import reports.
    """

    name: str
    pattern: re.Pattern[str]
    replacement: Replacement | None = " "


def edit(name: str, pattern: str, replacement: Replacement = " ") -> Rule:
    """A rule that replaces ``pattern``, whatever its case."""
    return Rule(name, re.compile(pattern, re.IGNORECASE), replacement)


def drop(name: str, pattern: str) -> Rule:
    """A rule that leaves out every sentence with ``pattern``, whatever its case."""
    return Rule(name, re.compile(pattern, re.IGNORECASE), None)


@dataclass(frozen=True, eq=False)
class RuleSet:
    """How one kind of text is cleaned.

    rules    for each sentence, in this order
    finish   the last touch: a sentence's words, its loose ends taken off
    accepts  does what is left of a sentence say something about the picture?
    words    the longest text in words; a sentence that would pass it is left out
    prepare  for the whole text, before it falls into sentences
    """

    rules: Sequence[Rule]
    finish: Callable[[str], str]
    accepts: Callable[[str], bool]
    words: int
    prepare: Callable[[str], str] = str

    def clean(self, text: str, counts: Counter[str], words: int | None = None) -> str:
        """The sentences of ``text`` that describe the picture, or "" when none is left.

        ``counts`` grows by one for every rule that acted. ``words`` replaces the set's own limit.
        """
        limit = words or self.words
        acted: set[str] = set()
        kept: list[str] = []
        total = 0
        for piece in sentences(self.prepare(text), acted):
            sentence, names = _cleaned(self, piece)
            acted |= names
            if not sentence:
                continue
            length = len(sentence.split())
            if sentence.casefold() in (one.casefold() for one in kept):
                acted.add("said twice")
            elif total + length > limit:
                acted.add("too long")
            else:
                total += length
                kept.append(sentence)
        counts.update(acted)
        return " ".join(one if one.endswith("。") else f"{one}." for one in kept)


@lru_cache(maxsize=32_768)
def _cleaned(rules: RuleSet, piece: str) -> tuple[str, frozenset[str]]:
    """One sentence after all rules, and the names of those that acted.

    Reports repeat one another, sentence by sentence; most are looked up.
    """
    acted: set[str] = set()
    for rule in rules.rules:
        if rule.replacement is None:
            if rule.pattern.search(piece):
                return "", frozenset({*acted, rule.name})
            continue
        changed = rule.pattern.sub(rule.replacement, piece)
        if changed != piece:
            acted.add(rule.name)
            piece = tidy(changed)
    sentence = rules.finish(tidy(piece))
    if not sentence:
        return "", frozenset(acted)
    if not rules.accepts(sentence):
        return "", frozenset({*acted, "no finding named"})
    return sentence[0].upper() + sentence[1:], frozenset(acted)


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
HIDDEN = "▮"
"""Stands for words that de-identification has hidden, while a text is cleaned."""

_PLAIN = str.maketrans(
    {
        "“": "",
        "”": "",
        "„": "",
        '"': "",
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "’": "'",
        "‘": "'",
    }
)
_END = re.compile(
    # a full stop before a capital, but not in "J. Smith", "Fig. 2" or "Dr. No"
    r"(?<=[A-Za-z0-9)%\]'▮])(?<!\b[A-Z])(?<!\b[Ff]ig)(?<!\b[DMS]r)(?<!\b[vV]s)\s*[.!?]+\s+"
    r"(?=[A-Z(\[▮])"
    # one before a small letter, behind a word and not an abbreviation
    r"|(?<=[a-z]{6})\.\s+(?=[a-z]{2})"
    # one without its space
    r"|(?<=[a-z0-9)▮])\s?\.(?=[A-Z](?:[a-z]|\s|[A-Z]{0,5}:)|▮)"
    r"|(?<=[a-z)])\s+\.\s+|;\s*|\s*\.\s*$|(?<=。)"
)
_NUMBER = re.compile(r"(?:^|(?<=\s))\(?(\d{1,2})[.)]\s*(?=[A-Z▮])")


def sentences(text: str, acted: set[str]) -> list[str]:
    """The sentences of ``text`` without their full stops; "1. … 2. …" is taken off."""
    plain = " ".join(_INVISIBLE.sub("", text).translate(_PLAIN).split())
    return [
        piece
        for part in _items(plain, acted)
        for piece in (one.strip() for one in _END.split(part))
        if piece
    ]


def _items(text: str, acted: set[str]) -> list[str]:
    # Only numbers that count up from one are an enumeration: "rib 7. The …" is not.
    parts: list[str] = []
    start, expected = 0, 1
    for match in _NUMBER.finditer(text):
        number = int(match[1])
        if number not in (1, expected):
            continue
        parts.append(text[start : match.start()])
        start, expected = match.end(), number + 1
    if start:
        acted.add("numbering")
    return [*parts, text[start:]]


def tidy(text: str) -> str:
    """Single spaces, no space before a comma, no doubled or leading punctuation."""
    text = re.sub(r"\(\s*\)|\[\s*\]", " ", text)
    text = re.sub(r"\s+([,;:)])|(\()\s+", lambda match: match[1] or match[2], text)
    text = re.sub(r"(?:[,;]\s*){2,}", ", ", " ".join(text.split()))
    return text.strip(" .,;:-–/")
