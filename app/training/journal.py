"""What a training run says of itself: progress with time left, curves, and what determined it."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Journal:
    """Writes ``curves.csv`` and ``run.json`` into a run's folder and tells its progress to
    ``say``.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.say = say
        self.rows: list[dict[str, Any]] = []
        self._spoke = 0.0
        self._began: dict[str, float] = {}
        self._steps: dict[str, int] = {}
        self._steps_per_epoch: dict[str, int] = {}

    def step(self, stage: str, epoch: int, epochs: int, step: int) -> None:
        """One optimizer step is done; speaks at most every ten seconds."""
        now = time.monotonic()
        began = self._began.setdefault(stage, now)
        self._steps[stage] = done = self._steps.get(stage, 0) + 1
        if now - self._spoke < 10:
            return
        self._spoke = now
        left = ""
        if per_epoch := self._steps_per_epoch.get(stage):
            remaining = max(epochs * per_epoch - done, 0)
            left = f", about {remaining * (now - began) / max(done, 1) / 60:.0f} min left"
        self.say(f"{stage}: epoch {epoch} of {epochs}, step {step}{left}")

    def epoch(self, stage: str, epoch: int, **figures: float) -> None:
        """One epoch is done; ``figures`` become a row of ``curves.csv``."""
        self._steps_per_epoch[stage] = self._steps.get(stage, 0) // max(epoch, 1)
        self.rows.append({"stage": stage, "epoch": epoch, **figures})
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        with (self.folder / "curves.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(self.rows)
        told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self.say(f"{stage}: epoch {epoch} done, {told}")

    def record(self, facts: Mapping[str, Any]) -> None:
        """Write ``run.json``: everything that determined the run and what it gave."""
        text = json.dumps(facts, indent=1, ensure_ascii=False, default=str)
        (self.folder / "run.json").write_text(text, encoding="utf-8")
