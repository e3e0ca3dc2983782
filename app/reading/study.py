"""What may happen to a frozen study when: frozen, then locked, then unblinded, and never back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from app.errors import StudyError
from app.reading.events import Event, by_item
from app.reading.item import Item
from app.reading.ratings import Score
from app.reading.washout import opens_at

State = Literal["frozen", "locked", "unblinded"]
STATES: Final[tuple[State, ...]] = ("frozen", "locked", "unblinded")


@dataclass(frozen=True)
class Deed:
    """A line of the study's log: what was done (or a ``withdrawn``), to whom, and why."""

    at: datetime
    what: str
    who: str = ""
    why: str = ""

    def line(self) -> str:
        """As a line of text, for the screen."""
        why = f" ({self.why})" if self.why else ""
        return f"{self.at:%Y-%m-%d %H:%M} UTC  {self.what} {self.who}{why}".rstrip()


@dataclass(frozen=True)
class Progress:
    """How far a reader is; ``of`` counts the real items only.

    ``second_opens``: when the second period of a paired design may begin, once the first is read.
    """

    reader: str
    done: int
    of: int
    training_done: int
    training_of: int
    withdrawn: bool
    second_opens: datetime | None = None

    def washout(self, now: datetime) -> str:
        """What a reader of a paired study waits for after the first part; "" before."""
        if self.second_opens is None:
            return ""
        if self.second_opens <= now:
            return "second part open"
        return f"washout until {self.second_opens:%Y-%m-%d %H:%M} UTC"


def progress(
    reader: str,
    order: Sequence[Item],
    events: Iterable[Event],
    second_from: int,
    washout_days: int,
    *,
    withdrawn: bool,
) -> Progress:
    """How far ``reader`` is; ``second_from`` as in :func:`app.reading.washout.opens_at`."""
    events = tuple(events)
    done = {code for code, history in by_item(events).items() if history.submitted}
    real = [item for item in order if not item.training]
    first = [item for item in order[: max(second_from - 1, 0)] if not item.training]
    opens = None
    if all(item.code in done for item in first) and any(item.code not in done for item in real):
        opens = opens_at(order, events, second_from, washout_days)
    return Progress(
        reader=reader,
        done=sum(item.code in done for item in real),
        of=len(real),
        training_done=sum(item.code in done for item in order if item.training),
        training_of=len(order) - len(real),
        withdrawn=withdrawn,
        second_opens=opens,
    )


def unfinished(progress: Iterable[Progress]) -> str:
    """Who has items to go, and how many, in a sentence; "" when everybody has finished."""
    open_ones = [
        f"{one.reader} ({one.of - one.done} of {one.of})"
        for one in progress
        if not one.withdrawn and one.done < one.of
    ]
    return f"Still to be read by {', '.join(open_ones)}." if open_ones else ""


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


def allowed(now: State) -> frozenset[str]:
    """What a coordinator may do in a state: withdraw, lock, unblind, export."""
    return frozenset(
        {"frozen": {"withdraw", "lock"}, "locked": {"unblind"}, "unblinded": {"export"}}[now]
    )


def fingerprint(items: Sequence[Item], images: Mapping[str, str], orders: Mapping[str, Any]) -> str:
    """sha256 over what the readers see: texts, the images' sha256 by code, everybody's order."""
    shown = [[item.code, item.report, item.training, images[item.code]] for item in items]
    text = json.dumps([shown, {k: list(v) for k, v in sorted(orders.items())}])
    return hashlib.sha256(text.encode()).hexdigest()


def due(order: Sequence[Item], key: Mapping[str, Any]) -> int:
    """How many ratings a reader was to make: ``order`` without training and hidden repeats."""
    repeats = {entry["code"] for entry in key["items"] if entry["repeat_of"]}
    return sum(not item.training and item.code not in repeats for item in order)


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
