"""The files of a joint space: what is written is read, what is damaged is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from app.errors import ModelError, StoreError
from app.inference import joint_space
from app.inference.joint_space import DESCRIPTION, WEIGHTS, Shape, SpaceInfo
from app.inference.towers import Towers
from app.inference.vocabulary import Vocabulary

WORDS = Vocabulary.learn(["effusion at the right base ."] * 3)
SMALL = Shape(channels=6, grid=2, reduced=4, hidden=8, words=8, dimension=12)


@pytest.fixture
def saved(tmp_path: Path) -> SpaceInfo:
    torch.manual_seed(1)
    return joint_space.save(
        tmp_path / "similar",
        Towers(SMALL, len(WORDS)),
        tuple(WORDS),
        model_id="m",
        model_sha256="ab",
        training={"pairs": 3},
    )


def test_what_is_written_is_read_again(saved: SpaceInfo) -> None:
    towers, vocabulary = joint_space.load(saved)
    assert list(vocabulary) == list(WORDS)
    assert not towers.training
    assert towers.shape == SMALL
    assert saved.training == {"pairs": 3}
    again = save_again(saved, "ab")
    assert again.sha256 == saved.sha256  # float16 once, the same for ever


def save_again(saved: SpaceInfo, encoder: str) -> SpaceInfo:
    towers, vocabulary = joint_space.load(saved)
    return joint_space.save(
        saved.folder,
        towers,
        tuple(vocabulary),
        model_id="m",
        model_sha256=encoder,
        training={},
    )


def test_the_key_changes_with_the_encoder(saved: SpaceInfo) -> None:
    other = save_again(saved, "cd")
    assert other.sha256 == saved.sha256
    assert other.key != saved.key


def test_a_full_disk_is_told_and_leaves_the_old_files(
    saved: SpaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: Path, _content: bytes) -> int:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(StoreError, match="the disk is full"):
            save_again(saved, "cd")
    assert sorted(file.name for file in saved.folder.iterdir()) == [DESCRIPTION, WEIGHTS]
    assert joint_space.describe(saved.folder) == saved


def test_an_empty_folder_holds_none(tmp_path: Path) -> None:
    assert joint_space.describe(tmp_path) is None


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_half_a_folder_is_refused(saved: SpaceInfo, name: str) -> None:
    (saved.folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        joint_space.describe(saved.folder)


def test_a_damaged_description_is_refused(saved: SpaceInfo) -> None:
    (saved.folder / DESCRIPTION).write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        joint_space.describe(saved.folder)


def test_another_version_is_refused(saved: SpaceInfo) -> None:
    file = saved.folder / DESCRIPTION
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        joint_space.describe(saved.folder)


def test_altered_weights_are_refused(saved: SpaceInfo) -> None:
    file = saved.folder / WEIGHTS
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match="sha256"):
        joint_space.load(saved)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_no_finite_numbers_are_refused(saved: SpaceInfo, number: float) -> None:
    towers, vocabulary = joint_space.load(saved)
    with torch.no_grad():
        towers.get_parameter("image.reduce.bias")[1] = number
    damaged = joint_space.save(
        saved.folder, towers, tuple(vocabulary), model_id="m", model_sha256="ab", training={}
    )
    with pytest.raises(ModelError, match=r"image\.reduce\.bias holds what is no finite") as caught:
        joint_space.load(damaged)
    assert str(saved.folder / WEIGHTS) in caught.value.message
    assert caught.value.hint


def test_weights_of_another_shape_are_refused(saved: SpaceInfo) -> None:
    file = saved.folder / DESCRIPTION
    entry = json.loads(file.read_text())
    entry["shape"]["hidden"] = 9
    file.write_text(json.dumps(entry))
    info = joint_space.describe(saved.folder)
    assert info is not None
    with pytest.raises(ModelError, match="don't belong together"):
        joint_space.load(info)
