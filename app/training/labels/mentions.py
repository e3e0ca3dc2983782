"""Findings in a text, each with its place and how certain the text is of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.training.labels import cues, phrases
from app.training.labels.cues import Certainty
from app.training.labels.phrases import pattern

_STOP = re.compile(r"(?<=[.!?;])(?<!\d\.)\s+|(?<=[.!?])(?=[A-Z])|[;\n]+|(?<=\d\.)\s+(?=[A-Z])")


@dataclass(frozen=True)
class Mention:
    """A finding named in characters ``start`` to ``end`` of the text."""

    finding: str
    certainty: Certainty
    start: int
    end: int


def _compiled(table: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(pattern(phrase).pattern for phrase in table), re.IGNORECASE)


_OTHER = _compiled(phrases.OTHER)
_FINDINGS = {finding: _compiled(table) for finding, table in phrases.PHRASES.items()}
_COMPOUNDS = {pattern(phrase): names for phrase, names in phrases.COMPOUNDS.items()}
_STRUCTURES = {pattern(phrase): names for phrase, names in phrases.STRUCTURES.items()}
_HEALTHY, _ENLARGED, _BORDERLINE, _UNCHANGED = (
    _compiled([words])
    for words in (phrases.HEALTHY, phrases.ENLARGED, phrases.BORDERLINE, phrases.UNCHANGED)
)
_PSEUDO, _DENY_BEFORE, _DENY_AFTER, _DOUBT_BEFORE, _DOUBT_AFTER, _ELSEWHERE, _BOUNDARY = (
    _compiled(table)
    for table in (
        cues.PSEUDO,
        cues.DENY_BEFORE,
        cues.DENY_AFTER,
        cues.DOUBT_BEFORE,
        cues.DOUBT_AFTER,
        cues.ELSEWHERE,
        cues.BOUNDARIES,
    )
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of the text; semicolons and line ends close one too."""
    start = 0
    for stop in _STOP.finditer(text):
        if stop.start() > start:
            yield start, stop.start()
        start = stop.end()
    if start < len(text):
        yield start, len(text)


def _hidden(sentence: str, what: re.Pattern[str]) -> str:
    """The sentence with every match overwritten by blanks of the same length."""
    return what.sub(lambda match: "\0" * len(match.group()), sentence)


def _named(sentence: str) -> Iterator[Mention]:
    """Findings of a sentence, all taken as present."""
    rest = _hidden(sentence, _OTHER)
    for compound, names in _COMPOUNDS.items():
        for match in compound.finditer(rest):
            for name in names:
                yield Mention(name, Certainty.PRESENT, *match.span())
        rest = _hidden(rest, compound)
    for finding, what in _FINDINGS.items():
        for match in what.finditer(rest):
            yield Mention(finding, Certainty.PRESENT, *match.span())


def _reach(sentence: str, start: int, end: int) -> tuple[str, str]:
    """What of the sentence before and behind a mention lies within its boundaries."""
    before, behind = sentence[:start], sentence[end:]
    for stop in _BOUNDARY.finditer(before):
        before_from = stop.end()
        before = "\0" * before_from + sentence[before_from:start]
    stop_behind = _BOUNDARY.search(behind)
    return before, behind[: stop_behind.start()] if stop_behind else behind


def _weighed(sentence: str, mention: Mention) -> Mention | None:
    """The mention with its certainty, None where it isn't seen on this image."""
    before, behind = _reach(sentence, mention.start, mention.end)
    behind = re.split(r",(?! (?:and|or)\b)", behind)[0] if "," in behind else behind
    if _DOUBT_AFTER.search(behind) or _DOUBT_BEFORE.search(before):
        return replace(mention, certainty=Certainty.UNCERTAIN)
    if _DENY_BEFORE.search(before) or _DENY_AFTER.search(behind):
        return replace(mention, certainty=Certainty.ABSENT)
    if _ELSEWHERE.search(before):
        return None
    return mention


def _structures(sentence: str) -> Iterator[Mention]:
    """Findings said by what is told of a structure ("heart size is normal")."""
    rest = sentence
    for structure, names in _STRUCTURES.items():
        for match in structure.finditer(rest):
            certainty = _state(sentence, *match.span())
            if certainty is not None:
                for name in names:
                    yield Mention(name, certainty, *match.span())


def _state(sentence: str, start: int, end: int) -> Certainty | None:
    """What a sentence says of the structure in it."""
    clause = re.split(r"\b(?:but|with|without|however|although)\b", sentence[end:])[0]
    before = re.split(r",|\band\b|\bwith\b", sentence[:start])[-1]
    said = before + " " + clause
    if _BORDERLINE.search(said):
        return Certainty.UNCERTAIN
    if _HEALTHY.search(said):
        return Certainty.ABSENT
    if _ENLARGED.search(said):
        return Certainty.ABSENT if _DENY_BEFORE.search(said) else Certainty.PRESENT
    if _UNCHANGED.search(said):
        return Certainty.UNCERTAIN
    return None


def mentions(text: str) -> tuple[Mention, ...]:
    """Every finding the text names, in reading order."""
    found: set[Mention] = set()
    for start, end in sentences(text):
        whole = text[start:end]
        sentence = _hidden(whole, _PSEUDO)
        for mention in _named(sentence):
            weighed = _weighed(sentence, mention)
            if weighed is not None:
                found.add(replace(weighed, start=start + weighed.start, end=start + weighed.end))
        for mention in _structures(whole):
            found.add(replace(mention, start=start + mention.start, end=start + mention.end))
    order: Mapping[str, int] = {name: i for i, name in enumerate(phrases.FINDINGS)}
    return tuple(sorted(found, key=lambda m: (m.start, m.end, order[m.finding])))
