"""System 4: a decoder in which no word sees a later one, and which looks at regions."""

from __future__ import annotations

import pytest
import torch
from small_systems import VOCABULARY, decided, images, seen, small

from app.inference.models.resnet_gpt2 import RESNETS, ResnetGpt2

TOKENS = torch.tensor([[0, 4, 6, 3, 5, 7, 3, 11], [0, 10, 9, 3, 1, 1, 1, 1]])


def gpt2(**options: object) -> ResnetGpt2:
    model = small("resnet_gpt2", **options)
    assert isinstance(model, ResnetGpt2)
    return model


@torch.no_grad()
def test_a_later_word_changes_no_earlier_logits_nor_maps() -> None:
    model = decided(gpt2())
    encoded = seen(model, 2)
    before = model.teach(encoded, TOKENS)
    for place in range(1, TOKENS.shape[1]):
        other = TOKENS.clone()
        other[:, place] = 12
        after = model.teach(encoded, other)
        torch.testing.assert_close(after.words[:, :place], before.words[:, :place])
        torch.testing.assert_close(after.attention[:, :place], before.attention[:, :place])
        assert not torch.allclose(after.words[:, place], before.words[:, place])


@torch.no_grad()
def test_steps_with_what_was_kept_equal_one_pass() -> None:
    model = decided(gpt2())
    encoded = seen(model, 2)
    whole = model.teach(encoded, TOKENS)
    state = model.start(encoded)
    for place, column in enumerate(TOKENS.unbind(1)):
        words, looked, state = model.step(column, state)
        torch.testing.assert_close(words, whole.words[:, place], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(looked, whole.attention[:, place], rtol=1e-4, atol=1e-6)
    for kept in state.past:
        assert kept is not None
        assert kept.shape == (2, 2, 2, TOKENS.shape[1], 8)


@torch.no_grad()
def test_the_same_words_in_another_order_say_something_else() -> None:
    model = decided(gpt2())
    encoded = seen(model, 1)
    one, other = (torch.tensor([[0, *words, 3]]) for words in ((4, 5, 6), (6, 4, 5)))
    last = [model.teach(encoded, tokens).words[0, -1] for tokens in (one, other)]
    assert not torch.allclose(*last)


@torch.no_grad()
def test_a_text_longer_than_the_positions_goes_on() -> None:
    model = decided(gpt2(positions=5))
    encoded = seen(model, 2)
    whole = model.teach(encoded, TOKENS).words
    assert bool(whole.isfinite().all())
    state = model.start(encoded)
    for place, column in enumerate(TOKENS.unbind(1)):
        words, _, state = model.step(column, state)
        torch.testing.assert_close(words, whole[:, place], rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_the_map_follows_a_region_that_moves() -> None:
    model = decided(gpt2())
    encoded = seen(model, 1)
    order = torch.tensor([2, 0, 3, 1])
    moved = encoded._replace(regions=encoded.regions[:, :, order])
    here, there = (model.teach(one, TOKENS[:1]) for one in (encoded, moved))
    torch.testing.assert_close(there.attention, here.attention[:, :, order])
    torch.testing.assert_close(there.words, here.words, rtol=1e-4, atol=1e-4)
    assert float(here.attention.std()) > 1e-3


@torch.no_grad()
def test_the_words_matrix_is_their_embedding() -> None:
    model = gpt2()
    assert not [name for name in model.state_dict() if name.startswith("words.")]
    encoded = seen(model, 1)
    before = model.teach(encoded, TOKENS[:1]).words
    model.embedding.weight[8].neg_()  # a word that the text doesn't hold
    after = model.teach(encoded, TOKENS[:1]).words
    others = [word for word in range(len(VOCABULARY)) if word != 8]
    torch.testing.assert_close(after[..., others], before[..., others])
    torch.testing.assert_close(after[..., 8], -before[..., 8])
    assert before[..., 8].abs().min() > 0


@pytest.mark.parametrize("name", RESNETS)
def test_three_stages_look_at_more_regions(name: str) -> None:
    channels = 512 if name != "resnet50" else 2048
    for stages, shape in ((4, (channels, 49)), (3, (channels // 2, 196))):
        with torch.device("meta"), torch.inference_mode():
            model = ResnetGpt2(20, 3, resnet=name, stages=stages).eval()
            encoded = model.encode(torch.empty(1, 1, 224, 224))
        assert encoded.regions.shape == (1, *shape)
        assert model.grid[0] * model.grid[1] == shape[1]


@torch.inference_mode()
def test_three_stages_draft_as_well() -> None:
    model = gpt2(stages=3, image_size=32)
    taught = model(images(model, 2), TOKENS)
    assert taught.attention.shape == (2, TOKENS.shape[1], 4)
    assert taught.words.shape == (2, TOKENS.shape[1], len(VOCABULARY))


@pytest.mark.parametrize("option", ["image_size", "width", "blocks", "heads", "positions"])
def test_a_decoder_of_nothing_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        gpt2(**{option: 0})
