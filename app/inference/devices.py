"""Where the model runs: GPU when there is one, CPU otherwise, and how well that CPU is used."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from app.errors import ModelError

CHOICES = ("auto", "cpu", "cuda")


def choose(name: str = "auto") -> torch.device:
    """The device for ``name``: "auto" (a GPU when torch can use one), "cpu" or "cuda".

    Raises ModelError when a GPU is asked for and there is none, and for any other name.
    """
    if name not in CHOICES:
        raise ModelError(
            f"There is no device called “{name}”.", f"Choose one of: {', '.join(CHOICES)}."
        )
    if name == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if name == "auto":
        return torch.device("cpu")
    hint = "Choose the device “auto” or “cpu”"
    if torch.version.cuda is None and torch.version.hip is None:
        hint += ", or install a build of torch with CUDA support"
    else:
        hint += ", or check the GPU's driver"
    raise ModelError("A GPU was asked for, but torch finds none on this computer.", hint + ".")


def encoder_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the processor multiplies it in hardware, float32 elsewhere.

    On a CPU that is AMX or AVX-512 BF16 (x86), or the BF16 extension (Arm). oneDNN accepts bfloat16
    on any AVX-512 processor, but emulates it there and is slower than in float32.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float32
    abilities = torch.cpu.get_capabilities()
    native = any(abilities.get(name, False) for name in ("amx_bf16", "avx512_bf16", "bf16"))
    return torch.bfloat16 if native and torch.backends.mkldnn.is_available() else torch.float32


def use_all_cores() -> int:
    """Let torch use one thread per physical core that this process may run on; returns how many.

    A second thread per core shares the multipliers of the first and only costs time.
    """
    threads = _physical_cores()
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return threads


def describe(device: torch.device) -> str:
    """One line for the window, the doctor and the stored analyses.

    It begins with torch's own name of the kind of device, for example
    "cpu: Intel Xeon Gold 6430, 8 threads, bfloat16 (AMX)".
    """
    dtype = "bfloat16" if encoder_dtype(device) == torch.bfloat16 else "float32"
    if device.type == "cuda":
        return f"cuda: {torch.cuda.get_device_name(device)}, {dtype}"
    if dtype == "bfloat16" and torch.cpu.get_capabilities().get("amx_bf16", False):
        dtype += " (AMX)"
    threads = torch.get_num_threads()
    plural = "" if threads == 1 else "s"
    return f"cpu: {_processor()}, {threads} thread{plural}, {dtype}"


def _physical_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    physical = torch.cpu.get_capabilities().get("num_physical_cores", 0)
    return max(1, min(allowed, physical or allowed))


def _processor() -> str:
    """The processor's own name, as far as the system tells it without another program."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip().lower() == "model name" and value.strip():
                return " ".join(value.replace("(R)", "").replace("(TM)", "").split())
    return platform.processor() or platform.machine() or "unknown processor"
