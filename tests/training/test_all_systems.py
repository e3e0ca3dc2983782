"""Every system goes through the one trainer and drafts with what came out: a sixth as well."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from app.errors import AppError
from app.imaging.reading import read_image
from app.inference import checkpoint, models
from app.inference.models import systems
from app.inference.reporter import Reporter
from app.paths import shipped_gate
from app.training import trainer
from app.training.config import (
    ClassifierConfig,
    ImitationConfig,
    RoundsConfig,
    TrainConfig,
    WriterConfig,
)
from app.training.journal import Journal

SMALL: dict[str, dict[str, Any]] = {
    "densenet_lstm": {"image_size": 64, "hidden": 16, "embedding": 8},
    "inception_merge": {"image_size": 107, "hidden": 16, "embedding": 8},
    "cascade": {"image_size": 64, "hidden": 16, "embedding": 8},
    "resnet_gpt2": {"image_size": 64, "width": 16, "blocks": 2, "heads": 2, "stages": 3},
    "coattention": {"image_size": 64, "share": 0.1, "hidden": 16, "embedding": 16},
}

TOY = '''
"""A system that writes by the image's mean alone."""
import torch
from torch import nn
from app.inference.models.base import LayeredEncoder, ReportModel, settings

class Toy(ReportModel):
    NAME, TITLE, SOURCE = "toy", "Toy", "nowhere"

    def __init__(self, vocabulary_size, findings, image_size=32, wide=4):
        self._config = settings(locals())
        super().__init__()
        self.image_size, self.grid = image_size, (image_size // 8, image_size // 8)
        layers = [nn.Conv2d(1, wide, 8, 8), nn.ReLU(), nn.Conv2d(wide, wide, 1)]
        self.encoder = LayeredEncoder(layers, 1, wide)
        self.head = nn.Linear(wide, findings)
        self.embedding = nn.Embedding(vocabulary_size, wide)
        self.words = nn.Linear(wide, vocabulary_size)

    def config(self):
        return {name: value for name, value in self._config.items() if name != "__class__"}

    def start(self, encoded):
        return State(encoded.pooled, encoded.regions.softmax(2).mean(1))

    def step(self, tokens, state):
        return self.words(self.embedding(tokens) + state.pooled), state.looked, state

class State:
    def __init__(self, pooled, looked):
        self.pooled, self.looked = pooled, looked
    def select(self, rows):
        return State(self.pooled[rows], self.looked[rows])

SYSTEM = Toy
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A sixth system: one file, put where the others are."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "toy.py").write_text(TOY)
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path / "more")])
    return "toy"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    data = tmp_path / "archive" / "roco"
    (data / "images").mkdir(parents=True)
    told = ("Left pleural effusion.", "Right pneumothorax.", "Cardiomegaly.")
    lines = ["image,caption,split"]
    for row in range(15):
        pixels = np.random.default_rng(row).integers(0, 255, (72, 64)).astype(np.uint8)
        Image.fromarray(pixels).save(data / "images" / f"{row}.png")
        side = "val" if row > 11 else "train"
        lines.append(f"{row}.png,Chest X-ray showing {told[row % 3]},{side}")
    (data / "captions.csv").write_text("\n".join(lines))
    return data.parent


def config(data: Path, system: str) -> TrainConfig:
    return TrainConfig(
        f"small-{system.replace('_', '-')}",
        system=system,
        model=SMALL.get(system, {}),
        findings=("Effusion", "Pneumothorax", "Cardiomegaly"),
        data=data,
        mixed_precision=False,
        threads=1,
        classifier=ClassifierConfig(
            sources=("roco",),
            sizes=(SMALL.get(system, {}).get("image_size", 32),),
            epochs=(1,),
            batch=6,
        ),
        writer=WriterConfig(epochs=1, batch=6, copies=1, label_batch=2),
    )


def trained(settings: TrainConfig, folder: Path) -> checkpoint.ModelInfo:
    return trainer.train(settings, folder / "run", folder / "weights", print, "cpu")


