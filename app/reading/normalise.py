"""One normaliser for both arms, and a search for what would still tell them apart.

:func:`normalised` changes only how a text looks, never what it says, and every text of a study goes
through it. :func:`tells` finds what gives an origin away; :func:`rewritten` takes out what can be
taken out neutrally. A fault of the machine, such as ``<nou>``, is found but never repaired: that
would flatter it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.reading.tell_patterns import HEADING, TAKEN, TELLS

_SHORT: Final = ("CT", "MRI", "PA", "AP", "ECG", "ICU", "COPD", "TB", "NG", "ET", "PICC", "HIV")
_SPACELESS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
"""Chinese or Japanese, written without blanks between words and without capitals."""
_HAN: Final = _SPACELESS.pattern
_NUMBERING: Final = rf"(?:\(?\d{{1,2}}[.)](?:\s+|(?={_HAN}))|\(?\d{{1,2}}\)?、\s*|[-*•·]\s+)"
_JUNK: Final = r"(?:[\s,;:!?-]|\.(?!\d))*"
_LEAD: Final = re.compile(
    rf"{_JUNK}(?:(?P<item>{_NUMBERING})|{HEADING}\s*(?::|\s-\s)|(?=(?-i:[A-Z])){HEADING}[\s-]*$)"
    rf"(?:{_JUNK}(?:(?P<item2>{_NUMBERING})|{HEADING}\s*:))*{_JUNK}",
    re.IGNORECASE,
)
"""Headings and a number at the start of a line; a heading without a colon has the line alone."""
_HEADING_WITHIN: Final = re.compile(rf"(?<=[.!?])\s*(?={HEADING}\s*:)", re.IGNORECASE)
_CAPITALS_WITHIN: Final = re.compile(rf"\s+(?={HEADING.upper()}\s*:)")
_ITEM_WITHIN: Final = re.compile(
    rf"(?<=[.!?;])(?:\s+(?=\d{{1,2}}[.)]\s+[A-Za-z])|\s*(?=\d{{1,2}}[.)、]\s*{_HAN}))"
)
_ENDED: Final = re.compile(r"[.!?。！？][\"')\]]*$")
_NAME_PART: Final = re.compile(rf"{_HAN}{{2,}}|[^\W\d_]{{3,}}")
_LETTER: Final = rf"[^\W{_HAN[1:]}"
WORD: Final = re.compile(rf"{_HAN}|{_LETTER}+")
"""A word, or one Chinese character."""
_PLAIN: Final = str.maketrans("‘’“”–—−。", "''\"\"---.")
_WIDE: Final = str.maketrans(",;:.!?", "，；：。！？")
_FULL: Final = 50
"""Letters of a line that was probably broken because it was full."""
_JOINING: Final = "of|with|and|or|but|to|in|on|at|from|by|for|as|than|into|is|are|was|were|has|have"
_GOES_ON: Final = re.compile(rf"(?:{_JOINING})\b", re.IGNORECASE)
"""A line that begins so goes on with the line before."""
_LEFT_OPEN: Final = re.compile(
    rf"\b(?:{_JOINING}|a|an|the|no|not|without|nor|any|measuring)$", re.IGNORECASE
)
"""A line that ends so goes on with the next."""


@dataclass(frozen=True)
class Tell:
    """Something at ``start`` to ``end`` of a text that gives an origin away."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Change:
    """What a neutral rewriting took out."""

    kind: str
    before: str


def normalised(text: str) -> str:
    """``text`` with one look: one line, small letters after each sentence's first, one kind of
    quotes and blanks, no headings, no numbering, a full stop after each line that said something of
    its own. "" for a text without anything but headings and punctuation."""
    flat = " ".join(" ".join(_statements(text)).split())
    flat = re.sub(r"\s+([,.;:!?)])", r"\1", flat)
    flat = re.sub(r"([(])\s+", r"\1", flat)
    flat = re.sub(r"([,;:])(?=[^\s\d])", r"\1 ", flat)
    flat = re.sub(rf"([.!?])(?=[A-Z]|{_HAN})", r"\1 ", flat)
    flat = re.sub(r"[.!?](?:\s*[.,;:])+", ".", flat).strip(" ,;:-")
    flat = re.sub(r"(^|[.!?]\s+)([^\W\d_])", lambda m: m[1] + m[2].upper(), flat.lower())
    for short in _SHORT:
        flat = re.sub(rf"(?<!{_LETTER}){short}(?!{_LETTER})", short, flat, flags=re.IGNORECASE)
    if flat and not _ENDED.search(flat):
        flat += "."
    flat = re.sub(rf"(?<={_HAN})\s+(?={_HAN})", "", flat)
    return re.sub(rf"(?<={_HAN})[,;:.!?]\s*", lambda m: m[0].strip().translate(_WIDE), flat)


def length(text: str) -> int:
    """Words of ``text``; where it is Chinese, its characters count as words."""
    return len(WORD.findall(text)) if _SPACELESS.search(text) else len(text.split())


