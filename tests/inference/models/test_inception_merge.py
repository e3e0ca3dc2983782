"""System 2: text stream and image are merged behind the LSTMs."""

from __future__ import annotations

import pytest
import torch
from small_systems import decided, seen, small

from app.inference.models.base import Encoded
from app.inference.models.inception_merge import WHOLE, InceptionMerge, encoder, side

TOKENS = torch.tensor([[0, 4, 6, 3, 5], [0, 4, 6, 3, 5]])


def merge(**options: object) -> InceptionMerge:
    model = small("inception_merge", **options)
    assert isinstance(model, InceptionMerge)
    return model


@torch.no_grad()
def test_the_image_does_not_reach_the_lstm() -> None:
    model = decided(merge())
    encoded = seen(model, 2)  # two images, one text
    state = model.start(encoded)
    for column in TOKENS.unbind(1):
        logits, _, state = model.step(column, state)
        torch.testing.assert_close(state.hidden[0], state.hidden[1])
        torch.testing.assert_close(state.cell[0], state.cell[1])
        assert not torch.allclose(logits[0], logits[1])


@torch.no_grad()
def test_the_words_are_the_merge_of_both_streams() -> None:
    model = decided(merge(), 2.0)
    encoded = seen(model, 2)
    told, _ = model.lstm(model.embedding(TOKENS))
    image = torch.relu(encoded.pooled @ model.image.weight.T + model.image.bias)
    joined = told + image.unsqueeze(1)
    merged = torch.relu(joined @ model.merge.weight.T + model.merge.bias)
    expected = merged @ model.words.weight.T + model.words.bias
    torch.testing.assert_close(model.teach(encoded, TOKENS).words, expected)


@torch.no_grad()
def test_no_region_counts_by_its_place() -> None:
    model = decided(merge())
    encoded = seen(model, 2)
    turned = Encoded(encoded.regions.flip(2), encoded.pooled, encoded.findings)
    assert torch.equal(model.teach(encoded, TOKENS).words, model.teach(turned, TOKENS).words)


def test_there_are_three_lstm_layers_of_256_and_embeddings_of_200() -> None:
    with torch.device("meta"):
        model = InceptionMerge(1000, 14)
    assert (model.lstm.num_layers, model.lstm.hidden_size) == (3, 256)
    assert model.embedding.weight.shape == (1000, 200)


def test_both_dropouts_act_while_teaching_and_not_while_drafting() -> None:
    model = merge(dropout=0.5)
    encoded = seen(model, 2)
    torch.manual_seed(0)
    model.train()
    assert not torch.equal(model.teach(encoded, TOKENS).words, model.teach(encoded, TOKENS).words)
    model.eval()
    assert torch.equal(model.teach(encoded, TOKENS).words, model.teach(encoded, TOKENS).words)


@pytest.mark.parametrize("size", [75, 107, 128, 224, 256, 299])
def test_the_grid_is_known_from_the_size_of_the_image(size: int) -> None:
    with torch.device("meta"), torch.inference_mode():
        seen_at = encoder(WHOLE).eval()(torch.empty(1, 1, size, size))
    assert seen_at.shape == (1, 2048, side(size), side(size))


@pytest.mark.parametrize("last", ["Mixed_6b", "Mixed_6c"])
def test_the_compact_form_ends_earlier_with_finer_regions(last: str) -> None:
    model = InceptionMerge(5, 2, image_size=107, hidden=8, embedding=8, last=last).eval()
    with torch.inference_mode():
        encoded = model.encode(torch.zeros(1, 1, 107, 107))
    assert encoded.regions.shape == (1, 768, 5 * 5)
    assert model.grid == (5, 5)
    assert side(299, last) == 17


def test_a_module_that_is_none_of_the_encoders_is_refused() -> None:
    with pytest.raises(ValueError, match="last must be one of"):
        InceptionMerge(5, 2, last="Mixed_9")
