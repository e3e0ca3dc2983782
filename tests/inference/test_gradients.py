"""Grad-CAM against its definition, one word and one backward pass at a time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent / "models"))

from small_systems import OPTIONS, decided, seen, small

from app.inference.gradients import grad_cam
from app.inference.models.base import Encoded, ReportModel

TOKENS = torch.tensor([9, 6, 3, 5, 7, 3])


def word_by_word(model: ReportModel, encoded: Encoded, tokens: Tensor) -> Tensor:
    """For each word: the mean over the regions of its logit's gradient weighs the channels; the
    negative part of the weighted sum is left out, the rest scaled to the sum 1.
    """
    given = torch.tensor([[0, *tokens[:-1].tolist()]])
    maps = []
    for place, word in enumerate(tokens.tolist()):
        regions = encoded.regions.detach().clone().requires_grad_()
        read = model.read(regions.reshape(1, -1, *model.grid))
        logit = model.teach(read, given[:, : place + 1]).words[0, place, word]
        logit.backward()
        assert regions.grad is not None
        weights = regions.grad[0].mean(dim=1)
        seen_at = (weights @ regions[0].detach()).clamp(min=0)
        total = seen_at.sum()
        count = len(seen_at)
        maps.append(seen_at / total if total > 0 else torch.full((count,), 1 / count))
    return torch.stack(maps)


@pytest.mark.parametrize("name", OPTIONS)
def test_all_words_in_one_pass_are_what_each_is_alone(name: str) -> None:
    model = decided(small(name), 2.0)
    encoded = seen(model, 1)
    maps = grad_cam(model, encoded, TOKENS)
    assert maps.dtype == torch.float32
    torch.testing.assert_close(maps, word_by_word(model, encoded, TOKENS), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", OPTIONS)
def test_weights_made_under_inference_mode_serve_as_well(name: str) -> None:
    plain = decided(small(name), 2.0)
    expected = grad_cam(plain, seen(plain, 1), TOKENS)
    with torch.inference_mode():
        model = decided(small(name), 2.0)
        maps = grad_cam(model, seen(model, 1), TOKENS)
    torch.testing.assert_close(maps, expected)
    torch.testing.assert_close(grad_cam(model, seen(model, 1), TOKENS), expected)
    assert all(parameter.is_inference() for parameter in model.parameters())  # still its own


def test_the_model_gets_no_gradients_and_keeps_its_numbers() -> None:
    model = decided(small("inception_merge"))
    before = {name: part.clone() for name, part in model.state_dict().items()}
    encoded = seen(model, 1)
    grad_cam(model, encoded, TOKENS)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not encoded.regions.requires_grad
    for name, part in model.state_dict().items():
        assert torch.equal(part, before[name])


def test_a_word_that_no_region_speaks_for_gets_the_even_map() -> None:
    model = small("inception_merge")
    with torch.no_grad():
        model.get_parameter("image.weight").zero_()  # the image is of no account
    maps = grad_cam(model, seen(model, 1), TOKENS)
    assert torch.equal(maps, torch.full((6, 4), 0.25))


def test_the_map_lies_where_the_channel_that_speaks_for_the_word_is_bright() -> None:
    model = small("inception_merge")
    with torch.no_grad():
        for name in ("image.weight", "merge.weight", "words.weight"):
            model.get_parameter(name).zero_()
        # Channel 7 → one unit → the logit of word 9.
        model.get_parameter("image.weight")[2, 7] = 1.0
        model.get_parameter("merge.weight")[5, 2] = 1.0
        model.get_parameter("words.weight")[9, 5] = 1.0
        model.get_parameter("image.bias").fill_(1.0)
        model.get_parameter("merge.bias").fill_(1.0)
        regions = torch.zeros(1, 2048, 4)
        regions[0, 7] = torch.tensor([0.0, 3.0, 0.0, 1.0])
        regions[0, 8, 0] = 50.0  # bright, and of no account
        encoded = model.read(regions.reshape(1, 2048, 2, 2))
    maps = grad_cam(model, encoded, torch.tensor([9, 9]))
    torch.testing.assert_close(maps, torch.tensor([[0.0, 0.75, 0.0, 0.25]] * 2))
