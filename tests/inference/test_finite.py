"""Weights with NaN or an infinity are refused by name; every other number passes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from app.errors import ModelError
from app.inference import finite

FILE = Path("weights.safetensors")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_tensor_with_one_number_that_is_not_finite_is_named(
    number: float, dtype: torch.dtype
) -> None:
    damaged = torch.zeros(2, 3, dtype=dtype)
    damaged[1, 2] = number
    with pytest.raises(ModelError, match=r"weights\.safetensors is damaged: b holds") as caught:
        finite.check(FILE, {"a": torch.zeros(1), "b": damaged}, "Fetch it again.")
    assert caught.value.hint == "Fetch it again."


def test_the_largest_numbers_counters_and_empty_tensors_pass() -> None:
    state = {
        "most": torch.tensor(torch.finfo(torch.float16).max, dtype=torch.float16),
        "least": torch.tensor(torch.finfo(torch.float32).min),
        "counter": torch.tensor(3),
        "mask": torch.ones(2, 2, dtype=torch.bool),
        "none": torch.zeros(0, 4),
    }
    finite.check(FILE, state, "")
