"""Scores for the tests of the analysis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.reading.ratings import Arm, Score

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def score(
    reader: str,
    case: str,
    arm: Arm,
    value: int,
    *,
    item: str = "",
    repeat_of: str = "",
    seconds: float = 20.0,
    answers: Mapping[str, str] | None = None,
    training: bool = False,
) -> Score:
    return Score(
        reader=reader,
        item=item or f"{arm}-{case}",
        case=case,
        arm=arm,
        score=value,
        first_score=value,
        changes=0,
        repeat_of=repeat_of,
        position=1,
        seconds_to_first=seconds / 2,
        seconds_active=seconds,
        paused=0.0,
        answers=answers or {},
        comment="",
        shown_at=AT,
        submitted_at=AT,
        training=training,
    )


def arms(
    human: list[int], machine: list[int], reader: str = "r1", *, paired: bool = False
) -> list[Score]:
    """One reader's scores: case n of each arm has the n-th score; cases differ unless paired."""
    made = [score(reader, f"h{n}", "human", value) for n, value in enumerate(human)]
    prefix = "h" if paired else "m"
    return made + [
        score(reader, f"{prefix}{n}", "machine", value) for n, value in enumerate(machine)
    ]
