"""The checks tell a map that sees from one that doesn't, on models whose eyes are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from app.imaging import preprocess
from app.inference.checkpoint import LoadedModel, ModelInfo
from app.inference.looks import GRADIENTS
from app.inference.models.base import Encoded, ReportModel, Teaching
from app.inference.vocabulary import SPECIAL, Vocabulary
from app.training import attention_checks, planted

SIZE, GRID = 128, (8, 8)
WORDS = """
    opacity mass in the right left upper middle lower lobe pleural effusion lungs are clear no .
"""
VOCABULARY = Vocabulary((*SPECIAL, *WORDS.split()))
EFFUSION = list(VOCABULARY).index("effusion")


class Looker(ReportModel):
    """Looks where the image differs from ``expected``, and says "effusion" by the brightest cell.

    With ``blind`` it always looks at one cell and says what it likes.
    """

    def __init__(self, expected: np.ndarray | None = None, blind: int | None = None) -> None:
        super().__init__()
        self.grid = GRID
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        self.expected = 0.0 if expected is None else torch.from_numpy(expected)
        self.blind = blind

    def config(self) -> dict[str, Any]:
        return {}

    def encode(self, images: Tensor) -> Encoded:
        cells = functional.adaptive_avg_pool2d((images - self.expected).abs(), GRID).flatten(2)
        return Encoded(cells, cells.mean(2), torch.zeros(len(images), 0))

    def start(self, encoded: Encoded) -> Any:
        raise NotImplementedError

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        raise NotImplementedError

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        cells = encoded.regions.squeeze(1)
        words = torch.zeros(*tokens.shape, len(VOCABULARY))
        if self.blind is None:
            words[..., EFFUSION] = 5 * cells.amax(1, keepdim=True)
        else:
            cells = functional.one_hot(torch.full((len(cells),), self.blind), 64).float()
        looks = (30 * cells).softmax(1).unsqueeze(1).expand(-1, tokens.shape[1], -1)
        return Teaching(words, looks, encoded.findings)


class PostHoc(Looker):
    """Its own weights are even; what a reader sees of it is worked out afterwards."""

    LOOKS = GRADIENTS

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        taught = super().teach(encoded, tokens)
        return taught._replace(attention=torch.full_like(taught.attention, 1 / 64))

    def look(self, encoded: Encoded, tokens: Tensor, attention: Tensor) -> Tensor:
        assert attention.shape == (len(tokens), 64)
        return (30 * encoded.regions[0]).softmax(1).expand(len(tokens), -1)


def loaded(model: ReportModel) -> LoadedModel:
    info = ModelInfo(
        model_id="toy",
        title="Toy",
        system="toy",
        folder=Path(),
        sha256="",
        size_bytes=0,
        findings=(),
        vocabulary=tuple(VOCABULARY),
        language="en",
        preprocessing=preprocess.VERSION,
        image_size=SIZE,
        config={"attention": "dot"},
        training={},
        looks=model.LOOKS,
    )
    return LoadedModel(model, VOCABULARY, info)


def spotted(count: int) -> np.ndarray:
    """(count, SIZE, SIZE) mid gray with one bright cell each."""
    images = np.full((count, SIZE, SIZE), 128, np.uint8)
    for number, image in enumerate(images):
        row, column = divmod(number * 7 % 64, 8)
        image[row * 16 : row * 16 + 16, column * 16 : column * 16 + 16] = 250
    return images


@pytest.mark.parametrize("kind", planted.KINDS)
def test_a_planted_finding_is_where_it_is_said_to_be(kind: str) -> None:
    for seed in range(2):
        case = planted.plant(kind, seed)
        again = planted.plant(kind, seed)
        assert np.array_equal(case.image, again.image)
        assert case.word in case.sentence.split()
        changed = case.image.astype(int) - planted.bare(seed)
        assert changed[case.region].mean() > changed[~case.region].mean() + 8
        columns = np.flatnonzero(case.region.any(axis=0))
        if "left" in case.sentence:  # the image's right
            assert columns.min() > planted.COLUMNS / 2
        if "right" in case.sentence:
            assert columns.max() < planted.COLUMNS / 2
        assert 1 <= case.cells(GRID).sum() <= 16


def test_a_model_that_sees_the_finding_wins_the_pointing_game() -> None:
    bare = preprocess.normalise(planted.equalised(planted.bare(0), SIZE))
    told: list[tuple[int, int]] = []
    result = attention_checks.pointing_game(
        loaded(Looker(expected=bare)), phantoms=3, progress=lambda *p: told.append(p)
    )
    assert result["words_unknown"] == ["cardiomegaly"]
    assert set(result["kinds"]) == {"opacity", "mass", "effusion"}
    figures = result["all"]
    assert figures["cases"] == 9
    assert figures["hit_rate"] >= 0.75
    assert figures["hit_rate_bare"] <= 0.25
    assert figures["gain_interval"][0] > 0.3
    assert figures["weight_ratio"] > 3
    assert told[-1] == (9, 12)  # no words for cardiomegaly
    json.dumps(result)


def test_a_system_without_attention_is_held_to_the_maps_that_it_shows() -> None:
    expected = preprocess.normalise(planted.equalised(planted.bare(3), SIZE))
    seeing = attention_checks.pointing_game(loaded(PostHoc(expected)), phantoms=6)
    own = attention_checks.pointing_game(loaded(Looker(expected)), phantoms=6)
    assert seeing["all"]["hit_rate"] == own["all"]["hit_rate"]
    told = attention_checks.check(loaded(PostHoc()), spotted(2), ["right"] * 2, phantoms=1)
    assert told["attention"] == "Grad-CAM"


def test_a_map_that_knows_nothing_does_not_win() -> None:
    result = attention_checks.pointing_game(loaded(Looker(blind=0)), phantoms=2)["all"]
    assert result["hit_rate"] == result["hit_rate_bare"] == 0.0
    assert 0.0 < result["chance"] < 0.2
    assert result["gain"] == pytest.approx(-result["chance"])


def test_deleting_what_a_seeing_model_attends_to_costs_its_word() -> None:
    images = spotted(12)
    drafts = ["Right pleural effusion."] * 10 + ["The lungs are clear.", "No effusion."]
    result = attention_checks.deletion(loaded(Looker()), images, drafts, regions=4)
    assert result["images"] == 10
    assert result["drafts"] == 12
    assert result["attended"] > 1.0
    assert result["over_random_interval"][0] > 0.0
    assert result["larger_than_random"] >= 0.8
    assert result["over_usual"] > 0.0


def test_deleting_what_a_blind_model_attends_to_costs_nothing() -> None:
    drafts = ["Left effusion."] * 6
    result = attention_checks.deletion(loaded(Looker(blind=9)), spotted(6), drafts)
    assert result["attended"] == result["random"] == result["usual"] == 0.0
    assert result["over_random_interval"] == [0.0, 0.0]


def test_without_any_finding_there_is_nothing_to_delete() -> None:
    result = attention_checks.deletion(loaded(Looker()), spotted(1), ["The lungs are clear."])
    assert result == {"images": 0, "drafts": 1}


def test_painting_covers_the_cells_and_nothing_else() -> None:
    images = np.arange(64, dtype=np.uint8).reshape(1, 8, 8).repeat(2, 0)
    painted = attention_checks.paint(images, np.array([[0], [7]]), (4, 2))
    expected = images.copy()
    expected[0, :2, :4] = 32  # the mean of 0..63, to even
    expected[1, 6:, 4:] = 32
    assert np.array_equal(painted, expected)
    assert images[0, 0, 0] == 0


def test_both_checks_come_as_plain_data_and_the_same_again() -> None:
    model, images = loaded(Looker()), spotted(4)
    drafts = ["Pleural effusion."] * 4
    first = attention_checks.check(model, images, drafts, seed=3, phantoms=1)
    assert first["attention"] == "dot"
    assert json.loads(json.dumps(first)) == attention_checks.check(
        model, images, drafts, seed=3, phantoms=1
    )
