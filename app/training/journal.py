"""What a training run says of itself: progress with time left, curves, and what determined it."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.files import make_folder, replacing, write_bytes, write_text


class Journal:
    """Writes ``curves.csv``, ``curves.png`` and ``run.json`` into a run's folder and tells its
    progress to ``say``.

    ``rows`` are the curves so far, one entry per epoch; ``seconds`` tells where the time went.
    Raises StoreError when something can't be written.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = make_folder(folder)
        self.say = say
        self.rows: list[dict[str, Any]] = []
        self.seconds: dict[str, float] = {}
        self._spoke = 0.0
        self._began: dict[str, tuple[float, int]] = {}

    @contextmanager
    def spent(self, on: str) -> Iterator[None]:
        """Count the seconds of the block as spent on ``on``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[on] = self.seconds.get(on, 0.0) + time.perf_counter() - began

    def step(self, stage: str, epoch: int, epochs: int, step: int, steps: int) -> None:
        """``step`` of ``steps`` of an epoch is done; speaks at most every ten seconds."""
        left = self._left(stage, (epoch - 1) * steps + step, epochs * steps)
        if left is not None:
            self.say(f"{stage}: epoch {epoch} of {epochs}, step {step} of {steps}{left}")

    def share(self, work: str, done: int, whole: int) -> None:
        """``done`` of ``whole`` images of some ``work`` between the stages; speaks as :meth:`step`
        does.
        """
        left = self._left(work, done, whole)
        if left is not None:
            self.say(f"{work}: {done} of {whole} images{left}")

    def _left(self, what: str, done: int, whole: int) -> str | None:
        """The time left in words, "" where nobody knows yet; None when it is too soon to speak."""
        now = time.monotonic()
        began, before = self._began.setdefault(what, (now, done))
        if now - self._spoke < 10:
            return None
        self._spoke = now
        if done <= before:
            return ""
        minutes = (whole - done) * (now - began) / (done - before) / 60
        return f", about {minutes:.0f} min left"

    def epoch(self, stage: str, epoch: int, **figures: float) -> None:
        """One epoch is done; ``figures`` become a row of ``curves.csv``."""
        self.rows.append({"stage": stage, "epoch": epoch, **figures})
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        with replacing(self.folder / "curves.csv", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(self.rows)
        told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self.say(f"{stage}: epoch {epoch} done, {told}")

    def record(self, facts: Mapping[str, Any]) -> None:
        """Write ``run.json``: everything that determined the run and what it gave."""
        text = json.dumps(facts, indent=1, ensure_ascii=False, default=str)
        write_text(self.folder / "run.json", text)
        draw(self.rows, self.folder / "curves.png")


def draw(rows: list[dict[str, Any]], file: Path) -> bool:
    """The curves of every stage as one picture; False where matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return False
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    if not stages:
        return False
    figure = Figure(figsize=(5 * len(stages), 4), layout="constrained")
    FigureCanvasAgg(figure)
    for place, stage in enumerate(stages, start=1):
        axes = figure.add_subplot(1, len(stages), place)
        some = [row for row in rows if row["stage"] == stage]
        names = [n for n in some[-1] if n == "loss" or n.startswith("validation")]
        for name, style in zip(names, ("-o", "--s", "-.^", ":v", "-x", "--+"), strict=False):
            axes.plot(
                [row["epoch"] for row in some], [row.get(name, math.nan) for row in some], style
            )
        axes.legend([name.replace("_", " ") for name in names])
        axes.set_title(stage)
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
    picture = io.BytesIO()
    figure.savefig(picture, dpi=120)
    write_bytes(file, picture.getvalue())
    return True
