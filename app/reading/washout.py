"""The days between the two showings of a case in a paired design."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app.reading.events import Event
from app.reading.item import Item


def opens_at(
    order: Sequence[Item], events: Iterable[Event], second_from: int, days: int
) -> datetime | None:
    """When the items from the place ``second_from`` (from 1) on may be shown: so many days after
    the last thing that happened to an item before them, training aside.

    None when nothing has happened yet, when the second period has begun, or when there is none (0).
    Aware, UTC. The latest time counts, not the last: a computer's clock that was set back makes no
    washout shorter, and stops no second period in its midst.
    """
    events = tuple(events)
    second = {item.code for item in order[second_from - 1 :]} if second_from else set()
    if not second or any(event.item in second for event in events):
        return None
    first = {item.code for item in order[: second_from - 1] if not item.training}
    last = max((event.at for event in events if event.item in first), default=None)
    return None if last is None else last + timedelta(days=days)
