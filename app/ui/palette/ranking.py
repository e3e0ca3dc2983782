"""How well typed letters fit the name of something that can be done. Plain text, no widgets.

Every typed word has to fit somewhere: as letters of the name in their order (best at the
beginnings of words), as a part of the menu's name, or as a part of what is said about the entry.
So ``rot r`` finds "Rotate right", ``view inv`` finds "Invert" in the menu View, and ``mirror``
finds "Flip horizontally", whose explanation says mirror.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

_WORD_START = 8.0
_NEXT_LETTER = 6.0
_ANY_LETTER = 1.0
_WHOLE_WORD = 6.0
_NAME_START = 4.0
_MENU = 0.5  # of what the same letters weigh in the name
_ABOUT = 0.25
_AGAIN = 0.5  # of letters that an earlier word has found already
_MOST_GAP = 12
_LEAST_PER_LETTER = 3.4  # letters scattered through a name by chance fall short of this


@dataclass(frozen=True)
class Fit:
    """How well a text fits, and which letters of the name to show bright."""

    score: float
    letters: tuple[int, ...] = ()


def fit(typed: str, name: str, menu: str = "", about: str = "") -> Fit | None:
    """The fit of ``typed`` to an entry; None when one of its words fits nowhere."""
    total = 0.0
    letters: set[int] = set()
    for word in typed.casefold().split():
        score, found = _best(word, name, letters) or (0.0, ())
        if not found:
            score, found = _best(word, name, frozenset()) or (0.0, ())
            score *= _AGAIN
        for text, weight in ((menu, _MENU), (about, _ABOUT)):
            elsewhere = _part(word, text) * weight
            if elsewhere > score:
                score, found = elsewhere, ()
        if score <= 0:
            return None
        total += score
        letters.update(found)
    total -= len(name) / 100  # of two that fit alike, the shorter
    return Fit(total, tuple(sorted(letters)))


def _best(word: str, name: str, taken: Set[int]) -> tuple[float, tuple[int, ...]] | None:
    """The best way to find the letters of ``word`` in their order in ``name``, but for those that
    another word has ``taken``.
    """
    folded = _folded(name)
    best: tuple[float, tuple[int, ...]] | None = None
    for start, letter in enumerate(folded):
        if letter != word[0] or start in taken:
            continue
        found = _from(word, folded, start, taken)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None or best[0] < _LEAST_PER_LETTER * len(word):
        return None
    return best


def _from(
    word: str, name: str, start: int, taken: Set[int]
) -> tuple[float, tuple[int, ...]] | None:
    """Walk from ``start``: the next letter where it follows at once, else at a word's beginning,
    else wherever it comes next, not too far off.
    """
    places = [start]
    score = _letter(name, start) + (_NAME_START if start == 0 else 0.0)
    for letter in word[1:]:
        here = places[-1] + 1
        if name[here : here + 1] == letter and here not in taken:
            place, worth = here, _NEXT_LETTER
        else:
            reach = range(here, min(len(name), here + _MOST_GAP))
            ahead = [at for at in reach if name[at] == letter and at not in taken]
            if not ahead:
                return None
            place = next((at for at in ahead if _begins(name, at)), ahead[0])
            worth = _letter(name, place)
        places.append(place)
        score += worth
    end = places[-1] + 1
    unbroken = end - start == len(word)
    if unbroken and _begins(name, start) and (end == len(name) or not name[end].isalnum()):
        score += _WHOLE_WORD
    return score, tuple(places)


def _letter(name: str, at: int) -> float:
    return _WORD_START if _begins(name, at) else _ANY_LETTER


def _begins(name: str, at: int) -> bool:
    return name[at].isalnum() and (at == 0 or not name[at - 1].isalnum())


def _part(word: str, text: str) -> float:
    """What ``word`` as an unbroken part of ``text`` is worth; only from the beginning of a word."""
    folded = _folded(text)
    at = folded.find(word)
    while at > 0 and folded[at - 1].isalnum():
        at = folded.find(word, at + 1)
    return _WORD_START + _NEXT_LETTER * (len(word) - 1) if at >= 0 else 0.0


def _folded(text: str) -> str:
    """Lower case, one letter for one, so that places agree with the text as shown."""
    return "".join(letter.casefold()[:1] or letter for letter in text)
