"""How many of the ratings that were due have been made, for every reader who wasn't withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.reading.analysis.results import Results


@dataclass(frozen=True)
class Completeness:
    """``readers``: (code, ratings made, ratings due) without training and hidden repeats.

    ``withdrawn`` are the readers whose ratings, if any, are left out.
    """

    readers: tuple[tuple[str, int, int], ...]
    withdrawn: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, results: Results, due: Mapping[str, int], withdrawn: tuple[str, ...] = ()
    ) -> Completeness:
        """``due``: ratings by the code of each reader who wasn't withdrawn."""
        made = {one.reader: one.human.total + one.machine.total for one in results.readers}
        return cls(tuple((code, made.get(code, 0), due[code]) for code in due), withdrawn)

    @property
    def made(self) -> int:
        return sum(made for _, made, _ in self.readers)

    @property
    def due(self) -> int:
        return sum(due for _, _, due in self.readers)

    @property
    def whole(self) -> bool:
        return all(made == due for _, made, due in self.readers)

    @property
    def each(self) -> str:
        """Every reader's count in words."""
        return ", ".join(f"{code} {made} of {due}" for code, made, due in self.readers)
