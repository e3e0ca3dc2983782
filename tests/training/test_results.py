"""The result of a stage: whole or not there, and told when it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from torch import nn

from app.errors import AppError, StoreError
from app.training import results

CURVE = [{"stage": "toy", "epoch": 1, "loss": 0.5}]


def test_what_is_kept_is_taken_again(tmp_path: Path) -> None:
    file, one, other = tmp_path / "toy.safetensors", nn.Linear(3, 2), nn.Linear(3, 2)
    results.keep(file, one, 0.25, CURVE)
    assert results.take(file, other) == (0.25, CURVE)
    assert torch.equal(one.weight, other.weight)


def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="the disk is full"):
        results.keep(tmp_path / "toy.safetensors", nn.Linear(3, 2), 0.25, CURVE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut off", "other network", "no figures"])
def test_a_damaged_result_is_told(tmp_path: Path, damage: str) -> None:
    file, parts = tmp_path / "toy.safetensors", nn.Linear(3, 2)
    results.keep(file, parts, 0.25, CURVE)
    if damage == "cut off":
        file.write_bytes(file.read_bytes()[:-5])
    elif damage == "other network":
        parts = nn.Linear(4, 2)
    else:
        file.with_suffix(".json").unlink()
    with pytest.raises(AppError, match=r"toy\.safetensors is damaged"):
        results.take(file, parts)
