"""How a report denies or doubts a finding: the cues, their direction and where their scope ends.

After NegEx (Chapman et al., J Biomed Inform 2001): a cue before the finding reaches forward to the
next boundary, one behind it reaches back, and phrases that only look like a cue are taken out first.
"""

from __future__ import annotations

from enum import Enum


class Certainty(Enum):
    """What a report says of a finding it mentions."""

    PRESENT = "present"
    UNCERTAIN = "uncertain"
    ABSENT = "absent"


PSEUDO = (
    "no (significant |interval |appreciable |substantial |definite |obvious )*(change|changes)",
    "not (significantly |substantially )?changed|without (significant |interval )?change",
    "not only|no (further )?(increase|worsening|improvement|progression)",
    "no (new|other|additional|further) (abnormalit*|finding*)",
    "not (appreciated|visible|seen|present) on (the )?(prior|previous)",
    "not well (seen|appreciated|evaluated|visuali[sz]ed)",
)
"""Phrases with a "no" that deny nothing of what follows."""

DENY_BEFORE = (
    "no|not|without|absence of|absent|negative for|free (of|from)|clear of|never|neither|nor|lack of",
    "resolution of|resolved|disappearance of|clearing of|regression of|(after|following) removal of",
    "rather than|instead of|denies|excludes?|excluding|ruled out",
)
"""Cues that deny what follows them."""

DENY_AFTER = (
    "(is|are|was|were|has been|have been|can be) (not|no longer) (seen|identified|noted|present|evident|visible|"
    "visuali[sz]ed|demonstrated|observed|detected|appreciated)",
    "not (seen|identified|noted|present|evident|visible|visuali[sz]ed|demonstrated|observed|found)",
    "(has|have|had|is|are) (almost |nearly |completely |totally |fully |since |now )*(resolved|cleared|"
    "disappeared|absent|excluded|ruled out|gone|unremarkable)",
    "(completely|totally|fully) (resolved|cleared|disappeared)",
    "no longer (seen|present|visible|evident|identified)",
    "absent|resolution|removed|negative",
)
"""Cues that deny what stands before them."""

DOUBT_BEFORE = (
    "possib*|probab*|likely|perhaps|questionable|question of|equivocal|presum*",
    "(may|might|could|can|would) (also )?(represent|be|reflect|indicate|suggest|relate|correspond|have|"
    "represents|still be)",
    "suspicio* (for|of)|suspect*|suggest*|concern* (for|of)|worrisome for|favou?r*|borderline",
    "rule out|r o|(cannot|can not|can't|could not|not) (be )?exclud*|not ruled out|difficult to exclude",
    "differential|versus|vs",
    "appear* to (represent|be)",
)
"""Cues that doubt what follows them."""

DOUBT_AFTER = (
    "(cannot|can not|can't|could not|not) be (entirely |completely )?(excluded|ruled out)",
    "(is|are) (possible|not excluded|suspected|questioned|likely|probable|considered)",
    "not (entirely )?excluded|versus|vs",
)
"""Cues that doubt what stands before them."""

ELSEWHERE = (
    "history of|known|(status|s) post|h o|prior to|before|after (the )?(resection|excision|repair) of",
    "(after|following) (the )?(treatment|drainage|evacuation|surgery|operation) (of|for)",
)
"""Cues after which a finding is spoken of and not seen on the image; it isn't counted."""

BOUNDARIES = (
    "but|however|although|though|except|apart from|other than|aside from|nevertheless|otherwise",
    "there (is|are|was|were|has|have)|which|while|whereas",
    "(is|are|was|were) (seen|identified|noted|present|evident|visible|demonstrated|observed) (and|with|in)",
    "(shows?|showing|showed|demonstrat*|reveal*|secondary to|due to|because of|consistent with)",
)
"""Words at which a cue's reach ends, from either side."""
