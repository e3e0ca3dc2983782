"""What a reader study is going to do, fixed before anybody reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from app.reading.analysis.comparison import Design

PAPER_RUBRIC: Final[Mapping[int, str]] = MappingProxyType(
    {
        5: "all conditions identified and accurately described",
        4: "major conditions identified correctly, minor problems outside the chest missed",
        3: "major conditions identified correctly, minor problems inside the chest missed",
        2: "major conditions identified but described inaccurately",
        1: "major conditions missed or identified incorrectly",
    }
)
"""The scale of arXiv 2006.10347: 4 and 5 are called acceptable."""


@dataclass(frozen=True)
class Question:
    """An extra question per item; without ``choices`` the answer is free text."""

    key: str
    text: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Protocol:
    """``margin`` in points of the scale, ``dark_gap`` and ``idle_after`` in seconds."""

    name: str
    design: Design
    seed: int
    margin: float
    readers: tuple[str, ...]
    per_arm: int
    title: str = ""
    training: int = 0
    repeats: int = 0
    stratify: str = ""
    washout_days: int = 0
    going_back: bool = False
    dark_gap: float = 1.0
    idle_after: float = 60.0
    rubric: Mapping[int, str] = field(default_factory=lambda: PAPER_RUBRIC)
    questions: tuple[Question, ...] = ()
    model: str = "densenet121-lstm"
    choice: str = "rank 1"
