"""The rules for captions of figures in papers.

Captions open with "Chest X-ray showing …", point with arrows, tell ages, dates and the course of
the illness. What they say of a change ("worsening infiltrates") is taken off the finding; what is
gone ("resolution of the effusion") is left out.
"""

from __future__ import annotations

import re

from app.training.cleaning.rules import Rule, RuleSet, drop, edit, tidy
from app.training.cleaning.words import ABNORMAL, ALONE, FILM, FINDING, MONTHS, SHOWS, VERB

MAXIMUM_WORDS = 45

_PERSON = (
    r"(?:patient|case|man|woman|boy|girl|male|female|infant|child|neonate|newborn|baby|subject|proband|lady"
    r"|gentleman)"
)
_SOMEONE = re.compile(rf"\b(?:{_PERSON}|(?:year|month|week|day)s?[\s-]old)\b", re.IGNORECASE)
_OCCASION = re.compile(
    r"^\W*(?:\w+\s+){0,2}?(?:after|before|following|prior|post|during|on|at|in|taken|obtained"
    r"|performed|done|acquired|immediately|from|day|\d+)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\W*\b(?:on|in|by|the|a|an|chest|plain|frontal|lateral|portable|initial)\b)*\W*$",
    re.IGNORECASE,
)
_COLOUR = (
    r"(?:white|black|red|yellow|blue|green|orange|purple|solid|open|dashed|thick|thin|small|large"
    r"|short|long|curved|double|dotted|straight|block)"
)


def _kept(match: re.Match[str]) -> str:
    """What stays of "… chest X-ray … showing": nothing, unless a finding stands in it."""
    before, between, shows = match["before"], match["between"], match["shows"]
    kept: list[str] = []
    if ABNORMAL.search(before):
        kept.append(_BEFORE.sub("", before))
    found = ABNORMAL if not between.strip().startswith("with") else FINDING
    if found.search(between) and not (_OCCASION.match(between) or _SOMEONE.search(between)):
        kept.append(between)
    return " ".join([*kept, shows, ""]) if kept else " "


def _opening(shows: str, reach: int) -> Rule:
    """ "… chest X-ray … showing": ``shows`` at most ``reach`` characters behind the film."""
    return edit(
        "figure talk",
        r"^(?P<before>.{0,120}?)\b"
        + FILM
        + rf"\b(?P<between>[^:]{{0,{reach}}}?)\b(?P<shows>{shows})\b\s*:?",
        _kept,
    )


_CHEST = (
    r"(?:(?:the|this|his|her|an?|our|plain|initial|first|portable|repeat(?:ed)?|follow[\s-]up"
    r"|frontal|lateral|postero[\s-]?anterior|antero[\s-]?posterior|anterior|posterior|pa|ap|chest"
    r"|thora(?:x|cic)|supine|erect|upright|standing|bedside|digital|standard|conventional|simple"
    r"|pre[\s-]?operative|post[\s-]?operative|admission|baseline|routine|normal)[\s,-]+){0,8}"
)


_NORMAL = edit(
    "figure talk",
    r"\b(?:an?\s+|the\s+)?normal\s+(?!findings)(?:(?:\w|-)+\s+){0,3}?" + FILM + r"\b.*$",
    "normal chest",
)

