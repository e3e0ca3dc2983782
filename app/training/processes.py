"""One run on several GPUs or machines, started with torchrun.

``torchrun --nproc-per-node 4 -m app train CONFIG.toml`` starts four processes that each take their
share of every batch; their gradients are averaged. Without torchrun there is one process and
nothing here does anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from app.errors import AppError


@dataclass(frozen=True)
class Processes:
    """``rank`` of ``count`` processes; the first one speaks and writes."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        return self.rank == 0

    def wrap(self, lesson: nn.Module) -> nn.Module:
        """``lesson`` with its gradients averaged over the processes.

        A lesson that teaches only some of its parameters in some steps says so by ``partial``.
        """
        if self.count == 1:
            return lesson
        partial = bool(getattr(lesson, "partial", False))
        return DistributedDataParallel(lesson, find_unused_parameters=partial)

    def agree(self, lesson: nn.Module) -> None:
        """Give every process the first one's running statistics, which gradients don't cover."""
        if self.count > 1:
            for buffer in lesson.buffers():
                distributed.broadcast(buffer, 0)

    def wait(self) -> None:
        if self.count > 1:
            distributed.barrier()


def device_of(name: str) -> torch.device:
    """ "auto", "cpu" or "cuda" as a device. Raises AppError where there is no such one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise AppError("There is no CUDA device.", "Use --device cpu.")
    return torch.device(name)


@contextmanager
def joined(device: torch.device) -> Iterator[tuple[Processes, torch.device]]:
    """The processes that torchrun has started, and this one's device."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(), device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), count), device
        # Nobody leaves while another still talks: gloo's threads end the process when they lose
        # their partner. After an error there may be no partner left to wait for.
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
