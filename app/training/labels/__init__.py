"""Findings told of in free text, by rules one can read: phrases, cues of denial and doubt, scopes.

An archive's reports have no labels. They say what is seen, though, and what is not; these rules
read that off, for training targets and for counting what drafts and reports agree on.
"""

from app.training.labels.agreement import Agreement, agreement, macro_f1, micro_f1
from app.training.labels.cues import Certainty
from app.training.labels.findings import NO_FINDING, label, no_finding, positives, targets
from app.training.labels.mentions import Mention, mentions
from app.training.labels.phrases import CHEXPERT, FINDINGS

__all__ = [
    "CHEXPERT",
    "FINDINGS",
    "NO_FINDING",
    "Agreement",
    "Certainty",
    "Mention",
    "agreement",
    "label",
    "macro_f1",
    "mentions",
    "micro_f1",
    "no_finding",
    "positives",
    "targets",
]
