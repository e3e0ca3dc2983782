"""The rules for a hospital's reports: hidden words, earlier studies, advice, dictation.

A draft is written from one image. What a report says of an earlier one, of whom was telephoned, of
what should be done next or of other parts of the body can't be learned from it.
"""

from __future__ import annotations

import re

from app.training.cleaning.hidden import marked, mended
from app.training.cleaning.rules import HIDDEN as MARK
from app.training.cleaning.rules import Rule, RuleSet, drop, edit, tidy
from app.training.cleaning.words import ABNORMAL, FILM, MONTHS

MAXIMUM_WORDS = 60

_EARLIER = (
    r"(?:(?:the|a|an|any|most|multiple|\d+)\s+)*(?:prior|previous|earlier|comparison|outside|old"
    r"|older|recent|last|preceding|" + MARK + r")\b(?:\s+(?:chest|pa|ap|ct|portable|frontal|lateral"
    r"|plain|" + MARK + r"))*\s*(?:exam\w*|stud(?:y|ies)|film\w*|radiograph\w*|imag\w*|x-?rays?"
    r"|scans?|ct|report|comparison)?"
)

_LASTING = re.compile(r"chang|scar|granulo|clip|suture|wire|spur|spondyl|osteophyt|tortuo", re.I)


def _steady(match: re.Match[str]) -> str:
    """What is said to be stable stays when it is something; "the heart is stable" says nothing."""
    head = match.string[: match.start()]
    return "" if ABNORMAL.search(head) or _LASTING.search(head) else match[0]


