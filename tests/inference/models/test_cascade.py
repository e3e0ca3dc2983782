"""System 3: labels as first words, the state that begins as the image, and joint contexts."""

from __future__ import annotations

import pytest
import torch
from small_systems import VOCABULARY, decided, images, seen, small
from torch import Tensor

from app.inference.beam import search
from app.inference.models.base import Encoded, ReportModel
from app.inference.models.cascade import CHANNELS, SPREAD, Cascade
from app.inference.options import BeamOptions

CELLS = ("gru", "lstm")
WORDS = torch.tensor([[4, 8, 10, 1, 1], [9, 11, 6, 7, 8]])
WRITTEN = torch.tensor([[True, True, True, False, False], [True] * 5])


def cascade(cell: str = "gru", **options: object) -> Cascade:
    model = small("cascade", cell=cell, **options)
    assert isinstance(model, Cascade)
    return model


def by_hand(model: Cascade, pooled: Tensor, words: list[int]) -> list[Tensor]:
    """The upper layer's state after each word of one image, by torch's cells."""
    lstm = isinstance(model.rnn, torch.nn.LSTM)
    start = model.bridge(pooled)
    hidden = [start, start]
    memory = [torch.zeros_like(start), torch.zeros_like(start)]
    states = []
    for word in words:
        read = model.embedding.weight[word]
        for layer in range(2):
            weight_i, weight_h, bias_i, bias_h = (
                model.rnn.get_parameter(f"{part}_l{layer}")
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            given, kept = weight_i @ read + bias_i, weight_h @ hidden[layer] + bias_h
            if lstm:
                into, forget, new, out = (given + kept).chunk(4)
                memory[layer] = forget.sigmoid() * memory[layer] + into.sigmoid() * new.tanh()
                hidden[layer] = out.sigmoid() * memory[layer].tanh()
            else:
                (reset_i, update_i, new_i), (reset_h, update_h, new_h) = (
                    given.chunk(3),
                    kept.chunk(3),
                )
                reset, update = (reset_i + reset_h).sigmoid(), (update_i + update_h).sigmoid()
                new = (new_i + reset * new_h).tanh()
                hidden[layer] = (1 - update) * new + update * hidden[layer]
            read = hidden[layer]
        states.append(read)
    return states


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_the_state_begins_as_the_pooled_image_in_both_layers(cell: str) -> None:
    model = cascade(cell, hidden=CHANNELS)
    encoded = seen(model, 2)
    state = model.start(encoded)
    assert state.hidden.shape == (2, 2, 1024)
    for layer in range(2):
        assert torch.equal(state.hidden[:, layer], encoded.pooled)
    assert not bool(state.cell.any())


@torch.no_grad()
def test_another_width_gets_the_image_through_a_bridge() -> None:
    model = cascade()
    encoded = seen(model, 2)
    expected = encoded.pooled @ model.get_parameter("bridge.weight").T
    expected += model.get_parameter("bridge.bias")
    for layer in range(2):
        torch.testing.assert_close(model.start(encoded).hidden[:, layer], expected)


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_start_does_not_move_the_state(cell: str) -> None:
    model = decided(cascade(cell))
    state = model.start(seen(model, 2))
    _, _, after = model.step(torch.tensor([0, 0]), state)
    assert torch.equal(after.hidden, state.hidden)
    assert torch.equal(after.cell, state.cell)
    # Rows that read a word move, beside one that doesn't.
    _, _, after = model.step(torch.tensor([0, 4]), state)
    assert torch.equal(after.hidden[0], state.hidden[0])
    assert not torch.allclose(after.hidden[1], state.hidden[1])


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_the_network_goes_on_from_the_labels_word(cell: str) -> None:
    model = decided(cascade(cell), 2.0)
    encoded = seen(model, 2)
    taught = model.teach(encoded, torch.cat([torch.zeros(2, 1, dtype=torch.int64), WORDS], 1))
    for row in range(2):
        states = by_hand(model, encoded.pooled[row], WORDS[row].tolist())
        for place, state in enumerate(states, start=1):
            torch.testing.assert_close(
                taught.words[row, place], model.words(state), rtol=1e-4, atol=1e-4
            )


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_a_context_is_the_mean_of_the_states_over_the_words(cell: str) -> None:
    model = decided(cascade(cell), 2.0)
    encoded = seen(model, 2)
    contexts = model.contexts(encoded, WORDS, WRITTEN)
    assert contexts.shape == (2, 24)
    for row in range(2):
        words = WORDS[row][WRITTEN[row]].tolist()
        states = by_hand(model, encoded.pooled[row], words)
        torch.testing.assert_close(contexts[row], torch.stack(states).mean(0), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_what_follows_the_words_does_not_touch_the_context() -> None:
    model = decided(cascade())
    encoded = seen(model, 2)
    other = torch.where(WRITTEN, WORDS, 12)
    assert torch.equal(
        model.contexts(encoded, WORDS, WRITTEN), model.contexts(encoded, other, WRITTEN)
    )
    nothing = model.contexts(encoded, WORDS, torch.zeros_like(WRITTEN))
    assert not bool(nothing.any())


@torch.no_grad()
def test_the_first_word_is_the_cnns_label_and_labels_that_share_it_add_up() -> None:
    model = decided(cascade())  # labels begin with the words 4, 9, 9
    encoded = seen(model, 3)
    labels = torch.softmax(model.label_logits(encoded.pooled), dim=1)
    first = model.teach(encoded, torch.zeros(3, 1, dtype=torch.int64)).words[:, 0]
    chances = first.softmax(dim=1)
    torch.testing.assert_close(first.exp().sum(1), torch.ones(3))  # they are log probabilities
    spread = SPREAD / len(VOCABULARY)
    torch.testing.assert_close(chances[:, 4], (1 - SPREAD) * labels[:, 0] + spread)
    torch.testing.assert_close(chances[:, 9], (1 - SPREAD) * (labels[:, 1] + labels[:, 2]) + spread)
    others = [word for word in range(len(VOCABULARY)) if word not in (4, 9)]
    torch.testing.assert_close(chances[:, others], torch.full((3, len(others)), spread))


def test_drafts_open_with_labels_by_their_probability() -> None:
    model = decided(cascade(), 1.5)
    with torch.no_grad():
        model.get_parameter("labels.bias").copy_(torch.tensor([0.0, 30.0, 0.0]))
    for image in search(model, seen(model, 3), BeamOptions(max_words=5), forbidden=(2,)):
        assert image[0].tokens[0] == 9
        assert all(len(one.tokens) <= 5 for one in image)


@torch.no_grad()
def test_without_labels_the_first_word_is_the_networks_own() -> None:
    model = decided(cascade(label_words=[]))
    encoded = seen(model, 2)
    logits, _, _ = model.step(torch.tensor([0, 0]), model.start(encoded))
    torch.testing.assert_close(logits, model.words(model.bridge(encoded.pooled)))
    with pytest.raises(ValueError, match="no labels"):
        model.label_logits(encoded.pooled)


@torch.no_grad()
def test_relabelling_begins_a_new_last_layer_and_leaves_the_rest() -> None:
    model = cascade()
    before = {name: part.clone() for name, part in model.state_dict().items()}
    model.relabel([4, 9, 9, 10, 4])
    assert model.config()["label_words"] == [4, 9, 9, 10, 4]
    after = model.state_dict()
    assert after["labels.weight"].shape == (5, 1024)
    assert after.keys() == before.keys()
    for name, part in after.items():
        assert name.startswith("labels.") or torch.equal(part, before[name]), name
    assert not torch.equal(after["labels.weight"][:3], before["labels.weight"])
    again = Cascade(**model.config()).eval()
    again.load_state_dict(after, strict=True)
    encoded = seen(model, 2)
    start = torch.zeros(2, 1, dtype=torch.int64)
    assert torch.equal(again.teach(encoded, start).words, model.teach(encoded, start).words)


def test_relabelling_to_no_labels_and_back() -> None:
    model = cascade()
    model.relabel([])
    assert model.labels is None
    assert "labels.weight" not in model.state_dict()
    model.relabel([5])
    assert model.labels is not None
    assert model.labels.out_features == 1
    assert [int(word) for word in model.get_buffer("label_words")] == [5]


def test_labels_must_be_words() -> None:
    model = cascade()
    for word in (-1, len(VOCABULARY)):
        with pytest.raises(ValueError, match="label_words"):
            model.relabel([4, word])
    assert model.config()["label_words"] == [4, 9, 9]


def test_a_word_without_a_label_costs_a_finite_loss() -> None:
    model = decided(cascade(), 30.0)
    first = model.teach(seen(model, 4), torch.zeros(4, 1, dtype=torch.int64)).words
    assert bool(first.isfinite().all())
    loss = torch.nn.functional.cross_entropy(first[:, 0], torch.full((4,), 6))
    loss.backward()
    assert model.labels is not None
    assert model.labels.weight.grad is not None
    assert bool(model.labels.weight.grad.isfinite().all())


@torch.inference_mode()
def test_the_encoder_is_googlenet_in_one_gray_channel() -> None:
    model: ReportModel = cascade()
    encoded: Encoded = model.encode(images(model, 2))
    assert encoded.regions.shape == (2, 1024, 4)
    torch.testing.assert_close(encoded.pooled, encoded.regions.mean(2))
    norms = [part for part in model.encoder.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert len(norms) == 57  # one behind every convolution
