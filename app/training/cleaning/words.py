"""Words that the rules of several kinds of text share: what a radiograph is called, what shows it,
and what counts as a finding.
"""

from __future__ import annotations

import re

FILM = (
    r"(?:x[\s-]*rays?|radiograph(?:s|y|ic)?(?:\s+(?:image|film|examination|view|finding)s?)?|cxrs?"
    r"|roentgenogra(?:m|ph)s?|films?|radiograms?|scanogram|skiagram)"
)
SHOWS = (
    r"(?:(?:was|is|were)\s+)?(?:which\s+|that\s+)?(?:showing|shows?|showed|demonstrat(?:ing|es?|ed)"
    r"|reveal(?:ing|s|ed)?|depict(?:ing|s|ed)?|indicat(?:ing|es?|ed)|display(?:ing|s|ed)?"
    r"|illustrat(?:ing|es?|ed)|suggest(?:ing|s|ed|ive\s+(?:of|for))?|confirm(?:ing|s|ed)?"
    r"|identif(?:ying|ies|ied)|exhibit(?:ing|s|ed)?|not(?:ing|es|ed)|disclos(?:ing|es|ed)"
    r"|evidenc(?:ing|es|ed)|document(?:ing|s|ed)|highlight(?:ing|s|ed)"
    r"|(?:remarkable|significant|notable)\s+for|positive\s+for)"
)
MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)

ABNORMAL = re.compile(
    r"opaci|effusion|pneumon|pneumo(?:thora|media|peri)|consolidat|infiltrat|atela[ck]t|megaly|nodul"
    r"|\bmass|oedema|edema|congesti|thicken|fractur|cavit|fibros|emphysem|calcif|hernia|lesion"
    r"|collaps|abscess|\bcyst|metasta|tumou?r|tubercul|shadow|enlarge|elevat|deviat|cardia\b"
    r"|\w{2}thora(?:x|ces)|free\s+(?:air|gas)|bronchiecta|empyema|emboli|ha?emorrhag|disease",
    re.IGNORECASE,
)
"""Something abnormal, by its name."""

FINDING = re.compile(
    ABNORMAL.pattern
    + r"|heart|cardiac|cardial|mediastin|hil(?:ar|um)|pleura|lung|\blob(?:e|ar)|diaphragm|\brib"
    r"|tube|catheter|\bline\b|pacemaker|electrode|\blead|valve|stent|device|needle|cannula|\bwires?"
    r"|\bclips?\b|\bcoils?\b|\bair\b|lucen|density|densit|interstit|reticul|ground.glass|bronch"
    r"|trachea|aort|silhouette|widen|shift|costophrenic|fluid|marking|normal|clear|blunt|granulom"
    r"|miliary|scolio|kypho|pectus|clavicl|vertebra|sternum|foreign|empyema|peritoneum|pericard"
    r"|situs|spine|airspace|air.space|inflat|cardiothoracic|conus|septal|degenerat|sternal|acute"
    r"|thorax|thoracic|stomach|bowel|coin\b|haz[ye]|patch|adenopath|dilat|bullet|knife|swab|denture|needle|implant",
    re.IGNORECASE,
)
"""Something that a sentence about a chest radiograph speaks of."""

ALONE = re.compile(
    r"(?:pneumo|hydro|haemo|hemo|pyo|chylo)\w*(?:thorax|thoraces|mediastinum|pericardium"
    r"|peritoneum)|(?:dextro|levo|meso)cardia|cardiomegaly|hepatomegaly|emphysema|empyema|o?edema"
    r"|(?:bronchop|p)neumonia|pneumonitis|tuberculosis|atelectas[ei]s|consolidations?|fibrosis"
    r"|infiltrat(?:es?|ions?)|opacit(?:y|ies)|nodules?|metastas[ei]s|bronchiectasis|scoliosis"
    r"|sarcoidosis|silicosis|asbestosis|pericarditis|mesothelioma|thymoma|effusions?|\w*hernia"
    r"|mass(?:es)?|lesions?|cavit(?:y|ies|ations?)|fractures?|congestion|(?:lymph)?adenopathy|abscess"
    r"|calcifications?|granulomas?|tumou?r|collapse|kyphosis|situs",
    re.IGNORECASE,
)
"""A finding that makes a sentence in one word."""

VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|cannot|could|may|might|appears?|appeared|remains?"
    r"|remained|extends?|overl(?:ies|ay)|projects?|lies|measures|contains?|occup(?:y|ies)|follows)"
    r"\b",
    re.IGNORECASE,
)
"""A finite verb: the words are a sentence and not only a noun with its company."""
