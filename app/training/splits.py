"""Which case is learned from and which is kept back to judge by.

A split never divides a group: the patient, or where patients are unknown the images that show the
same picture. What a collection says of its split is kept. What a run has decided is written to a
table in its folder, so that a resumed run, and an evaluation after it, keep to it.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.files import replacing
from app.training import likeness
from app.training.corpora.cases import UNKNOWN, Case
from app.training.corpora.tables import rows

SIDES = ("train", "val", "test")
COLUMNS = ("source", "group", "together", "split", "cases")


def settle(
    cases: Sequence[Case],
    images: NDArray[np.uint8],
    file: Path,
    seed: int,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
) -> list[Case]:
    """``cases`` with every split filled in: from ``file`` where it is there, else assigned and
    written to it.

    ``images`` (n, S, S) uint8 belong to the n cases. Groups that are new since the file was written
    are added to it; those in it stay where they are.
    """
    known = load(file, cases) if file.is_file() else list(cases)
    settled = assign(joined(known, images), seed, fractions)
    save(file, settled, cases)
    return settled


def assign(
    cases: Sequence[Case],
    seed: int,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
) -> list[Case]:
    """``cases`` with a split for those that have none: train, val and test by ``fractions``.

    Each source is divided by itself, by groups in an order drawn with ``seed``; with three groups
    or more no side is empty. A side that a source fills itself gets none of its other cases.
    """
    groups: dict[str, list[int]] = {}
    for row, case in enumerate(cases):
        groups.setdefault(case.group, []).append(row)
    sides: dict[str, str] = {}
    open_groups: dict[str, list[str]] = {}
    for group, members in groups.items():
        given = Counter(cases[row].split for row in members if cases[row].split)
        if given:
            sides[group] = max(SIDES, key=lambda side: given[side])
        else:
            open_groups.setdefault(cases[members[0]].source, []).append(group)
    for source, free in open_groups.items():
        filled = {case.split for case in cases if case.source == source} - {"", "train"}
        shares = {
            side: share
            for side, share in zip(SIDES, fractions, strict=True)
            if side not in filled and share > 0
        }
        free.sort(key=lambda group: hashlib.sha256(f"{seed} {group}".encode()).digest())
        sides |= _divided({group: len(groups[group]) for group in free}, shares)
    return [case if case.split else replace(case, split=sides[case.group]) for case in cases]


def _divided(sizes: dict[str, int], shares: dict[str, float]) -> dict[str, str]:
    """A side for each group: first one for each of the small sides, then where most is missing."""
    wanted = {side: share * sum(sizes.values()) for side, share in shares.items()}
    small = [side for side in shares if side != "train"][: max(len(sizes) - 1, 0)]
    placed: dict[str, str] = {}
    for group, size in sizes.items():
        side = small.pop(0) if small else max(wanted, key=lambda side: wanted[side])
        wanted[side] -= size
        placed[group] = side
    return placed


def joined(cases: Sequence[Case], images: NDArray[np.uint8]) -> list[Case]:
    """``cases`` in which those of unknown patients share a group when they show the same picture.

    ``images`` (n, S, S) uint8 are theirs. The same picture is a near hash, or a less near one with
    the same text.
    """
    rows = [row for row, case in enumerate(cases) if case.group.startswith(UNKNOWN)]
    parent = list(range(len(rows)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    bits = likeness.hashes(images, rows)
    for one, other, distance in likeness.pairs(bits, likeness.ALIKE):
        text = cases[rows[one]].report
        if distance <= likeness.NEAR or (text and text == cases[rows[other]].report):
            first, second = sorted((root(one), root(other)))
            parent[second] = first
    result = list(cases)
    for place, row in enumerate(rows):
        result[row] = replace(cases[row], group=cases[rows[root(place)]].group)
    return result


def leaks(cases: Sequence[Case], images: NDArray[np.uint8]) -> list[str]:
    """What stands on two sides, one sentence for each kind, source and pair of sides.

    ``images`` (n, S, S) uint8 belong to the n cases. Patients are counted, never named.
    """
    patients: Counter[str] = Counter()
    groups: dict[str, set[tuple[str, str]]] = {}
    for case in cases:
        groups.setdefault(case.group, set()).add((case.source, case.split))
    for group, places in groups.items():
        if group.startswith(UNKNOWN):
            continue  # told as a pair of images below
        for source in {source for source, _ in places}:
            sides = [side for side in SIDES if (source, side) in places]
            patients.update(f"{source}\t{' and '.join(pair)}" for pair in _pairs(sides))
        across = sorted({side for _, side in places}, key=SIDES.index)
        if len({source for source, _ in places}) > 1:
            names = " and ".join(sorted({source for source, _ in places}))
            patients.update(f"{names}\t{' and '.join(pair)}" for pair in _pairs(across))
    same: Counter[str] = Counter()
    near: Counter[str] = Counter()
    digests = likeness.digests(images)
    for one, other, _distance in likeness.pairs(likeness.hashes(images), likeness.NEAR):
        first, second = cases[one], cases[other]
        if first.split == second.split or not (first.split and second.split):
            continue
        sides = sorted((first.split, second.split), key=SIDES.index)
        names = " and ".join(sorted({first.source, second.source}))
        kind = same if digests[one] == digests[other] else near
        kind[f"{names}\t{' and '.join(sides)}"] += 1
    return [
        f"{names}: {count} {what if count > 1 else single} on two sides, {sides}."
        for counts, single, what in (
            (patients, "patient stands", "patients stand"),
            (
                same,
                "pair of images with the same pixels stands",
                "pairs of images with the same pixels stand",
            ),
            (
                near,
                "pair of nearly the same images stands",
                "pairs of nearly the same images stand",
            ),
        )
        for (names, sides), count in sorted(
            ((tuple(key.split("\t")), count) for key, count in counts.items())
        )
    ]


def _pairs(sides: Sequence[str]) -> Iterable[tuple[str, str]]:
    return [(one, other) for at, one in enumerate(sides) for other in sides[at + 1 :]]


def save(file: Path, settled: Sequence[Case], cases: Sequence[Case] | None = None) -> None:
    """Write where each group of ``settled`` stands, under the names that ``cases`` (the same ones
    as their collection gave them) have for their groups.
    """
    table: Counter[tuple[str, str, str, str]] = Counter()
    for case, before in zip(settled, cases or settled, strict=True):
        table[case.source, before.group, case.group, case.split] += 1
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for row in sorted(table):
            writer.writerow([*(_cell(text) for text in row), table[row]])


def load(file: Path, cases: Sequence[Case]) -> list[Case]:
    """``cases`` with the groups and splits that ``file`` gives them; what it doesn't know, and a
    group that it has on two sides, stays as it is. Raises :class:`AppError` when it can't be read.
    """
    known: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in rows(file, COLUMNS):
        if row["split"] not in SIDES:
            raise AppError(
                f"{file} names the unknown split {row['split']!r}.", "Use train, val or test."
            )
        place = (_text(row["together"]), row["split"])
        known.setdefault((_text(row["source"]), _text(row["group"])), set()).add(place)
    result: list[Case] = []
    for case in cases:
        places = known.get((case.source, case.group), set())
        if len(places) == 1:
            group, split = next(iter(places))
            case = replace(case, group=group, split=split)
        result.append(case)
    return result


def _cell(text: str) -> str:
    # A spreadsheet would run it as a formula (OWASP, "CSV Injection").
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "'") else text


def _text(cell: str) -> str:
    return cell.removeprefix("'")
