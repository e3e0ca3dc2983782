"""What a figure's caption says about the picture, without what it says about the figure.

Captions from papers open with "Chest X-ray showing …", point with arrows, tell ages, dates and the
course of the illness. A draft that learned this would speak of arrows. Every rule has a name, so
that an import can say how often each one acted.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

MAXIMUM_WORDS = 45
"""A report longer than this is cut at the last sentence that fits."""

_FILM = (
    r"(?:x[\s-]?rays?|radiograph(?:s|y|ic)?(?:\s+(?:image|film|examination|view)s?)?|cxrs?"
    r"|roentgenograms?|films?|radiograms?|scanogram|skiagram)"
)
_SHOWS = (
    r"(?:(?:was|is|were)\s+)?(?:which\s+|that\s+)?(?:showing|shows?|showed|demonstrat(?:ing|es?|ed)"
    r"|reveal(?:ing|s|ed)?|depict(?:ing|s|ed)?|indicat(?:ing|es?|ed)|display(?:ing|s|ed)?"
    r"|illustrat(?:ing|es?|ed)|suggest(?:ing|s|ed|ive\s+of)?|confirm(?:ing|s|ed)?"
    r"|identif(?:ying|ies|ied)|exhibit(?:ing|s|ed)?|not(?:ing|es|ed)|disclos(?:ing|es|ed)"
    r"|evidenc(?:ing|es|ed)|document(?:ing|s|ed)|with(?:\s+evidence\s+of)?)"
)


@dataclass(frozen=True)
class Rule:
    """Where ``pattern`` stands, ``replacement`` takes its place. The name appears in import
    reports.
    """

    name: str
    pattern: re.Pattern[str]
    replacement: str = " "


def _rule(name: str, pattern: str, replacement: str = " ") -> Rule:
    return Rule(name, re.compile(pattern, re.IGNORECASE), replacement)


RULES: tuple[Rule, ...] = (
    _rule(
        "arrow",
        r"\((?=[^)]*\b(?:arrow\w*|star|asterisk|circle|box|see|fig\w*|panel|image|line)\b)[^)]*\)"
        r"|\[(?=[^\]]*arrow)[^\]]*\]",
    ),
    _rule(
        "arrow",
        r",?\s*(?:\b(?:as\s+)?(?:indicated|shown|marked|pointed(?:\s+out)?|denoted|seen|depicted"
        r"|outlined)\s+(?:by|with)\s+)?(?:\b(?:the|an?|two|three)\s+)?"
        r"\b(?:(?:white|black|red|yellow|blue|green|orange|solid|open|dashed|thick|thin|small|large"
        r"|short|long|curved|double|dotted)\s+)*(?:arrow(?:s|heads?)?|asterisks?)\b"
        r"(?:\s+(?:indicat|show|point|mark|denot|demonstrat|depict)\w*\s*(?:to|at)?)?",
    ),
    _rule("reference", r"\[\d[\d,\s–-]*\]|\b(?:fig(?:ure)?|panel|case|table)\.?\s*\d+[a-z]?\b"),
    _rule("panel letter", r"(?:^|(?<=[.;]\s))\(?[A-Fa-f]\)[.:]?\s+|\([A-Fa-f]\)"),
    _rule(
        "age",
        r"\b(?:an?\s+|the\s+)?\d+[\s-]*(?:years?|yrs?|y|months?|mos?|weeks?"
        r"|days?)[\s/-]*(?:old|o)\b"
        r"(?:\s+(?:male|female|man|woman|boy|girl|patient|infant|child|neonate|lady|gentleman))*",
    ),
    _rule(
        "date",
        r"\b(?:on\s+|in\s+)?(?:\d{1,2}\s+)?(?:january|february|march|april|may|june|july|august"
        r"|september|october|november|december)\s+(?:\d{1,2},?\s*)?(?:\d{4})?\b"
        r"|\b(?:19|20)\d\d\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b",
    ),
    _rule(
        "time",
        r"\b(?:on|at|after|before|upon|during|from|in)\s+(?:the\s+|his\s+|her\s+)?(?:time\s+of\s+)?"
        r"(?:post[\s-]?operative\s+|hospital\s+)?(?:day\s+\w+|\w+\s+day|admission|presentation"
        r"|discharge|arrival|(?:the\s+)?emergency\s+\w+|follow[\s-]?up|diagnosis|birth)\b"
        r"(?:\s+(?:of|to)\s+(?:the\s+)?(?:hospital\w*|admission|life|illness|icu|ed))?"
        r"|\b(?:\w+|\d+)\s+(?:hours?|days?|weeks?|months?|years?)\s+(?:after|later|before"
        r"|post|following|"
        r"prior)\b[^,.;]*",
    ),
    _rule(
        "patient",
        r"\b(?:of|in|from|for)\s+(?:the|an?|our|this)\s+(?:\w+\s+)?(?:patient|case|man"
        r"|woman|boy|girl"
        r"|infant|child|neonate|subject)(?:'s)?\b(?:\s+\d+)?",
    ),
    _rule(
        "figure talk",
        r"(?:^|(?<=[.;:]\s))[^.;:]{0,90}?\b" + _FILM + r"\b[^.;:]{0,60}?\b" + _SHOWS + r"\b\s*:?",
    ),
    _rule("figure talk", r"(?:^|(?<=[.;]\s))[^.;:]{0,60}?\b" + _FILM + r"\b[^.;:]{0,25}[:,]\s*"),
    _rule(
        "figure talk",
        r"\b(?:(?:on|in|by)\s+)?(?:(?:the|this|an?|plain|initial|portable|repeat|frontal|lateral"
        r"|postero[\s-]?anterior|antero[\s-]?posterior|anterior|posterior|pa|ap|chest"
        r"|thoracic|supine"
        r"|erect|upright|digital|standard|preoperative|postoperative|normal)[\s,–-]+)*\b"
        + _FILM
        + r"\b(?:\s+of\s+(?:the\s+)?(?:chest|thorax|lungs?))?(?:\s*\((?:pa|ap|cxr)[^)]*\))?"
        r"(?:\s*,?\s*(?:pa|ap|frontal|lateral)\s*(?:view|projection)?)?",
    ),
    _rule("brackets", r"\([^)]{0,60}\)"),
)

_FINDING = re.compile(
    r"opaci|effusion|pneumon|consolidat|infiltrat|atelecta|cardiomegal|heart|cardiac"
    r"|mediastin|hil(?:ar|um)"
    r"|nodul|\bmass|oedema|edema|congest|pleura|thora(?:x|ces)|lung|lobe|lobar|diaphragm"
    r"|rib|fractur|cavit"
    r"|fibros|emphysem|calcif|tube|catheter|line\b|pacemaker|electrode|lead|valve|stent"
    r"|device|hernia|air\b"
    r"|lucen|shadow|density|densit|lesion|interstit|reticul|ground.glass|bronch|trachea"
    r"|aort|silhouette"
    r"|enlarge|widen|elevat|deviat|shift|collapse|costophrenic|fluid|marking|normal|clear"
    r"|abscess|cyst"
    r"|metasta|tumou?r|thicken|blunt|granulom|tubercul|miliary|scolio|clavicl|vertebra"
    r"|free gas|foreign",
    re.IGNORECASE,
)
_COURSE = re.compile(
    r"\b(?:follow[\s-]?up|resol(?:ved|ution)|improve(?:d|ment)|compared (?:to|with)"
    r"|previous|repeat(?:ed)?"
    r"|discharge|died|after (?:treatment|therapy|surgery|removal)|post[\s-]?treatment"
    r"|therapy|unchanged"
    r"|disappear\w*|interval|progress(?:ion|ed)|worsen\w*|admission|weeks? later|days? later)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[a-z0-9)])\s*[.;]\s+(?=[A-Z(])|(?<=[a-z)])\.\s*$|;\s+")


def clean(caption: str, counts: Counter[str]) -> str:
    """The sentences of ``caption`` that describe findings, or "" when none is left.

    ``counts`` grows by one for every rule that acted.
    """
    text = " ".join(caption.replace("‐", "-").replace("–", "-").replace("’", "'").split())
    kept: list[str] = []
    words = 0
    for rule in RULES:
        text, hits = rule.pattern.subn(rule.replacement, text)
        if hits:
            counts[rule.name] += 1
    for piece in _SENTENCE.split(text):
        sentence = _tidy(piece)
        if not sentence:
            continue
        if _COURSE.search(sentence):
            counts["course of illness"] += 1
        elif not _FINDING.search(sentence) or (len(sentence.split()) < 2 and sentence != "normal"):
            counts["no finding named"] += 1
        elif words + len(sentence.split()) > MAXIMUM_WORDS:
            counts["too long"] += 1
        else:
            words += len(sentence.split())
            kept.append(sentence)
    return " ".join(f"{sentence}." for sentence in kept)


_EDGES = re.compile(
    r"^(?:\W+|(?:and|of|the|an|a|in|on|there (?:is|was|are|were)|is|was|are|were|which|that"
    r"|who|with|show(?:s|ed|ing)"
    r"|reveal(?:s|ed|ing)|demonstrat(?:es|ed|ing)|presence of|evidence of|note|also|has|had"
    r"|by|to|for|from)\b)+"
    r"|(?:\W+|\b(?:and|of|the|an|a|in|on|with|which|that|are|is|were|was|as|by|to|from|seen"
    r"|noted)\b)+$",
    re.IGNORECASE,
)
_GAPS = re.compile(r"\s+([,;:])|\s{2,}")


def _tidy(piece: str) -> str:
    text = _GAPS.sub(lambda match: match.group(1) or " ", piece)
    previous = None
    while previous != text:
        previous, text = text, _EDGES.sub("", text).strip(" .,;:-")
    return re.sub(r"(?:,\s*){2,}", ", ", text)
