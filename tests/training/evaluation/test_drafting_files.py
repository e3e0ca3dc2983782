"""Drafts are written as they come, and are not made twice."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from app.errors import AppError, Cancelled, StoreError
from app.imaging.radiograph import Radiograph
from app.inference.checkpoint import ModelInfo
from app.inference.drafts import Analysis, Draft, Finding, Gate, Timing
from app.inference.options import BeamOptions
from app.inference.reporter import BATCH, Reporter
from app.training.corpora import Case
from app.training.evaluation.drafting import FILE, Drafted, draft_all, key

INFO = cast(ModelInfo, SimpleNamespace(sha256="s", preprocessing="p"))


class Drafting:
    """Stands for the Reporter; counts what it was given."""

    def __init__(self) -> None:
        self.images = 0

    def draft_batch(self, radiographs: Sequence[Radiograph], *, force: bool) -> list[Analysis]:
        assert force
        self.images += len(radiographs)
        return [self._one(radiograph) for radiograph in radiographs]

    def _one(self, radiograph: Radiograph) -> Analysis:
        text = f"Level {int(radiograph.pixels.flat[0])}."
        words = tuple(text.lower().replace(".", " .").split())
        draft = Draft(1, text, words, (), -1.0, -1.0, np.zeros((3, 8, 8), np.float32))
        gate, found = Gate(False, ("blank",)), (Finding("Mass", 0.25),)
        return Analysis("", "", gate, "", "", "", "cpu", Timing(), found, (draft,))


def images(folder: Path, count: int) -> list[Case]:
    cases = []
    for level in range(count):
        file = folder / f"{level}.png"
        Image.fromarray(np.full((70, 70), level, np.uint8)).save(file)
        cases.append(Case(file, "own", "val", str(level)))
    return cases


def run(
    cases: Sequence[Case],
    folder: Path,
    reporter: Drafting,
    *,
    options: BeamOptions | None = None,
    **wires: Any,
) -> list[Drafted | None]:
    quiet: dict[str, Any] = {
        "cancelled": lambda: False,
        "progress": lambda done, total: None,
        "say": lambda line: None,
    }
    return draft_all(
        cases,
        folder,
        key(INFO, options or BeamOptions()),
        lambda: cast(Reporter, reporter),
        **(quiet | wires),
    )


def test_every_image_gets_its_draft_in_order(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    found = run(
        images(tmp_path, 11),
        tmp_path / "out",
        Drafting(),
        progress=lambda done, total: steps.append((done, total)),
    )
    assert [one.texts[0] for one in found if one] == [f"Level {n}." for n in range(11)]
    assert found[0] == Drafted(
        ("Level 0.",), (("level", "0", "."),), {"Mass": 0.25}, refused=("blank",)
    )
    assert steps == [(0, 11), (BATCH, 11), (11, 11)]


def test_a_second_run_drafts_nothing_and_loads_no_model(tmp_path: Path) -> None:
    cases = images(tmp_path, 3)
    first = run(cases, tmp_path / "out", Drafting())
    again = Drafting()
    assert run(cases, tmp_path / "out", again) == first
    assert again.images == 0


def test_other_search_options_are_other_drafts(tmp_path: Path) -> None:
    cases = images(tmp_path, 2)
    run(cases, tmp_path / "out", Drafting())
    again = Drafting()
    run(cases, tmp_path / "out", again, options=BeamOptions(max_words=9))
    assert again.images == 2
    third = Drafting()
    run(cases, tmp_path / "out", third)
    assert third.images == 0


def test_another_gate_or_other_weights_are_other_drafts() -> None:
    options = BeamOptions()
    other = cast(ModelInfo, SimpleNamespace(sha256="t", preprocessing="p"))
    keys = {key(INFO, options), key(INFO, options, "gate"), key(other, options)}
    assert len(keys) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / FILE).symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"drafts\.jsonl could not be written: the disk is full"):
        run(images(tmp_path, 1), tmp_path / "out", Drafting())


def test_drafts_that_can_not_be_kept_are_told(tmp_path: Path) -> None:
    (tmp_path / "out" / FILE).mkdir(parents=True)
    with pytest.raises(StoreError, match=r"drafts\.jsonl could not be written"):
        run(images(tmp_path, 1), tmp_path / "out", Drafting())


def test_a_cancelled_run_keeps_what_it_has_and_goes_on(tmp_path: Path) -> None:
    cases = images(tmp_path, 2 * BATCH + 1)
    reporter = Drafting()
    with pytest.raises(Cancelled):
        run(cases, tmp_path / "out", reporter, cancelled=lambda: reporter.images >= BATCH)
    assert reporter.images == BATCH
    later = Drafting()
    assert all(run(cases, tmp_path / "out", later))
    assert later.images == BATCH + 1


def test_a_line_that_a_kill_cut_off_is_drafted_again(tmp_path: Path) -> None:
    cases = images(tmp_path, 3)
    first = run(cases, tmp_path / "out", Drafting())
    file = tmp_path / "out" / FILE
    file.write_bytes(file.read_bytes()[:-20])
    again = Drafting()
    assert run(cases, tmp_path / "out", again) == first
    assert again.images == 1
    assert len([json.loads(line) for line in file.read_text("utf-8").splitlines()]) == 3


def test_an_image_moved_elsewhere_is_known_by_its_content(tmp_path: Path) -> None:
    cases = images(tmp_path, 2)
    run(cases, tmp_path / "out", Drafting())
    moved = []
    for case in cases:
        assert case.image is not None
        target = tmp_path / "elsewhere" / case.image.name
        target.parent.mkdir(exist_ok=True)
        case.image.rename(target)
        moved.append(dataclasses.replace(case, image=target))
    again = Drafting()
    run(moved, tmp_path / "out", again)
    assert again.images == 0


def test_the_same_picture_twice_is_drafted_once(tmp_path: Path) -> None:
    case = images(tmp_path, 1)[0]
    reporter = Drafting()
    found = run([case, case], tmp_path / "out", reporter)
    assert reporter.images == 1
    assert found[0] == found[1]


def test_a_damaged_image_is_left_out_and_told(tmp_path: Path) -> None:
    cases = images(tmp_path, 2)
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    told: list[str] = []
    found = run(
        [cases[0], Case(damaged, "own", "val", "x"), cases[1]],
        tmp_path / "out",
        Drafting(),
        say=told.append,
    )
    assert [one is None for one in found] == [False, True, False]
    assert len(told) == 1
    assert "left out" in told[0]


def test_a_missing_image_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="gone"):
        run([Case(tmp_path / "gone.png", "own", "val", "x")], tmp_path / "out", Drafting())
