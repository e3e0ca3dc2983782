"""What may happen to a frozen study when: frozen, then locked, then unblinded, and never back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from app.errors import StudyError
from app.reading.item import Item
from app.reading.ratings import Score

State = Literal["frozen", "locked", "unblinded"]
STATES: Final[tuple[State, ...]] = ("frozen", "locked", "unblinded")


@dataclass(frozen=True)
class Deed:
    """A line of the study's log: what was done (or a ``withdrawn``), to whom, and why."""

    at: datetime
    what: str
    who: str = ""
    why: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a reader is; ``of`` counts the real items only."""

    reader: str
    done: int
    of: int
    training_done: int
    training_of: int
    withdrawn: bool


def state(log: Iterable[Deed]) -> State:
    """The furthest state that the log tells of."""
    told = {deed.what for deed in log}
    return next((one for one in reversed(STATES) if one in told), "frozen")


def withdrawn(log: Iterable[Deed]) -> frozenset[str]:
    return frozenset(deed.who for deed in log if deed.what == "withdrawn")


def must_be(wanted: State, log: Iterable[Deed], deed: str) -> None:
    """Raise :class:`StudyError` unless the study is in the state ``wanted``."""
    now = state(log)
    if now != wanted:
        hints = {
            "frozen": "A locked study takes no more ratings and no more changes.",
            "locked": "Lock it first, when everybody has finished: readingroom study lock.",
            "unblinded": "Unblind it first: readingroom study unblind.",
        }
        hint = hints[wanted] if now != "unblinded" else "It was unblinded already."
        raise StudyError(f"The study is {now}, so it can't be {deed}.", hint)


def fingerprint(items: Sequence[Item], images: Mapping[str, str], orders: Mapping[str, Any]) -> str:
    """sha256 over what the readers see: texts, the images' sha256 by code, everybody's order."""
    shown = [[item.code, item.report, item.training, images[item.code]] for item in items]
    text = json.dumps([shown, {k: list(v) for k, v in sorted(orders.items())}])
    return hashlib.sha256(text.encode()).hexdigest()


def unblinded(scores: Iterable[Score], key: Mapping[str, Any]) -> tuple[Score, ...]:
    """``scores`` with case, arm and repeats out of the sealed key's content."""
    by_code = {entry["code"]: entry for entry in key["items"]}
    return tuple(
        replace(
            score,
            case=by_code[score.item]["case"],
            arm=by_code[score.item]["arm"],
            repeat_of=by_code[score.item]["repeat_of"],
        )
        for score in scores
    )
