"""A sixth system is one file: listed, saved, loaded, drafted with and evaluated without a branch
for it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small_systems import FINDINGS, VOCABULARY

from app.errors import ModelError
from app.imaging import preprocess
from app.imaging.radiograph import Radiograph, View
from app.inference import checkpoint, models
from app.inference.checkpoint import ModelInfo
from app.inference.models import systems
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.training.corpora import Case
from app.training.evaluation import evaluate, meteor
from app.training.evaluation.gather import Source

SIXTH = '''
"""One convolution and one recurrent cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from app.inference.models.base import Encoded, LayeredEncoder, ReportModel, settings


@dataclass
class ToyState:
    hidden: Tensor
    image: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.hidden[rows], self.image[rows])


class Toy(ReportModel):
    NAME = "toy"
    TITLE = "A convolution and a cell"
    SOURCE = "nowhere"

    def __init__(
        self, vocabulary_size: int, findings: int, image_size: int = 96, hidden: int = 12
    ) -> None:
        config = settings(locals())
        super().__init__()
        self._config = config
        self.image_size, self.grid = image_size, (3, 3)
        side = image_size // 3
        layers = [nn.Conv2d(1, 8, side, side), nn.ReLU()]
        self.encoder = LayeredEncoder(layers, 1, 8)
        self.head = nn.Linear(8, findings)
        self.embedding = nn.Embedding(vocabulary_size, hidden)
        self.cell = nn.GRUCell(hidden, hidden)
        self.bridge = nn.Linear(8, hidden)
        self.words = nn.Linear(hidden, vocabulary_size)

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def start(self, encoded: Encoded) -> ToyState:
        offered = self.bridge(encoded.regions.transpose(1, 2))
        return ToyState(offered.mean(1), offered)

    def step(self, tokens: Tensor, state: ToyState) -> tuple[Tensor, Tensor, ToyState]:
        hidden = self.cell(self.embedding(tokens), state.hidden)
        looked = torch.softmax((state.image @ hidden.unsqueeze(2)).squeeze(2), dim=1)
        seen = (looked.unsqueeze(1) @ state.image).squeeze(1)
        return self.words(hidden + seen), looked, ToyState(hidden, state.image)


SYSTEM = Toy
'''


@pytest.fixture(autouse=True)
def sixth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file, in a folder of its own beside the package's."""
    folder = tmp_path / "systems"
    folder.mkdir()
    (folder / "toy.py").write_text(SIXTH, encoding="utf-8")
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(folder)])
    importlib.invalidate_caches()
    yield
    sys.modules.pop("app.inference.models.toy", None)
    vars(models).pop("toy", None)


@pytest.fixture
def info(tmp_path: Path) -> ModelInfo:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        system = systems.find("toy")
        model = system(**system.arguments(VOCABULARY, FINDINGS))
    return checkpoint.save(
        tmp_path / "weights" / "toy",
        model,
        model_id="toy",
        title=model.TITLE,
        system=model.NAME,
        vocabulary=VOCABULARY,
        findings=FINDINGS,
        preprocessing=preprocess.version(model.image_size),
        drafting={"max_words": 8},
    )


def radiograph(seed: int) -> Radiograph:
    pixels = np.random.default_rng(seed).integers(0, 255, (120, 100)).astype(np.uint8)
    return Radiograph(pixels, Path(f"{seed}.png"), f"image-{seed}", view=View.PA)


def test_it_is_listed_behind_the_default_one() -> None:
    names = systems.names()
    assert names[0] == systems.DEFAULT
    assert "toy" in names
    assert len(names) == 6


def test_it_is_saved_and_loaded(info: ModelInfo) -> None:
    assert (info.system, info.looks, info.image_size) == ("toy", "attention", 96)
    assert [one.model_id for one in checkpoint.list_models([info.folder.parent])] == ["toy"]
    loaded = checkpoint.load(info.folder).model
    assert type(loaded) is systems.find("toy")
    assert loaded.config() == {
        "vocabulary_size": len(VOCABULARY),
        "findings": 3,
        "image_size": 96,
        "hidden": 12,
    }


def test_it_drafts(info: ModelInfo) -> None:
    reporter = Reporter(info.folder, "cpu", BeamOptions(beams=2), dtype=torch.float32)
    analyses = reporter.draft_batch([radiograph(1), radiograph(2)], force=True)
    for analysis in analyses:
        assert [finding.name for finding in analysis.findings] == list(FINDINGS)
        assert [draft.rank for draft in analysis.drafts] == [1, 2]
        for draft in analysis.drafts:
            assert 1 <= len(draft.words) <= 8
            assert draft.attention.shape == (len(draft.words), 3, 3)
            assert draft.attention.sum((1, 2)) == pytest.approx(1.0, abs=1e-5)


def test_it_is_evaluated(info: ModelInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:  # Java's start takes longer than everything else here
        raise meteor.MeteorError("METEOR is left out, because Java is not installed.")

    monkeypatch.setattr(meteor, "archive", missing)
    reports = ("heart normal .", "right effusion .", "lungs clear .")
    cases = []
    for number, report in enumerate(reports):
        file = tmp_path / f"{number}.png"
        Image.fromarray(radiograph(number).pixels).save(file)
        cases.append(Case(file, "pairs", "test", str(number), report))
    source = Source("pairs", "roco", "test", tuple(cases), reports)
    told, drafts = evaluate.evaluate(
        info, [source], tmp_path / "out", device="cpu", draws=20, attention=True
    )
    assert told["model"]["system"] == "toy"
    assert told["options"]["max_words"] == 8
    assert told["sources"]["pairs"]["images"] == 3
    assert all(one is not None and one.texts[0] for one in drafts["pairs"])


def test_without_its_file_its_weights_are_refused(
    info: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "__path__", models.__path__[:-1])
    assert "toy" not in systems.names()
    with pytest.raises(ModelError, match="unknown system 'toy'"):
        checkpoint.load(info.folder)
