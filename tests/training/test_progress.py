"""What a run tells of its progress while it works for minutes without finishing anything."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from app.errors import StoreError
from app.training import journal as journals
from app.training.journal import Journal
from app.training.writer import Stems


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still until a test moves it."""
    hand = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(journals.time, "monotonic", lambda: hand.now)
    return hand


def test_work_between_the_stages_tells_the_time_left(
    clock: SimpleNamespace, tmp_path: Path
) -> None:
    said: list[str] = []
    journal = Journal(tmp_path, said.append)
    for done in (32, 64, 96):
        journal.share("frozen layers", done, 320)
        clock.now += 30
    assert said == [
        "frozen layers: 32 of 320 images",
        "frozen layers: 64 of 320 images, about 4 min left",
        "frozen layers: 96 of 320 images, about 4 min left",
    ]


def test_curves_that_find_no_room_are_told_and_the_old_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, lambda _line: None)
    journal.epoch("toy", 1, loss=1.0)
    before = (tmp_path / "curves.csv").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"curves\.csv could not be written: the disk is full"):
        journal.epoch("toy", 2, loss=0.5)
    with pytest.raises(StoreError, match=r"run\.json could not be written: the disk is full"):
        journal.record({"seed": 7})
    with pytest.raises(StoreError, match=r"curves\.png could not be written: the disk is full"):
        journals.draw(journal.rows, tmp_path / "curves.png")
    assert [file.name for file in tmp_path.iterdir()] == ["curves.csv"]
    assert (tmp_path / "curves.csv").read_bytes() == before


def test_it_speaks_at_most_every_ten_seconds(clock: SimpleNamespace, tmp_path: Path) -> None:
    said: list[str] = []
    journal = Journal(tmp_path, said.append)
    for done in range(1, 31):
        journal.share("frozen layers", done, 30)
        journal.step("toy", 1, 1, done, 30)
        clock.now += 1
    assert len(said) == 3


def test_the_cache_of_the_frozen_blocks_tells_how_far_it_is() -> None:
    blocks = SimpleNamespace(
        eval=lambda: None,
        image_size=32,
        encoder=SimpleNamespace(stem=lambda images: images[:, :, ::16, ::16]),
    )
    told: list[tuple[int, int]] = []
    stems = Stems(
        cast(Any, blocks),
        np.zeros((50, 32, 32), np.uint8),
        torch.arange(5, 45),
        2,
        seed=1,
        device=torch.device("cpu"),
        mixed=False,
        tell=lambda done, whole: told.append((done, whole)),
    )
    assert told == [(32, 80), (40, 80), (72, 80), (80, 80)]
    assert stems.of(torch.tensor([5, 44])).shape == (2, 1, 2, 2)
