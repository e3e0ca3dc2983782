"""A GPU when there is one, and a clear sentence when one is asked for in vain."""

import pytest
import torch

from app.errors import ModelError
from app.inference import devices


@pytest.mark.parametrize(("gpu", "kind"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_a_gpu_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch, gpu: bool, kind: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert devices.choose("auto").type == kind
    assert devices.choose("cpu").type == "cpu"


@pytest.mark.parametrize(("built_for", "advice"), [(None, "with CUDA support"), ("12.8", "driver")])
def test_a_gpu_that_is_not_there_is_refused_with_advice(
    monkeypatch: pytest.MonkeyPatch, built_for: str | None, advice: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", built_for)
    monkeypatch.setattr(torch.version, "hip", None)
    with pytest.raises(ModelError, match="finds none") as told:
        devices.choose("cuda")
    assert advice in told.value.hint


def test_an_unknown_device_is_refused_with_the_choices() -> None:
    with pytest.raises(ModelError, match="“tpu”") as told:
        devices.choose("tpu")
    assert "auto, cpu, cuda" in told.value.hint


@pytest.mark.parametrize(
    ("abilities", "dtype"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, torch.bfloat16),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"bf16": True}, torch.bfloat16),
        ({"avx512_f": True, "avx512_bf16": False}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_bfloat16_only_where_the_processor_multiplies_it(
    monkeypatch: pytest.MonkeyPatch, abilities: dict[str, bool], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities)
    assert devices.encoder_dtype(torch.device("cpu")) == dtype
    described = devices.describe(torch.device("cpu"))
    assert described.startswith("cpu: ")
    assert str(dtype).removeprefix("torch.") in described
    assert ("AMX" in described) == abilities.get("amx_bf16", False)


def test_one_thread_per_physical_core(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    try:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"num_physical_cores": 1})
        assert devices.use_all_cores() == torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