@pytest.mark.parametrize("system", [*SMALL, "toy"])
def test_a_system_is_trained_saved_and_drafts(
    system: str, toy: str, archive: Path, tmp_path: Path
) -> None:
    assert {toy, *SMALL} == set(systems.names())
    info = trained(config(archive, system), tmp_path)
    assert (info.system, info.title) == (system, systems.find(system).TITLE)
    assert info.preprocessing.endswith(f"-{info.image_size}/1")
    radiograph = read_image(archive / "roco" / "images" / "0.png")
    analysis = Reporter(info.folder, "cpu", dtype=torch.float32).draft(radiograph, force=True)
    assert [finding.name for finding in analysis.findings] == [*config(archive, system).findings]
    for draft in analysis.drafts:
        assert len(draft.attention) == len(draft.words)
        assert np.allclose(draft.attention.sum((1, 2)), 1, atol=1e-4)


def in_rounds(data: Path) -> TrainConfig:
    return dataclasses.replace(
        config(data, "cascade"),
        rounds=RoundsConfig(epochs=1, writer_epochs=1, minimum=3, per_part=2, limit=6, batch=6),
        writer=WriterConfig(epochs=1, batch=6, copies=1, label_batch=2, target="annotation"),
    )


def test_the_cascade_learns_annotations_in_two_rounds(archive: Path, tmp_path: Path) -> None:
    settings = in_rounds(archive)
    said: list[str] = []
    run = trainer.train(settings, tmp_path / "run", tmp_path / "weights", said.append, "cpu")
    assert any(line.startswith("3 labels: ") for line in said)
    assert "no label has enough cases to be split" in said
    assert "contexts: no picture, as no finding was split" in said
    loaded = checkpoint.load(run.folder)
    named = {list(loaded.vocabulary)[word] for word in run.config["label_words"]}
    assert named == {"pleural-effusion", "pneumothorax", "cardiomegaly"}
    again = trainer.train(settings, tmp_path / "run", tmp_path / "more", said.append, "cpu")
    assert again.sha256 == run.sha256
    assert {f"{stage}: done already" for stage in ("labels-1", "writer-1", "labels-2")} <= {*said}


class Killed(Exception):
    pass


def test_rounds_that_were_killed_in_each_stage_give_the_same_weights(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the first step of every stage in turn, always in the same run."""
    settings = in_rounds(archive)
    unbroken = trained(settings, tmp_path / "unbroken")
    for stage in ("labels-1", "writer-1", "labels-2", "writer"):

        def dies(_journal: Journal, name: str, *_rest: int, stage: str = stage) -> None:
            if name == stage:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "step", dies)
            with pytest.raises(Killed):
                trained(settings, tmp_path / "killed")
    assert trained(settings, tmp_path / "killed").sha256 == unbroken.sha256


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"system": "sixth"}, "unknown system 'sixth'"),
        ({"model": {"depth": 3}}, "has no option 'depth'"),
        ({"model": {"image_size": 50}}, "can't be built with these options"),
        ({"model": {"image_size": 0}}, "image_size should be a whole number of at least 1, not 0"),
        ({"system": "resnet_gpt2", "model": {"heads": 0}}, "heads and positions must be at least"),
        ({"start": {"decoder": "gpt2"}}, "has no decoder that could begin"),
    ],
)
def test_what_a_system_can_not_do_is_said(
    change: dict[str, Any], sentence: str, archive: Path, tmp_path: Path
) -> None:
    settings = dataclasses.replace(config(archive, "densenet_lstm"), **change)
    with pytest.raises(AppError) as raised:
        trained(settings, tmp_path)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("system", "minimum", "sentence"),
    [
        ("densenet_lstm", 3, "has no labels that rounds could teach"),
        ("cascade", 99, "Only 0 annotations begin with a word that 99 cases share"),
    ],
)
def test_rounds_that_can_not_be_are_refused_before_any_training(
    system: str, minimum: int, sentence: str, archive: Path, tmp_path: Path
) -> None:
    settings = dataclasses.replace(
        config(archive, system), rounds=RoundsConfig(epochs=1, minimum=minimum)
    )
    with pytest.raises(AppError, match=sentence):
        trained(settings, tmp_path)
    assert not list((tmp_path / "run").glob("classifier*"))
    assert not (tmp_path / "run" / "curves.csv").exists()


def test_imitation_needs_no_particular_encoder(archive: Path, tmp_path: Path) -> None:
    settings = dataclasses.replace(
        config(archive, "coattention"),
        imitation=ImitationConfig(sources=("roco",), size=64, epochs=1, batch=6),
    )
    gate = shipped_gate()
    info = trainer.train(settings, tmp_path / "run", tmp_path / "weights", print, "cpu", gate)
    assert next(row["stage"] for row in info.training["curves"]) == "imitation"
