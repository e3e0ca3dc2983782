"""Reporting checklists, filled in as far as the study itself answers them.

An item that the protocol, the key and the ratings don't answer is left to the authors, in words:
nothing is guessed. What an item asks is said in our own words under its official number; the
guidelines themselves are to be read and cited.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from app.files import replacing, write_text
from app.reading.analysis.results import Results
from app.reading.exports.beforehand import Beforehand
from app.reading.exports.completeness import Completeness
from app.reading.protocol import Protocol
from app.reading.study import Deed

OPEN: Final = "To be filled by the authors."


@dataclass(frozen=True)
class Facts:
    """What a finished study knows of itself.

    ``models`` are who made the machine's reports; ``listed`` cases were there to be drawn from,
    ``excluded`` taken out by the coordinator; ``patients``: every case names its patient;
    ``truth``: every case says whether it is abnormal; what happened ``before`` the freeze;
    ``complete``: ratings made of those due, and who was withdrawn.
    """

    protocol: Protocol
    results: Results
    version: str
    models: tuple[str, ...]
    source: str
    listed: int
    excluded: int
    patients: bool
    truth: bool
    frozen: datetime
    locked: datetime
    complete: Completeness
    before: Beforehand

    @classmethod
    def of(
        cls,
        protocol: Protocol,
        results: Results,
        version: str,
        key: Mapping[str, Any],
        log: Sequence[Deed],
        complete: Completeness,
    ) -> Self:
        """From the opened key and the study's log."""
        prepared = key["preparation"]
        cases = prepared["cases"]
        when = {deed.what: deed.at for deed in log}
        return cls(
            protocol=protocol,
            results=results,
            version=version,
            models=tuple(sorted({entry["model"] for entry in key["items"] if entry["model"]})),
            source=prepared.get("source", "list"),
            listed=len(cases),
            excluded=len(prepared["excluded"]),
            patients=all(case["patient"] for case in cases),
            truth=all(case["abnormal"] is not None for case in cases),
            frozen=when["frozen"],
            locked=when["locked"],
            complete=complete,
            before=Beforehand.of(key, protocol.readers),
        )


@dataclass(frozen=True)
class Item:
    """An item with its official ``number`` and ``name``, and what it ``asks`` in our words.

    ``answer`` is what the study says about it, "" for nothing; ``rest`` what the authors must add.
    """

    section: str
    number: str
    name: str
    asks: str
    answer: str = ""
    rest: str = ""

    @property
    def filled(self) -> str:
        if not self.answer:
            return OPEN
        still = f" {self.rest}: {OPEN[0].lower()}{OPEN[1:]}" if self.rest else ""
        return f"{self.answer}{still}"


@dataclass(frozen=True)
class Checklist:
    """A guideline: ``source`` cites it, ``note`` says how it fits a blinded reader study."""

    title: str
    source: str
    note: str
    items: tuple[Item, ...]

    @property
    def open(self) -> tuple[Item, ...]:
        """Items that the authors must fill, wholly or in part."""
        return tuple(item for item in self.items if item.rest or not item.answer)

    def markdown(self) -> str:
        lines = [f"# {self.title}", "", f"{self.source} {self.note}", ""]
        lines.append(
            f"{len(self.items) - len(self.open)} of {len(self.items)} items are filled from the "
            f"study; {len(self.open)} wait, wholly or in part, for the authors."
        )
        section = ""
        for item in self.items:
            if item.section != section:
                section = item.section
                lines += ["", f"## {section}", "", "| item | asks for | this study |"]
                lines.append("| --- | --- | --- |")
            cells = (f"{item.number}. {item.name}", item.asks, item.filled)
            lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
        return "\n".join(lines) + "\n"


def write(checklist: Checklist, folder: Path, name: str) -> list[Path]:
    """Write ``name.md`` and ``name.csv`` (UTF-8, CRLF) into ``folder``; returns the two.

    Raises :class:`app.errors.StoreError` when they can't be written.
    """
    text, table = folder / f"{name}.md", folder / f"{name}.csv"
    write_text(text, checklist.markdown())
    with replacing(table, newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["item", "name", "section", "asks_for", "this_study", "authors_must_fill"])
        for item in checklist.items:
            must = int(item in checklist.open)
            writer.writerow([item.number, item.name, item.section, item.asks, item.filled, must])
    return [text, table]
