"""What all report-writing systems have in common, whichever they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from small_systems import FINDINGS, OPTIONS, VOCABULARY, decided, images, seen, small
from torch import Tensor

from app.errors import AppError
from app.inference import checkpoint
from app.inference.beam import Hypothesis, search
from app.inference.looks import GRADIENTS
from app.inference.models import systems
from app.inference.models.base import Decoder, Encoded
from app.inference.options import BeamOptions

SYSTEMS = tuple(OPTIONS)
TOKENS = torch.tensor([[0, 4, 6, 3, 5, 7, 3], [0, 10, 9, 3, 1, 1, 1]])

INPUTS = {
    "densenet_lstm": (256, (1024, 64)),
    "inception_merge": (299, (2048, 64)),
    "cascade": (256, (1024, 64)),
    "resnet_gpt2": (224, (512, 49)),
    "coattention": (224, (512, 196)),
}
"""Pixels of the input and the shape of V, as the papers have them."""


def test_the_default_system_is_named_first_and_every_system_is_tested() -> None:
    names = systems.names()
    assert names[0] == "densenet_lstm"
    assert sorted(names) == sorted(SYSTEMS)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_is_named_as_its_module(name: str) -> None:
    system = systems.find(name)
    assert name == system.NAME
    assert system.TITLE
    assert system.SOURCE


@pytest.mark.parametrize("name", ["base", "attention", "nothing", "", "../systems"])
def test_what_is_no_system_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="unknown system"):
        systems.build(name, {})


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_config_builds_the_same_model_again(name: str) -> None:
    model = small(name)
    config = json.loads(json.dumps(model.config()))
    again = systems.build(name, config).eval()
    again.load_state_dict(model.state_dict(), strict=True)
    assert again.config() == model.config()
    assert (again.grid, again.image_size) == (model.grid, model.image_size)
    pictures = images(model, 2)
    with torch.inference_mode():
        assert torch.equal(again(pictures, TOKENS).words, model(pictures, TOKENS).words)


@pytest.mark.parametrize("name", SYSTEMS)
def test_v_has_the_papers_shape_at_the_papers_input_size(name: str) -> None:
    size, shape = INPUTS[name]
    with torch.device("meta"), torch.inference_mode():
        model = systems.find(name)(**systems.find(name).arguments(VOCABULARY, FINDINGS)).eval()
        encoded = model.encode(torch.empty(2, 1, size, size))
    assert model.image_size == size
    assert encoded.regions.shape == (2, *shape)
    assert encoded.pooled.shape == (2, shape[0])
    assert encoded.findings.shape == (2, len(FINDINGS))
    assert model.encoder.channels == shape[0]
    assert model.grid[0] * model.grid[1] == shape[1]


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_stem_and_rest_are_the_whole_encoder(name: str) -> None:
    model = small(name)
    pictures = images(model, 2)
    stem = model.encoder.stem(pictures)
    assert torch.equal(model.encoder.rest(stem), model.encoder(pictures))
    frozen = {id(p) for part in model.encoder.frozen_modules() for p in part.parameters()}
    own = {id(p) for p in model.encoder.parameters()}
    assert frozen < own


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_stepping_word_by_word_says_what_teaching_says(name: str) -> None:
    model = decided(small(name))
    encoded = seen(model, 2)
    taught = model.teach(encoded, TOKENS)
    assert taught.words.shape == (*TOKENS.shape, len(VOCABULARY))
    state: Any = model.start(encoded)
    for place, column in enumerate(TOKENS.unbind(1)):
        logits, attention, state = model.step(column, state)
        torch.testing.assert_close(logits, taught.words[:, place], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(attention, taught.attention[:, place], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_a_word_depends_on_no_later_word(name: str) -> None:
    model = decided(small(name))
    encoded = seen(model, 2)
    other = TOKENS.clone()
    other[:, 4:] = 11
    before, after = (model.teach(encoded, tokens).words for tokens in (TOKENS, other))
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_a_row_taken_twice_behaves_as_one(name: str) -> None:
    model = decided(small(name))
    state: Any = model.start(seen(model, 2))
    _, _, state = model.step(torch.tensor([0, 0]), state)
    _, _, state = model.step(torch.tensor([4, 5]), state)
    plain, _, _ = model.step(torch.tensor([3, 3]), state)
    again, looked, later = model.step(
        torch.tensor([3, 3, 3]), state.select(torch.tensor([1, 0, 1]))
    )
    torch.testing.assert_close(again, plain[[1, 0, 1]])
    assert not torch.allclose(again[0], again[1])
    # What the rows do afterwards is their own.
    apart, _, _ = model.step(torch.tensor([6, 6, 8]), later)
    assert looked.shape == (3, 4)
    assert not torch.allclose(apart[0], apart[2])


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_images_together_give_what_they_give_alone(name: str) -> None:
    model = small(name)
    pictures = images(model, 2)
    together = model(pictures, TOKENS)
    for row in range(2):
        alone = model(pictures[row : row + 1], TOKENS[row : row + 1])
        for one, all_of_them in zip(alone, together, strict=True):
            torch.testing.assert_close(one[0], all_of_them[row], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_attention_is_a_share_of_each_region(name: str) -> None:
    model = decided(small(name))
    attention = model.teach(seen(model, 2), TOKENS).attention
    assert attention.shape == (*TOKENS.shape, model.grid[0] * model.grid[1])
    assert float(attention.min()) >= 0
    torch.testing.assert_close(attention.sum(2), torch.ones(TOKENS.shape))


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_what_a_reader_sees_is_a_map_for_each_word(name: str) -> None:
    model = decided(small(name))
    encoded = seen(model, 1)
    attention = model.teach(encoded, TOKENS[:1]).attention[0, :-1]
    maps = model.look(encoded, TOKENS[0, 1:], attention)
    assert maps.shape == (TOKENS.shape[1] - 1, 4)
    assert float(maps.min()) >= 0
    torch.testing.assert_close(maps.sum(1), torch.ones(len(maps)))
    if model.LOOKS == GRADIENTS:
        assert not torch.allclose(maps, attention)  # which is even
    else:
        assert torch.equal(maps, attention)
    assert model.look(encoded, TOKENS[0, :0], attention[:0]).shape == (0, 4)


@pytest.mark.parametrize("name", SYSTEMS)
@torch.inference_mode()
def test_the_arrangement_for_drafting_gives_the_same_numbers(name: str) -> None:
    model = decided(small(name))
    encode, decoder = model.arranged(torch.device("cpu"), torch.float32)
    pictures = images(model, 2)
    plain, arranged = model.encode(pictures), encode(pictures)
    for one, other in zip(plain, arranged, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)
    states: list[Any] = [model.start(plain), decoder.start(plain)]
    for tokens in TOKENS.unbind(1):
        logits, looked, states[0] = model.step(tokens, states[0])
        faster, seen_there, states[1] = decoder.step(tokens, states[1])
        torch.testing.assert_close(logits, faster, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(looked, seen_there, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_saved_system_drafts_the_same_after_loading(name: str, tmp_path: Path) -> None:
    model = decided(small(name)).half().float()  # as the file holds the weights
    info = checkpoint.save(
        tmp_path / name,
        model,
        model_id=name,
        title=model.TITLE,
        system=name,
        vocabulary=VOCABULARY,
        findings=FINDINGS,
        preprocessing="test/1",
    )
    assert (info.system, info.looks) == (name, model.LOOKS)
    loaded = checkpoint.load(tmp_path / name).model
    assert type(loaded) is type(model)
    pictures = images(model, 2)
    with torch.inference_mode():
        before, after = model.encode(pictures), loaded.encode(pictures)
        assert torch.equal(before.regions, after.regions)
    first, second = (drafts(one, before, BeamOptions(max_words=8)) for one in (model, loaded))
    assert [[one.tokens for one in image] for image in first] == [
        [one.tokens for one in image] for image in second
    ]
    assert [[one.logprob for one in image] for image in first] == [
        [one.logprob for one in image] for image in second
    ]


def drafts(model: Decoder, encoded: Encoded, options: BeamOptions) -> list[list[Hypothesis]]:
    return search(model, encoded, options, forbidden=(2,))


@torch.inference_mode()
def greedy(model: Decoder, encoded: Encoded, most: int) -> tuple[list[int], float]:
    """The most probable word after the most probable word, and the sum of their log
    probabilities.
    """
    state = model.start(encoded)
    word, written, total = torch.tensor([0]), [], 0.0
    while True:
        logits, _, state = model.step(word, state)
        chances = logits[0].log_softmax(0)
        allowed = chances.clone()
        allowed[[0, 2]] = -torch.inf
        if not written:
            allowed[1] = -torch.inf
        chosen = 1 if len(written) == most else int(allowed.argmax())
        total += float(chances[chosen])
        if chosen == 1:
            return written, total
        written.append(chosen)
        word = torch.tensor([chosen])


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_beam_of_one_is_the_greedy_search(name: str) -> None:
    lengths = set()
    for seed, share, end in ((0, 2.0, 2.0), (4, 2.0, 2.0), (2, 4.0, 2.0), (1, 6.0, 0.0)):
        model = decided(small(name, seed), share, end)
        encoded = seen(model, 1, seed)
        expected, total = greedy(model, encoded, 9)
        options = BeamOptions(beams=1, width=1, max_words=9, block_ngram=0)
        ((found,),) = drafts(model, encoded, options)
        assert list(found.tokens) == expected
        assert found.logprob == pytest.approx(total, abs=1e-3)
        lengths.add(len(expected))
    assert min(lengths) < 9  # one ended by itself


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_draft_ends_at_its_end_token_and_its_score_is_a_sum_of_log_probabilities(
    name: str,
) -> None:
    model = decided(small(name))
    encoded = seen(model, 2)
    for row, found in enumerate(drafts(model, encoded, BeamOptions(max_words=8))):
        assert len(found) == 3
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        for one in found:
            assert not {0, 1, 2} & set(one.tokens)
            assert one.attention.shape == (len(one.tokens), 4)
            own = logprob(model, encoded.image(row), one.tokens)
            assert one.logprob == pytest.approx(own, abs=1e-3)
            assert one.logprob < 0


@torch.inference_mode()
def logprob(model: Any, encoded: Encoded, tokens: tuple[int, ...]) -> float:
    words = model.teach(encoded, torch.tensor([[0, *tokens]])).words[0].log_softmax(1)
    picked: Tensor = words.gather(1, torch.tensor([[*tokens, 1]]).T)
    return float(picked.double().sum())


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_part_behind_the_encoder_learns(name: str) -> None:
    model = small(name)
    generator = torch.Generator().manual_seed(6)
    shape = (4, model.encoder.channels, *model.grid)
    taught = model.teach(model.read(torch.randn(shape, generator=generator)), TOKENS.repeat(2, 1))
    weight = torch.randn(taught.words.shape, generator=generator)
    chances = taught.words.log_softmax(2)
    ((chances * weight).sum() + taught.findings.square().sum()).backward()
    for part, parameter in model.named_parameters():
        if not part.startswith("encoder."):
            assert parameter.grad is not None, part
            assert bool(parameter.grad.isfinite().all()), part
            assert bool(parameter.grad.any()), part


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "resnet_gpt2"])
def test_a_pretrained_decoder_is_refused_by_systems_that_read_none(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(AppError, match=name):
        systems.find(name).options_of(tmp_path)
    with pytest.raises(AppError, match=name):
        small(name).begin(tmp_path, VOCABULARY)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("densenet_lstm", {"image_size": 65}),
        ("inception_merge", {"image_size": 74}),
        ("cascade", {"image_size": 65}),
        ("cascade", {"cell": "rnn"}),
        ("cascade", {"label_words": [99]}),
        ("resnet_gpt2", {"image_size": 65}),
        ("resnet_gpt2", {"width": 17}),
        ("resnet_gpt2", {"resnet": "resnet7"}),
        ("resnet_gpt2", {"stages": 2}),
        ("coattention", {"image_size": 65}),
    ],
)
def test_options_that_make_no_model_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options)).removesuffix("_words")):
        small(name, **options)
