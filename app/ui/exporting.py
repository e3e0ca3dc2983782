"""Ratings and measurements into a CSV file, in the store's thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from app.ui.message_bar import Message, about
from app.ui.workers import StoreWorker

if TYPE_CHECKING:
    from app.store.repository import Repository

Exported = Literal["ratings", "measurements"]


class Exporting(QObject):
    """``said(Message)``: how many there were, or why nothing was written."""

    said = Signal(object)

    def __init__(self, store: StoreWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store

    def write(self, what: Exported, file: Path, *, who: str, pseudonymise: bool, bom: bool) -> None:
        """Write all of ``what`` to ``file``; ``who`` asks for it, for the audit log."""

        def run(repository: Repository) -> int:
            ratings, measurements = repository.export_ratings, repository.export_measurements
            write = ratings if what == "ratings" else measurements
            return write(file, pseudonymise=pseudonymise, bom=bom, who=who)

        def done(count: int) -> None:
            written = f"1 {what.removesuffix('s')}" if count == 1 else f"{count:,} {what}"
            self.said.emit(Message(f"Wrote {written} to {file}.", kind="info", key="export"))

        self._store.ask(run, done, lambda error: self.said.emit(about(error, key="export")))
