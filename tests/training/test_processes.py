"""One run in two processes, as torchrun starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
import torch
from torch import nn
from app.training import loop
from app.training.journal import Journal
from app.training.processes import joined

class Lesson(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    def forward(self, samples):
        return (self.layers(samples) - 1).square().mean()

samples = torch.randn(16, 2, generator=torch.Generator().manual_seed(5))
folder = Path(sys.argv[1])
with joined(torch.device("cpu")) as (processes, device):
    lesson = Lesson()
    stage = loop.Stage(
        "toy", lesson, torch.optim.SGD(lesson.parameters(), 0.1), None, 2, 8,
        lambda epoch: torch.arange(16), lambda rows, epoch, draw: (samples[rows],),
        lambda epoch: {"figure": float(epoch)}, ("figure", True),
    )
    loop.run(stage, Journal(folder, lambda line: None), seed=1, key="k", device=device,
             mixed=False, processes=processes)
    torch.save(lesson.state_dict(), folder / f"{processes.rank}.pt")
"""


def test_two_processes_end_with_the_same_weights_and_one_journal(tmp_path: Path) -> None:
    import torch

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {
        **os.environ,
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path)],
            env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    for process in running:
        _, told = process.communicate(timeout=240)
        assert process.returncode == 0, told
    one, other = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (tmp_path / "curves.csv").read_text().count("toy") == 2
