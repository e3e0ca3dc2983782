"""One reader's verdict on one showing of one item: the only table that the analysis works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Arm = Literal["human", "machine", ""]
"""Whose report it is; "" while the study is blind."""


@dataclass(frozen=True)
class Score:
    """What one reader gave one item.

    reader, item        codes; ``case`` (the cluster) and ``arm`` are "" while blind
    score, first_score  1 to 5: the one that counts, and the one given first
    changes             how often the score was changed
    repeat_of           code of the first showing when this is a hidden repeat, else ""
    position            place in this reader's order, from 1
    seconds_to_first    active seconds from the image's appearance to the first input
    seconds_active      active seconds until it was submitted, over all sittings
    paused              seconds taken out: paused and idle
    answers             extra questions' answers by the question's key
    shown_at, submitted_at   aware, UTC
    training            a training case, in no result
    """

    reader: str
    item: str
    case: str
    arm: Arm
    score: int
    first_score: int
    changes: int
    repeat_of: str
    position: int
    seconds_to_first: float
    seconds_active: float
    paused: float
    answers: Mapping[str, str]
    comment: str
    shown_at: datetime
    submitted_at: datetime
    training: bool
