"""Three ways to score the regions, each against its equation; weights from before the choice."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor

from app.inference.models import attention as scoring
from app.inference.models import systems
from app.inference.models.base import Encoded
from app.inference.models.densenet_lstm import DenseNetLstm

WORDS, REGIONS = 11, 4


def model_with(kind: str) -> DenseNetLstm:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return DenseNetLstm(WORDS, 5, image_size=64, hidden=32, embedding=16, attention=kind).eval()


def encoded(count: int = 2) -> Encoded:
    regions = torch.rand(count, 1024, REGIONS, generator=torch.Generator().manual_seed(4))
    return Encoded(regions, regions.mean(2), torch.zeros(count, 5))


def by_hand(look: scoring.Attention, hidden: Tensor, regions: Tensor) -> Tensor:
    """Scores of one word (h,) for the regions (c, p), column by column."""
    scores = []
    weights = dict(look.named_parameters())
    for place in range(REGIONS):
        v = regions[:, place]
        if isinstance(look, scoring.PaperAttention):
            score = (weights["w_ph.weight"] @ hidden)[place] + weights["w_1c.weight"][0] @ v
        elif isinstance(look, scoring.AdditiveAttention):
            inner = weights["w_h.weight"] @ hidden + weights["w_h.bias"] + weights["w_v.weight"] @ v
            score = weights["v.weight"][0] @ inner.tanh()
        else:
            score = (weights["w_q.weight"] @ hidden) @ (weights["w_k.weight"] @ v) / math.sqrt(256)
        scores.append(score)
    return torch.stack(scores)


@pytest.mark.parametrize("kind", scoring.KINDS)
@torch.no_grad()
def test_the_weights_follow_the_equation_of_their_name(kind: str) -> None:
    model, seen = model_with(kind), encoded()
    _, attention, state = model.step(torch.tensor([0, 7]), model.start(seen))
    for row in range(2):
        expected = by_hand(model.attention, state.hidden[row], seen.regions[row]).softmax(0)
        torch.testing.assert_close(attention[row], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", scoring.KINDS)
@torch.no_grad()
def test_teaching_in_one_pass_equals_stepping(kind: str) -> None:
    model, seen = model_with(kind), encoded()
    tokens = torch.tensor([[0, 3, 4, 5], [0, 9, 9, 1]])
    taught = model.teach(seen, tokens)
    assert taught.attention.shape == (2, 4, REGIONS)
    state = model.start(seen)
    for place in range(tokens.shape[1]):
        logits, attention, state = model.step(tokens[:, place], state)
        torch.testing.assert_close(taught.words[:, place], logits, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(taught.attention[:, place], attention, rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_only_the_papers_attention_moves_all_words_maps_alike() -> None:
    """Between two images, its scores differ by the same amount for every word."""
    tokens = torch.tensor([[0, 3, 4, 5], [0, 3, 4, 5]])
    spread = {}
    for kind in scoring.KINDS:
        model, seen = model_with(kind), encoded()
        seen = seen._replace(pooled=seen.pooled[:1].expand(2, -1))  # the same words' states
        logs = model.teach(seen, tokens).attention.log()
        moved = logs[0] - logs[1]
        spread[kind] = float((moved - moved.mean(1, keepdim=True)).std(dim=0).max())
    assert spread["paper"] < 1e-6
    assert min(spread["additive"], spread["dot"]) > 1e-6


@pytest.mark.parametrize("kind", scoring.KINDS)
def test_every_part_of_the_attention_learns(kind: str) -> None:
    model = model_with(kind)
    model.teach(encoded(), torch.tensor([[0, 3], [0, 4]])).words.square().sum().backward()
    for name, parameter in model.attention.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.any()), name


@torch.no_grad()
def test_weights_from_before_the_choice_load_and_answer_the_same() -> None:
    model = model_with("paper")
    old = {name.removeprefix("attention."): value for name, value in model.state_dict().items()}
    assert {"w_ph.weight", "w_1c.weight"} <= old.keys()
    config = model.config()
    del config["attention"]
    again = systems.build("densenet_lstm", config).eval()
    given = copy.copy(old)
    again.load_state_dict(given, strict=True)
    assert given.keys() == old.keys()
    tokens = torch.tensor([[0, 3, 4, 5], [0, 9, 9, 1]])
    assert torch.equal(again.teach(encoded(), tokens).words, model.teach(encoded(), tokens).words)


def test_the_config_builds_the_same_attention_again() -> None:
    for kind in scoring.KINDS:
        again = systems.build("densenet_lstm", model_with(kind).config())
        assert again.state_dict().keys() == model_with(kind).state_dict().keys()


def test_an_unknown_attention_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown attention 'hard'"):
        model_with("hard")
