"""One reader's way through a study: what is shown now, what may be done, and what is kept.

The window asks and shows; it decides nothing. Every answer is appended at once. One that can't be
written (a full disk) stays in memory and is tried again, and no item is submitted before all of its
answers are written.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from app.errors import UsageError
from app.reading.events import Answers, Event, History, Kind, by_item, clock_set_back
from app.reading.item import Item
from app.reading.protocol import Protocol

TOUCH_SECONDS: Final = 5.0
"""Inputs that say only "I am here" are kept this far apart, or one moved mouse would fill disks."""


def _now() -> datetime:
    return datetime.now(UTC)


class Session:
    """``order`` is this reader's own, training cases first; ``past`` what was kept so far.

    ``append`` writes one event for good or raises :class:`app.errors.StoreError`.
    """

    def __init__(
        self,
        protocol: Protocol,
        order: Sequence[Item],
        past: Sequence[Event],
        append: Callable[[Event], None],
        *,
        now: Callable[[], datetime] = _now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not order:
            raise UsageError("This reader has no items in the study.", "Ask the coordinator.")
        self.protocol = protocol
        self.order = tuple(order)
        self.sitting = secrets.token_hex(8)
        self.paused = False
        self._append, self._now, self._clock = append, now, clock
        self._began = clock()
        self._events = list(past)
        self._histories = by_item(past)
        self._unsaved: list[Event] = []
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
        training."""
        if not self.protocol.going_back or self._place == 0:
            return False
        before = self.order[self._place - 1]
        return self.item is None or before.training == self.item.training

    @property
    def unsaved(self) -> int:
        """How many events are in memory only."""
        return len(self._unsaved)

    @property
    def clock_set_back(self) -> float:
        """By how many seconds the computer's clock was set back; no duration depends on it."""
        return clock_set_back(self._events)

    def shown(self) -> None:
        """The item's image and text are on the screen: its time begins."""
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
        if value != self.answers.answers.get(key, ""):
            self._answer("answer", key, value)

    def comment(self, text: str) -> None:
        if text != self.answers.comment:
            self._answer("comment", "", text)

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

        Raises :class:`app.errors.StoreError` when that can't be written: the item stays.
        """
        if self.missing or self.paused or not self._on_screen:
            raise ValueError("not all that is required was answered")
        self.save()
        self._add("submitted", must=True)
        self._on_screen = False
        self._place = self._first_left()

    def back(self) -> None:
        """To the item before, with its answers; they count as they were until submitted again."""
        if not self.can_go_back:
            raise ValueError("the protocol does not allow to go back")
        self.leave()
        self._place -= 1

    def leave(self) -> None:
        """The item is taken off the screen without being submitted."""
        if self._on_screen:
            self._add("left")
            self._on_screen = False

    def save(self) -> None:
        """Write what is in memory only. Raises :class:`app.errors.StoreError`."""
        while self._unsaved:
            self._append(self._unsaved[0])
            del self._unsaved[0]

    def _answer(self, kind: Kind, key: str, value: str) -> None:
        if self.paused or not self._on_screen:
            raise ValueError("nothing can be answered while the item is not shown")
        self._add(kind, key, value)

    def _add(self, kind: Kind, key: str = "", value: str = "", *, must: bool = False) -> None:
        item = self.item
        assert item is not None
        clock = self._clock() - self._began
        event = Event(item.code, kind, self._now(), clock, self.sitting, key, value)
        if must:
            self._append(event)
        else:
            self._unsaved.append(event)
        self._last = clock
        self._events.append(event)
        self._histories[item.code] = History((*self._history().events, event))
        if not must:
            self.save()

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
