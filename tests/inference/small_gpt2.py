"""A small GPT-2 as the transformers library saves one, with random weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch as tensors
import torch
from torch import Tensor

from app.inference.gpt2_pieces import byte_signs

WIDTH, LAYERS, HEADS, POSITIONS = 16, 2, 2, 12
MERGES = ("Ġ h", "e a", "Ġh ea", "r t", "Ġhea rt", "f f", "b c", "a b", "n o")
PIECES = (
    *byte_signs().values(),
    *(line.replace(" ", "") for line in MERGES),
    "<|endoftext|>",
)
NUMBER = {piece: number for number, piece in enumerate(PIECES)}


def weights(seed: int = 0) -> dict[str, Tensor]:
    """As ``GPT2Model`` names and shapes them: linear layers (in, out)."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return 0.4 * torch.randn(shape, generator=generator)

    made = {"wte.weight": draw(len(PIECES), WIDTH), "wpe.weight": draw(POSITIONS, WIDTH)}
    for layer in range(LAYERS):
        for name, shape in (
            ("attn.c_attn", (WIDTH, 3 * WIDTH)),
            ("attn.c_proj", (WIDTH, WIDTH)),
            ("mlp.c_fc", (WIDTH, 4 * WIDTH)),
            ("mlp.c_proj", (4 * WIDTH, WIDTH)),
        ):
            made[f"h.{layer}.{name}.weight"] = draw(*shape)
            made[f"h.{layer}.{name}.bias"] = draw(shape[1])
        for name in ("ln_1", "ln_2"):
            made[f"h.{layer}.{name}.weight"] = 1 + draw(WIDTH)
            made[f"h.{layer}.{name}.bias"] = draw(WIDTH)
    made["ln_f.weight"], made["ln_f.bias"] = 1 + draw(WIDTH), draw(WIDTH)
    return made


def write(
    folder: Path,
    state: Mapping[str, Tensor] | None = None,
    prefix: str = "",
    **config: Any,
) -> Path:
    """A whole folder; ``config`` stands in for entries of ``config.json``."""
    folder.mkdir(exist_ok=True)
    entry: dict[str, Any] = {
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_embd": WIDTH,
        "n_layer": LAYERS,
        "n_head": HEADS,
        "n_positions": POSITIONS,
        "vocab_size": len(PIECES),
    }
    (folder / "config.json").write_text(json.dumps(entry | config))
    (folder / "vocab.json").write_text(json.dumps(NUMBER, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *MERGES]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    state = weights() if state is None else state
    state = {prefix + name: part.contiguous() for name, part in state.items()}
    tensors.save_file(state, folder / "model.safetensors")
    return folder


def edit(folder: Path, without: tuple[str, ...] = (), **changes: Any) -> None:
    """Change ``config.json``."""
    file = folder / "config.json"
    entry = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({name: entry[name] for name in entry if name not in without}))
