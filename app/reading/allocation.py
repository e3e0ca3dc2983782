"""Which case goes into which arm, under which code, and in which order each reader sees it.

Everything is drawn from the protocol's seed. Codes are drawn *after* the items are shuffled, so
that neither they nor any order that follows from them knows the arms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from app.errors import StudyError
from app.reading.cases import Case
from app.reading.protocol import Protocol

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody mixes up; a code has :data:`CODE_LENGTH` of them."""
CODE_LENGTH: Final = 6
REPEAT_DISTANCE: Final = 10
"""Items between the two showings of a hidden repeat, where the study is long enough."""


@dataclass(frozen=True)
class Planned:
    """One item with what the readers must not know. ``repeat_of`` is the first showing's code."""

    code: str
    case: str
    arm: Literal["human", "machine"]
    report: str
    training: bool = False
    repeat_of: str = ""


def drawn(protocol: Protocol, cases: Sequence[Case]) -> dict[str, tuple[Case, ...]]:
    """The cases of each arm and of the training: ``human``, ``machine``, ``training human``,
    ``training machine``. Cases of one patient never stand in two of them unless the design is
    paired. Raises :class:`StudyError` when there are too few.
    """
    rng = np.random.default_rng([protocol.seed, 1])
    paired = protocol.design == "paired"
    needed = protocol.per_arm * (1 if paired else 2) + protocol.training
    one_each = _one_per_patient([cases[place] for place in rng.permutation(len(cases))])
    if len(one_each) < needed:
        raise StudyError(
            f"The protocol needs {needed} cases of different patients, and the list has "
            f"{len(one_each)}.",
            "Add cases, or lower per_arm or training.",
        )
    training, rest = one_each[: protocol.training], one_each[protocol.training :]
    half = (len(training) + 1) // 2
    if paired:
        human = machine = tuple(rest[: protocol.per_arm])
    else:
        human, machine = _split(protocol, rest, rng)
    return {
        "human": human,
        "machine": machine,
        "training human": tuple(training[:half]),
        "training machine": tuple(training[half:]),
    }


def allocate(
    protocol: Protocol, arms: Mapping[str, Sequence[Case]], drafts: Mapping[str, str]
) -> tuple[Planned, ...]:
    """The items, sorted by code; ``drafts`` has the machine's report for each case of its arm."""
    rng = np.random.default_rng([protocol.seed, 2])
    items: list[Planned] = []
    for name, cases in arms.items():
        machine = name.endswith("machine")
        for case in cases:
            report = drafts[case.case] if machine else case.report
            arm: Literal["human", "machine"] = "machine" if machine else "human"
            items.append(Planned("", case.case, arm, report, name.startswith("training")))
    items = [items[place] for place in rng.permutation(len(items))]
    codes = _codes(len(items) + protocol.repeats, rng)
    items = [replace(item, code=code) for item, code in zip(items, codes, strict=False)]
    real = [item for item in items if not item.training]
    chosen = rng.permutation(len(real))[: protocol.repeats]
    repeats = [
        replace(real[place], code=code, repeat_of=real[place].code)
        for place, code in zip(chosen, codes[len(items) :], strict=True)
    ]
    return tuple(sorted([*items, *repeats], key=lambda item: item.code))


def orders(
    protocol: Protocol, items: Sequence[Planned], cases: Sequence[Case]
) -> dict[str, tuple[str, ...]]:
    """Each reader's codes in their order: training first, a repeat far behind its first showing.

    A paired design shows each case once before and once after the washout, and as many of either
    arm in each half. Cases that a reader reported or drafted before are left out.
    """
    by_case = {case.case: case for case in cases}
    made = {}
    for number, reader in enumerate(protocol.readers):
        rng = np.random.default_rng([protocol.seed, 3, number])
        own = [item for item in items if not by_case[item.case].seen_by(reader)]
        present = {item.code for item in own}
        own = [item for item in own if not item.repeat_of or item.repeat_of in present]
        own = [own[place] for place in rng.permutation(len(own))]
        training = [item for item in own if item.training]
        real = [item for item in own if not item.training]
        order = _halves(real, rng) if protocol.design == "paired" else real
        made[reader] = tuple(item.code for item in [*training, *_repeats_late(order)])
    return made


def _one_per_patient(cases: Sequence[Case]) -> list[Case]:
    """The first case of each patient; a case without a patient stands for itself."""
    seen: set[str] = set()
    kept = []
    for case in cases:
        if case.patient and case.patient in seen:
            continue
        seen.add(case.patient)
        kept.append(case)
    return kept


def _split(
    protocol: Protocol, cases: Sequence[Case], rng: np.random.Generator
) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """Two disjoint arms; with strata, neighbours of a stratum are dealt to different arms."""
    chosen = list(cases[: 2 * protocol.per_arm])
    if protocol.stratify == "truth":
        if any(case.abnormal is None for case in cases):
            raise StudyError(
                "The protocol stratifies by truth, but not every case says whether it is abnormal.",
                'Fill the column abnormal, or choose stratify = "length" or "".',
            )
        chosen.sort(key=lambda case: bool(case.abnormal))
    elif protocol.stratify == "length":
        chosen.sort(key=lambda case: len(case.report.split()))
    human: list[Case] = []
    machine: list[Case] = []
    for first, second in zip(chosen[::2], chosen[1::2], strict=True):
        pair = (first, second) if rng.random() < 0.5 else (second, first)
        human.append(pair[0])
        machine.append(pair[1])
    return tuple(human), tuple(machine)


def _codes(count: int, rng: np.random.Generator) -> list[str]:
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes["".join(ALPHABET[i] for i in rng.integers(0, len(ALPHABET), CODE_LENGTH))] = None
    return list(codes)


def _halves(items: Sequence[Planned], rng: np.random.Generator) -> list[Planned]:
    """A case's two arms in different halves, which one first drawn so that the halves balance."""
    cases = sorted({item.case for item in items})
    human_first = set(rng.permutation(cases)[: (len(cases) + 1) // 2].tolist())

    def in_first(item: Planned) -> bool:
        return (item.arm == "human") == (item.case in human_first)

    return [i for i in items if in_first(i)] + [i for i in items if not in_first(i)]


def _repeats_late(order: Sequence[Planned]) -> list[Planned]:
    """Move each repeat behind its first showing by :data:`REPEAT_DISTANCE` or as far as it goes."""
    firsts = [item for item in order if not item.repeat_of]
    place = {item.code: number for number, item in enumerate(firsts)}
    result = list(firsts)
    wanted = {item.code: number for number, item in enumerate(order)}
    repeats = [item for item in order if item.repeat_of]
    for item in sorted(repeats, key=lambda one: wanted[one.code]):
        earliest = result.index(firsts[place[item.repeat_of]]) + 1 + REPEAT_DISTANCE
        result.insert(min(max(earliest, wanted[item.code]), len(result)), item)
    return result
