"""Events in a reader study's database: read, added, and brought back from a rescue file."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from app.reading.events import Event
from app.reading.protocol import Protocol
from app.store import reader_study_schema as schema


def of_reader(connection: Connection, reader: str) -> tuple[Event, ...]:
    """What happened in front of a reader, in the order in which it was written."""
    table = schema.events
    rows = connection.execute(select(table).where(table.c.reader == reader).order_by(table.c.id))
    return tuple(Event(r.item, r.kind, r.at, r.clock, r.sitting, r.key, r.value) for r in rows)


def add(connection: Connection, reader: str, event: Event) -> None:
    """Write one event."""
    connection.execute(insert(schema.events).values(reader=reader, **vars(event)))


def take_in(
    connection: Connection, reader: str, protocol: Protocol, rescued: Iterable[Event]
) -> tuple[int, tuple[Event, ...]]:
    """Add the events that aren't there yet: (how many were added, those that fit nowhere).

    An event fits nowhere that names another reader's item or answers what isn't asked, and one
    older than the item's submission: the reader has settled that item since.
    """
    known = of_reader(connection, reader)
    orders = schema.orders
    codes = set(connection.scalars(select(orders.c.code).where(orders.c.reader == reader)))
    settled = {event.item: event.at for event in known if event.kind == "submitted"}
    there, added = set(known), 0
    odd: list[Event] = []
    for event in rescued:
        if event in there:
            continue
        late = event.item in settled and event.at <= settled[event.item]
        if event.item not in codes or late or not _answers(protocol, event):
            odd.append(event)
            continue
        add(connection, reader, event)
        there.add(event)
        added += 1
    return added, tuple(odd)


def _answers(protocol: Protocol, event: Event) -> bool:
    """Is that what the protocol asks? An item is submitted in the window only."""
    if event.kind == "score":
        return event.value in {str(score) for score in protocol.rubric}
    if event.kind == "answer":
        return event.key in {question.key for question in protocol.questions}
    return event.kind != "submitted"
