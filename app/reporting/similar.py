"""Similar cases: signed reports beside the vector of their image, and what words have to do with
them.

Plain data. Vectors are made in :mod:`app.inference.retrieval` and kept in the store.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_SPACELESS = re.compile(r"[\u3400-\u9fff]")
"""Chinese has no blanks between words: there a word is found anywhere in a sentence."""
_SPACELESS_STOP = re.compile(r"[。；！？]")
_SPACELESS_DENIED = re.compile(r"(?:未见|未发现|未显示|没有|(?<!有)无)[^，,。；;！？]*")
_HEADING = re.compile(
    r"^[ \t]*(?:impression|conclusion|summary|beurteilung)[ \t]*:?[ \t]*", re.IGNORECASE | re.M
)
_NOT_LOOKED_FOR = re.compile(r"(?:an?|and|at|by|for|from|in|into|is|of|on|or|the|there|to|with)")
FUSION = 60
"""How slowly a lower rank loses weight when two rankings are joined
(Cormack et al., SIGIR 2009)."""


@dataclass(frozen=True, eq=False)
class SignedCase:
    """A listed study with its newest signed report; ``vector`` (d,) float32 is its image's, None
    while there is none of the wanted space.
    """

    study_id: str
    text: str
    author: str
    at: datetime
    vector: NDArray[np.float32] | None = None


def impression(text: str) -> str:
    """What a report comes down to: its part under "Impression", else all of it, on one line."""
    headings = list(_HEADING.finditer(text))
    chosen = text[headings[-1].end() :] if headings else text
    return " ".join((chosen.strip() or text).split())


def words_of(query: str) -> tuple[str, ...]:
    """The words that are looked for, each once, without articles and the like."""
    words = dict.fromkeys(_stems(query.casefold()))
    return tuple(word for word in words if not _NOT_LOOKED_FOR.fullmatch(word))


@dataclass(frozen=True)
class Heard:
    """Which of the words that are looked for a report says, and which it only denies."""

    said: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


class Listener:
    """Hears what reports have to do with the words of ``query``.

    "No effusion" says no effusion; but where the query itself denies, the words are enough.
    """

    def __init__(self, query: str) -> None:
        # Here, not above: their many patterns take a moment, and the window imports this module.
        from app.training.labels.cues import Effect, cues

        self.words = words_of(query)
        self._denies = any(cue.effect is Effect.DENY_BEFORE for cue in cues(query.casefold()))
        self._denies |= _SPACELESS_DENIED.search(query) is not None
        begins = [
            re.escape(word) if _SPACELESS.match(word) else rf"\b{re.escape(word)}"
            for word in self.words
        ]
        self._mention = re.compile("|".join(begins) or r"(?!)")

    def hear(self, text: str) -> Heard:
        """Only sentences with one of the words are looked at: cues take a hundred times longer."""
        from app.training.labels.mentions import sentences

        lower = _SPACELESS_STOP.sub(r"\g<0>\n", text.casefold())
        if self._mention.search(lower) is None:
            return Heard()
        named: set[str] = set()
        said: set[str] = set()
        for start, end in sentences(lower):
            sentence = lower[start:end]
            if self._mention.search(sentence) is not None:
                named.update(self._in(sentence))
                said.update(self._in(sentence if self._denies else _undenied(sentence)))
        return Heard(
            tuple(word for word in self.words if word in said),
            tuple(word for word in self.words if word in named - said),
        )

    def _in(self, sentence: str) -> set[str]:
        """Its words, and those of the query that stand in it without blanks around them."""
        spaceless = (one for one in self.words if _SPACELESS.match(one) and one in sentence)
        return {*_stems(sentence), *spaceless}


def by_words(
    heard: Mapping[str, Heard], cases: Mapping[str, SignedCase]
) -> tuple[list[str], frozenset[str]]:
    """The ids of the cases whose report says one of the words, best first, and of those whose
    report denies more than it says.

    A word weighs the more, the fewer reports hold it, so that "effusion" outweighs "right"; what is
    denied is taken off; newer cases come before older ones.
    """
    held = Counter(word for one in heard.values() for word in (*one.said, *one.denied))
    weight = {word: math.log(1 + len(cases) / count) for word, count in held.items()}

    def score(one: Heard) -> float:
        return sum(weight[word] for word in one.said) - sum(weight[word] for word in one.denied)

    scores = {study_id: score(one) for study_id, one in heard.items()}
    denying = frozenset(
        study_id for study_id, one in heard.items() if one.denied and scores[study_id] <= 0
    )
    found = [study_id for study_id, one in heard.items() if one.said and study_id not in denying]
    found.sort(key=lambda one: (-round(scores[one], 9), -cases[one].at.timestamp(), one))
    return found, denying


def joined(rankings: Sequence[Sequence[str]], count: int, last: Container[str] = ()) -> list[str]:
    """One ranking of several, by reciprocal rank fusion: what stands high in one of them stands
    high, what stands high in both stands higher; ``last`` behind all others. At most ``count`` ids.
    """
    weights: dict[str, float] = {}
    for ranking in rankings:
        for place, study_id in enumerate(ranking, start=1):
            weights[study_id] = weights.get(study_id, 0.0) + 1 / (FUSION + place)
    return sorted(weights, key=lambda one: (one in last, -weights[one]))[:count]


@lru_cache(maxsize=20_000)
def _undenied(sentence: str) -> str:
    """A sentence without what a cue denies, up to where its reach ends. Reports repeat theirs."""
    from app.training.labels.cues import BOUNDARY, Effect, cues, may_deny

    sentence = _SPACELESS_DENIED.sub(" ", sentence)
    if not may_deny(sentence):
        return sentence
    for cue in sorted(cues(sentence), key=lambda one: one.start):
        if cue.effect is Effect.DENY_BEFORE:
            stop = BOUNDARY.search(sentence, cue.end)
            reach = stop.start() if stop else len(sentence)
            blank = " " * (reach - cue.start)
            sentence = sentence[: cue.start] + blank + sentence[reach:]
        elif cue.effect is Effect.DENY_AFTER:
            sentence = " " * cue.end + sentence[cue.end :]
    return sentence


def _stems(text: str) -> Iterator[str]:
    return map(_stem, _WORD.findall(text))


def _stem(word: str) -> str:
    """A plural as its singular; enough for "effusions", never "atelectasis"."""
    plural = len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "is", "us"))
    return word[:-1] if plural else word
