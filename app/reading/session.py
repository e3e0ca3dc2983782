"""One reader's way through a study: what is shown now, what may be done, and what is kept.

The window asks and shows; it decides nothing. Every answer is appended at once. One that can't be
written (a full disk) stays in memory and is tried again, and no item is submitted before all of its
answers are written.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final, Literal

from app.errors import UsageError
from app.imaging.measuring.measurement import Measurement, measurement_of
from app.reading.events import Answers, Event, History, Kind, by_item, clock_set_back
from app.reading.item import Item
from app.reading.protocol import Protocol
from app.reading.washout import opens_at
from app.reporting.report import storable

Wanted = Literal["", "next", "back"]

TOUCH_SECONDS: Final = 5.0
"""Inputs that say only "I am here" are kept this far apart, or one moved mouse would fill disks."""


def new_sitting() -> str:
    """A random id for one start of the program."""
    return secrets.token_hex(8)


def _now() -> datetime:
    return datetime.now(UTC)


class Session:
    """``order`` is this reader's own, training cases first; ``past`` what was kept so far;
    ``second_from`` the place (from 1) from which cases are shown again, after the washout.

    ``append`` writes one event for good or raises :class:`app.errors.StoreError`.
    """

    def __init__(
        self,
        protocol: Protocol,
        order: Sequence[Item],
        past: Sequence[Event],
        append: Callable[[Event], None],
        *,
        sitting: str = "",
        second_from: int = 0,
        now: Callable[[], datetime] = _now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not order:
            raise UsageError("This reader has no items in the study.", "Ask the coordinator.")
        self.protocol = protocol
        self.order = tuple(order)
        self.sitting = sitting or new_sitting()
        self.paused = False
        self._append, self._now, self._clock = append, now, clock
        self._second = second_from
        self._began = clock()
        self._events = list(past)
        self._histories = by_item(past)
        self._unsaved: list[Event] = []
        self._refused: Event | None = None
        self._wanted: Wanted = ""
        self._place = self._resumed()
        self._on_screen = False
        self._last = 0.0

    @property
    def item(self) -> Item | None:
        """The item to be shown, None when everything is submitted."""
        return self.order[self._place] if self._place < len(self.order) else None

    @property
    def following(self) -> Item | None:
        """The item that comes after this one, to be decoded in advance."""
        return self.order[self._place + 1] if self._place + 1 < len(self.order) else None

    @property
    def finished(self) -> bool:
        return self.item is None

    @property
    def position(self) -> tuple[int, int]:
        """(n, N): this item's number among the training items or among the real ones."""
        training = self.item is not None and self.item.training
        same = [place for place, item in enumerate(self.order) if item.training == training]
        return sum(place <= self._place for place in same), len(same)

    @property
    def answers(self) -> Answers:
        """What was answered for the item on the screen."""
        return self._history().answers()

    @property
    def missing(self) -> tuple[str, ...]:
        """What is required and not yet answered: ``score`` and keys of questions."""
        given = self.answers
        needed = [] if given.score else ["score"]
        needed += [
            question.key
            for question in self.protocol.questions
            if question.required and not given.answers.get(question.key)
        ]
        return tuple(needed)

    @property
    def can_go_back(self) -> bool:
        """Back to the item before, where the protocol allows; never out of the real items into
        training, nor over a washout that is over."""
        if not self.protocol.going_back or self._place == 0:
            return False
        if self._place + 1 == self._second and self.waits_until is None:
            return False
        before = self.order[self._place - 1]
        return self.item is None or before.training == self.item.training

    @property
    def waits_until(self) -> datetime | None:
        """When the item may be shown, None for at once: a paired design's washout."""
        if not 0 < self._second <= self._place + 1 or self.item is None:
            return None
        days = self.protocol.washout_days
        opens = opens_at(self.order, self._events, self._second, days)
        return opens if opens is not None and self._now() < opens else None

    @property
    def unsaved(self) -> tuple[Event, ...]:
        """The events that are in memory only."""
        return tuple(self._unsaved)

    @property
    def parting(self) -> tuple[Event, ...]:
        """What a window that is closed now would lose: :attr:`unsaved`, and the refused leaving."""
        refused = self._refused
        left = (refused,) if refused is not None and refused.kind == "left" else ()
        return (*self._unsaved, *left)

    @property
    def wanted(self) -> Wanted:
        """What the disk refused and :meth:`again` repeats: the next item, or the one before.

        It is forgotten when the reader answers something else or pauses.
        """
        return self._wanted

    @property
    def clock_set_back(self) -> float:
        """By how many seconds the computer's clock was set back; no duration depends on it."""
        return clock_set_back(self._events)

    def shown(self) -> None:
        """The item's image and text are on the screen: its time begins.

        Raises ValueError before the end of the washout.
        """
        if self.waits_until is not None:
            raise ValueError("the washout isn't over")
        if not self._on_screen and self.item is not None:
            self._on_screen = True
            self._add("shown")

    def touched(self) -> None:
        """The reader did something that is no answer: moved the image, scrolled, typed."""
        first = not any(e.kind in ("input", "score", "answer") for e in self._history().events)
        if self._on_screen and not self.paused and (first or self._since() >= TOUCH_SECONDS):
            self._add("input")

    def give_score(self, score: int) -> None:
        if score not in self.protocol.rubric:
            raise ValueError(f"{score} is not in the rubric")
        if score != self.answers.score:
            self._answer("score", "", str(score))

    def answer(self, key: str, value: str) -> None:
        """Answer an extra question; "" takes the answer back."""
        if key not in {question.key for question in self.protocol.questions}:
            raise ValueError(f"{key} is not asked")
        value = storable(value)
        if value != self.answers.answers.get(key, ""):
            self._answer("answer", key, value)

    def comment(self, text: str) -> None:
        text = storable(text)
        if text != self.answers.comment:
            self._answer("comment", "", text)

    @property
    def marks(self) -> tuple[Measurement, ...]:
        """What the reader has put on the item's image; what can't be read is left out."""
        found = []
        for text in self._history().marks().values():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                found.append(measurement_of(json.loads(text)))
        return tuple(found)

    def mark(self, measurement: Measurement, *, deleted: bool = False) -> None:
        """Keep what the reader put on the image, changed or took away."""
        value = "" if deleted else json.dumps(asdict(measurement))
        self._answer("mark", measurement.uid, value)

    def pause(self) -> None:
        if not self.paused:
            self.paused = True
            if self._on_screen:
                self._add("paused")

    def resume(self) -> None:
        if self.paused:
            self.paused = False
            if self._on_screen:
                self._add("resumed")

    def submit(self) -> None:
        """Settle the item and go to the next one that isn't submitted.

        Raises :class:`app.errors.StoreError` when that can't be written: the item stays, and
        :meth:`again` repeats it.
        """
        if self.missing or self.paused or not self._on_screen:
            raise ValueError("not all that is required was answered")
        self._take_off("submitted", "next")
        self._place = self._first_left()

    def back(self) -> None:
        """To the item before, with its answers; they count as they were until submitted again.

        Raises :class:`app.errors.StoreError` as :meth:`submit` does.
        """
        if not self.can_go_back:
            raise ValueError("the protocol does not allow to go back")
        if self._on_screen:
            self._take_off("left", "back")
        self._place -= 1

    def leave(self) -> None:
        """The item is taken off the screen without being submitted.

        Raises :class:`app.errors.StoreError` when that can't be written: the item stays.
        """
        if self._on_screen:
            self._take_off("left", "")

    def again(self) -> None:
        """Write what is in memory only, then repeat a Next or Back that was refused.

        Raises :class:`app.errors.StoreError` when the disk still refuses.
        """
        self.save()
        if self._wanted == "next":
            self.submit()
        elif self._wanted == "back":
            self.back()

    def save(self) -> None:
        """Write what is in memory only. Raises :class:`app.errors.StoreError`."""
        while self._unsaved:
            self._append(self._unsaved[0])
            del self._unsaved[0]

    def _answer(self, kind: Kind, key: str, value: str) -> None:
        if self.paused or not self._on_screen:
            raise ValueError("nothing can be answered while the item is not shown")
        self._add(kind, key, value)

    def _take_off(self, kind: Kind, wanted: Wanted) -> None:
        """The item leaves the screen once that is written; before, nothing has changed."""
        event, refused = self._event(kind), self._refused
        if refused is not None and refused.kind == kind and refused.clock >= self._last:
            event = refused  # nothing happened since it was wanted: the wait is not reading time
        self._refused, self._wanted = event, wanted
        self.save()
        self._append(event)
        self._refused, self._wanted = None, ""
        self._on_screen = False
        self._record(event)

    def _add(self, kind: Kind, key: str = "", value: str = "") -> None:
        if kind != "input":
            self._wanted = ""
        event = self._event(kind, key, value)
        self._unsaved.append(event)
        self._record(event)
        self.save()

    def _event(self, kind: Kind, key: str = "", value: str = "") -> Event:
        item = self.item
        assert item is not None
        clock = self._clock() - self._began
        return Event(item.code, kind, self._now(), clock, self.sitting, key, value)

    def _record(self, event: Event) -> None:
        self._last = event.clock
        self._events.append(event)
        self._histories[event.item] = History((*self._history().events, event))

    def _since(self) -> float:
        return self._clock() - self._began - self._last

    def _history(self) -> History:
        return self._histories.get(self.item.code, History()) if self.item else History()

    def _resumed(self) -> int:
        """Where to go on: at the item that was last on the screen, else at the first one left."""
        if self._events:
            last = self._events[-1].item
            places = {item.code: place for place, item in enumerate(self.order)}
            if last in places and self._histories[last].open:
                return places[last]
        return self._first_left()

    def _first_left(self) -> int:
        for place, item in enumerate(self.order):
            if not self._histories.get(item.code, History()).submitted:
                return place
        return len(self.order)
