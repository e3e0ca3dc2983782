"""System 1 against the equations of arXiv 2006.10347, written out a second time by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from app.inference.models.densenet_lstm import DenseNetLstm

SIZE, WORDS, FINDINGS = 64, 11, 5


@pytest.fixture(scope="module")
def model() -> Iterator[DenseNetLstm]:
    torch.manual_seed(3)
    with torch.inference_mode():
        yield DenseNetLstm(WORDS, FINDINGS, image_size=SIZE, hidden=32, embedding=16).eval()


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(2, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(4))


def test_the_encoder_gives_v_and_its_mean(model: DenseNetLstm, images: Tensor) -> None:
    encoded = model.encode(images)
    assert encoded.regions.shape == (2, 1024, 4)
    assert torch.equal(encoded.pooled, encoded.regions.mean(2))
    assert encoded.findings.shape == (2, FINDINGS)


def test_full_size_input_has_64_regions() -> None:
    assert DenseNetLstm(WORDS, FINDINGS).grid == (8, 8)


def test_one_step_is_the_papers_equations(model: DenseNetLstm, images: Tensor) -> None:
    encoded = model.encode(images)
    tokens = torch.tensor([0, 7])
    logits, attention, state = model.step(tokens, model.start(encoded))

    # (1)-(3): the LSTM reads [E y; V_gav], here through torch's own cell
    cell = torch.nn.LSTMCell(16 + 1024, 32)
    cell.load_state_dict(
        {name.removesuffix("_l0"): value for name, value in model.lstm.state_dict().items()}
    )
    hidden, memory = cell(torch.cat([model.embedding(tokens), encoded.pooled], dim=1))
    # (4) alpha = softmax(W_ph h + W_1c V), (5) C = V alpha, (6) p = softmax(W_eh h + W_ec C)
    by_hand = torch.stack(
        [model.attention.w_1c.weight @ regions for regions in encoded.regions]
    ).squeeze(1)
    alpha = torch.softmax(hidden @ model.attention.w_ph.weight.T + by_hand, dim=1)
    context = torch.einsum("bcp,bp->bc", encoded.regions, alpha)
    expected = hidden @ model.w_eh.weight.T + model.w_eh.bias + context @ model.w_ec.weight.T

    assert torch.allclose(state.hidden, hidden, atol=1e-5)
    assert torch.allclose(state.cell, memory, atol=1e-5)
    assert torch.allclose(attention, alpha, atol=1e-6)
    assert torch.allclose(logits, expected, atol=1e-4)


def test_teaching_in_one_pass_equals_stepping_word_by_word(
    model: DenseNetLstm, images: Tensor
) -> None:
    tokens = torch.tensor([[0, 3, 4, 5], [0, 9, 9, 1]])
    taught = model(images, tokens)
    state = model.start(model.encode(images))
    for place in range(tokens.shape[1]):
        logits, attention, state = model.step(tokens[:, place], state)
        assert torch.allclose(taught.words[:, place], logits, atol=1e-4)
        assert torch.allclose(taught.attention[:, place], attention, atol=1e-5)


def test_attention_sums_to_one(model: DenseNetLstm, images: Tensor) -> None:
    attention = model(images, torch.tensor([[0, 3], [0, 4]])).attention
    assert torch.allclose(attention.sum(2), torch.ones(2, 2), atol=1e-6)


def test_rows_of_a_state_can_be_reordered_and_repeated(model: DenseNetLstm, images: Tensor) -> None:
    state = model.start(model.encode(images)).select(torch.tensor([1, 1, 0]))
    logits, _, _ = model.step(torch.tensor([0, 0, 0]), state)
    assert torch.equal(logits[0], logits[1])
    assert not torch.allclose(logits[0], logits[2])


def test_what_is_frozen_ends_after_the_second_dense_block(model: DenseNetLstm) -> None:
    names = [name for name, _ in model.encoder.features.named_children()]
    frozen = model.encoder.frozen_modules()
    kept = {name for name in names if getattr(model.encoder.features, name) in frozen}
    assert {"denseblock1", "denseblock2"} <= kept
    assert not {"denseblock3", "denseblock4", "norm5"} & kept


def test_stem_and_rest_are_the_whole_encoder(model: DenseNetLstm, images: Tensor) -> None:
    encoder = model.encoder
    whole = torch.relu(encoder.features(images))
    assert torch.allclose(encoder.rest(encoder.stem(images)), whole, atol=1e-5)
