"""Splits divide patients, not images; they are kept and checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.errors import AppError
from app.training import splits
from app.training.corpora import Case

FILE = Path("x.png")


def patients(count: int, each: int = 2, source: str = "ward") -> list[Case]:
    return [
        Case(FILE, source, "", f"{source}-{patient}", "Clear.")
        for patient in range(count)
        for _ in range(each)
    ]


def scene(seed: int, size: int = 128) -> NDArray[np.uint8]:
    """A smooth picture of its own."""
    coarse = np.random.default_rng(seed).random((12, 12))
    rows = np.linspace(0, 11, size)
    across = np.stack([np.interp(rows, np.arange(12), line) for line in coarse])
    full = np.stack([np.interp(rows, np.arange(12), line) for line in across.T], axis=1)
    return (full * 255).astype(np.uint8)


def test_every_patient_stands_on_one_side_in_about_the_right_share() -> None:
    settled = splits.assign(patients(200), seed=3)
    sides: dict[str, set[str]] = {}
    for case in settled:
        sides.setdefault(case.group, set()).add(case.split)
    assert all(len(side) == 1 for side in sides.values())
    assert Counter(case.split for case in settled) == {"train": 320, "val": 40, "test": 40}


def test_the_seed_decides_and_the_order_of_files_does_not() -> None:
    cases = patients(50, each=1)
    sides = {case.group: case.split for case in splits.assign(cases, 1)}
    assert {case.group: case.split for case in splits.assign(cases[::-1], 1)} == sides
    assert {case.group: case.split for case in splits.assign(cases, 2)} != sides


def test_each_source_is_divided_by_itself_and_small_ones_leave_no_side_empty() -> None:
    settled = splits.assign([*patients(100), *patients(3, source="small")], 7)
    small = {case.split for case in settled if case.source == "small"}
    assert small == {"train", "val", "test"}
    assert {case.split for case in splits.assign(patients(2), 7)} == {"train", "val"}
    assert {case.split for case in splits.assign(patients(1), 7)} == {"train"}


def test_given_splits_are_kept_and_siblings_follow_them() -> None:
    first, sibling, *others = patients(20)
    settled = splits.assign([replace(first, split="test"), sibling, *others], 7)
    assert settled[0].split == settled[1].split == "test"
    # The source has a test set of its own: nothing is added to it.
    assert {case.split for case in settled[2:]} == {"train", "val"}


def test_the_same_picture_of_unknown_patients_is_one_group() -> None:
    picture = scene(1)
    brighter = np.clip(picture.astype(int) + 9, 0, 255).astype(np.uint8)
    marked = picture.copy()
    marked[:26, 60:118] = 0
    images = np.stack([picture, brighter, marked, marked, scene(2), picture])
    names = ["a", "b", "c", "d", "e"]
    cases = [Case(FILE, "fig", "", f"image:{name}", f"Text {name}.") for name in names]
    cases[2] = replace(cases[2], report="Text a.")
    cases.append(Case(FILE, "fig", "", "patient-1", "Text."))
    groups = [case.group for case in splits.joined(cases, images)]
    assert groups[:2] == ["image:a", "image:a"]
    assert groups[4:] == ["image:e", "patient-1"]
    # An arrow in the picture alone is another picture; with the same words it is the same.
    assert groups[2] == "image:a"


def test_settled_splits_are_written_and_used_again(tmp_path: Path) -> None:
    cases = [
        *patients(30, each=1),
        Case(FILE, "=fig", "", "image:+a"),
        Case(FILE, "=fig", "", "image:b"),
    ]
    images = np.stack([scene(row) for row in range(31)] + [scene(30)])
    file = tmp_path / "run" / "splits.csv"
    first = splits.settle(cases, images, file, seed=1)
    assert first[-1].group == first[-2].group == "image:+a"
    assert splits.settle(cases, images, file, seed=2) == first
    assert splits.load(file, cases) == first, "an evaluation needs no images"
    assert not any(line.startswith("=") for line in file.read_text().splitlines())

    more = [*cases, *patients(5, each=1, source="new")]
    grown = splits.settle(more, np.concatenate([images, images[:5]]), file, seed=2)
    assert grown[: len(first)] == first
    assert all(case.split for case in grown)


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    file = tmp_path / "splits.csv"
    file.write_text("source,group,together,split,cases\nward,a,a,sometimes,1\n")
    with pytest.raises(AppError, match="unknown split 'sometimes'"):
        splits.load(file, [])
    file.write_text("source,group\n")
    with pytest.raises(AppError, match="no column"):
        splits.load(file, [])


def test_leaks_are_told_in_sentences_without_names() -> None:
    picture, other, third = scene(1), scene(2), scene(3)
    nearly = picture.copy()
    nearly[0, 0] ^= 1
    images = np.stack([picture, picture, nearly, other, third])
    cases = [
        Case(FILE, "ward", "train", "secret-1"),
        Case(FILE, "ward", "val", "secret-2"),
        Case(FILE, "fig", "test", "image:x"),
        Case(FILE, "ward", "train", "secret-3"),
        Case(FILE, "ward", "test", "secret-3"),
    ]
    told = splits.leaks(cases, images)
    assert told == [
        "ward: 1 patient stands on two sides, train and test.",
        "ward: 1 pair of images with the same pixels stands on two sides, train and val.",
        "fig and ward: 1 pair of nearly the same images stands on two sides, train and test.",
        "fig and ward: 1 pair of nearly the same images stands on two sides, val and test.",
    ]
    assert splits.leaks(cases[3:4], images[3:4]) == []


def test_a_patient_in_two_collections_is_noticed() -> None:
    images = np.stack([scene(1), scene(2)])
    cases = [Case(FILE, "one", "train", "nih-7"), Case(FILE, "two", "test", "nih-7")]
    assert splits.leaks(cases, images) == [
        "one and two: 1 patient stands on two sides, train and test."
    ]
