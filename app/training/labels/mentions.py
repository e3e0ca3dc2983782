"""Findings in a text, each with its place and how certain the text is of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.training.labels import phrases
from app.training.labels.cues import BOUNDARY, NEW_STATEMENT, Certainty, Cue, Effect, cues
from app.training.labels.phrases import pattern


@dataclass(frozen=True)
class Mention:
    """A finding told of in characters ``start`` to ``end`` of a text."""

    finding: str
    certainty: Certainty
    start: int
    end: int


ABNORMALITY = "Other Abnormality"
"""What a text says isn't healthy, where no finding has a name for it."""

_STOP = re.compile(r"[;\n]+|(?<!\bvs)(?<!e\.g)(?<!i\.e)(?:[.!?]\s+|(?<=[a-z)])\.(?=[A-Z]))")
_OTHER = pattern(*phrases.OTHER)
_FINDINGS = {finding: pattern(*table) for finding, table in phrases.PHRASES.items()} | {
    ABNORMALITY: pattern(*phrases.ABNORMAL)
}
_COMPOUNDS = {pattern(phrase): names for phrase, names in phrases.COMPOUNDS.items()}
_CLEAR = {pattern(phrase): names for phrase, names in phrases.CLEAR.items()}
_STRUCTURES = {pattern(phrase): names for phrase, names in phrases.STRUCTURES.items()}
_NOT_STRUCTURES = pattern(*phrases.NOT_STRUCTURES)
_ORDER = {name: place for place, name in enumerate((*phrases.FINDINGS, ABNORMALITY))}
_STATES = (
    (Certainty.ABSENT, pattern(phrases.NORMAL)),
    (Certainty.PRESENT, pattern(phrases.ENLARGED)),
    (Certainty.UNCERTAIN, pattern(phrases.UNCHANGED)),
)
_ALTERNATIVE = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:or|versus|vs)\W+(?:\w+\W+){0,2}?$", re.IGNORECASE
)
_CLAUSE = re.compile(r"\b(?:but|with|without|however|although|shows?|showing|there)\b")
_PLACE = re.compile(
    r"\b(?:in|over|overlying|to|into|behind|within|near|at|from|along)( the)?( left| right)? $"
)
_LEADING = re.compile(r"(?:\b(?!in\b|with\b|shows?\b|at\b|on\b)[\w-]+\s+){0,4}$")


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
    """The sentence with every match overwritten by as many marks that no phrase reads."""
    return what.sub(lambda match: "\0" * len(match.group()), sentence)


def _named(sentence: str) -> Iterator[Mention]:
    """The findings that a sentence names, all taken as present."""
    rest = _hidden(sentence, _OTHER)
    for compound, names in _COMPOUNDS.items():
        for match in compound.finditer(rest):
            for name in names:
                yield Mention(name, Certainty.PRESENT, *match.span())
        rest = _hidden(rest, compound)
    for finding, phrase in _FINDINGS.items():
        for match in phrase.finditer(rest):
            yield Mention(finding, Certainty.PRESENT, *match.span())


def _ends(between: str, behind: str) -> bool:
    """Whether the words between a cue before and a finding end the cue's reach."""
    if BOUNDARY.search(between):
        return True
    for part in between.split(",")[1:]:
        if NEW_STATEMENT.match(part.lstrip()):
            later = between[between.index(part) :] + behind
            if not re.search(r"\b(?:or|nor)\b", later):
                return True
    return False


def _reaches(sentence: str, mention: Mention, cue: Cue) -> bool:
    """Whether a cue's reach covers a mention."""
    if cue.effect in (Effect.DENY_AFTER, Effect.DOUBT_AFTER):
        between = sentence[mention.end : cue.start]
        listed = "," not in between or re.search(r"\b(?:and|or)\b", between.rsplit(",", 1)[1])
        verb = re.search(r"\b(?:is|are|was|were|has|have|to)\b", between)
        return cue.start >= mention.end and bool(listed) and not (verb or BOUNDARY.search(between))
    between = sentence[cue.end : mention.start]
    return cue.end <= mention.start and not _ends(between, sentence[mention.end :])


