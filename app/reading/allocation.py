"""Which case goes into which arm, under which code, and in which order each reader sees it.

Everything is drawn from the protocol's seed and a secret of the study: the protocol lies open
beside the items, and what follows from it alone, which item is whose, anybody could draw again.
Codes are drawn *after* the items are shuffled, so that neither they nor any order that follows from
them knows the arms.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from app.errors import StudyError
from app.reading.cases import Case
from app.reading.normalise import length
from app.reading.protocol import Protocol

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody mixes up; a code has :data:`CODE_LENGTH` of them."""
CODE_LENGTH: Final = 6
SECRET_BITS: Final = 128
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


def needed(protocol: Protocol) -> int:
    """Cases of different patients that a study draws."""
    arms = 1 if protocol.design == "paired" else 2
    return protocol.per_arm * arms + protocol.training


def new_secret() -> int:
    """What nobody can guess. It lies in the preparation, and after the freeze in the key only."""
    return secrets.randbits(SECRET_BITS)


def drawn(protocol: Protocol, cases: Sequence[Case], secret: int) -> dict[str, tuple[Case, ...]]:
    """The cases of each arm and of the training: ``human``, ``machine``, ``training human``,
    ``training machine``. Cases of one patient never stand in two of them unless the design is
    paired. Raises :class:`StudyError` when there are too few.
    """
    rng = np.random.default_rng([protocol.seed, 1, secret])
    paired = protocol.design == "paired"
    wanted = needed(protocol)
    one_each = _one_per_patient([cases[place] for place in rng.permutation(len(cases))])
    if len(one_each) < wanted:
        raise StudyError(
            f"The protocol needs {wanted} cases of different patients, and there are "
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


def replacement(protocol: Protocol, gone: Case, spare: Sequence[Case], secret: int) -> Case:
    """One of ``spare``, drawn, to take the place of ``gone``: of the same truth or of the nearest
    length where the protocol stratifies so. Raises :class:`StudyError` when there is none.
    """
    if protocol.stratify == "truth":
        spare = [case for case in spare if case.abnormal == gone.abnormal]
    if not spare:
        raise StudyError(
            f"No case is left that could take the place of {gone.case}.",
            "Discard the preparation; create it again from more cases, or with a lower per_arm.",
        )
    rng = np.random.default_rng([protocol.seed, 4, secret, len(spare)])
    mixed: list[Case] = [spare[place] for place in rng.permutation(len(spare))]
    if protocol.stratify == "length":
        words = length(gone.report)
        mixed.sort(key=lambda case: abs(length(case.report) - words))
    return mixed[0]


def allocate(
    protocol: Protocol,
    arms: Mapping[str, Sequence[Case]],
    drafts: Mapping[str, str],
    secret: int,
) -> tuple[Planned, ...]:
    """The items, sorted by code; ``drafts`` has the machine's report for each case of its arm."""
    rng = np.random.default_rng([protocol.seed, 2, secret])
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
    protocol: Protocol, items: Sequence[Planned], cases: Sequence[Case], secret: int
) -> dict[str, tuple[str, ...]]:
    """Each reader's codes in their order: training first, a repeat far behind its first showing.

    A paired design shows each case once before and once after the washout, and as many of either
    arm in each half; a repeat stays in its half. Cases that a reader reported or drafted before are
    left out.
    """
    by_case = {case.case: case for case in cases}
    made = {}
    for number, reader in enumerate(protocol.readers):
        rng = np.random.default_rng([protocol.seed, 3, number, secret])
        own = [item for item in items if not by_case[item.case].seen_by(reader)]
        present = {item.code for item in own}
        own = [item for item in own if not item.repeat_of or item.repeat_of in present]
        own = [own[place] for place in rng.permutation(len(own))]
        training = [item for item in own if item.training]
        real = [item for item in own if not item.training]
        halves = _halves(real, rng) if protocol.design == "paired" else (real,)
        late = [item for half in halves for item in _repeats_late(half)]
        made[reader] = tuple(item.code for item in [*training, *late])
    return made


def second_from(items: Sequence[Planned], order: Sequence[str]) -> int:
    """The place (from 1) in a reader's ``order`` from which cases are shown for the second time, 0
    where none is. It follows from the cases alone and says nothing of an arm.
    """
    by_code = {item.code: item for item in items}
    seen: set[str] = set()
    for place, code in enumerate(order, 1):
        item = by_code[code]
        if not item.training and not item.repeat_of:
            if item.case in seen:
                return place
            seen.add(item.case)
    return 0


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
                'Fill the column abnormal of a list of cases, or choose stratify = "length" or "".',
            )
        chosen.sort(key=lambda case: bool(case.abnormal))
    elif protocol.stratify == "length":
        chosen.sort(key=lambda case: length(case.report))
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


def _halves(
    items: Sequence[Planned], rng: np.random.Generator
) -> tuple[list[Planned], list[Planned]]:
    """A case's two arms in different halves, which one first drawn so that the halves balance."""
    cases = sorted({item.case for item in items})
    human_first = set(rng.permutation(cases)[: (len(cases) + 1) // 2].tolist())

    def in_first(item: Planned) -> bool:
        return (item.arm == "human") == (item.case in human_first)

    return [i for i in items if in_first(i)], [i for i in items if not in_first(i)]


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
