"""One normaliser for both arms, and a search for what would still tell them apart.

:func:`normalised` changes only how a text looks, never what it says, and every text of a study goes
through it. :func:`tells` finds what gives an origin away; :func:`rewritten` takes out what can be
taken out neutrally. A fault of the machine, such as ``<nou>``, is found but never repaired: that
would flatter it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_FILM: Final = (
    r"(?:(?:the|a|an|this|his|her|plain|initial|first|portable|repeat|follow-?up|frontal|lateral"
    r"|postero-?anterior|antero-?posterior|anterior|posterior|pa|ap|supine|erect|chest)[\s/-]+)*"
    r"(?:chest\s+)?(?:x-?\s?rays?|radiographs?|radiography|films?|cxr)\b"
    r"(?:\s*\((?:cxr|pa|ap|a|b)\))?"
)
_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (
        "blank",
        r"\bX{3,}\b(?:[\s-]+X{3,}\b)*|_{2,}|\[\s*\*\*.*?\*\*\s*\]|\[(?:redacted|deidentified)\]",
    ),
    ("unknown word", r"<\s*(?:nou|unk|num|pad|end|start)\s*>"),
    (
        "date",
        r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"
        rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\s+\d{{2,4}}\b|\b{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b"
        r"|\b\d{1,2}:\d{2}\s*(?:am|pm|hours|hrs)?\b",
    ),
    (
        "signature",
        r"\b(?:dictated|transcribed|electronically\s+signed|signed|reported|reviewed|verified)\s+by\b"
        r"[^.]*\.?",
    ),
    ("name", r"\b(?:dr|prof)\b\.?\s+\w[\w'-]+|\b(?:mr|mrs|ms)\.\s+\w[\w'-]+"),
    (
        "comparison",
        r",?\s*\b(?:as\s+)?(?:compared?|comparison|in\s+comparison)\s+(?:with|to|is\s+made\s+(?:with|to))\b"
        r"[^.;,]*|\b(?:since|from)\s+(?:the\s+)?(?:prior|previous|last)\s+(?:study|exam\w*|radiograph|film)"
        r"|\bno\s+(?:prior|previous)\s+(?:study|studies|exam\w*|radiographs?|films?)\b[^.;]*",
    ),
    (
        "age or sex",
        r"\b(?:in|of|from)?\s*(?:an?|the)?\s*\d{1,3}[\s-]*(?:year|month|week|day)s?[\s-]*old\b"
        r"(?:\s+(?:man|woman|boy|girl|male|female|patient|infant|child))?",
    ),
    (
        "figure",
        r"\([^)]*\b(?:arrow\w*|asterisk|star|circle|box|fig\w*|panel)\b[^)]*\)"
        r"|,?\s*\b(?:indicated|shown|marked|pointed|seen)\s+(?:by|with)\s+(?:the\s+)?(?:\w+\s+)?"
        r"(?:arrow\w*|asterisks?|circles?)\b|\b(?:\w+\s+)?arrow(?:s|heads?)?\b"
        r"|\bfig(?:ure|\.)?\s*\d+\w?\b",
    ),
    (
        "film",
        rf"^\s*{_FILM}[^.:]{{0,60}}?\b(?:show(?:s|ed|ing)?|demonstrat(?:es|ed|ing)|reveal(?:s|ed|ing)"
        rf"|depict(?:s|ed|ing)|indicat(?:es|ed|ing)|with|of)\b\s*:?|^\s*{_FILM}\s*[.:]",
    ),
    (
        "heading",
        r"^\s*(?:findings?|impressions?|conclusions?|indications?|history|technique|comparison)\s*:",
    ),
)
_TELLS: Final = tuple((kind, re.compile(p, re.IGNORECASE | re.MULTILINE)) for kind, p in _PATTERNS)
NEVER_REPAIRED: Final = ("unknown word",)
_SHORT: Final = ("CT", "MRI", "PA", "AP", "ECG", "ICU", "COPD", "TB", "NG", "ET", "PICC", "HIV")
_HEADING: Final = re.compile(dict(_PATTERNS)["heading"], re.IGNORECASE | re.MULTILINE)
_NUMBERING: Final = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+", re.MULTILINE)


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
    quotes and blanks, no headings, no numbering, a full stop at the end."""
    flat = unicodedata.normalize("NFKC", text)
    flat = flat.translate(str.maketrans("‘’“”–—−", "''\"\"---"))
    flat = _NUMBERING.sub("", _HEADING.sub("", flat))
    flat = " ".join(flat.split())
    flat = re.sub(r"\s+([,.;:!?)])", r"\1", flat)
    flat = re.sub(r"([(])\s+", r"\1", flat)
    flat = re.sub(r"([,;:])(?=[^\s\d])", r"\1 ", flat)
    flat = re.sub(r"([.!?])(?=[A-Z])", r"\1 ", flat)
    flat = re.sub(r"[.!?](?:\s*[.,;:])+", ".", flat).strip(" ,;:-")
    flat = re.sub(r"(^|[.!?]\s+)([a-z])", lambda m: m[1] + m[2].upper(), flat.lower())
    for short in _SHORT:
        flat = re.sub(rf"\b{short}\b", short, flat, flags=re.IGNORECASE)
    return flat if not flat or flat[-1] in ".!?" else flat + "."


def tells(text: str) -> tuple[Tell, ...]:
    """Everything in ``text`` that gives an origin away, from left to right."""
    found = []
    for kind, pattern in _TELLS:
        found += [Tell(kind, m.start(), m.end(), m[0].strip()) for m in pattern.finditer(text)]
    return tuple(sorted(found, key=lambda tell: (tell.start, -tell.end)))


def rewritten(text: str) -> tuple[str, tuple[Change, ...]]:
    """``text`` without its tells, and what was taken out; faults of the machine stay."""
    changes: list[Change] = []
    for kind, pattern in _TELLS:
        if kind in NEVER_REPAIRED:
            continue
        changes += [Change(kind, match[0].strip()) for match in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    return normalised(text), tuple(changes)