RULES: tuple[Rule, ...] = (
    edit(
        "arrow",
        r"\((?=[^)]*\b(?:arrow\w*|star|asterisk|circle|box|see|fig\w*|panel|image|colou?r)\b)[^)]*\)"
        r"|\[(?=[^\]]*arrow)[^\]]*\]",
    ),
    edit(
        "arrow",
        r",?\s*(?:\b(?:as\s+)?(?:indicated|shown|marked|pointed(?:\s+(?:out|at))?|denoted|seen"
        r"|depicted|outlined|highlighted)\s+(?:by|with|in)\s+)?(?:\b(?:the|an?|two|three)\s+)?\b(?:"
        + _COLOUR
        + r"\s+)*(?:arrow(?:s|[\s-]?heads?)?|asterisks?|stars?\b(?!\s*-?shaped))\b"
        r"(?:\s+(?:(?:is|are)\s+)?(?:indicat|show|point|mark|denot|demonstrat|depict|represent)\w*"
        r"\s*(?:very\s+)?(?:clearly\s+)?(?:out|towards?|at|to)?(?:\s+the)?\b)?",
    ),
    edit(
        "reference",
        r"\[\d[\d,\s-]*\]|\b(?:(?:as\s+)?(?:in|see|from|of)\s+)?(?:fig(?:ure)?s?|panel|case|table"
        r"|patient)\.?\s*\d+(?:\s*\([a-z]\)|[a-z])?(?!\w)",
    ),
    edit("patient", rf"\b(?:the|our|this)\s+{_PERSON}'s\s+(?=\w)", "the "),
    _NORMAL,
    _opening(SHOWS, 130),
    edit(
        "age",
        r"\b(?:(?:of|in|from|for)\s+)?(?:an?\s+|the\s+|our\s+|this\s+)?(?:\d+|\w+teen|\w+ty)[\s-]*(?:years?|yrs?|y|months?|mos?|weeks?|wks?"
        r"|days?)[\s/-]*(?:old|o)\b(?:[\s-]+(?:\w+\s+)?" + _PERSON + r"\b)*",
    ),
    edit(
        "patient",
        r"\b(?:of|in|from|for)\s+(?:(?:the|an?|our|this|same)\s+)?(?:[\w-]+\s+){0,2}?"
        + _PERSON
        + r"\b(?:'s)?(?:\s+(?:no\.?\s*)?\d+)?(?:\s+(?:who\s+(?:had|has)|with|having)\b)?",
        lambda match: " with " if match[0].endswith(("with", "had", "has", "having")) else " ",
    ),
    edit(
        "patient",
        r",?\s*\b(?:after|when|while|before|because|in\s+whom|in\s+which|which\s+was\s+taken)\s+"
        r"(?:(?:the|our|this|tube|of|acute)\s+)*(?:\w+\s+)?(?:was|were|had|developed|he|she)\b.*$"
        r"|,?\s*\bwhich\s+was\s+taken\b.*$",
    ),
    edit("patient", r"\b(?:the|our|this)\s+patient\b|^patient(?:'s)?\b"),
    drop(
        "patient",
        r"\b(?:was|were)\s+(?:transferred|admitted|treated|discharged|referred)\b|\bto\s+rule\s+out\b"
        r"|\bcourtesy\b|\bporcine\b|\bhumans\b|^if\b|\bin\s+an\s+attempt\b|\binitially\s+read\b",
    ),
    _opening(r"with(?:\s+evidence\s+of)?|consistent\s+with", 60),
    edit("figure talk", r"^[^.;:]{0,60}?\b" + FILM + r"\b[^.;:]{0,40}:\s*"),
    drop(
        "abbreviation",
        r"^(?-i:[A-Z][A-Z0-9]{1,5})\s*[:=,]\s*[a-z -]+(?:[,;]\s*(?-i:[A-Z0-9]{2,6})\s*[:=,]|$)"
        r"|^(?-i:[A-Z])\s*[:=]\s*[a-z -]+[,;]\s*(?-i:[A-Z])\s*[:=]",
    ),
    edit("abbreviation", r"[,;]\s*(?-i:[A-Z][A-Z0-9]{1,5})\s*[:=,]\s*(?:[a-z-]+ ?){2,5}(?=[,;]|$)"),
    edit("panel letter", r"^\(?(?:[A-Fa-f]|[ivx]{1,4})\)[.:]?\s+|\([A-Fa-f]\)|^[A-F]:\s"),
    edit(
        "date",
        r"\b(?:on\s+|in\s+)?(?:\d{1,2}\s+)?"
        + MONTHS
        + r"\s+(?:\d{1,2},?\s*)?(?:\d{4})\b|\b(?:on\s+|in\s+)?(?:19|20)\d\d\b"
        r"|\b(?:on\s+)?\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b",
    ),
    edit(
        "time",
        r"\b(?:on|at|after|before|upon|during|from|in)\s+(?:the\s+|his\s+|her\s+)?"
        r"(?:time\s+of\s+)?"
        r"(?:post[\s-]?operative\s+|hospital\s+)?(?:day\s+\w+|\w+\s+day|admission|presentation"
        r"|discharge|arrival|emergency\s+\w+|follow[\s-]?up|diagnosis|birth)\b"
        r"(?:\s+(?:of|to)\s+(?:the\s+)?(?:hospital\w*|admission|life|illness|icu|ed"
        r"|(?:our\s+)?(?:clinic|ward|department)|emergency\s+\w+|intensive\s+care\s+unit))?"
        r"|\b(?:on\s+|at\s+)?(?:post[\s-]?operative\s+)?day\s+#?\d+\b"
        r"|\b(?:at\s+)?(?:\w+|\d+)\s+(?:hours?|hrs?|days?|weeks?|months?|years?)\s+(?:after|later"
        r"|before|post|following|prior)\b[^,.;:]*"
        r"|\b(?:before|after|following|prior\s+to)\s+(?:the\s+)?(?:[\w-]+\s+)?"
        r"(?:treatment|therapy|surgery|operation|procedure)\b",
    ),
    edit(
        "figure talk",
        r"\b(?:(?:on|in|by|from)\s+)?"
        + _CHEST
        + r"\b"
        + FILM
        + r"\b(?:\s+(?:of\s+)?(?:the\s+)?(?:chest|thorax)\b)?(?:\s*\((?:pa|ap|cxr)[^)]*\))?"
        r"(?:\s*,?\s*(?:pa|ap|frontal|lateral|postero-?anterior|antero-?posterior)"
        r"(?:\s+(?:view|projection))?\b)?(?:\s+findings?\b)?",
    ),
    edit(
        "figure talk",
        r"^(?:(?:was\s+)?(?:taken|performed|obtained|acquired|done)\b.{0,60}?\b"
        + SHOWS
        + r"|(?:[\w-]+\s+){0,4}(?:view|image|projection|picture|study)s?\s+"
        + SHOWS
        + r"|we\s+(?:find|see|note|observe)d?|seen\s+(?:is|are)|note(?:\s+also)?(?:\s+that)?"
        r"|as\s+(?:can\s+be\s+)?(?:seen|shown)|(?:it|this|these\s+(?:findings|images?))\s+"
        + SHOWS
        + r"|.{0,30}\b(?:view|projection)\b.{0,20}?\b(?:in\s+which|where)|repeat\s+demonstration"
        r"\s+of|also\s+of\s+note\s+is"
        r"|there\s+(?:is|was|are|were)\s+(?:also\s+)?(?:the\s+)?(?:presence\s+of|evidence\s+of)?"
        r")\b",
    ),
    edit(
        "brackets",
        r"\((?P<inner>[^)]{0,60})\)",
        lambda match: f", {match['inner']}, " if ABNORMAL.search(match["inner"]) else " ",
    ),
    edit(
        "figure talk",
        r"^(?:(?:was|were|is|are)\s+)?(?:normal|unremarkable)(?:\s+findings?)?$",
        "normal chest",
    ),
    edit(
        "course of illness",
        r"^.*\b(?:resol|improv|clear(?:ing|ance)|decreas|regress)[^.]*?\b(?:with|but)\s+"
        r"(?:(?:some|mild|minimal|a)\s+)?(?:residual|persist\w+|remaining|ongoing)\s+"
        r"|,?\s*\b(?:as\s+|when\s+)?compared\s+(?:to|with)\b[^,.;]*"
        r"|\bincreased?\s+(?:in\s+)?(?:the\s+)?(?:size|number)\s+of\s+(?:the\s+)?",
    ),
    drop(
        "course of illness",
        r"^(?:was\s+)?(?:taken|performed|obtained|acquired|done)\b|\bdecreases\b"
        r"|\b(?:resol(?:ved|ution|ving)|improve(?:d|ment|s)?|improving|disappear\w*|regress\w*|clear(?:ing|ance)"
        r"|died|recover(?:y|ed)|relieved|no longer|unchanged|complete(?:ly)? remission"
        r"|decreas(?:e|ed|ing) (?:in|of)|follow[\s-]?up|removed|removal of)\b",
    ),
    edit(
        "course of illness",
        r"\b(?:worsening|worsened|persistent|persisting|residual|recurrent|progressive(?:ly)?"
        r"|rapidly aggravated|aggravated|progression of|interval|newly developed|newly|new(?=\s)"
        r"|previous(?:ly)?(?:\s+(?:seen|noted|known|described|placed))?|again|increasing)\b(?!\s*$|\s+in\b)",
    ),
    drop(
        "course of illness",
        r"^(?:immediate(?:ly)?\s+)?(?:after|before|following|prior\s+to|during|status\s+post|until"
        r"|(?:pre|post)(?:[\s-]?(?:operative|op)|[\s-]\w+)?)\b"
        r"(?!.*\b(?:changes|is|are|was|were|has|have|shows?|showing|with)\b)",
    ),
)

