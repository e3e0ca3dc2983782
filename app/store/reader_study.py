"""A reader study on disk: its frozen protocol, its items and images, and what its readers said.

protocol.toml   as frozen
study.sqlite    items, orders, events, log
images/         under the items' codes
key.sealed      may lie elsewhere; this module never opens it
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, delete, insert, select

from app.errors import StoreError, StudyError
from app.files import make_folder, write_text
from app.reading.events import Event, scores
from app.reading.item import Item
from app.reading.preparation import FROZEN
from app.reading.protocol import Protocol, from_toml, to_toml
from app.reading.ratings import Score
from app.reading.study import Deed, Progress, fingerprint, must_be, progress, state, withdrawn
from app.store import reader_study_events as events_table
from app.store import reader_study_schema as schema
from app.store.connection import connect, writing
from app.store.errors import sentences

PROTOCOL: Final = "protocol.toml"
DATABASE: Final = FROZEN
IMAGES: Final = "images"
KEY: Final = "key.sealed"
SEAT_SECONDS: Final = 30.0
"""A seat whose reader gave no sign for so long is free again (another computer's program died)."""
_RESTORE: Final = (
    "Keep the file, and bring back a copy of the study's folder: it holds every rating."
)


class ReaderStudy:
    """An open study folder. Use as a context manager; one object belongs to one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / DATABASE
        self._engine = connect(self._file)

    @classmethod
    def create(
        cls,
        folder: Path,
        protocol: Protocol,
        items: Sequence[Item],
        orders: Mapping[str, Sequence[str]],
        second_from: Mapping[str, int] | None = None,
    ) -> ReaderStudy:
        """Write protocol and database; the images lie in ``folder/images`` already.

        ``second_from``: each reader's place (from 1) from which cases are shown again.

        Raises :class:`StoreError` when the folder holds a study or can't be written.
        """
        make_folder(folder)
        if (folder / DATABASE).exists():
            raise StoreError(f"{folder} holds a study already.", "Choose another folder.")
        images = {item.code: sha256_of(folder / IMAGES / item.image) for item in items}
        rows = sorted(items, key=lambda item: item.code)
        write_text(folder / PROTOCOL, to_toml(protocol))
        study = cls(folder)
        with study._sentences(), writing(study._engine) as connection:
            schema.metadata.create_all(connection)
            for trigger in schema.TRIGGERS:
                connection.exec_driver_sql(trigger)
            connection.execute(
                insert(schema.items),
                [
                    {
                        "code": item.code,
                        "image": item.image,
                        "image_sha256": images[item.code],
                        "report": item.report,
                        "training": item.training,
                    }
                    for item in rows
                ],
            )
            connection.execute(
                insert(schema.orders),
                [
                    {"reader": reader, "place": place, "code": code}
                    for reader, order in sorted(orders.items())
                    for place, code in enumerate(order, 1)
                ],
            )
            facts = {
                "protocol_sha256": protocol.sha256,
                "items_sha256": fingerprint(rows, images, orders),
            }
            if any((second_from or {}).values()):
                facts["second_from"] = json.dumps(second_from, sort_keys=True)
            connection.execute(
                insert(schema.about), [{"name": k, "value": v} for k, v in facts.items()]
            )
            _note(connection, "frozen")
        return study

    @classmethod
    def open(cls, folder: Path) -> ReaderStudy:
        """Open a study and see that nothing was changed since its freeze.

        Raises :class:`StudyError` for a folder without a study, an edited protocol, altered items
        and missing images.
        """
        if not (folder / DATABASE).is_file():
            raise StudyError(
                f"There is no frozen study in {folder}.",
                "Name the folder that readingroom study freeze has made.",
            )
        study = cls(folder)
        try:
            with study._sentences():
                study._check()
        except BaseException:
            study.close()
            raise
        return study

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def _sentences(self) -> AbstractContextManager[None]:
        return sentences(self._file, _RESTORE)

    @property
    def protocol(self) -> Protocol:
        file = self.folder / PROTOCOL
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(
                f"The study's protocol {file} can't be read.", "Bring back the frozen copy."
            ) from error
        return from_toml(text, file)

    @property
    def fingerprints(self) -> dict[str, str]:
        """What the freeze fixed; the sealed key holds it too: ``protocol_sha256``,
        ``items_sha256``, and in a paired design ``second_from`` (JSON)."""
        with self._reading() as connection:
            return {row.name: row.value for row in connection.execute(select(schema.about))}

    def items(self) -> tuple[Item, ...]:
        """Every item, in the order of the codes."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.items).order_by(schema.items.c.code))
            return tuple(Item(row.code, row.image, row.report, row.training) for row in rows)

    def image(self, code: str) -> Path:
        """An item's image. Raises :class:`StudyError` when it is missing or was altered."""
        with self._reading() as connection:
            row = connection.execute(select(schema.items).where(schema.items.c.code == code)).one()
        file = self.folder / IMAGES / str(row.image)
        if sha256_of(file) != row.image_sha256:
            raise StudyError(
                f"The image {file} was altered after the freeze.",
                "Tell the coordinator: it must be brought back from a copy of the study.",
            )
        return file

    def order(self, reader: str) -> tuple[Item, ...]:
        """What a reader is shown, in their order. Raises :class:`StudyError` for no such reader."""
        by_code = {item.code: item for item in self.items()}
        with self._reading() as connection:
            codes = connection.scalars(
                select(schema.orders.c.code)
                .where(schema.orders.c.reader == reader)
                .order_by(schema.orders.c.place)
            ).all()
        if not codes:
            raise StudyError(
                f"There is no reader {reader} in this study.",
                f"Its readers are {', '.join(self.protocol.readers)}.",
            )
        return tuple(by_code[code] for code in codes)

    def second_from(self, reader: str) -> int:
        """The place (from 1) from which a reader sees cases again, 0 where none is."""
        # A study that was frozen before this was written down keeps its washout by its order only.
        return int(json.loads(self.fingerprints.get("second_from", "{}")).get(reader, 0))

    def events(self, reader: str) -> tuple[Event, ...]:
        """What happened in front of a reader, in the order in which it happened."""
        with self._reading() as connection:
            return events_table.of_reader(connection, reader)

    def append(self, reader: str, event: Event) -> None:
        """Keep one event for good.

        Raises :class:`StudyError` when the study is locked, the reader was withdrawn or sits
        somewhere else by now, and :class:`StoreError` when it can't be written.
        """
        with self._sentences(), writing(self._engine) as connection:
            log = _log(connection)
            must_be("frozen", log, "rated")
            if reader in withdrawn(log):
                raise StudyError(f"The reader {reader} was withdrawn.", "Ask the coordinator.")
            seat = connection.execute(
                select(schema.seats).where(schema.seats.c.reader == reader)
            ).one_or_none()
            if seat is None or seat.sitting != event.sitting:
                raise StudyError(
                    f"The reader {reader} goes on reading in another window.",
                    "Close this one; everything up to here is kept.",
                )
            events_table.add(connection, reader, event)

    def take_in(self, reader: str, rescued: Sequence[Event]) -> tuple[int, tuple[Event, ...]]:
        """Add what rescue files hold and this database doesn't: (how many, those that don't fit).

        Raises :class:`StudyError` when the study is locked, :class:`StoreError` when it can't be
        written.
        """
        protocol = self.protocol
        with self._sentences(), writing(self._engine) as connection:
            must_be("frozen", _log(connection), "rated")
            added, odd = events_table.take_in(connection, reader, protocol, rescued)
            if added:
                _note(connection, "rescued", reader, f"{added} event{'' if added == 1 else 's'}")
        return added, odd

    def claim(self, reader: str, sitting: str) -> None:
        """Take a reader's seat for one sitting, or keep it: to be called every few seconds.

        Raises :class:`StudyError` when the reader is reading in another window, was withdrawn, or
        the study is locked.
        """
        now, process = time.time(), f"{socket.gethostname()}:{os.getpid()}"
        with self._sentences(), writing(self._engine) as connection:
            log = _log(connection)
            must_be("frozen", log, "read")
            if reader in withdrawn(log):
                raise StudyError(f"The reader {reader} was withdrawn.", "Ask the coordinator.")
            own = schema.seats.c.reader == reader
            seat = connection.execute(select(schema.seats).where(own)).one_or_none()
            if (
                seat is not None
                and seat.sitting != sitting
                and _taken(seat.process, seat.beat, now)
            ):
                raise StudyError(
                    f"The reader {reader} is reading in another window already.",
                    "Go on there, or close it and try again.",
                )
            connection.execute(delete(schema.seats).where(own))
            connection.execute(
                insert(schema.seats).values(
                    reader=reader, sitting=sitting, process=process, beat=now
                )
            )

    def release(self, reader: str, sitting: str) -> None:
        """Give the seat back."""
        seats = schema.seats
        with self._sentences(), writing(self._engine) as connection:
            connection.execute(
                delete(seats).where(seats.c.reader == reader, seats.c.sitting == sitting)
            )

    def log(self) -> tuple[Deed, ...]:
        with self._reading() as connection:
            return _log(connection)

    def withdraw(self, reader: str, why: str) -> None:
        """Take a reader out: no further ratings, and none of theirs in the analysis."""
        self.order(reader)
        with self._sentences(), writing(self._engine) as connection:
            log = _log(connection)
            must_be("frozen", log, "changed")
            if reader in withdrawn(log):
                raise StudyError(f"The reader {reader} was withdrawn already.")
            _note(connection, "withdrawn", reader, why)

    def lock(self, why: str = "") -> None:
        """End the reading: no further rating is taken."""
        with self._sentences(), writing(self._engine) as connection:
            must_be("frozen", _log(connection), "locked")
            _note(connection, "locked", why=why)

    def note_unblinding(self) -> None:
        """Say in the log that the key was opened; only after the lock."""
        with self._sentences(), writing(self._engine) as connection:
            must_be("locked", _log(connection), "unblinded")
            _note(connection, "unblinded")

    def progress(self) -> tuple[Progress, ...]:
        """How far everybody is."""
        gone = withdrawn(self.log())
        protocol = self.protocol
        return tuple(
            progress(
                reader,
                self.order(reader),
                self.events(reader),
                self.second_from(reader),
                protocol.washout_days,
                withdrawn=reader in gone,
            )
            for reader in protocol.readers
        )

    def scores(self) -> tuple[Score, ...]:
        """Every submitted score of the readers who weren't withdrawn, still blind.

        Raises :class:`StudyError` before the lock: nobody looks at results in between.
        """
        log = self.log()
        if state(log) == "frozen":
            must_be("locked", log, "analysed")
        idle = self.protocol.idle_after
        gone = withdrawn(log)
        return tuple(
            score
            for reader in self.protocol.readers
            if reader not in gone
            for score in scores(reader, self.order(reader), self.events(reader), idle)
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._sentences(), self._engine.begin() as connection:
            yield connection

    def _check(self) -> None:
        frozen = self.fingerprints
        if self.protocol.sha256 != frozen["protocol_sha256"]:
            raise StudyError(
                f"The protocol {self.folder / PROTOCOL} was edited after the freeze.",
                "Bring back the frozen text: a frozen study isn't changed any more.",
            )
        with self._reading() as connection:
            rows = connection.execute(select(schema.items).order_by(schema.items.c.code)).all()
            placed = connection.execute(
                select(schema.orders).order_by(schema.orders.c.reader, schema.orders.c.place)
            ).all()
        orders: dict[str, list[str]] = {}
        for row in placed:
            orders.setdefault(row.reader, []).append(row.code)
        items = [Item(row.code, row.image, row.report, row.training) for row in rows]
        images = {row.code: row.image_sha256 for row in rows}
        if fingerprint(items, images, orders) != frozen["items_sha256"]:
            raise StudyError(
                f"The items of the study {self.folder} were altered after the freeze.",
                "Bring back a copy of the study.",
            )
        for item in items:
            if not (self.folder / IMAGES / item.image).is_file():
                raise _missing(self.folder / IMAGES / item.image)


def sha256_of(file: Path) -> str:
    """Of a file's content. Raises :class:`StudyError` when it is missing or can't be read."""
    try:
        with file.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise _missing(file) from error


def _missing(file: Path) -> StudyError:
    return StudyError(
        f"The image {file} of the study is missing.",
        "Tell the coordinator: it must be brought back from a copy of the study.",
    )


def _taken(process: str, beat: float, now: float) -> bool:
    """Is somebody sitting there? A program of this computer that has died left its seat at once."""
    host, _, number = process.rpartition(":")
    if host == socket.gethostname() and os.name != "nt":
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
    # A clock that was set back or forward must not keep a seat taken for ever.
    return abs(now - beat) < SEAT_SECONDS


def _log(connection: Connection) -> tuple[Deed, ...]:
    rows = connection.execute(select(schema.log).order_by(schema.log.c.id))
    return tuple(Deed(row.at, row.what, row.who, row.why) for row in rows)


def _note(connection: Connection, what: str, who: str = "", why: str = "") -> None:
    connection.execute(insert(schema.log).values(at=datetime.now(UTC), what=what, who=who, why=why))
