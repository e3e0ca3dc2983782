"""The fast arrangement of encoder and decoder gives what the plain model gives.

Stated tolerances, relative to the norm of what is compared: 1e-5 in float32, 2e-2 in bfloat16 (8
bits of mantissa, through 120 layers).
"""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from app.inference.beam import search
from app.inference.fast_decoder import FastDecoder
from app.inference.fast_encoder import FastEncoder
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.options import BeamOptions

CPU = torch.device("cpu")
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


def lifelike(model: DenseNetLstm) -> DenseNetLstm:
    """Batch norms as after a training: statistics of real activations, scales of either sign."""
    generator = torch.Generator().manual_seed(1)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5, generator=generator)
        norm.bias.data.normal_(0.0, 0.3, generator=generator)
    with torch.no_grad():
        model.encoder.train()
        for _ in range(3):
            model.encoder(torch.randn(4, 1, 64, 64, generator=generator))
    for number, norm in enumerate(norms):
        if number % 3 == 0:
            norm.weight.data[::5] *= -1.0
        if number % 4 == 0:
            norm.weight.data[1::7] = 0.0
    return model.eval()


@pytest.fixture(scope="module")
def model() -> DenseNetLstm:
    torch.manual_seed(0)
    return lifelike(DenseNetLstm(vocabulary_size=40, findings=5, image_size=64))


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(3, 1, 64, 64, generator=torch.Generator().manual_seed(2))


def difference(one: Tensor, other: Tensor) -> float:
    return float((one.float() - other.float()).norm() / other.float().norm())


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_folded_encoder_gives_the_plain_encoders_map(
    model: DenseNetLstm, images: Tensor, dtype: torch.dtype
) -> None:
    with torch.inference_mode():
        plain = model.encoder(images)
        fast = FastEncoder(model.encoder, CPU, dtype)(images)
    assert fast.shape == plain.shape == (3, 1024, 2, 2)
    assert fast.dtype == torch.float32
    assert difference(fast, plain) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_findings_stay_what_they_were(
    model: DenseNetLstm, images: Tensor, dtype: torch.dtype
) -> None:
    with torch.inference_mode():
        plain = model.encode(images).findings
        fast = model.read(FastEncoder(model.encoder, CPU, dtype)(images)).findings
    assert float((plain.sigmoid() - fast.sigmoid()).abs().max()) < TOLERANCE[dtype]


def test_one_image_is_read_as_in_a_batch(model: DenseNetLstm, images: Tensor) -> None:
    fast = FastEncoder(model.encoder, CPU)
    together = fast(images)
    for number in range(len(images)):
        assert difference(fast(images[number : number + 1])[0], together[number]) < 1e-5


def test_an_input_that_is_not_square_keeps_its_shape(model: DenseNetLstm) -> None:
    images = torch.randn(1, 1, 64, 160, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        plain = model.encoder(images)
    fast = FastEncoder(model.encoder, CPU)(images)
    assert fast.shape == (1, 1024, 2, 5)
    assert difference(fast, plain) < 1e-5


def test_the_original_is_left_as_it_is(model: DenseNetLstm, images: Tensor) -> None:
    before = copy.deepcopy(model.encoder.state_dict())
    FastEncoder(model.encoder, CPU, torch.bfloat16)(images)
    after = model.encoder.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_fast_decoder_steps_as_the_plain_one(model: DenseNetLstm, images: Tensor) -> None:
    fast = FastDecoder(model)
    with torch.inference_mode():
        encoded = model.encode(images)
        rows = torch.tensor([0, 0, 1, 2, 2, 2])
        plain_state = model.start(encoded).select(rows)
        fast_state = fast.start(encoded).select(rows)
        tokens = torch.zeros(6, dtype=torch.int64)
        for step in range(5):
            plain_logits, plain_look, plain_state = model.step(tokens, plain_state)
            fast_logits, fast_look, fast_state = fast.step(tokens, fast_state)
            torch.testing.assert_close(fast_logits, plain_logits, rtol=1e-4, atol=1e-4)
            torch.testing.assert_close(fast_look, plain_look, rtol=1e-4, atol=1e-5)
            tokens = (torch.arange(6) * 7 + step) % 40
            order = torch.tensor([1, 0, 2, 5, 5, 3])
            plain_state, fast_state = plain_state.select(order), fast_state.select(order)


def test_drafts_in_float32_are_the_plain_models(model: DenseNetLstm, images: Tensor) -> None:
    options = BeamOptions(max_words=8)
    with torch.inference_mode():
        plain = search(model, model.encode(images), options, forbidden=(2,))
        encoded = model.read(FastEncoder(model.encoder, CPU)(images))
    fast = search(FastDecoder(model), encoded, options, forbidden=(2,))
    for ours, theirs in zip(fast, plain, strict=True):
        assert [h.tokens for h in ours] == [h.tokens for h in theirs]
        assert [h.score for h in ours] == pytest.approx([h.score for h in theirs], abs=1e-3)
