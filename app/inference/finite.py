"""Weights that are no numbers: one NaN among them makes every draft that passes it nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor


def check(file: Path, state: Mapping[str, Tensor], hint: str) -> None:
    """Raises ModelError with ``hint`` when a tensor of ``state``, read from ``file``, holds NaN or
    an infinity; the first such tensor is named. Tensors of whole numbers can't and aren't read.
    """
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise ModelError(f"{file} is damaged: {name} holds what is no finite number.", hint)
