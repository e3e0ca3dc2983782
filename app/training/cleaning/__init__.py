"""What a report or caption says about the picture, and nothing else.

A draft repeats what its model has read. Whoever trains on raw texts teaches it to speak of arrows,
of ages, of an earlier radiograph that it has never seen. Two sets of named rules take this out:
:data:`CAPTIONS` for captions of figures in papers, :data:`REPORTS` for a hospital's reports.
Nothing is guessed: a sentence that can't be mended is left out.
"""

from __future__ import annotations

from app.training.cleaning.captions import CAPTIONS
from app.training.cleaning.reports import REPORTS
from app.training.cleaning.rules import RuleSet

__all__ = ["CAPTIONS", "REPORTS", "RuleSet"]
