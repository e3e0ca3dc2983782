"""What happened in front of one reader, event by event; everything else is worked out from it.

A reader's way is only ever added to. Which item is next, what was answered, the first score, every
change and every second follow from the events, so that a program killed in mid-case goes on where
it was, and nothing can be lost that was ever said.

Durations come from a monotonic clock, never from the calendar: a computer's clock that is set back
changes no figure. Between two events of one sitting at most ``idle_after`` seconds are active; what
lies beyond is idle. After a crash the time since the last event is not known and not counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from app.reading.item import Item
from app.reading.ratings import Score

Kind = Literal[
    "shown",
    "left",
    "input",
    "score",
    "answer",
    "comment",
    "mark",
    "paused",
    "resumed",
    "submitted",
]
_STARTS: Final = ("shown", "resumed")
_STOPS: Final = ("left", "paused", "submitted")
_INPUTS: Final = ("input", "score", "answer", "comment", "mark")


@dataclass(frozen=True)
class Event:
    """One thing that happened to an item.

    at       aware, UTC: told to people, used for no duration
    clock    seconds since this sitting began, monotonic
    sitting  random id of one start of the program
    key      the question's key of an answer, the id of a mark on the image, else ""
    value    the score, the answer, the comment or the mark as text ("": taken away), else ""
    """

    item: str
    kind: Kind
    at: datetime
    clock: float
    sitting: str
    key: str = ""
    value: str = ""


@dataclass(frozen=True)
class Answers:
    """What stands on the screen for an item; ``score`` is 0 before one was given."""

    score: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True)
class Times:
    """Seconds; ``to_first`` is the whole active time when there was no input."""

    to_first: float = 0.0
    active: float = 0.0
    paused: float = 0.0


@dataclass(frozen=True)
class History:
    """Everything about one item, in the order in which it happened."""

    events: tuple[Event, ...] = ()

    @property
    def submitted(self) -> bool:
        return any(event.kind == "submitted" for event in self.events)

    @property
    def open(self) -> bool:
        """Was it shown, and not submitted or left for another item since?"""
        kinds = [event.kind for event in self.events if event.kind in ("shown", "submitted")]
        return bool(kinds) and kinds[-1] == "shown"

    def answers(self) -> Answers:
        return _answers(self.events)

    def counted(self) -> Answers:
        """What stood there when it was last submitted: that counts."""
        last = max(
            (place for place, event in enumerate(self.events) if event.kind == "submitted"),
            default=-1,
        )
        return _answers(self.events[: last + 1])

    def given_scores(self) -> tuple[int, ...]:
        """Every score that was given, without the same one twice in a row."""
        scores = [int(event.value) for event in self.events if event.kind == "score"]
        return tuple(
            score for place, score in enumerate(scores) if place == 0 or score != scores[place - 1]
        )

    def marks(self) -> dict[str, str]:
        """What stands on the image: each mark's last text by its id."""
        last = {event.key: event.value for event in self.events if event.kind == "mark"}
        return {key: value for key, value in last.items() if value}

    def times(self, idle_after: float) -> Times:
        active, paused, to_first = 0.0, 0.0, None
        running, before = False, None
        for event in self.events:
            if before is not None and before.sitting == event.sitting:
                passed = max(event.clock - before.clock, 0.0)
                if running:
                    active += min(passed, idle_after)
                    paused += max(passed - idle_after, 0.0)
                elif before.kind == "paused":
                    paused += passed
            if event.kind in _INPUTS and to_first is None:
                to_first = active
            if event.kind in _STARTS:
                running = True
            elif event.kind in _STOPS:
                running = False
            before = event
        return Times(active if to_first is None else to_first, active, paused)


def by_item(events: Iterable[Event]) -> dict[str, History]:
    """Every item's own events."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.item, []).append(event)
    return {item: History(tuple(own)) for item, own in found.items()}


def clock_set_back(events: Sequence[Event]) -> float:
    """By how many seconds the computer's clock was set back at most between two events."""
    steps = itertools.pairwise(events)
    return max((-(after.at - before.at).total_seconds() for before, after in steps), default=0.0)


def scores(
    reader: str, order: Sequence[Item], events: Iterable[Event], idle_after: float
) -> tuple[Score, ...]:
    """A reader's submitted scores in their order, still blind: without arm, case and repeats."""
    histories = by_item(events)
    made = []
    for position, item in enumerate(order, 1):
        history = histories.get(item.code, History())
        if not history.submitted:
            continue
        counted, given = history.counted(), history.given_scores()
        times = history.times(idle_after)
        shown = next(event.at for event in history.events if event.kind == "shown")
        sent = next(event.at for event in reversed(history.events) if event.kind == "submitted")
        made.append(
            Score(
                reader=reader,
                item=item.code,
                case="",
                arm="",
                score=counted.score,
                first_score=given[0],
                changes=len(given) - 1,
                repeat_of="",
                position=position,
                seconds_to_first=times.to_first,
                seconds_active=times.active,
                paused=times.paused,
                answers=counted.answers,
                comment=counted.comment,
                shown_at=shown,
                submitted_at=sent,
                training=item.training,
            )
        )
    return tuple(made)


def _answers(events: Iterable[Event]) -> Answers:
    score, comment = 0, ""
    answers: dict[str, str] = {}
    for event in events:
        if event.kind == "score":
            score = int(event.value)
        elif event.kind == "comment":
            comment = event.value
        elif event.kind == "answer" and event.value:
            answers[event.key] = event.value
        elif event.kind == "answer":
            answers.pop(event.key, None)
    return Answers(score, answers, comment)
