"""Weights folders: what is written comes back, and what is damaged is refused with a sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch as tensors
import torch

from app.errors import ModelError, StoreError
from app.inference import checkpoint
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.vocabulary import Vocabulary

WORDS = Vocabulary(["<start>", "<end>", "<nou>", "effusion", "."])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights") / "small"
    save(folder, "Small")
    return folder


def save(folder: Path, title: str) -> None:
    checkpoint.save(
        folder,
        DenseNetLstm(len(WORDS), 2, image_size=32, hidden=8, embedding=4),
        model_id="small",
        title=title,
        system="densenet_lstm",
        vocabulary=WORDS,
        findings=["Effusion", "Mass"],
        preprocessing="test/1",
    )


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "small"
    copy.mkdir()
    for file in original.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def edit(folder: Path, **changes: object) -> None:
    file = folder / checkpoint.DESCRIPTION
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_saved_model_says_the_same_after_loading(folder: Path) -> None:
    loaded = checkpoint.load(folder)
    again = checkpoint.load(folder)
    images = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    tokens = torch.tensor([[0, 3]])
    assert list(loaded.vocabulary) == list(WORDS)
    assert loaded.info.findings == ("Effusion", "Mass")
    assert not loaded.model.training
    assert torch.equal(loaded.model(images, tokens).words, again.model(images, tokens).words)


def test_a_full_disk_is_told_and_leaves_the_old_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checkpoint.load(folder)
    names = sorted(file.name for file in folder.iterdir())

    def full(_file: Path, _text: str, **_options: object) -> int:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(StoreError, match="the disk is full"):
            save(folder, "Another")
    assert sorted(file.name for file in folder.iterdir()) == names
    assert checkpoint.load(folder).info == before.info


def test_weights_are_float16_on_disk_and_float32_in_memory(folder: Path) -> None:
    model = checkpoint.load(folder).model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert checkpoint.describe(folder).size_bytes < 2.2 * sum(
        parameter.numel() for parameter in model.parameters()
    )


def test_learned_numbers_are_counted_without_loading_them(folder: Path) -> None:
    model = checkpoint.load(folder).model
    counted = checkpoint.parameters(checkpoint.describe(folder))
    assert counted == sum(parameter.numel() for parameter in model.parameters())
    (folder / checkpoint.WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(ModelError, match="can't be read as safetensors"):
        checkpoint.parameters(checkpoint.describe(folder))


def test_models_are_listed_without_torch(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.inference.checkpoint import list_models;"
        f"print([m.model_id for m in list_models([Path({str(folder.parent)!r})])],"
        "'torch' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "['small'] False"


def test_the_default_model_stands_first_and_the_others_by_id(folder: Path) -> None:
    for name in ("alpha", checkpoint.DEFAULT):
        copy = Path(shutil.copytree(folder, folder.parent / name))
        file = copy / checkpoint.DESCRIPTION
        entry = json.loads(file.read_text())
        file.write_text(json.dumps({**entry, "model_id": name}))
    found = [model.model_id for model in checkpoint.list_models([folder.parent])]
    assert found == [checkpoint.DEFAULT, "alpha", "small"]


def test_a_damaged_model_takes_no_other_away_and_is_told(folder: Path) -> None:
    damaged = Path(shutil.copytree(folder, folder.parent / "damaged"))
    (damaged / checkpoint.DESCRIPTION).write_text("{")
    assert [model.model_id for model in checkpoint.list_models([folder.parent])] == ["small"]
    _, broken = checkpoint.look_through([folder.parent])
    (name,) = broken
    assert name == "damaged"
    assert str(damaged) in broken[name].message
    assert checkpoint.look_through([folder])[1] == {}


def test_a_damaged_model_behind_a_good_one_of_its_name_is_nobodys_business(
    folder: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    shutil.copytree(folder, later / "small")
    edit(folder, model_id="small")
    (later / "small" / checkpoint.DESCRIPTION).write_text("{")
    assert checkpoint.look_through([folder.parent, later])[1] == {}
    assert list(checkpoint.look_through([later, folder.parent])[1]) == ["small"]


def test_a_folder_that_is_not_there_lists_nothing(tmp_path: Path) -> None:
    assert checkpoint.list_models([tmp_path / "nothing"]) == []


def test_missing_weights_are_named(folder: Path) -> None:
    (folder / checkpoint.WEIGHTS).unlink()
    with pytest.raises(ModelError, match=r"has no model\.safetensors"):
        checkpoint.load(folder)


def test_truncated_weights_are_refused(folder: Path) -> None:
    file = folder / checkpoint.WEIGHTS
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cut off or altered"):
        checkpoint.load(folder)


def test_a_wrong_sha256_is_refused(folder: Path) -> None:
    edit(folder, sha256="0" * 64)
    with pytest.raises(ModelError, match="sha256"):
        checkpoint.load(folder)


def test_a_file_that_is_no_safetensors_is_refused_without_unpickling(folder: Path) -> None:
    file = folder / checkpoint.WEIGHTS
    torch.save({"a": torch.zeros(1)}, file)
    edit(folder, sha256=checkpoint._sha256(file))
    with pytest.raises(ModelError, match="can't be read as safetensors"):
        checkpoint.load(folder)


@pytest.mark.parametrize("number", [float("nan"), float("-inf")])
@pytest.mark.parametrize("part", ["head.bias", checkpoint.PRIOR])
def test_weights_that_are_no_finite_numbers_are_refused(
    folder: Path, part: str, number: float
) -> None:
    file = folder / checkpoint.WEIGHTS
    state = tensors.load_file(file) | {checkpoint.PRIOR: torch.zeros(1024, 1)}
    state[part].view(-1)[-1] = number
    tensors.save_file(state, file)
    edit(folder, sha256=checkpoint._sha256(file))
    with pytest.raises(ModelError, match=f"{part} holds what is no finite") as caught:
        checkpoint.load(folder)
    assert str(file) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"config": {"vocabulary_size": 5, "findings": 9, "image_size": 32}},
    ],
)
def test_weights_of_another_architecture_are_refused(
    folder: Path, changes: dict[str, object]
) -> None:
    edit(folder, **changes)
    with pytest.raises(ModelError, match="another architecture"):
        checkpoint.load(folder)


def test_weights_of_a_system_that_this_version_does_not_know_are_refused(folder: Path) -> None:
    edit(folder, system="transformer")
    with pytest.raises(ModelError, match="unknown system 'transformer'; known: densenet_lstm"):
        checkpoint.load(folder)


@pytest.mark.parametrize("text", ["", "{", '{"format": 1}', "[]"])
def test_a_damaged_description_is_refused(folder: Path, text: str) -> None:
    (folder / checkpoint.DESCRIPTION).write_text(text)
    with pytest.raises(ModelError, match="damaged"):
        checkpoint.describe(folder)


def test_a_description_of_a_later_format_is_refused(folder: Path) -> None:
    edit(folder, format=99)
    with pytest.raises(ModelError, match="format 99"):
        checkpoint.describe(folder)


def test_a_mean_image_and_drafting_options_travel_with_the_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    mean = torch.rand(1024, 1)
    info = checkpoint.save(
        tmp_path / "small",
        DenseNetLstm(len(WORDS), 2, image_size=32, hidden=8, embedding=4),
        model_id="small",
        title="Small",
        system="densenet_lstm",
        vocabulary=WORDS,
        findings=["Effusion", "Mass"],
        preprocessing="test/1",
        drafting={"prior_weight": 0.3},
        prior=mean,
    )
    loaded = checkpoint.load(tmp_path / "small")
    assert info.drafting == loaded.info.drafting == {"prior_weight": 0.3}
    assert loaded.prior is not None
    assert loaded.prior.regions.shape == (1, 1024, 1)
    torch.testing.assert_close(loaded.prior.regions[0], mean, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(loaded.prior.pooled, loaded.prior.regions.mean(2))


def test_weights_without_a_mean_image_have_no_prior(folder: Path) -> None:
    loaded = checkpoint.load(folder)
    assert loaded.prior is None
    assert loaded.info.drafting == {}