def left_open(text: str) -> bool:
    """Whether ``text`` ends on a word, such as "of", that something has to follow."""
    return _LEFT_OPEN.search(text.rstrip(" .,;:!?-")) is not None


def has_words(text: str) -> bool:
    """Whether anything is said at all: a text of dots, dashes and figures says nothing."""
    return any(letter.isalpha() for letter in text)


def tells(text: str) -> tuple[Tell, ...]:
    """Everything in ``text`` that gives an origin away, from left to right."""
    found = []
    for kind, pattern in TELLS:
        found += [Tell(kind, m.start(), m.end(), m[0].strip()) for m in pattern.finditer(text)]
    return tuple(sorted(found, key=lambda tell: (tell.start, -tell.end)))


def named(text: str, names: Iterable[str]) -> tuple[Tell, ...]:
    """Every place where ``text`` has a part of ``names``, in whatever case.

    Parts of one or two letters are left out. A name that is a word as well ("Long") is found as
    that word, too: who reads the finding decides. Chinese has no blanks between words, so there a
    part is found anywhere, and a name that stands with blanks (as in DICOM) is one part.
    """
    plain = [unicodedata.normalize("NFKC", name) for name in names]
    joined = [re.sub(rf"(?<={_HAN})[\s,]+(?={_HAN})", "", name) for name in plain]
    parts = {part for name in (*plain, *joined) for part in _NAME_PART.findall(name)}
    wanted = [part if _SPACELESS.match(part) else rf"\b{part}\b" for part in sorted(parts)]
    if not wanted:
        return ()
    found = re.finditer("|".join(wanted), text, re.IGNORECASE)
    return tuple(Tell("name", match.start(), match.end(), match[0]) for match in found)


def rewritten(text: str) -> tuple[str, tuple[Change, ...]]:
    """``text`` without its tells, and what was taken out; faults of the machine stay.

    What is taken out can bare another tell, such as the film behind a name: it is done again until
    nothing is left to take.
    """
    changes: list[Change] = []
    while True:
        text, taken = _rewritten_once(text)
        changes += taken
        if not taken:
            return text, tuple(changes)


def _rewritten_once(text: str) -> tuple[str, list[Change]]:
    # Lines are kept: a signature reaches to the end of its own.
    text = "\n".join(_statements(text))
    taken: list[Change] = []
    for kind, pattern in TAKEN:
        taken += [Change(kind, match[0].strip()) for match in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    return normalised(text), taken


def _statements(text: str) -> list[str]:
    """The lines of ``text`` that say something of their own, without headings and numbering.

    Lines that were only wrapped are joined; every other one ends with a full stop, so that the
    denial in one line never reaches into the next.
    """
    flat = unicodedata.normalize("NFKC", text).translate(_PLAIN)
    shouted = flat.isupper()
    flat = _HEADING_WITHIN.sub("\n", flat)
    if not shouted:
        flat = _CAPITALS_WITHIN.sub("\n", flat)
    said: list[str] = []
    led = listing = closed = True
    width = 0
    for line in _lines(flat):
        lead = _LEAD.match(line)
        item = lead is not None and bool(lead["item"] or lead["item2"])
        rest = re.sub(rf"^{_JUNK}", "", line[lead.end() if lead else 0 :]).strip()
        if not rest:  # a blank line, or a heading alone: what follows is new
            closed, listing = True, listing and not lead
            continue
        if not closed and not lead and _goes_on(said[-1], rest, led, width, shouted):
            said[-1] += " " + rest
            led = False
        elif item and listing and said and not _ENDED.search(said[-1]):
            # Items under "no evidence of:" are denied together, and stay one sentence.
            said[-1] += (" " if said[-1].endswith(":") else "; ") + rest
            led = True
        else:
            said.append(rest)
            led = lead is not None
            listing = False
        listing = listing or said[-1].endswith(":")
        closed, width = False, len(line.strip())
    return [_with_stop(one) for one in said]


def _lines(text: str) -> list[str]:
    """The lines; a numbered one is parted where the next number stands in it."""
    lines: list[str] = []
    for line in text.splitlines():
        lead = _LEAD.match(line)
        numbered = lead is not None and bool(lead["item"] or lead["item2"])
        lines += _ITEM_WITHIN.split(line) if numbered else [line]
    return lines


def _goes_on(before: str, after: str, led: bool, width: int, shouted: bool) -> bool:
    """Whether ``after`` is the rest of the line ``before``, which was only wrapped.

    ``led``: the line before is an item or a heading's; ``shouted``: the text has capitals only.
    Then a small letter says too little, and the line must be full or plainly unfinished.
    """
    if _ENDED.search(before):
        return False
    if left_open(before):
        return True
    if _SPACELESS.match(before[-1]):  # no small letters to tell by, and half as many in a line
        return width >= _FULL // 2
    if after[0].isdigit() or (after[0].isupper() and not shouted):
        return False
    if not led and not shouted:
        return True
    return bool(_GOES_ON.match(after)) or width >= _FULL or before[-1] in ",("


def _with_stop(line: str) -> str:
    if _ENDED.search(line) or line.endswith(":"):
        return line
    return line.rstrip(" ,;-") + "."
