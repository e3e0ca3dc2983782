"""A model that needs no weights and no torch: three fixed drafts with maps at known places."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from app.errors import Cancelled
from app.imaging.radiograph import Radiograph
from app.inference.drafts import Analysis, Draft, Finding, Gate, Timing
from app.ui.controller import Parts
from app.ui.main_window import MainWindow
from app.ui.workers import ModelChoice

WAIT_MS = 20_000  # never reached; a loaded machine may be slow

OpenWindow = Callable[..., MainWindow]

TEXTS = (
    "Right-sided pleural effusion with adjacent basal atelectasis. No pneumothorax.",
    "Right-sided pleural effusion, moderate. Heart size normal.",
    "Blunting of the right costophrenic angle. No pneumothorax.",
)


class StandInInfo:
    """What the window reads of a ModelInfo."""

    model_id = "stand-in"
    title = "fixed drafts"
    sha256 = "ab" * 32
    folder = Path("stand-in")
    system = "fixed"
    source = "this test"
    looks = "attention"
    size_bytes = 1_000_000
    image_size = 64
    language = "en"
    card = Path("stand-in") / "MODEL_CARD.md"


class StandIn:
    """Counts its runs; ``hold`` keeps the runs that begin then going until ``let_go`` or, unless
    ``deaf``, until cancelled."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.cancelled_runs = 0
        self.hold = False
        self.deaf = False
        self.let_go = threading.Event()
        self.error: Exception | None = None

    def parts(self) -> Parts:
        return Parts(drafter=lambda _choice: self, models=lambda _places: [StandInInfo()])  # type: ignore[list-item]

    def draft(
        self,
        radiograph: Radiograph,
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Analysis:
        self.runs.append(radiograph.image_id)
        held = self.hold
        if self.error is not None:
            raise self.error
        if progress is not None:
            progress(1, 60)
        while held and not self.let_go.is_set():
            if not self.deaf and cancelled is not None and cancelled():
                self.cancelled_runs += 1
                raise Cancelled
            time.sleep(0.005)
        return analysis_of(radiograph.image_id)

    def draft_batch(
        self,
        radiographs: Sequence[Radiograph],
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Analysis]:
        return [self.draft(one, force=force, cancelled=cancelled) for one in radiographs]


def analysis_of(image_id: str, texts: tuple[str, ...] = TEXTS) -> Analysis:
    return Analysis(
        image_id=image_id,
        view="PA",
        gate=Gate(True),
        model="stand-in",
        weights_sha256="ab" * 32,
        preprocessing="1",
        device="cpu",
        seconds=Timing(0.0, 0.01, 0.2, 0.1),
        findings=(
            Finding("Effusion", 0.88),
            Finding("Atelectasis", 0.47),
            Finding("Consolidation", 0.21),
            Finding("Cardiomegaly", 0.12),
        ),
        drafts=tuple(
            draft_of(rank, text, -0.9 - 0.45 * rank) for rank, text in enumerate(texts, start=1)
        ),
    )


def draft_of(rank: int, text: str, logprob: float) -> Draft:
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    start = 0
    for piece in text.replace(".", " .").replace(",", " ,").split():
        first = text.index(piece, start)
        start = first + len(piece)
        words.append(piece.lower())
        spans.append((first, start))
    attention = np.stack([blob(index, len(words)) for index in range(len(words))])
    return Draft(rank, text, tuple(words), tuple(spans), logprob, logprob, attention)


def blob(index: int, count: int) -> np.ndarray:
    """A soft spot that wanders over the image from word to word; sums to 1."""
    rows, columns = np.mgrid[0:8, 0:8]
    row, column = 5.5 - 3 * index / max(count, 1), 1.8 + 4 * index / max(count, 1)
    values = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 3.0)
    return (values / values.sum()).astype(np.float32)


def choice() -> ModelChoice:
    return ModelChoice("stand-in", "ab" * 32, Path("stand-in"))
