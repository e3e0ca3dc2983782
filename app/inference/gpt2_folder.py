"""A GPT-2 in Hugging Face's layout on this machine, as the start of a decoder.

The folder holds ``config.json``, ``model.safetensors``, ``vocab.json`` and ``merges.txt`` as the
``transformers`` library saves them; the weights' names may begin with ``transformer.``. Nothing is
downloaded and nothing unpickled. Our words stay ours: GPT-2's byte pairs (Radford et al. 2019) cut
each word of our vocabulary, and the mean of the pieces' embeddings becomes the word's.

Nothing is built before the configuration and the shapes in the weights' header agree: a wrong
number in a text file could ask for more memory than there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import safetensors
import safetensors.torch as tensors
import torch

from app.errors import ModelError
from app.inference import finite, gpt2_config
from app.inference.gpt2_config import CONFIG, HINT, PIECES, WEIGHTS, Gpt2Config, shown
from app.inference.gpt2_pieces import Cutter
from app.inference.vocabulary import Vocabulary

if TYPE_CHECKING:
    from app.inference.models.resnet_gpt2 import ResnetGpt2

_PARTS = {
    "ln_1": "ln_1",
    "attn.c_attn": "attention",
    "attn.c_proj": "attended",
    "ln_2": "ln_2",
    "mlp.c_fc": "wider",
    "mlp.c_proj": "narrower",
}
"""Theirs → ours, within a block. Their linear layers store (in, out), ours (out, in)."""
_MASKS = ("attn.bias", "attn.masked_bias")
"""A block's causal mask, which older versions of the library saved with the weights."""
_KINDS = ("F16", "BF16", "F32", "F64")
"""Types of numbers in a weights file that are weights as they stand, not quantised."""


class _Part(NamedTuple):
    """A tensor by the header of its file. ``name`` is the file's own."""

    name: str
    shape: tuple[int, ...]
    kind: str


def options(folder: Path) -> dict[str, Any]:
    """The constructor's options of :class:`ResnetGpt2` that fit the GPT-2 in ``folder``.

    Raises ModelError where it is none, one that computes something else than ours, or its
    configuration and its weights differ. The weights themselves aren't read.
    """
    config, _ = _look(folder)
    return _options(config)


def _options(config: Gpt2Config) -> dict[str, Any]:
    return {
        "width": config.width,
        "blocks": config.blocks,
        "heads": config.heads,
        "positions": config.positions,
    }


@torch.no_grad()
def load(folder: Path, vocabulary: Vocabulary, model: ResnetGpt2) -> None:
    """Fill the decoder of ``model``, built with :func:`options`, from ``folder``. The cross
    attention and the encoder keep what they have.

    Raises ModelError where :func:`options` does, when the folder holds another GPT-2 than ``model``
    was built for or a number that isn't finite, and when its pieces can't be used.
    """
    file = folder / WEIGHTS
    config, parts = _look(folder)
    built = model.config()
    if any(built[name] != value for name, value in _options(config).items()):
        raise ModelError(f"{folder} holds another GPT-2 than the decoder was built for.", HINT)
    cutter = Cutter(folder, spaced=vocabulary.language == "en")
    rows = [cutter.cut(word) for word in vocabulary]
    try:
        read = tensors.load_file(file)
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{file} can't be read as safetensors.", HINT) from error
    state = {name: read[part.name].float() for name, part in parts.items()}
    finite.check(file, state, HINT)
    pieces = state["wte.weight"]
    if any(not 0 <= piece < len(pieces) for row in rows for piece in row):
        raise ModelError(f"{folder / PIECES} names pieces that {file} doesn't hold.", HINT)
    for number, block in enumerate(model.blocks):
        for theirs, ours in _PARTS.items():
            part = block.get_submodule(ours)
            weight = state[f"h.{number}.{theirs}.weight"]
            linear = isinstance(part, torch.nn.Linear)
            part.get_parameter("weight").copy_(weight.t() if linear else weight)
            part.get_parameter("bias").copy_(state[f"h.{number}.{theirs}.bias"])
    model.ln_f.weight.copy_(state["ln_f.weight"])
    model.ln_f.bias.copy_(state["ln_f.bias"])
    model.positions.weight.copy_(state["wpe.weight"])
    whole = torch.stack([pieces[row].mean(0) if row else pieces.mean(0) for row in rows])
    model.embedding.weight.copy_(whole)


def _look(folder: Path) -> tuple[Gpt2Config, dict[str, _Part]]:
    """The configuration and the parts of the weights that it asks for, by their names without the
    ``transformer.`` before them: all there, of its shapes, and no block beside them.
    """
    config = gpt2_config.read(folder)
    file = folder / WEIGHTS
    found = _header(file)
    parts: dict[str, _Part] = {}
    for name, shape in _shapes(config, found):
        if name not in found:
            raise ModelError(f"{file} has no {name}: it holds no GPT-2.", HINT)
        part = found[name]
        if part.shape != shape:
            raise ModelError(
                f"{file} and its {CONFIG} differ: {name} is {part.shape} and should be {shape}.",
                HINT,
            )
        if part.kind not in _KINDS:
            raise ModelError(
                f"{file} keeps {name} as {shown(part.kind)}, which are no weights as they stand.",
                "Choose a GPT-2 that isn't quantised.",
            )
        parts[name] = part
    masks = {f"h.{number}.{mask}" for number in range(config.blocks) for mask in _MASKS}
    for name in found:
        if name.startswith("h.") and name not in parts and name not in masks:
            raise ModelError(
                f"{file} holds {shown(name)}, which the GPT-2 in its {CONFIG} ({config.blocks} "
                "layers) doesn't have.",
                HINT,
            )
    return config, parts


def _header(file: Path) -> dict[str, _Part]:
    if not file.is_file():
        raise ModelError(
            f"{file.parent} has no {WEIGHTS}; weights in other files aren't read.", HINT
        )
    found: dict[str, _Part] = {}
    try:
        with safetensors.safe_open(file, framework="numpy") as stream:
            for name in stream.keys():  # noqa: SIM118 - it is no mapping
                part = stream.get_slice(name)
                shape = tuple(part.get_shape())
                short = name.removeprefix("transformer.")
                if short in found:
                    raise ModelError(f"{file} holds {shown(short)} twice.", HINT)
                found[short] = _Part(name, shape, str(part.get_dtype()))
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{file} can't be read as safetensors.", HINT) from error
    return found


def _shapes(
    config: Gpt2Config, found: Mapping[str, _Part]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every part of a GPT-2 and its shape. One at a time: a configuration may ask for many."""
    width, pieces = config.width, config.pieces
    if pieces is None:  # what the embedding has is then right, if it is one
        shape = found["wte.weight"].shape if "wte.weight" in found else ()
        pieces = shape[0] if shape else 1
    yield "wte.weight", (pieces, width)
    yield "wpe.weight", (config.positions, width)
    for number in range(config.blocks):
        for name, (rows, columns) in {
            "attn.c_attn": (width, 3 * width),
            "attn.c_proj": (width, width),
            "mlp.c_fc": (width, 4 * width),
            "mlp.c_proj": (4 * width, width),
        }.items():
            yield f"h.{number}.{name}.weight", (rows, columns)
            yield f"h.{number}.{name}.bias", (columns,)
        for name in ("ln_1", "ln_2"):
            yield f"h.{number}.{name}.weight", (width,)
            yield f"h.{number}.{name}.bias", (width,)
    yield "ln_f.weight", (width,)
    yield "ln_f.bias", (width,)
