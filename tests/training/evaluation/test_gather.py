"""Which images are drafted, and which reports stand for the training set."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import AppError
from app.training.corpora import Case, Corpus
from app.training.evaluation import gather as gathering
from app.training.evaluation.gather import HELD_OUT, folders, gather

NIH = ("image", "labels", "patient_id", "age", "sex", "view", "split")


def archive(folder: Path) -> Path:
    """roco without test images, nih with some."""
    roco, nih = folder / "roco", folder / "nih"
    for place in (roco / "images", nih / "images"):
        place.mkdir(parents=True)
    pairs, labelled = [], []
    for number in range(12):
        split = "val" if number % 3 == 0 else "train"
        pairs.append((f"r{number}.png", f"Chest X-ray showing right effusion {number}", split))
        split = ("train", "val", "test")[number % 3]
        labelled.append((f"n{number}.png", "Effusion", number // 2, 40, "F", "PA", split))
    for place, header, rows in (
        (roco / "captions.csv", ("image", "caption", "split"), pairs),
        (nih / "labels.csv", NIH, labelled),
    ):
        with place.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        for row in rows:
            picture = Image.fromarray(np.zeros((4, 4), np.uint8))
            picture.save(place.parent / "images" / str(row[0]))
    return folder


def run(folder: Path, split: str, **options: object) -> dict[str, gathering.Source]:
    told: list[str] = []
    found = gather(
        folders(folder),
        split,
        lambda cases: cases,
        say=told.append,
        **options,  # type: ignore[arg-type]
    )
    return {source.name: source for source in found}


def test_held_out_is_test_where_there_is_some_else_val(tmp_path: Path) -> None:
    found = run(archive(tmp_path), HELD_OUT)
    assert {name: source.split for name, source in found.items()} == {"roco": "val", "nih": "test"}
    assert len(found["roco"].cases) == 4
    assert {case.split for case in found["nih"].cases} == {"test"}


def test_only_training_reports_stand_for_the_training_set(tmp_path: Path) -> None:
    found = run(archive(tmp_path), "val")
    assert len(found["roco"].training) == 8
    assert all(case.report not in found["roco"].training for case in found["roco"].cases)


def test_a_collection_without_reports_borrows_those_of_the_others(tmp_path: Path) -> None:
    found = run(archive(tmp_path), "val", only=("nih",))
    assert list(found) == ["nih"]
    assert len(found["nih"].training) == 8


def test_patients_on_both_sides_are_counted(tmp_path: Path) -> None:
    # Of six patients with two images each, images 2, 5, 8 and 11 are for testing.
    assert run(archive(tmp_path), "test")["nih"].overlap == 2


def test_a_limit_draws_by_the_seed(tmp_path: Path) -> None:
    folder = archive(tmp_path)
    first, again, other = (run(folder, "val", limit=2, seed=seed)["roco"] for seed in (1, 1, 5))
    assert len(first.cases) == 2
    assert first.cases == again.cases != other.cases


def test_lateral_views_and_images_that_tell_nothing_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = tmp_path / "x.png"
    cases = [
        Case(image, "own", "val", "1", "effusion."),
        Case(image, "own", "val", "2", "effusion.", view="lateral"),
        Case(image, "own", "val", "3"),
        Case(None, "own", "val", "4", "effusion."),
        Case(None, "own", "train", "5", "clear lungs."),
    ]

    class Report:
        left_out = {"unreadable": 1}  # noqa: RUF012

        def lines(self) -> list[str]:
            return []

    monkeypatch.setattr(gathering.corpora, "read", lambda _corpus: (cases, Report()))
    corpus = Corpus("own", "table", tmp_path)
    (source,) = gather([corpus], "val", lambda found: found, say=lambda _line: None)
    assert [case.group for case in source.cases] == ["1"]
    assert source.training == ("clear lungs.",)
    assert source.left_out == {
        "unreadable": 1,
        "lateral view": 1,
        "neither report nor labels": 1,
    }


def test_a_split_without_images_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="No image of the split 'test' is in roco"):
        run(archive(tmp_path), "test", only=("roco",))


def test_a_folder_without_collections_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="holds none of the folders"):
        folders(tmp_path)
