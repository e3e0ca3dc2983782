"""The life of a report: what a person took, wrote, signed and rated.

Plain data. The store keeps it, the window shows it, the export writes it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """How far a study has come; each step includes the ones before it."""

    NEW = "new"
    DRAFTED = "drafted"
    EDITED = "edited"
    RATED = "rated"


class Provenance(StrEnum):
    """Where a sentence of a report comes from."""

    MODEL = "model"
    EDITED = "edited"
    WRITTEN = "written"


@dataclass(frozen=True)
class Source:
    """A sentence of a draft that was put into a report."""

    analysis_id: int
    rank: int
    text: str


@dataclass(frozen=True)
class Sentence:
    """A sentence of a report: ``start`` and ``end`` are character offsets in the report's text.

    ``source`` is the draft's sentence that it came from, None when a person wrote it.
    """

    start: int
    end: int
    text: str
    provenance: Provenance
    source: Source | None = None


@dataclass(frozen=True)
class Revision:
    """One saved state of a report. Numbers start at 1 and have no gaps; none is ever changed or
    removed.

    ``kind`` is ``draft`` (autosaved while typing), ``signed`` or ``amended``; ``at`` is aware, in
    UTC.
    """

    study_id: str
    number: int
    text: str
    sources: tuple[Source, ...]
    author: str
    at: datetime
    kind: str = "draft"


SIGNED: Final = ("signed", "amended")
"""Kinds of a revision that somebody stands for."""


@dataclass(frozen=True)
class Rating:
    """A score of 1–5 for one draft by one rater, with the paper's rubric.

    ``seconds`` is how long the study was in front of the rater before the score; ``final_text`` is
    the report as it stood then. A changed mind is a new rating; the newest one counts, all are
    kept.
    """

    study_id: str
    analysis_id: int
    rank: int
    rater: str
    score: int
    comment: str
    seconds: float
    final_text: str
    at: datetime


RUBRIC: dict[int, str] = {
    5: "all conditions identified and accurately described",
    4: "major conditions identified correctly; minor problems outside the chest missed",
    3: "major conditions identified correctly; minor problems inside the chest missed",
    2: "major conditions identified but described inaccurately",
    1: "major conditions missed or identified incorrectly",
}
"""The rating scale of arXiv 2006.10347, section 4, in its own order."""


def storable(text: str) -> str:
    """``text`` without half characters (lone surrogates), which an editor can hold for a moment."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
