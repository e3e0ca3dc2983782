"""One training loop for every stage: batches, steps, validation, and going on after a kill.

What a step does depends on nothing but the configuration and its place (stage, epoch, step): order,
augmentation and dropout are drawn from seeds made of these. So a run that was killed goes on from
its last saved step and ends with the same weights as one that was not, and there is no generator's
state to keep.
"""

from __future__ import annotations

import hashlib
import math
import os
import pickle
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from app.errors import AppError
from app.training.journal import Journal
from app.training.processes import Processes

Batch = tuple[Tensor, ...]
SAVE_SECONDS = 120.0
"""How often a run saves itself: what a kill costs at most."""


@dataclass(frozen=True)
class Stage:
    """What one stage of training does, without how it is repeated.

    lesson    forward(*batch) → the loss, a scalar; holds every parameter that is taught
    order     epoch (from 1) → the rows of that epoch, (n,) int64, shuffled
    batch     (rows, epoch, generator) → tensors for the lesson; all chance comes from the generator
    validate  epoch → figures, in evaluation mode; the same in every process
    better    the figure that chooses the best epoch, and whether more of it is better
    eligible  epochs that can be chosen
    """

    name: str
    lesson: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler | None
    epochs: int
    batch_size: int
    order: Callable[[int], Tensor]
    batch: Callable[[Tensor, int, torch.Generator], Batch]
    validate: Callable[[int], Mapping[str, float]]
    better: tuple[str, bool]
    eligible: Callable[[int], bool] = lambda _epoch: True
    patience: int = 0
    clip: float = 1.0


@dataclass
class _Progress:
    """Where a stage stands; everything that the next step needs, but the networks."""

    epoch: int = 1
    step: int = 0
    losses: list[float] = field(default_factory=list)
    best: float = float("nan")
    best_state: dict[str, Tensor] | None = None
    since: int = 0


def seed_of(*place: object) -> int:
    """A seed below 2⁶³ that depends on every part of ``place``."""
    digest = hashlib.sha256("/".join(map(str, place)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def run(
    stage: Stage,
    journal: Journal,
    *,
    seed: int,
    key: str,
    device: torch.device,
    mixed: bool,
    processes: Processes,
) -> float:
    """Teach ``stage.lesson``; it ends with the weights of its best epoch, whose figure is given.

    A state that the journal's folder holds for the same ``key`` is gone on from.
    """
    file = journal.folder / f"{stage.name}.resume.pt"
    state = _load(file, key, stage, journal, device) or _Progress()
    lesson = processes.wrap(stage.lesson)
    parameters = [p for group in stage.optimizer.param_groups for p in group["params"]]
    saved = time.monotonic()
    while state.epoch <= stage.epochs:
        stage.lesson.train()
        batches = _batches(stage.order(state.epoch), stage.batch_size, processes)
        while state.step < len(batches):
            place = (seed, stage.name, state.epoch, state.step, processes.rank)
            # two seeds, so that dropout does not repeat the numbers of the augmentation
            generator = torch.Generator().manual_seed(seed_of(*place, "batch"))
            torch.manual_seed(seed_of(*place, "dropout"))
            with journal.spent("batch"):
                batch = stage.batch(batches[state.step], state.epoch, generator)
            with journal.spent("step"):
                with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                    loss: Tensor = lesson(*(part.to(device) for part in batch))
                stage.optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(parameters, stage.clip)
                stage.optimizer.step()
                if stage.schedule is not None:
                    stage.schedule.step()
                state.losses.append(loss.item())
            if not math.isfinite(state.losses[-1]):
                raise AppError(
                    f"{stage.name}: the loss is no longer a number in epoch {state.epoch}.",
                    "Lower the learning rate, or set mixed_precision = false, and start again.",
                )
            state.step += 1
            journal.step(stage.name, state.epoch, stage.epochs, state.step, len(batches))
            if processes.first and time.monotonic() - saved > SAVE_SECONDS:
                _save(file, key, stage, state, journal)
                saved = time.monotonic()
        processes.agree(stage.lesson)
        with journal.spent("validation"):
            done = _close_epoch(stage, state, journal, processes)
        if processes.first:
            _save(file, key, stage, state, journal)
        if done:
            break
    if state.best_state is not None:
        stage.lesson.load_state_dict(state.best_state)
    return state.best


def forget(stage_name: str, folder: Path) -> None:
    """The stage is done and its result kept: what it would go on from is of no more use."""
    (folder / f"{stage_name}.resume.pt").unlink(missing_ok=True)


def _batches(rows: Tensor, size: int, processes: Processes) -> list[Tensor]:
    """This process's share of every batch. A last batch with a share of fewer than two rows is
    dropped, since batch norm has no variance over one.
    """
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    kept = [part for part in parts if len(part) >= 2 * processes.count]
    return [part[processes.rank :: processes.count] for part in kept]


def _close_epoch(stage: Stage, state: _Progress, journal: Journal, processes: Processes) -> bool:
    """Validate, keep the best, move on to the next epoch. True when patience has ended."""
    stage.lesson.eval()
    figures = dict(stage.validate(state.epoch))
    loss = float(np.mean(state.losses)) if state.losses else float("nan")
    if processes.first:
        journal.epoch(stage.name, state.epoch, loss=loss, **figures)
    name, more = stage.better
    figure = figures[name]
    if stage.eligible(state.epoch):
        gained = not (figure <= state.best if more else figure >= state.best)
        if gained:
            state.best, state.since = figure, 0
            state.best_state = {
                key: value.detach().to("cpu", copy=True).contiguous()
                for key, value in stage.lesson.state_dict().items()
            }
        else:
            state.since += 1
    state.epoch, state.step, state.losses = state.epoch + 1, 0, []
    return bool(stage.patience) and state.since >= stage.patience


def _save(file: Path, key: str, stage: Stage, state: _Progress, journal: Journal) -> None:
    entry: dict[str, Any] = {
        "key": key,
        "lesson": stage.lesson.state_dict(),
        "optimizer": stage.optimizer.state_dict(),
        "schedule": stage.schedule.state_dict() if stage.schedule is not None else {},
        "progress": vars(state),
        "journal": journal.rows,
    }
    part = file.with_suffix(".part")
    try:
        torch.save(entry, part)
        os.replace(part, file)
    except (OSError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError. The last good state is untouched.
        part.unlink(missing_ok=True)
        raise AppError(
            f"The run's state can't be written to {file.parent}: {error}.",
            "Make room and start the same command again: it goes on from its last saved step.",
        ) from error


def _load(
    file: Path, key: str, stage: Stage, journal: Journal, device: torch.device
) -> _Progress | None:
    if not file.is_file():
        return None
    damaged = AppError(f"{file} is damaged or unreadable.", "Delete it to begin this stage again.")
    if not zipfile.is_zipfile(file):  # as torch.save writes; its end comes last
        raise damaged
    try:
        entry = torch.load(file, map_location=device, weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise damaged from error
    if entry.get("key") != key:
        journal.say(f"{stage.name}: beginning again, since settings or images have changed")
        return None
    stage.lesson.load_state_dict(entry["lesson"])
    stage.optimizer.load_state_dict(entry["optimizer"])
    if stage.schedule is not None:
        stage.schedule.load_state_dict(entry["schedule"])
    journal.rows[:] = entry["journal"]
    state = _Progress(**entry["progress"])
    journal.say(f"{stage.name}: going on in epoch {state.epoch} after step {state.step}")
    return state
