"""What the coordinator's window is told by its work: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.reading.allocation import Planned
from app.reading.cases import Case
from app.reading.machine_arm import waiting
from app.reading.preflight import Preflight
from app.reading.preparation import Preparation
from app.reading.protocol import Protocol
from app.reading.study import Deed, Progress, State
from app.reporting.record import SignedStudy
from app.ui.blinded.images import Decoded

EntryState = Literal["in preparation", "frozen", "locked", "unblinded", "damaged"]


@dataclass(frozen=True)
class Entry:
    """A line of the list of studies; ``trouble`` says why a damaged one can't be opened."""

    name: str
    folder: Path
    state: EntryState
    trouble: str = ""


@dataclass(frozen=True)
class Prepared:
    """A study before its freeze. ``items`` and ``found`` are there once every draft is."""

    folder: Path
    preparation: Preparation
    items: tuple[Planned, ...] = ()
    raw: tuple[Planned, ...] = ()
    found: Preflight | None = None

    @property
    def name(self) -> str:
        return self.preparation.protocol.name

    def waiting(self, *, force: bool) -> tuple[Case, ...]:
        """Cases whose image the model has still to see."""
        return waiting(self.preparation, force=force)


@dataclass(frozen=True)
class Running:
    """A frozen study: how far everybody is, and nothing of what they said."""

    folder: Path
    protocol: Protocol
    state: State
    progress: tuple[Progress, ...]
    log: tuple[Deed, ...]


@dataclass(frozen=True)
class Listed:
    """Cases of a CSV file."""

    file: Path
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Signed:
    """Studies of the database whose report is signed, and everybody who had one before them."""

    studies: tuple[SignedStudy, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """An item's image, to be looked at before the freeze."""

    item: Planned
    image: Decoded


@dataclass(frozen=True)
class FreezeOrder:
    """``key`` None: into the study's folder; ``accept``: in spite of what the preflight found."""

    folder: Path
    passphrase: str
    key: Path | None = None
    accept: bool = False
