"""The result of a stage in a run's folder, so that it is not taught twice.

A result is the networks that the stage taught and beside them, in a JSON file, its best figure and
its curve. The networks are written last: where they lie, the result is whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch as tensors
from torch import nn

from app.errors import AppError
from app.files import write_bytes, write_text

Curve = Sequence[Mapping[str, Any]]


def keep(file: Path, parts: nn.Module, best: float, curve: Curve) -> None:
    """Write ``parts`` into ``file`` and the figures beside it. Raises StoreError when that can't be
    done; then nothing half written is left.
    """
    state = {
        name: value.detach().to("cpu").contiguous() for name, value in parts.state_dict().items()
    }
    text = json.dumps({"best": best, "curve": curve})
    write_text(file.with_suffix(".json"), text)
    write_bytes(file, tensors.save(state))


def take(file: Path, parts: nn.Module) -> tuple[float, list[dict[str, Any]]]:
    """Give ``parts`` the weights that ``file`` holds → best figure and curve. Raises AppError when
    the files are damaged.
    """
    try:
        state = tensors.load(file.read_bytes())
        entry = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        best, curve = float(entry["best"]), [dict(row) for row in entry["curve"]]
        parts.load_state_dict(state)
    except (
        OSError,
        safetensors.SafetensorError,
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
    ) as error:
        raise AppError(
            f"{file} is damaged or unreadable.", "Delete it to train this stage again."
        ) from error
    return best, curve
