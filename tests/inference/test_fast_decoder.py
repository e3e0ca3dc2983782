"""The fast decoder gives the plain model's numbers, whatever the attention."""

from __future__ import annotations

import pytest
import torch

from app.inference.fast_decoder import FastDecoder
from app.inference.models.attention import KINDS
from app.inference.models.base import Encoded
from app.inference.models.densenet_lstm import DenseNetLstm

WORDS = 40


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
def test_each_attention_steps_as_in_the_plain_model(kind: str) -> None:
    generator = torch.Generator().manual_seed(2)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        model = DenseNetLstm(WORDS, 2, image_size=64, hidden=24, embedding=12, attention=kind)
    model.eval()
    regions = 3 * torch.rand(3, 1024, 4, generator=generator)
    encoded = Encoded(regions, regions.mean(2), torch.zeros(3, 2))
    fast = FastDecoder(model)
    rows = torch.tensor([0, 0, 1, 2, 2, 2])
    plain_state, fast_state = model.start(encoded).select(rows), fast.start(encoded).select(rows)
    tokens = torch.zeros(6, dtype=torch.int64)
    for _ in range(5):
        plain_logits, plain_look, plain_state = model.step(tokens, plain_state)
        fast_logits, fast_look, fast_state = fast.step(tokens, fast_state)
        torch.testing.assert_close(fast_logits, plain_logits, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(fast_look, plain_look, rtol=1e-4, atol=1e-6)
        tokens = torch.randint(WORDS, (6,), generator=generator)
        order = torch.tensor([1, 0, 2, 5, 5, 3])
        plain_state, fast_state = plain_state.select(order), fast_state.select(order)