RULES: tuple[Rule, ...] = (
    drop(
        "dictation",
        r"\b(?:dictat\w*|transcri\w*|electronically|signed|addendum|attending|resident(?:'s)?|dr\b"
        r"|m\.?d\.?$|discussed|notif\w*|telephone\w*|phoned|paged|veriphy|communicated|reported\s+to"
        r"|critical\s+result|results?\s+(?:was|were)|technologist|radiologist|acknowledg\w*"
        r"|end\s+of\s+(?:report|impression)|please|questions?\s+(?:about|regarding)|wet\s+read"
        r"|new\s+paragraph|at\s+\d+:\d\d|[ap]\.\s?m\.|recalled|message\s+sent)(?!\w)",
    ),
    edit("dictation", r"^(?:period|comma|colon|new line)\b|\b(?:period|full stop)$|\[sic\]"),
    edit(
        "figure talk",
        r"^(?:(?:the|an?|two|three|one|single|\d+|frontal|lateral|pa|ap|and|upright|portable|supine"
        r"|semi-?erect|erect|chest|" + MARK + r")[\s,]+)*"
        r"(?:views?|" + FILM + r"|projections?|examinations?|images?|stud(?:y|ies))\b"
        r"(?:\s+of\s+the\s+chest)?\s*(?:(?:was|were)\s+obtained\s+and\s+)?"
        r"(?:demonstrates?|shows?|reveals?|demonstrated|showed|revealed)\s+(?:that\s+)?",
    ),
    edit(
        "figure talk",
        r"^(?:the\s+)?chest\s*[:.]\s*|^(?:heart|lungs|mediastinum|bones)\s*:\s+(?=the\b)",
    ),
    edit(
        "figure talk",
        r",?\s*\b(?:(?:best|only|better|well|as)\s+)?(?:(?:seen|noted|visualized|appreciated|visible"
        r"|identified|demonstrated)\s+)?(?:only\s+)?(?:on|in)\s+(?:the\s+|this\s+)?(?:pa|ap|frontal"
        r"|lateral|oblique|lordotic|single|current|present|portable|"
        + MARK
        + r")(?:\s+and\s+lateral)?\s+"
        r"(?:views?|projections?|images?|stud(?:y|ies)|exam\w*|" + FILM + r")\b",
    ),
    drop(
        "technique",
        r"\b(?:consists?\s+of\s+(?:frontal|two|pa|ap|a\s+single)|(?:views?|examination|exam|images?"
        r"|radiographs?|study)\b[^.]*\b(?:was|were|are|is)\s+(?:obtained|performed|submitted|provided"
        r"|limited|available|reviewed|interpreted)|(?:study|exam\w*|evaluation|assessment)\s+(?:quality\s+)?(?:is\s+)?"
        r"(?:markedly\s+|somewhat\s+|mildly\s+)?limited|technique|motion\s+artifact|rotated|kvp|habitus"
        r"|(?:no|none)\b[^.]*\bcomparison|comparison\s*(?::|" + MARK + r"|is\s+made|stud|exam))"
        r"|^(?:pa|ap|frontal)\s+and\s+lateral\b|^limited\s+(?:study|exam\w*)|^"
        + MARK
        + r"?comparison\b",
    ),
    drop(
        "another body part",
        r"\b(?:knees?|hips?|ankles?|foot|feet|toes?|wrists?|elbows?|femur|femoral|tibia\w*|fibula\w*"
        r"|patell\w*|lumbar|sacro\w*|pelvi[cs]|acetabul\w*)\b",
    ),
    edit(
        "comparison",
        rf",?\s*\b(?:(?:as|when|in)\s+)?(?:compar(?:ed|ison|ing)|relative)\s+(?:to|with|from)\b"
        r"[^,.;]*,?"
        rf"|,?\s*\b(?:(?:is|are|has|have)\s+)?(?:(?:not\s+)?(?:significantly\s+|grossly\s+)?"
        rf"(?:un)?changed|stable|similar(?:\s+in\s+appearance)?|improved|increased|decreased|new)"
        rf"\s+(?:since|from|to|compared\s+\w+)\s+{_EARLIER}[^,.;]*"
        rf"|,?\s*\b(?:since|from|on|as\s+on|than\s+on|seen\s+on)\s+{_EARLIER}\b(?=[\s,]*$|,)"
        rf"|,\s*(?:un)?changed$|,\s*stable$|^(?:otherwise\s+)?(?:stable|unchanged)[,:]\s*",
    ),
    edit("comparison", r"\b(?:once\s+)?again\b"),
    edit(
        "comparison",
        r"\s+(?:is|are|appears?|remains?)\s+(?:(?:grossly|essentially)\s+)?(?:stable|unchanged)"
        r"(?:\s+in\s+(?:appearance|size|position))?$",
        _steady,
    ),
    edit(
        "comparison",
        r"\s+and\s+(?:stable|unchanged)\b|\b(?:stable|unchanged)\s+and\s+|(?<=\bwith\s)improved\s",
    ),
    edit(
        "comparison",
        r"\b(?:stable|unchanged|persistent|persisting|redemonstrated|interval\s+(?:development|appearance"
        r"|placement)\s+of(?:\s+an?|\s+the)?|known|(?:as\s+)?previously\s+(?:seen|noted|described"
        r"|demonstrated|identified)|interval|new|worsening|worsened|improving)\s+"
        r"(?!(?:since|from|compared|in|and|or|appearance|exam\w*|chest|when|over|with|is|are"
        r"|removal|improvement|change|changes|increase|decrease|resolution|study)\b)(?=\w)",
    ),
    drop(
        "comparison",
        r"\b(?:compar(?:ed|ison)|unchanged|no\s+(?:\w+\s+){0,3}change|has\s+not\s+changed|interval"
        r"|interim|resol(?:ved|ution|ving)|improve(?:d|ment|s)?|improving|worse(?:n\w*)?(?!\s+on\s+the)"
        r"|removed|removal|no\s+longer|since|stable\b|previous(?:ly)?(?!\s+(?:granulo|surg|medi|stern"
        r"|trauma|fractur|infect|histo))|prior\s+(?:exam\w*|stud\w*|film\w*|radiograph\w*|chest|x-?ray"
        r"|ct|imaging)|recurrence|re-?demonstrat\w*)\b",
    ),
    edit(
        "advice",
        r",?\s*\b(?:and|for\s+which|which)?\s*(?:recommend\w*|suggest(?:ed)?\s+(?:\w+\s+)?(?:ct|follow)"
        r"|follow[\s-]?up\b|consider\w*\s+(?:ct|chest|follow|further|repeat)"
        r"|(?:please\s+)?(?:clinical(?:ly)?\s+)?correlat\w*|if\s+(?:clinically|there\s+is|indicated)"
        r"|as\s+clinically|for\s+further)\b.*$",
        lambda match: "" if match.string[: match.start()].count(" ") else match[0],
    ),
    drop(
        "advice",
        r"\b(?:recommend\w*|advis\w*|follow[\s-]?up|correlat\w*|further\s+(?:evaluat\w*|character\w*"
        r"|assess\w*|imaging|workup|work-up|"
        + MARK
        + r")|clinically|(?:could|should|can|would)\s+be\s+"
        r"(?:performed|obtained|considered|helpful|useful)|may\s+be\s+(?:helpful|useful|of\s+further)"
        r"|clinical\s+(?:concern|suspicion|history|symptoms))\b",
    ),
    edit(
        "age",
        r"\b(?:an?\s+|the\s+)?(?:\d+|"
        + MARK
        + r")[\s-]*(?:years?|months?|weeks?|days?|y)[\s/-]*(?:old"
        r"|o)\b(?:\s+(?:male|female|man|woman|boy|girl|patient|infant|child))*"
        r"|\bfor\s+(?:a\s+)?patient(?:'s)?\s+(?:of\s+this\s+)?age\b",
    ),
    edit(
        "date",
        r"\b(?:on\s+|in\s+|dated\s+|from\s+)?(?:\d{1,2}\s+)?"
        + MONTHS
        + r"\s+(?:\d{1,2},?\s*)?\d{4}\b"
        r"|\b(?:on\s+|dated\s+|from\s+)?(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|(?:19|20)\d\d-\d\d-\d\d)\b",
    ),
    edit("arrow", r"\((?=[^)]*\b(?:arrow\w*|image|series|se|im|fig\w*)\b)[^)]*\)|->|→|↑|↓"),
    edit("figure talk", rf"\bchest\s+{FILM}\b|\b{FILM}\s+of\s+(?:the\s+)?chest\b", "chest"),
    edit("brackets", r"[\[\]]|[<>](?!\s*\d)"),
    Rule("hidden word", re.compile(rf"^.*{MARK}.*$"), lambda match: mended(match[0])),
)

