"""A GPT-2's ``config.json``: the plain one is read, what computes otherwise is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_gpt2 import HEADS, LAYERS, POSITIONS, WIDTH, edit, write

from app.errors import ModelError
from app.inference import gpt2_config
from app.inference.gpt2_config import Gpt2Config

SIZES = Gpt2Config(WIDTH, LAYERS, HEADS, POSITIONS, 266)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "gpt2")


@pytest.mark.parametrize(
    "entries",
    [
        {},
        # as with gpt2 and distilgpt2
        {
            "architectures": ["GPT2LMHeadModel"],
            "n_ctx": 12,
            "layer_norm_epsilon": 1e-05,
            "resid_pdrop": 0.1,
            "summary_type": "cls_index",
            "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
            "id2label": {"0": "LABEL_0"},
            "pruned_heads": {},
        },
        # as newer versions of the library write it
        {
            "n_inner": None,
            "scale_attn_weights": True,
            "scale_attn_by_inverse_layer_idx": False,
            "reorder_and_upcast_attn": False,
            "add_cross_attention": False,
            "tie_word_embeddings": True,
            "torch_dtype": "float32",
            "transformers_version": "4.44.0",
        },
        {"n_inner": 4 * WIDTH, "reorder_and_upcast_attn": True},
    ],
)
def test_what_the_library_writes_of_a_plain_gpt2_is_read(
    folder: Path, entries: dict[str, Any]
) -> None:
    edit(folder, **entries)
    assert gpt2_config.read(folder) == SIZES


def test_what_is_not_written_has_the_librarys_default(folder: Path) -> None:
    edit(folder, without=("model_type", "n_positions", "activation_function", "vocab_size"))
    assert gpt2_config.read(folder) == Gpt2Config(WIDTH, LAYERS, HEADS, 1024, None)
    edit(folder, n_ctx=12)
    assert gpt2_config.read(folder).positions == 12


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("model_type", "bert", "'bert'"),
        ("model_type", "gpt_bigcode", "'gpt_bigcode'"),
        ("activation_function", "gelu", "'gelu'"),
        ("activation_function", "relu", "'relu'"),
        ("layer_norm_epsilon", 1e-2, "0.01"),
        ("layer_norm_epsilon", float("nan"), "nan"),
        ("layer_norm_epsilon", "1e-5", "'1e-5'"),
        ("scale_attn_weights", False, "False"),
        ("scale_attn_by_inverse_layer_idx", True, "True"),
        ("tie_word_embeddings", False, "False"),
        ("add_cross_attention", True, "True"),
        ("pruned_heads", {"1": [0]}, "{'1': \\[0\\]}"),
        ("n_inner", 32, "32"),
    ],
)
def test_a_gpt2_that_computes_something_else_is_refused_by_the_settings_name(
    folder: Path, name: str, value: object, told: str
) -> None:
    edit(folder, **{name: value})
    with pytest.raises(ModelError, match=rf"config\.json has {name} = {told};") as caught:
        gpt2_config.read(folder)
    assert "plain GPT-2" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("n_embd", "wide", "'wide'"),
        ("n_embd", None, "None"),
        ("n_embd", 16.7, "16.7"),
        ("n_embd", 16.0, "16.0"),
        ("n_embd", 10**9, "1000000000"),
        ("n_embd", float("inf"), "inf"),
        ("n_layer", True, "True"),
        ("n_layer", 0, "0"),
        ("n_layer", [2], "[2]"),
        ("n_head", 0, "0"),
        ("n_head", -2, "-2"),
        ("n_positions", 10**12, "1000000000000"),
        ("n_positions", None, "None"),
        ("vocab_size", 266.5, "266.5"),
    ],
)
def test_a_size_that_is_no_whole_number_of_a_gpt2_is_refused(
    folder: Path, name: str, value: object, told: str
) -> None:
    edit(folder, **{name: value})
    with pytest.raises(ModelError, match="describes no GPT-2") as caught:
        gpt2_config.read(folder)
    assert f"config.json describes no GPT-2: {name} is {told} and should be" in str(caught.value)
    assert "save_pretrained" in caught.value.hint


def test_a_size_of_thousands_of_digits_does_not_fill_the_sentence(folder: Path) -> None:
    edit(folder, n_embd=10**4000)
    with pytest.raises(ModelError, match="n_embd is 1000") as caught:
        gpt2_config.read(folder)
    assert len(caught.value.message) < 400 + len(str(folder))


@pytest.mark.parametrize("name", ["n_embd", "n_layer", "n_head"])
def test_a_size_that_is_missing_is_named(folder: Path, name: str) -> None:
    edit(folder, without=(name,))
    with pytest.raises(ModelError, match=f"{name} is missing"):
        gpt2_config.read(folder)


def test_heads_that_do_not_share_the_width_are_refused(folder: Path) -> None:
    edit(folder, n_head=3)
    with pytest.raises(ModelError, match="3 heads don't share 16 numbers"):
        gpt2_config.read(folder)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GPT-2", "is not valid JSON"),
        (b"\xff\xfe\x00", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'{"a": ' * 100_000, "is not valid JSON"),
        (b'{"n_embd": ' + b"1" * 5000 + b"}", "is not valid JSON"),
        (b"[1, 2]", "is not a JSON object"),
        (b"{}", "describes no GPT-2"),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(folder: Path, content: bytes, told: str) -> None:
    (folder / "config.json").write_bytes(content)
    with pytest.raises(ModelError, match=told) as caught:
        gpt2_config.read(folder)
    assert str(folder / "config.json") in caught.value.message
    assert "save_pretrained" in caught.value.hint


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json can't be read"):
        gpt2_config.read(folder)
