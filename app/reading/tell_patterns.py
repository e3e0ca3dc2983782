"""What gives a report's origin away, as patterns.

They hold for a raw text with its lines and for the one line that readers see, where letter case is
gone. Where a pattern finds more than may be taken out, :data:`TAKEN` has the narrower one.
"""

from __future__ import annotations

import re
from typing import Final

HEADING: Final = (
    "(?:findings?|impressions?|conclusions?|indications?|technique|comparisons?|opinions?|summary"
    "|interpretation|recommendations?|procedure|exam(?:ination)?|reason for exam(?:ination)?"
    "|(?:clinical |past )?(?:history|information|details|indications?)"
    "|(?:检查|影像|影像学|放射学?|x线|临床)?(?:所见|表现|描述|印象|诊断|诊断意见|意见|结论|提示|方法|病史))"
)
"""No backslash in it: :mod:`normalise` needs it in capitals, too."""

_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DATE: Final = (
    r"(?:\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\s+\d{{2,4}}\b|\b{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b"
    r"|\b\d{1,2}:\d{2}\s*(?:am|pm|hours|hrs)?\b)"
)
_SIGNED: Final = (
    r"\b(?:(?:dictated|transcribed|electronically\s+signed|signed|reported|reviewed|verified"
    r"|interpreted|approved|authenticated|finali[sz]ed)\s+by\b|electronically\s+signed\s*:"
    r"|(?:reporting\s+|attending\s+)?(?:radiologist|physician)\s*:)"
)
# What doesn't end a signature: a dot within a number, after a title or an initial (but for the D of
# M.D.), and before a comma or date.
_INNER_DOT: Final = (
    r"\.(?=\d)|(?<=\bdr)\.|(?<=\bprof)\.|(?<=\b[a-z])(?<!\bm\.d)(?<!\bm\. d)\."
    rf"|\.(?=\s*(?:,|{_DATE}))"
)
_TOLD: Final = (
    r"(?:\b(?:the|these|this)\s+(?:\w+\s+)?(?:findings?|results?)\s+(?:was|were|are|have\s+been)\s+)?"
    r"\b(?:discussed|communicated|conveyed|called)\s+(?:with|to)\s+(?:dr|prof)\b"
    rf"(?:[^.\n]|{_INNER_DOT})*\.?"
)
_INITIALS: Final = r"(?:\b[a-z]\.\s*){1,4}"
_DEGREE: Final = r"(?:md|m\.\s?d\b\.?|mbbs|frcr|frcpc|facr|ph\.?\s?d\b\.?)(?![\w-])"
_NAME: Final = (
    rf"{_TOLD}|\b(?:dr|prof)\b\.?\s+(?:{_INITIALS})?\w[\w'-]+(?:\s+(?-i:[A-Z][a-z'-]+)\b)?"
    r"|\b(?:mr|mrs|ms)\.\s+\w[\w'-]+"
    rf"|(?:{_INITIALS}|\b[a-z][\w'-]+\s+(?:[a-z]\b\.?\s+)?)?\b[a-z][\w'-]+(?:,\s*|\s+){_DEGREE}"
    r"|\b[a-z][\w'-]+,\s*(?:dr|prof)\b\.?(?!\s+\w)"
)
_FILM: Final = (
    r"(?:(?:the|a|an|this|his|her|(?:the\s+)?patient'?s|plain|initial|first|portable|repeat"
    r"|follow-?up|frontal|lateral|upright|bedside|standard|simple|conventional"
    r"|postero-?anterior|antero-?posterior|anterior|posterior|pa|ap|supine|erect|chest)[\s/-]+)*"
    r"(?:chest\s+)?(?:x-?\s?rays?|radiographs?|radiography|roentgenograms?|films?|cxr)\b"
    r"(?:\s*\((?:cxr|pa|ap|a|b)\))?(?:\s+of\s+(?:the\s+)?(?:chest|thorax)\b)?"
)
_SHOWING: Final = (
    r"(?:show(?:s|ed|ing)?|demonstrat(?:es?|ed|ing)|reveal(?:s|ed|ing)?|depict(?:s|ed|ing)?"
    r"|indicat(?:es?|ed|ing)|display(?:s|ed|ing)?|illustrat(?:es?|ed|ing))\b(?:\s+that\b)?"
)
_PERSON: Final = (
    r"(?:an?\s+|the\s+|our\s+|this\s+)?(?:[\w-]+\s+)?"
    r"(?:patients?|cases?|child|infant|baby|neonate|newborn|man|woman|boy|girl|male|female)\b"
    r"(?:\s+(?:no\.?\s*)?\d+\b)?"
)
# Between the film and the verb: what turns the sense round, or tells of the patient and not of the
# film, stays, and the film with it.
_BETWEEN: Final = (
    r"(?!\s+of\b)(?:(?!\b(?:not|no|never|nor|without|fail\w*|unable|with|after|following|before"
    r"|during|prior|despite|post\w*|normal|clear)\b|n't)[^.:\n]){0,60}?\b"
)
_FILM_SHOWING: Final = (
    rf"^\s*{_FILM}(?:(?:\s+of\s+{_PERSON})?(?:{_BETWEEN}{_SHOWING}|\s+with\b)"
    rf"|\s+of\b(?!\s+(?:{_PERSON}|(?:the\s+)?(?:chest|thorax)\b)))\s*:?|^\s*{_FILM}\s*[.:]"
)

_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (
        "signature",
        # One that has a line of its own, behind others, takes the whole of it.
        rf"(?<=\n)[ \t]*{_SIGNED}[^\n]*|{_SIGNED}(?:[^.\n]|{_INNER_DOT})*\.?",
    ),
    ("name", _NAME),
    (
        "blank",
        r"\bX{3,}\b(?:[\s-]+X{3,}\b)*|_{2,}|\[\s*\*\*.*?\*\*\s*\]|\[(?:redacted|deidentified)\]",
    ),
    ("unknown word", r"<\s*(?:nou|unk|num|pad|end|start)\s*>"),
    ("date", rf"(?:\b(?:on|from|of|at|in|dated)\s+(?:the\s+)?)?{_DATE}"),
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
    # A text that opens with its film is told; the film goes only where a whole statement is left.
    ("film", rf"{_FILM_SHOWING}|^\s*{_FILM}"),
    ("heading", rf"(?:^|(?<=[.!?]))\s*{HEADING}\s*:"),
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


TELLS: Final = tuple((kind, _compiled(pattern)) for kind, pattern in _PATTERNS)
"""By kind, in the order in which a rewriting takes them out."""
# Faults of the machine are never repaired; headings go with the common look of all texts.
_LEFT: Final = ("unknown word", "heading")
TAKEN: Final = tuple(
    (kind, _compiled(_FILM_SHOWING) if kind == "film" else pattern)
    for kind, pattern in TELLS
    if kind not in _LEFT
)
"""What a neutral rewriting takes out."""
