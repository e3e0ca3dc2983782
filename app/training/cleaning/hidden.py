"""Words that de-identification has hidden: ``XXXX``, ``___``, ``[**…**]``, ``<…>``.

Software that hides names also hides other words, in Indiana's reports some 2,400 sentences' worth.
Which word it was is never guessed. Where the sentence stands without it ("No XXXX infiltrates"), it
is taken out; where it carried the sentence ("XXXX are normal"), the sentence goes.
"""

from __future__ import annotations

import re

from app.training.cleaning.rules import HIDDEN as MARK

_TOKEN = re.compile(r"\[\*\*.*?\*\*\]|\[[A-Z][A-Z _-]+\]|<[A-Za-z][^<>]{0,40}>|\*{3,}|_{2,}|X{3,}")
_XRAY = re.compile(rf"\bx[\s-]*{MARK}", re.IGNORECASE)
_SERIES = re.compile(rf"{MARK}(?:[\s/]*{MARK})+")

_LINK = (
    r"(?:is|are|was|were|be|been|has|have|had|appears?|appeared|remains?|seen|noted|identified"
    r"|demonstrated|present|may|can|could|would|should|will|to|of|in|on|at|from|with|within|without"
    r"|by|for|and|or|but|nor|as|than|versus|vs|per|that|which|who|since|into|over|through|via"
    r"|the|an?|this|these|any|normal|unremarkable|intact|clear|stable|unchanged|grossly|otherwise|again|likely)"
)
_ADVERB = re.compile(
    r"(?<=\w)(?<!costophrenic)(?<!aortic)(?<!hilar)(?<!pulmonary)(?<!lymph)"
    rf"(?:\s+most)?,?\s*{MARK}\s+(?=(?:represent|reflect|relat|due\b|secondary|compatible"
    r"|consistent|indicat|suggest|because|from\s+overlapping))",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(
    rf"(?P<one>\bthere\s+are\s+)?\bno\s+{MARK}\s+(?:of|for)\s+(?:(?P<a>an?\s+)|any\s+)?",
    re.IGNORECASE,
)
_MEASURE = re.compile(rf"\b\d+(?:\.\d+)?\s*{MARK}\s+(?=\w)")
_PAIRED = re.compile(rf"\b(\w+(?:y|al|ar|ous|ed|ent))\s+(?:and|or)\s+{MARK}\s+(?!{_LINK}\b)(?=\w)")
_ATTRIBUTE = re.compile(
    rf"(?<![\w/-])(?<!less )(?<!more )(?<!most )(?<!very ){MARK}\s+(?!{_LINK}\b)(?=[a-z0-9])",
    re.IGNORECASE,
)
_TAIL = re.compile(rf",(?:\s*(?:and|or))?\s+[^,{MARK}]*{MARK}[^,]*$")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|appears?|remains?|may|can|there)\b", re.I)
_ALONE = re.compile(r"^(?:the|a|an)?\s*\w+$", re.IGNORECASE)


def marked(text: str) -> str:
    """``text`` with one :data:`MARK` for every run of hidden words; "x-XXXX" is an X-ray."""
    return _SERIES.sub(MARK, _XRAY.sub("x-ray", _TOKEN.sub(MARK, text)))


def mended(sentence: str) -> str:
    """``sentence`` without its marks, or "" when it does not stand without them."""
    if MARK not in sentence:
        return sentence
    text = _EVIDENCE.sub(_denied, sentence)
    text = _MEASURE.sub("", text)
    text = _ADVERB.sub(" ", text)
    text = _PAIRED.sub(r"\1 ", text)
    text = _ATTRIBUTE.sub("", text)
    if MARK in text:
        # Only a last clause that is no sentence of its own can be spared.
        tail = _TAIL.search(text)
        head = text[: tail.start()] if tail else ""
        if not tail or _FINITE.search(tail[0]) or _ALONE.match(head) or MARK in head:
            return ""
        text = head
    return "" if _ALONE.match(text.strip()) else text


def _denied(match: re.Match[str]) -> str:
    """ "There are no ▮ of a" before one thing becomes "there is no"."""
    there = match["one"] or ""
    return ("there is " if there and match["a"] else there) + "no "