_EMPTY = re.compile(
    r"^(?:otherwise|also|additionally|however|moreover|there (?:is|are)|is|are|the|and|of|with|no"
    r"|impression|findings?|exam|none|chest|as above|see above|see below|n/?a)?$"
    r"|^(?:(?:the|and|cardio-?\s?mediastinal|mediastinal|mediastinum|cardiac|hilar|heart|aortic|lungs?"
    r"|pulmonary|silhouette|contours?|size|appearance|structures?|borders?)[\s,]*)+$",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"^(?:(?:and|but|however|otherwise|also|of|which|that|additionally)\b[\s,]*)+"
    r"|(?:[\s,]*\b(?:and|or|but|of|the|an?|in|on|with|which|that|as|by|to|from|is|are|was|were))+$",
    re.IGNORECASE,
)


def _finish(sentence: str) -> str:
    return tidy(_LOOSE.sub("", sentence))


def _accepts(sentence: str) -> bool:
    return (
        _EMPTY.match(sentence) is None
        and re.search(r"[^\W\d_]{2}|[\u4e00-\u9fff]", sentence) is not None
    )


REPORTS = RuleSet(RULES, _finish, _accepts, MAXIMUM_WORDS, marked)
"""For the sections of a hospital's reports, in English. Chinese passes with its sentences whole."""
