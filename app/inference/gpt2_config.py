"""``config.json`` of a GPT-2 in Hugging Face's layout: its sizes, and that it is the plain GPT-2.

The ``transformers`` library builds networks under the name of GPT-2 that compute other numbers from
the same weights. Ours computes one of them (:mod:`app.inference.models.resnet_gpt2`), so that every
setting that changes a number must have the value that this one has. What is not written has the
library's default.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import ModelError

CONFIG, WEIGHTS, PIECES, MERGES = "config.json", "model.safetensors", "vocab.json", "merges.txt"
HINT = (
    f"The folder holds {CONFIG}, {WEIGHTS}, {PIECES} and {MERGES}, as save_pretrained() of the "
    "transformers library writes them."
)
_PLAIN = "Choose a folder with a plain GPT-2, such as gpt2, gpt2-medium or distilgpt2."

_COMPUTED: Mapping[str, Any] = {
    "model_type": "gpt2",
    "activation_function": "gelu_new",
    "layer_norm_epsilon": 1e-5,
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "tie_word_embeddings": True,
    "add_cross_attention": False,
    "pruned_heads": {},
}
"""Settings that change what is computed → what ours computes; each is the library's default.
``reorder_and_upcast_attn`` is none of them: it changes the order of the same steps."""

_MOST = 1_000_000
"""Of anything that is counted; the largest GPT-2 has 50,257 pieces."""


@dataclass(frozen=True)
class Gpt2Config:
    """Sizes of a GPT-2: numbers per word, layers, heads in each, the longest text in pieces, and
    rows of the pieces' embedding, None where the file doesn't say.
    """

    width: int
    blocks: int
    heads: int
    positions: int
    pieces: int | None


def read(folder: Path) -> Gpt2Config:
    """The sizes in ``folder``'s ``config.json``. Raises ModelError where it is none of a GPT-2, or
    of one that computes something else than ours; the setting is named.
    """
    file = folder / CONFIG
    entry = json_object(file)
    for name, ours in _COMPUTED.items():
        _same(file, entry, name, ours)
    positions = "n_positions" if "n_positions" in entry else "n_ctx"
    found = Gpt2Config(
        width=_count(file, entry, "n_embd"),
        blocks=_count(file, entry, "n_layer"),
        heads=_count(file, entry, "n_head"),
        positions=_count(file, {"n_ctx": 1024} | entry, positions),
        pieces=_count(file, entry, "vocab_size") if "vocab_size" in entry else None,
    )
    if found.width % found.heads:
        raise ModelError(
            f"{file} describes no GPT-2: {found.heads} heads don't share {found.width} numbers.",
            HINT,
        )
    if entry.get("n_inner") is not None:
        _same(file, entry, "n_inner", 4 * found.width)
    return found


def json_object(file: Path) -> dict[str, Any]:
    """The JSON object in ``file``. Raises ModelError where it holds none."""
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{file} can't be read: {error.strerror}.", HINT) from error
    except (ValueError, RecursionError) as error:  # a RecursionError from brackets in brackets
        raise ModelError(f"{file} is not valid JSON.", HINT) from error
    if not isinstance(entry, dict):
        raise ModelError(f"{file} is not a JSON object.", HINT)
    return entry


def shown(value: object) -> str:
    """A value from a file as an error's sentence names it: on one line, and not endless."""
    return reprlib.repr(value)


def _same(file: Path, entry: Mapping[str, Any], name: str, ours: object) -> None:
    theirs = entry.get(name, ours)
    if theirs != ours:
        raise ModelError(
            f"{file} has {name} = {shown(theirs)}; a GPT-2 can be taken over only with {ours!r}.",
            _PLAIN,
        )


def _count(file: Path, entry: Mapping[str, Any], name: str) -> int:
    """A whole number from 1; ``true`` and 16.7 are none, though int() takes both."""
    value = entry.get(name)
    if type(value) is not int or not 1 <= value <= _MOST:
        told = shown(value) if name in entry else "missing"
        raise ModelError(
            f"{file} describes no GPT-2: {name} is {told} and should be a whole number from 1 to "
            f"{_MOST}.",
            HINT,
        )
    return value
