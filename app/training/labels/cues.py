"""How a text denies or doubts a finding: the cues, which way they reach, and where they stop.

After NegEx (Chapman et al., Journal of Biomedical Informatics 2001): a cue before the finding
reaches forward to the next boundary, one behind it reaches back; a longer phrase takes the words of
a shorter one, so that "no change" or "cannot be excluded" deny nothing. The notation is that of
``phrases.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from app.training.labels.phrases import pattern


class Certainty(Enum):
    """What a text says of a finding that it mentions."""

    PRESENT = "present"
    UNCERTAIN = "uncertain"
    ABSENT = "absent"


class Effect(Enum):
    """What a cue does to the findings in its reach."""

    NOTHING = "only looks like a cue"
    DENY_BEFORE = "denies what follows it"
    DENY_AFTER = "denies what stands before it"
    DOUBT_BEFORE = "doubts what follows it"
    DOUBT_AFTER = "doubts what stands before it"
    ELSEWHERE = "what follows it is told, not seen on the image"


_SEEN = (
    "(seen|identified|noted|present|evident|visible|visuali[sz]ed|demonstrated|observed|detected"
    "|appreciated|apparent|found|shown|recogni[sz]ed|documented|suspected)"
)
_IS = "(is|are|was|were|has been|have been|can be|could be)"

CUES = {
    Effect.NOTHING: (
        "(no|not|without) (\\w+ )?(\\w+ )?chang(e|ed|es|ing)",
        "no (\\w+ )?(increase|worsening|improvement|progression|difference|longer than)",
        "not only|not (yet )?(complete|entire|full)ly|not necessarily|no doubt",
        f"not (well )?{_SEEN} (well )?(on|in) (the )?(prior|previous|earlier|last)",
        "not (well|clearly|definitely|definitively) (appreciated|evaluated|delineated|defined)",
        "or (no|without|not)|to (suggest|indicate)|not (yet )?resolved",
        "(partial|partially|moderate|incomplete|some) (resolution|resolved|clearing|regression)",
    ),
    Effect.DENY_BEFORE: (
        "no|not|without|with no|absence of|negative for|(free|clear) (of|from)|never|neither|nor",
        "(lack|exclusion|disappearance|resolution|clearing|clearance|removal) of|resolved",
        "complete (resolution|clearing|disappearance|regression) of|no longer",
        "(does|do|did|could|can) not (show|reveal|demonstrate|suggest|indicate|detect)",
        "(fail|fails|failed) to (show|reveal|demonstrate)|unremarkable for|no evidence suggest*",
        "rather than|instead of|excludes?|excluding|exclude|rules out|ruled out",
        "(lungs|lung|fields) (are|is|were) (expanded and )?clear",
    ),
    Effect.DENY_AFTER: (
        f"({_IS} )?(not|no longer|never) ((well|clearly|definitely|otherwise) )?{_SEEN}",
        "(has|have|had|is|are|was|were) … (resolved|cleared|disappeared|removed|gone|excluded)",
        "(completely|totally|fully|now|since) (resolved|cleared|disappeared|removed)",
        f"{_IS} (absent|negative|unlikely|less likely|ruled out|unremarkable|normal)",
        f"({_IS} )?within normal limits|resolution|disappeared|resolved|removal",
    ),
    Effect.DOUBT_BEFORE: (
        "possib*|probab*|likely|perhaps|question*|equivocal|presum*|potential*|borderline",
        "(may|might|could|would) (also |well |still )?(\\w+)",
        "xxxx (represent|reflect)|appear* to (be|represent)|representing either",
        "suspicio* (for|of)|suspect*|suggest*|concern* (for|of|about)|worrisome for|favou?r*",
        "impression of|indeterminate|interpreted|assumed to be|thought to",
        "rule out|(cannot|can not|can't|could not|not|to) (entirely )?(exclude|rule out)",
        "(cannot|can not|difficult to) exclude|not (be )?(excluded|ruled out)|raising … of",
        "differential|versus|vs|masquerad*|mimic*",
    ),
    Effect.DOUBT_AFTER: (
        "(cannot|can not|can't|could not|not) (be )?(entirely |completely )?(excluded|ruled out)",
        f"{_IS} (possible|suspected|questioned|questionable|likely|probable|considered|favou?red)",
        "versus|vs",
    ),
    Effect.ELSEWHERE: (
        "history of|known|(status|s) post|(h|s) (o|p)",
        "(prior|previous|preceding) to|before|if there (is|are)|concern for … consider",
        "(after|following) (\\w+ )?(resection|excision|drainage|repair|evacuation) (of|for)",
        "(after|following) (the )?(surgery|operation|therapy|thoracotomy) for",
        "(assessment|evaluation|investigation|treatment|treated|admitted) (of|for|with)",
    ),
}
"""The cues by what they do."""

BOUNDARY = pattern(
    "but|however|although|though|except|apart from|other than|aside from|nevertheless|otherwise",
    "there (is|are|was|were|has|have)|which|while|whereas|with|yet|still",
    "and (definite|obvious|marked)",
    f"{_IS} {_SEEN} (and|with|in|on|at)",
    "(shows?|showing|showed|demonstrat(es|ed|ing)|reveal(s|ed|ing)|depict*|illustrat*)",
    "who|because of|due to|secondary to|(heart|lungs?|mediastin*|cardiac) …? (is|are|was|were)",
)
"""Words at which a cue's reach ends, from either side."""

NEW_STATEMENT = pattern(
    "(the|there|stable|unchanged|persistent|mild|moderate|residual|increased|improved|new)",
    "(heart|lungs?|right|left|bilateral|normal|small|minimal|status|with|but|old|chronic|only)",
)
"""Words that open a new statement behind a comma, where no "or" later tells of a list."""

_PATTERNS = {effect: pattern(*phrases) for effect, phrases in CUES.items()}


def may_deny(sentence: str) -> bool:
    """Whether anything in the sentence looks as if it denied; much quicker than :func:`cues`."""
    return any(
        _PATTERNS[effect].search(sentence) is not None
        for effect in (Effect.DENY_BEFORE, Effect.DENY_AFTER)
    )


@dataclass(frozen=True)
class Cue:
    """A cue in characters ``start`` to ``end`` of a sentence."""

    effect: Effect
    start: int
    end: int


def cues(sentence: str) -> Iterator[Cue]:
    """The cues of a sentence, each word used once, by the longest phrase; the longest first."""
    found = [
        Cue(effect, *match.span())
        for effect, phrases in _PATTERNS.items()
        for match in phrases.finditer(sentence)
    ]
    taken: list[Cue] = []
    for cue in sorted(found, key=lambda cue: cue.start - cue.end):
        rivals = (other for other in taken if other.start < cue.end and cue.start < other.end)
        if all((other.start, other.end) == (cue.start, cue.end) for other in rivals):
            taken.append(cue)
            yield cue