def _weighed(sentence: str, mention: Mention, found: Sequence[Cue]) -> Mention | None:
    """The mention with its certainty, None where the text tells of it without seeing it.

    A cue behind a finding is a statement about it and outweighs doubt before it; of the cues before
    it the nearest counts.
    """
    near = sorted(
        (cue for cue in found if _reaches(sentence, mention, cue)),
        key=lambda cue: max(cue.start - mention.end, mention.start - cue.end),
    )
    effects = [cue.effect for cue in near if cue.effect is not Effect.NOTHING]
    before = next((e for e in effects if e not in (Effect.DENY_AFTER, Effect.DOUBT_AFTER)), None)
    if Effect.DENY_AFTER in effects or before is Effect.DENY_BEFORE:
        return replace(mention, certainty=Certainty.ABSENT)
    if before is Effect.DOUBT_BEFORE or Effect.DOUBT_AFTER in effects:
        return replace(mention, certainty=Certainty.UNCERTAIN)
    return None if before is Effect.ELSEWHERE else mention


def _alternatives(sentence: str, here: list[Mention]) -> Iterator[Mention]:
    """Present findings that the sentence offers as alternatives ("A or B") become uncertain."""
    for mention in here:
        offered = mention.certainty is Certainty.PRESENT and any(
            _ALTERNATIVE.match(sentence[first.end : second.start])
            for other in here
            if other.finding != mention.finding and other.certainty is not Certainty.ABSENT
            for first, second in ((mention, other), (other, mention))
            if first.end < second.start
        )
        yield replace(mention, certainty=Certainty.UNCERTAIN) if offered else mention


def _state(sentence: str, start: int, end: int) -> tuple[int, int, Certainty] | None:
    """What a sentence says of the structure in its characters ``start`` to ``end``, and where.

    The first word of state behind the structure counts, else the first right before it; "stable"
    only where it is all that is said, and then nothing is certain.
    """
    behind = _CLAUSE.split(sentence[end:])[0] if not _PLACE.search(sentence[:start]) else ""
    leading = _LEADING.search(sentence, 0, start)
    places = ((end, end + len(behind)), (leading.start() if leading else start, start))
    for states in (_STATES[:2], _STATES[2:]):
        for first, last in places:
            hits = [
                (match.start(), match.end(), certainty)
                for certainty, state in states
                for match in state.finditer(sentence, first, last)
            ]
            if hits:
                at = (max if last == start else min)(hits, key=lambda hit: hit[0])
                return at
    return None


def _structures(sentence: str, found: Sequence[Cue]) -> Iterator[Mention]:
    """Findings told by the state of a structure ("the heart is enlarged")."""
    rest = _hidden(sentence, _NOT_STRUCTURES)
    for structure, (enlarged, normal) in _STRUCTURES.items():
        for match in structure.finditer(rest):
            state = _state(rest, *match.span())
            if state is None:
                continue
            start, end, certainty = state
            if certainty is Certainty.PRESENT:
                weighed = _weighed(sentence, Mention("", certainty, start, end), found)
                certainty = weighed.certainty if weighed else Certainty.PRESENT
            for name in normal if certainty is Certainty.ABSENT else enlarged:
                yield Mention(name, certainty, *match.span())


def _cleared(sentence: str) -> Iterator[Mention]:
    """Findings denied by a plain statement of health ("the lungs are clear")."""
    for statement, names in _CLEAR.items():
        for match in statement.finditer(sentence):
            for name in names:
                yield Mention(name, Certainty.ABSENT, *match.span())


def told(text: str) -> tuple[Mention, ...]:
    """Every finding the text tells of, in reading order; ``ABNORMALITY`` among them."""
    every: set[Mention] = set()
    for start, end in sentences(text):
        sentence = text[start:end]
        found = list(cues(sentence))
        weighed = [_weighed(sentence, mention, found) for mention in _named(sentence)]
        here = [
            *_alternatives(sentence, [mention for mention in weighed if mention]),
            *_structures(sentence, found),
            *_cleared(sentence),
        ]
        every.update(replace(m, start=start + m.start, end=start + m.end) for m in here)
    return tuple(sorted(every, key=lambda m: (m.start, m.end, _ORDER[m.finding])))


def mentions(text: str) -> tuple[Mention, ...]:
    """Every finding of :data:`FINDINGS` the text tells of, in reading order."""
    return tuple(mention for mention in told(text) if mention.finding != ABNORMALITY)
