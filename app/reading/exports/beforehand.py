"""What was done to the texts before the freeze, and what was found and left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from app.reading.analysis.table import ARMS


@dataclass(frozen=True)
class Beforehand:
    """``by_rule`` and ``by_hand``: texts that were reworded, of the human arm and of the machine's;
    ``accepted``: what the preflight still found at the freeze, None where that wasn't kept;
    ``spared``: a reader isn't shown every item, because they knew a case before.
    """

    by_rule: tuple[int, int] = (0, 0)
    by_hand: tuple[int, int] = (0, 0)
    accepted: tuple[str, ...] | None = None
    spared: bool = False

    @classmethod
    def of(cls, key: Mapping[str, Any], readers: Collection[str]) -> Self:
        """From the opened key; the wordings of excluded cases don't count."""
        prepared = key["preparation"]
        shown = {f"{item['arm']} {item['case']}" for item in key["items"]}
        hand = shown & set(prepared.get("by_hand", prepared["texts"]))
        rule = shown & set(prepared["texts"]) - hand
        accepted = key.get("accepted")
        drawn = {item["case"] for item in key["items"]}
        knew = {
            person
            for case in prepared["cases"]
            if case["case"] in drawn
            for person in (case["author"], *case["drafted_by"])
        }
        return cls(
            by_rule=_by_arm(rule),
            by_hand=_by_arm(hand),
            accepted=None if accepted is None else tuple(accepted),
            spared=not knew.isdisjoint(readers),
        )

    def items(self, count: int) -> str:
        """So many items, of which a reader who knew a case may have been shown fewer."""
        return f"up to {count}" if self.spared else f"{count}"

    @property
    def rewording(self) -> str:
        """A clause on what was reworded; "" for nothing."""
        said = [
            f"{human} human and {machine} machine texts were reworded {how}"
            for (human, machine), how in (
                (self.by_rule, "by rules that take out what tells an origin"),
                (self.by_hand, "by hand"),
            )
            if human + machine
        ]
        return f"before the freeze {' and '.join(said)}, each logged" if said else ""

    @property
    def left(self) -> str:
        """A sentence on what the preflight found and the coordinator accepted; "" if unknown."""
        if self.accepted is None:
            return ""
        if not self.accepted:
            return "The check before the freeze found nothing that would tell the arms apart."
        found = "; ".join(flag.rstrip(".") for flag in self.accepted)
        return f"The check before the freeze found, and the coordinator accepted: {found}."


def _by_arm(keys: set[str]) -> tuple[int, int]:
    human, machine = (sum(key.startswith(f"{arm} ") for key in keys) for arm in ARMS)
    return human, machine
