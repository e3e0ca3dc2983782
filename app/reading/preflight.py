"""What would tell the arms apart, shown to the coordinator before the freeze."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.reading.allocation import Planned
from app.reading.leakage import Gap, Leak, leak_test, length_gap
from app.reading.normalise import Tell, normalised, tells
from app.reading.power import power
from app.reading.protocol import Protocol

WANTED_POWER: Final = 0.8


@dataclass(frozen=True)
class Found:
    """A tell in one item's text, as the readers would see it or in its look only."""

    code: str
    arm: str
    tell: Tell


@dataclass(frozen=True)
class Preflight:
    """``leak`` is None with fewer than ten texts in an arm; ``twice`` are codes of equal texts."""

    found: tuple[Found, ...]
    looks: tuple[str, ...]
    twice: tuple[tuple[str, ...], ...]
    length: Gap
    leak: Leak | None
    power: float

    @property
    def flags(self) -> tuple[str, ...]:
        """One sentence for each thing to be mended or accepted; none when all is well."""
        said = []
        kinds = Counter((found.tell.kind, found.arm) for found in self.found)
        for (kind, arm), count in sorted(kinds.items()):
            items = "item" if count == 1 else "items"
            said.append(f"{kind}: in {count} {items} of the {arm} arm.")
        said += self.looks
        if self.length.flagged:
            said.append(
                f"length: {self.length.human:g} words in the human arm, {self.length.machine:g} "
                f"in the machine arm (medians, p {_p(self.length.p)})."
            )
        if self.leak is not None and self.leak.flagged:
            said.append(
                f"words: a classifier tells the arms apart, AUC {self.leak.auc:.2f} "
                f"({self.leak.low:.2f} to {self.leak.high:.2f})."
            )
        if self.power < WANTED_POWER:
            said.append(f"power: {self.power:.0%} for the margin, below {WANTED_POWER:.0%}.")
        return tuple(said)

    @property
    def ok(self) -> bool:
        return not self.flags

    def markdown(self) -> str:
        """The whole report as text."""
        lines = ["# Before the freeze", ""]
        lines += [f"- {flag}" for flag in self.flags] or ["Nothing was found."]
        leak = "too few texts for it"
        if self.leak is not None:
            leak = (
                f"AUC {self.leak.auc:.2f} ({self.leak.low:.2f} to {self.leak.high:.2f}); 0.5: none"
            )
        lines += [
            "",
            "| what | human | machine |",
            "| --- | --- | --- |",
            f"| words, median | {self.length.human:g} | {self.length.machine:g} |",
        ]
        arms = Counter((found.tell.kind, found.arm) for found in self.found)
        for kind in sorted({kind for kind, _ in arms}):
            lines.append(f"| {kind} | {arms[kind, 'human']} | {arms[kind, 'machine']} |")
        lines += ["", f"Told apart by words: {leak}.", ""]
        if self.leak is not None:
            told = ", ".join(f"`{word}` ({arm})" for word, arm in self.leak.words)
            lines += [f"What tells most: {told}.", ""]
        lines.append(f"Power for the margin, both arms equal: {self.power:.0%} (simulated).")
        if self.twice:
            groups = "; ".join(" = ".join(codes) for codes in self.twice)
            lines += ["", f"Equal texts: {groups}."]
        if self.found:
            lines += [
                "",
                "## Each finding",
                "",
                "| item | arm | what | text |",
                "|---|---|---|---|",
            ]
            lines += [
                f"| {one.code} | {one.arm} | {one.tell.kind} | {_cell(one.tell.text)} |"
                for one in self.found
            ]
        return "\n".join(lines) + "\n"


def preflight(protocol: Protocol, items: Sequence[Planned]) -> Preflight:
    """Look through the texts of ``items`` as they would be shown: repeats are left out."""
    real = [item for item in items if not item.repeat_of and not item.training]
    shown = [item for item in items if not item.repeat_of]
    found = [Found(item.code, item.arm, tell) for item in shown for tell in tells(item.report)]
    human = [item for item in real if item.arm == "human"]
    machine = [item for item in real if item.arm == "machine"]
    texts = [[item.report for item in arm] for arm in (human, machine)]
    leak = None
    if min(map(len, texts)) >= 10:
        cases = [item.case for item in [*human, *machine]]
        leak = leak_test(texts[0], texts[1], protocol.seed, cases)
    same: dict[str, list[str]] = {}
    for item in real:
        same.setdefault(normalised(item.report), []).append(item.code)
    return Preflight(
        found=tuple(found),
        looks=_looks(texts[0], texts[1]),
        twice=tuple(tuple(codes) for codes in same.values() if len(codes) > 1),
        length=length_gap(texts[0], texts[1]),
        leak=leak,
        power=power(protocol),
    )


def _looks(human: Sequence[str], machine: Sequence[str]) -> tuple[str, ...]:
    """How many texts of each arm don't look as the normaliser would write them."""
    odd = [sum(text != normalised(text) for text in texts) for texts in (human, machine)]
    if not any(odd):
        return ()
    return (
        f"look: {odd[0]} human and {odd[1]} machine texts differ from the common look (case, "
        "punctuation, headings).",
    )


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
