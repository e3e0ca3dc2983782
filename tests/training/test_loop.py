"""The training loop: what a kill costs, how an epoch is chosen, what can go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from app.errors import AppError
from app.training import loop
from app.training.journal import Journal
from app.training.loop import Batch, Stage
from app.training.processes import Processes

SAMPLES = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def saved_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)


class Lesson(nn.Module):
    """A network with all that a kill could disturb: dropout, batch norm, momentum."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layers = nn.Sequential(
            nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1)
        )

    def forward(self, samples: Tensor) -> Tensor:
        loss: Tensor = (self.layers(samples) - samples.sum(1, keepdim=True)).square().mean()
        return loss


class Killed(Exception):
    pass


def stage(figures: list[float], *, die_at: int = 0, patience: int = 0, rate: float = 1e-2) -> Stage:
    lesson = Lesson()
    optimizer = torch.optim.Adam(lesson.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=50)
    steps = 0

    def order(epoch: int) -> Tensor:
        return torch.randperm(len(SAMPLES), generator=torch.Generator().manual_seed(epoch))

    def batch(rows: Tensor, _epoch: int, generator: torch.Generator) -> Batch:
        nonlocal steps
        steps += 1
        if steps == die_at:
            raise Killed
        return (SAMPLES[rows] + torch.randn(len(rows), 3, generator=generator),)

    def validate(epoch: int) -> dict[str, float]:
        return {"figure": figures[epoch - 1]}

    return Stage(
        "toy",
        lesson,
        optimizer,
        schedule,
        len(figures),
        4,
        order,
        batch,
        validate,
        ("figure", True),
        patience=patience,
    )


def taught(stage: Stage, folder: Path, said: list[str] | None = None) -> dict[str, Tensor]:
    loop.run(
        stage,
        Journal(folder, (said if said is not None else []).append),
        seed=3,
        key="k",
        device=torch.device("cpu"),
        mixed=False,
        processes=Processes(),
    )
    return stage.lesson.state_dict()


@pytest.mark.parametrize("die_at", [2, 5, 6, 8, 11])
def test_a_killed_run_ends_with_the_same_weights(tmp_path: Path, die_at: int) -> None:
    """Steps 5 and 6 lie on either side of an epoch's end."""
    figures = [0.1, 0.3, 0.2]
    unbroken = taught(stage(figures), tmp_path / "unbroken")
    with pytest.raises(Killed):
        taught(stage(figures, die_at=die_at), tmp_path / "killed")
    said: list[str] = []
    resumed = taught(stage(figures), tmp_path / "killed", said)
    assert any("going on" in line for line in said)
    assert all(torch.equal(unbroken[name], resumed[name]) for name in unbroken)
    curves = [(tmp_path / run / "curves.csv").read_text() for run in ("unbroken", "killed")]
    assert curves[0] == curves[1]


def test_the_best_epoch_is_kept_and_patience_ends_the_stage(tmp_path: Path) -> None:
    best = taught(stage([0.1, 0.9]), tmp_path / "two")
    patient = taught(stage([0.1, 0.9, 0.2, 0.3, 0.99], patience=2), tmp_path / "five")
    assert all(torch.equal(best[name], patient[name]) for name in best)
    assert (tmp_path / "five" / "curves.csv").read_text().count("toy") == 4


def test_settings_that_have_changed_begin_again(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        taught(stage([0.1], die_at=3), tmp_path)
    said: list[str] = []
    loop.run(
        stage([0.1]),
        Journal(tmp_path, said.append),
        seed=3,
        key="another",
        device=torch.device("cpu"),
        mixed=False,
        processes=Processes(),
    )
    assert any("beginning again" in line for line in said)


def test_a_loss_that_is_no_number_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no longer a number"):
        taught(stage([0.1] * 3, rate=float("inf")), tmp_path)


def test_a_damaged_state_is_told_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "toy.resume.pt"
    file.write_bytes(b"half a file")
    with pytest.raises(AppError, match="damaged"):
        taught(stage([0.1]), tmp_path)
    assert file.read_bytes() == b"half a file"


def test_each_process_takes_its_share_of_every_batch() -> None:
    rows = torch.arange(11)
    shares = [loop._batches(rows, 4, Processes(rank, 2)) for rank in range(2)]
    assert [len(share) for share in shares] == [2, 2], "the last three rows are no two pairs"
    seen = torch.cat([part for share in shares for part in share])
    assert sorted(seen.tolist()) == list(range(8))
