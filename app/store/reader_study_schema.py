"""The tables of a reader study's own database. Nothing in them tells an arm.

Everything is only ever added to; triggers refuse to change or remove a row. The one exception is
``seats``: who is reading right now.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, Table, Text

from app.store.schema import Moment

metadata = MetaData()

about = Table(
    "about", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False)
)
items = Table(
    "items",
    metadata,
    Column("code", Text, primary_key=True),
    Column("image", Text, nullable=False),
    Column("image_sha256", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("training", Boolean, nullable=False),
)
orders = Table(
    "orders",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("code", Text, ForeignKey("items.code"), nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reader", Text, nullable=False, index=True),
    Column("item", Text, ForeignKey("items.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("clock", Float, nullable=False),
    Column("sitting", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
)
log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
)
seats = Table(
    "seats",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("sitting", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("beat", Float, nullable=False),
)

APPEND_ONLY: Final = ("about", "items", "orders", "events", "log")
TRIGGERS: Final = tuple(
    f"CREATE TRIGGER {table}_{deed.lower()} BEFORE {deed} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
    for table in APPEND_ONLY
    for deed in ("UPDATE", "DELETE")
)
