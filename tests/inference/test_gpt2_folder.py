"""A small GPT-2 in Hugging Face's layout: its numbers in their places, and what is refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from small_gpt2 import HEADS, LAYERS, NUMBER, WIDTH, edit, weights, write
from torch import Tensor

from app.errors import ModelError
from app.inference import gpt2_folder
from app.inference.models.base import Encoded
from app.inference.models.resnet_gpt2 import ResnetGpt2
from app.inference.vocabulary import SPECIAL, Vocabulary

VOCABULARY = Vocabulary((*SPECIAL, ".", "heart", "he", "no", "abc"))
TOKENS = torch.tensor([[0, 4, 3, 6, 4, 7], [0, 5, 5, 3, 1, 1]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "gpt2")


def begun(folder: Path, vocabulary: Vocabulary = VOCABULARY) -> ResnetGpt2:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = ResnetGpt2(
            len(vocabulary), 2, image_size=64, stages=3, **ResnetGpt2.options_of(folder)
        )
    model.begin(folder, vocabulary)
    return model.eval()


def encoded(model: ResnetGpt2) -> Encoded:
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        return model.read(torch.rand(2, 256, 4, 4, generator=generator))


def gpt2(state: dict[str, Tensor], embedded: Tensor) -> Tensor:
    """GPT-2 (Radford et al. 2019) in its own terms: embedded words (T, w) → (T, w) behind the last
    norm.
    """

    def norm(values: Tensor, name: str) -> Tensor:
        centred = values - values.mean(1, keepdim=True)
        scale = (centred.square().mean(1, keepdim=True) + 1e-5).sqrt()
        return centred / scale * state[f"{name}.weight"] + state[f"{name}.bias"]

    def conv1d(values: Tensor, name: str) -> Tensor:
        return values @ state[f"{name}.weight"] + state[f"{name}.bias"]

    def gelu_new(values: Tensor) -> Tensor:
        inner = (2 / torch.pi) ** 0.5 * (values + 0.044715 * values**3)
        return 0.5 * values * (1 + inner.tanh())

    length, head = len(embedded), WIDTH // HEADS
    values = embedded + state["wpe.weight"][:length]
    for layer in range(LAYERS):
        name = f"h.{layer}"
        query, key, value = conv1d(norm(values, f"{name}.ln_1"), f"{name}.attn.c_attn").split(
            WIDTH, dim=1
        )
        told = torch.zeros(length, WIDTH)
        for number in range(HEADS):
            own = slice(number * head, (number + 1) * head)
            for place in range(length):
                scores = key[: place + 1, own] @ query[place, own] / head**0.5
                told[place, own] = scores.softmax(0) @ value[: place + 1, own]
        values = values + conv1d(told, f"{name}.attn.c_proj")
        wide = gelu_new(conv1d(norm(values, f"{name}.ln_2"), f"{name}.mlp.c_fc"))
        values = values + conv1d(wide, f"{name}.mlp.c_proj")
    return norm(values, "ln_f")


@pytest.mark.parametrize("prefix", ["", "transformer."])
@torch.no_grad()
def test_without_the_image_the_decoder_is_that_gpt2(tmp_path: Path, prefix: str) -> None:
    state = weights()
    extra = {"h.0.attn.bias": torch.ones(1, 1, 12, 12), "lm_head.weight": torch.zeros(1)}
    model = begun(write(tmp_path / "gpt2", state | extra, prefix))
    for block in model.blocks:  # what the cross attention adds
        block.get_parameter("looked.weight").zero_()
        block.get_parameter("looked.bias").zero_()
    words = model.teach(encoded(model), TOKENS).words
    for row in range(2):
        embedded = model.embedding.weight[TOKENS[row]]
        expected = gpt2(state, embedded) @ model.embedding.weight.T
        torch.testing.assert_close(words[row], expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_each_weight_stands_transposed_in_its_place(folder: Path) -> None:
    state, model = weights(), begun(folder)
    for layer, block in enumerate(model.blocks):
        for theirs, ours in (
            ("attn.c_attn", "attention"),
            ("attn.c_proj", "attended"),
            ("mlp.c_fc", "wider"),
            ("mlp.c_proj", "narrower"),
        ):
            weight = state[f"h.{layer}.{theirs}.weight"]
            assert torch.equal(block.get_parameter(f"{ours}.weight"), weight.T)
            bias = state[f"h.{layer}.{theirs}.bias"]
            assert torch.equal(block.get_parameter(f"{ours}.bias"), bias)
    assert torch.equal(model.positions.weight, state["wpe.weight"])


@torch.no_grad()
def test_a_word_begins_as_the_mean_of_its_pieces(folder: Path) -> None:
    pieces, embedding = weights()["wte.weight"], begun(folder).embedding.weight
    for word, parts in (
        ("<start>", ["<|endoftext|>"]),
        ("<end>", ["<|endoftext|>"]),
        (".", ["."]),
        ("heart", ["Ġheart"]),
        ("he", ["Ġh", "e"]),
        ("no", ["Ġ", "no"]),
        ("abc", ["Ġ", "a", "bc"]),
    ):
        row = list(VOCABULARY).index(word)
        expected = pieces[[NUMBER[part] for part in parts]].mean(0)
        torch.testing.assert_close(embedding[row], expected)


@torch.no_grad()
def test_the_frame_of_a_gpt2_without_a_boundary_begins_as_the_mean_of_all(folder: Path) -> None:
    pieces = weights()["wte.weight"]
    others = {name: number for name, number in NUMBER.items() if name != "<|endoftext|>"}
    (folder / "vocab.json").write_text(json.dumps(others))
    embedding = begun(folder).embedding.weight
    torch.testing.assert_close(embedding[0], pieces.mean(0))
    torch.testing.assert_close(embedding[1], pieces.mean(0))


@torch.no_grad()
def test_a_word_that_no_merge_knows_begins_as_the_mean_of_its_bytes(folder: Path) -> None:
    words = Vocabulary((*SPECIAL, "心影"), "zh")
    pieces = weights()["wte.weight"]
    expected = pieces[[NUMBER[sign] for sign in "å¿ĥå½±"]].mean(0)
    torch.testing.assert_close(begun(folder, words).embedding.weight[3], expected)


@torch.no_grad()
def test_the_image_still_reaches_the_words(folder: Path) -> None:
    model = begun(folder)
    same = TOKENS[:1].expand(2, -1)
    words = model.teach(encoded(model), same).words
    assert not torch.allclose(words[0], words[1])


def test_options_are_those_of_the_folder(folder: Path) -> None:
    expected = {"width": 16, "blocks": 2, "heads": 2, "positions": 12}
    assert gpt2_folder.options(folder) == expected


def test_the_rows_of_the_pieces_need_not_be_told(folder: Path) -> None:
    edit(folder, without=("vocab_size",))
    assert gpt2_folder.options(folder)["width"] == WIDTH


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@torch.no_grad()
def test_weights_of_any_precision_are_taken_over(tmp_path: Path, dtype: torch.dtype) -> None:
    state = {name: part.to(dtype) for name, part in weights().items()}
    model = begun(write(tmp_path / "gpt2", state))
    assert torch.equal(model.positions.weight, state["wpe.weight"].float())


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"n_embd": 1_000_000}, r"\(266, 16\) and should be \(266, 1000000\)"),
        ({"n_positions": 1_000_000}, r"wpe\.weight is \(12, 16\) and should be \(1000000, 16\)"),
        ({"n_layer": 1_000_000}, r"has no h\.2\.attn\.c_attn\.weight"),
        ({"n_layer": 1}, r"'h\.1\.[\w.]+', which the GPT-2 in its config\.json \(1 layers\)"),
        ({"vocab_size": 267}, r"\(266, 16\) and should be \(267, 16\)"),
        ({"scale_attn_weights": False}, "has scale_attn_weights = False"),
    ],
)
def test_a_config_that_the_weights_do_not_bear_out_is_refused_before_anything_is_built(
    tmp_path: Path, config: dict[str, Any], told: str
) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        ResnetGpt2.options_of(write(tmp_path / "gpt2", **config))
    assert caught.value.hint


def test_a_model_that_was_built_for_another_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    model = begun(folder)
    other = write(tmp_path / "other", n_head=4)
    with pytest.raises(ModelError, match="another GPT-2 than the decoder was built for"):
        model.begin(other, VOCABULARY)


def without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def filled(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def changed(**parts: Tensor | None) -> Callable[[Path], object]:
    """With other parts, or without one; a double underscore stands for a point."""

    def change(folder: Path) -> None:
        state = weights()
        for name, part in parts.items():
            if part is None:
                del state[name.replace("__", ".")]
            else:
                state[name.replace("__", ".")] = part
        write(folder, state)

    return change


def spoiled(name: str, number: float) -> Callable[[Path], object]:
    """With one number of a part made another."""
    part = weights()[name]
    part.view(-1)[-1] = number
    return lambda folder: write(folder, weights() | {name: part})


def renumbered(heart: int) -> Callable[[Path], object]:
    """With another number for the piece of "heart"."""
    content = json.dumps(NUMBER | {"Ġheart": heart})
    return lambda folder: (folder / "vocab.json").write_text(content)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (without("config.json"), "config.json"),
        (without("model.safetensors"), "model.safetensors"),
        (without("vocab.json"), "vocab.json"),
        (without("merges.txt"), "merges.txt"),
        (renumbered(heart=266), "doesn't hold"),
        (renumbered(heart=-1), "doesn't hold"),
        (filled("model.safetensors", b"not safetensors"), "can't be read as safetensors"),
        (changed(ln_f__bias=None), "has no ln_f.bias"),
        (changed(h__1__mlp__c_fc__weight=None), "has no h.1.mlp.c_fc.weight"),
        (changed(wpe__weight=torch.zeros(13, WIDTH)), r"\(13, 16\) and should be \(12, 16\)"),
        # as a linear layer would have stored it
        (changed(h__0__mlp__c_fc__weight=torch.zeros(64, 16)), r"\(64, 16\) and should be"),
        (changed(wte__weight=torch.zeros(266, 8)), r"\(266, 8\) and should be \(266, 16\)"),
        (changed(wte__weight=torch.zeros(266)), r"\(266,\) and should be \(266, 16\)"),
        (changed(wte__weight=torch.zeros(())), r"\(\) and should be \(266, 16\)"),
        (
            changed(h__0__attn__c_attn__weight=torch.zeros(3, 3, 3)),
            r"h\.0\.attn\.c_attn\.weight is \(3, 3, 3\) and should be \(16, 48\)",
        ),
        (changed(h__2__ln_1__weight=torch.zeros(16)), r"holds 'h\.2\.ln_1\.weight', which"),
        (changed(h__2__attn__bias=torch.zeros(16)), r"holds 'h\.2\.attn\.bias', which"),
        (changed(h__0__crossattention__c_attn__weight=torch.zeros(1)), "'h.0.crossatt"),
        (changed(transformer__ln_f__bias=torch.ones(WIDTH)), "holds 'ln_f.bias' twice"),
        (spoiled("wpe.weight", float("nan")), "wpe.weight holds what is no finite number"),
        (spoiled("h.1.mlp.c_proj.bias", float("inf")), r"h\.1\.mlp\.c_proj\.bias holds what is no"),
    ],
)
def test_a_damaged_folder_is_refused_with_a_sentence(
    folder: Path, damage: Callable[[Path], object], told: str
) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=told) as caught:
        begun(folder)
    assert str(folder) in caught.value.message
    assert "save_pretrained" in caught.value.hint


@pytest.mark.parametrize("dtype", [torch.int8, torch.float8_e4m3fn])
def test_quantised_weights_are_refused(tmp_path: Path, dtype: torch.dtype) -> None:
    part = torch.zeros(WIDTH, 3 * WIDTH, dtype=dtype)
    folder = write(tmp_path / "gpt2", weights() | {"h.1.attn.c_attn.weight": part})
    with pytest.raises(ModelError, match=r"keeps h\.1\.attn\.c_attn\.weight as") as caught:
        begun(folder)
    assert "quantised" in caught.value.hint


class _Bomb:
    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._file,)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_nothing_is_unpickled(folder: Path, tmp_path: Path, name: str) -> None:
    exploded = tmp_path / "exploded"
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(_Bomb(exploded)))
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        begun(folder)
    assert not exploded.exists()
