"""What would tell the arms apart, shown to the coordinator before the freeze."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.reading.allocation import Planned
from app.reading.leakage import LEAST, Gap, Leak, leak_test, length_gap
from app.reading.normalise import Tell, has_words, named, normalised, tells
from app.reading.power import power
from app.reading.protocol import Protocol
from app.reading.rewriting import Reworded, is_fragment, reworded, uneven

WANTED_POWER: Final = 0.8
NO_WORD: Final = "no word"
FRAGMENT: Final = "fragment"


@dataclass(frozen=True)
class Found:
    """A tell in one item's text, as the readers would see it or in its look only."""

    code: str
    arm: str
    tell: Tell


@dataclass(frozen=True)
class Preflight:
    """``leak`` is None with fewer than ten texts in an arm; ``twice`` are codes of equal texts;
    ``reworded`` every text that says something else than it came with, ``uneven`` a sentence when
    many more of one arm than of the other do, ``alike`` one when many more of one arm's say the
    same as another: who reads the same sentence again and again knows whose it is; ``few`` the
    smaller arm's count of texts."""

    found: tuple[Found, ...]
    looks: tuple[str, ...]
    twice: tuple[tuple[str, ...], ...]
    length: Gap
    leak: Leak | None
    power: float
    reworded: tuple[Reworded, ...] = ()
    uneven: str = ""
    alike: str = ""
    few: int = 0

    @property
    def flags(self) -> tuple[str, ...]:
        """One sentence for each thing to be mended or accepted; none when all is well."""
        said = []
        kinds = Counter((found.tell.kind, found.arm) for found in self.found)
        for (kind, arm), count in sorted(kinds.items()):
            items = "item" if count == 1 else "items"
            said.append(f"{kind}: in {count} {items} of the {arm} arm.")
        said += self.looks
        said += [sentence for sentence in (self.uneven, self.alike) if sentence]
        if self.length.flagged:
            said.append(
                f"length: {self.length.human:g} words in the human arm, {self.length.machine:g} "
                f"in the machine arm (medians, p {_p(self.length.p)})."
            )
        if self.leak is None:
            said.append(
                f"words: too few texts for a leak test ({self.few} in an arm; it needs {LEAST})."
            )
        elif self.leak.flagged:
            said.append(f"words: the arms are told apart, {self.leak.told}.")
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
            leak = self.leak.told
        lines += [
            "",
            "| what | human | machine |",
            "| --- | --- | --- |",
            f"| words, median | {self.length.human:g} | {self.length.machine:g} |",
        ]
        arms = Counter((found.tell.kind, found.arm) for found in self.found)
        for kind in sorted({kind for kind, _ in arms}):
            lines.append(f"| {kind} | {arms[kind, 'human']} | {arms[kind, 'machine']} |")
        lines += ["", f"Told apart by words (AUC: 0.5 not at all, 1 always): {leak}.", ""]
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
        if self.reworded:
            lines += [
                "",
                "## Each rewritten text",
                "",
                "| item | arm | as it came | as it will be seen |",
                "|---|---|---|---|",
            ]
            lines += [
                f"| {one.code} | {one.arm} | {_cell(one.before)} | {_cell(one.after)} |"
                for one in self.reworded
            ]
        return "\n".join(lines) + "\n"


def preflight(
    protocol: Protocol,
    items: Sequence[Planned],
    raw: Sequence[Planned] = (),
    names: Mapping[str, Sequence[str]] | None = None,
) -> Preflight:
    """Look through the texts of ``items`` as they would be shown: repeats are left out.

    With ``raw``, the same items as they came, also at what the rewriting made of them; with
    ``names`` by case also for these people.
    """
    real = [item for item in items if not item.repeat_of and not item.training]
    shown = [item for item in items if not item.repeat_of]
    changed = reworded(shown, raw)
    parts = {one.code for one in changed if is_fragment(one.after)}
    found = [
        Found(item.code, item.arm, tell)
        for item in shown
        for tell in (
            *_says_too_little(item, item.code in parts),
            *_told(item.report, (names or {}).get(item.case, ())),
        )
    ]
    human = [item for item in real if item.arm == "human"]
    machine = [item for item in real if item.arm == "machine"]
    texts = [[item.report for item in arm] for arm in (human, machine)]
    leak = None
    few = min(map(len, texts))
    if few >= LEAST:
        cases = [item.case for item in [*human, *machine]]
        leak = leak_test(texts[0], texts[1], protocol.seed, cases)
    same: dict[str, list[str]] = {}
    for item in real:
        same.setdefault(normalised(item.report), []).append(item.code)
    twice = tuple(tuple(codes) for codes in same.values() if len(codes) > 1)
    return Preflight(
        found=tuple(found),
        looks=_looks(texts[0], texts[1]),
        twice=twice,
        length=length_gap(texts[0], texts[1]),
        leak=leak,
        power=power(protocol),
        reworded=changed,
        uneven=uneven("rewritten", real, {one.code for one in changed}),
        alike=uneven("equal to another text", real, {code for codes in twice for code in codes}),
        few=few,
    )


def _told(text: str, names: Sequence[str]) -> tuple[Tell, ...]:
    """The tells of a text, with names that no "Dr." stands before."""
    found = tells(text)
    bare = [
        one
        for one in named(text, names)
        if not any(tell.start <= one.start and one.end <= tell.end for tell in found)
    ]
    return (*found, *bare)


def _says_too_little(item: Planned, fragment: bool) -> tuple[Tell, ...]:
    """An item without a word, or one of which the rewriting left too little, as a tell."""
    text = item.report
    if not has_words(text):
        return (Tell(NO_WORD, 0, len(text), text),)
    return (Tell(FRAGMENT, 0, len(text), text),) if fragment else ()


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