_SEEN = r"(?:seen|noted|observed|identified|visualized|visible|shown)"
_LOOSE = re.compile(
    r"^(?:\W+|(?:and|of|in|on|is|was|are|were|which|that|who|with|show(?:s|ed|ing)?"
    r"|reveal(?:s|ed|ing)?|demonstrat(?:es|ed|ing)|presence\s+of|evidence\s+of|note|also|has|had"
    r"|by|to|for|from|as|there(?:\s+(?:is|was|are|were))?|findings?|view|image|both\s+showing)\b)+"
    r"|(?:\W+(?<![)%])|\b(?:and|of|the|an|a|in|on|at|with|which|that|are|is|were|was|as|by|to|from"
    rf"|also|between|near|(?:may|can|could)\s+(?:also\s+)?be\s+{_SEEN}"
    rf"|(?<!be )(?<!not ){_SEEN})\b)+$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


def _finish(sentence: str) -> str:
    previous = None
    while previous != sentence:
        previous, sentence = sentence, tidy(_LOOSE.sub("", sentence))
        if not VERB.search(sentence):
            # "a left effusion" and "left effusion" should be one thing to learn; "the heart is
            # large" should stay a sentence.
            sentence = _ARTICLE.sub("", sentence)
    return sentence


def _accepts(sentence: str) -> bool:
    if len(sentence.split()) == 1:
        return ALONE.fullmatch(sentence) is not None
    return FINDING.search(sentence) is not None


CAPTIONS = RuleSet(RULES, _finish, _accepts, MAXIMUM_WORDS)
"""For captions of figures."""
