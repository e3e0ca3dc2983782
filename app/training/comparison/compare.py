"""Models and collections in, one comparison out: speed, drafts, then figures, as plain data.

What comes out is what docs/evaluation.md calls ``comparison.json``; tables and picture are made of
it and of nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import __version__
from app.errors import StudyError
from app.imaging.radiograph import Radiograph
from app.imaging.reading import read_image
from app.inference import checkpoint, speed
from app.inference.reporter import BATCH, Reporter
from app.inference.speed import Speed
from app.training.comparison.entrants import Entrant, reference
from app.training.comparison.measure import measure
from app.training.evaluation.bootstrap import DRAWS
from app.training.evaluation.drafting import Drafted, draft_all, key
from app.training.evaluation.evaluate import language_of, model_facts, over_sources
from app.training.evaluation.gather import Source
from app.training.evaluation.known import Settings

FORMAT = 1

Counting = Callable[[str], Callable[[int, int], None]]
"""What is counted → a ``progress(done, total)``."""


def compare(
    compared: Sequence[Entrant],
    sources: Sequence[Source],
    folder: Path,
    *,
    device: str = "auto",
    runs: int = 3,
    draws: int = DRAWS,
    seed: int = 7,
    cancelled: Callable[[], bool] = lambda: False,
    counting: Counting = lambda what: lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[dict[str, Any], dict[str, list[Drafted | None]]]:
    """Measure the speed of every model in ``runs`` runs (0: not at all), draft every image of
    ``sources`` with each (drafts of an earlier call in ``folder`` count) and score.

    Gives the comparison, and each model's drafts in the order of all cases. Speed comes first: it
    loads every model, so weights that can't be used end the work before its long part. Raises
    Cancelled between batches, ModelError for weights that can't be used.
    """
    base = reference(compared)
    cases = [case for source in sources for case in source.cases]
    speeds: dict[str, Speed] = {}
    described = ""
    pictures = list(_readable(sources)) if runs else []
    if pictures:
        speeds, described = speed.measure(
            {one.label: one.info.folder for one in compared},
            base.label,
            pictures,
            runs,
            device=device,
            cancelled=cancelled,
            progress=counting("drafts to measure speed"),
        )
    drafts: dict[str, list[Drafted | None]] = {}
    for one in compared:
        loading = _Loading(one, device, say)
        drafts[one.label] = draft_all(
            cases,
            folder,
            key(one.info, one.options),
            loading,
            cancelled=cancelled,
            progress=counting(f"images, {one.label}"),
            say=say,
        )
        described = described or loading.device
    settings = {
        one.label: Settings(
            one.info.findings, one.options.max_words, language_of(one.info), draws, seed
        )
        for one in compared
    }
    parts = _by_source(sources, drafts)
    notes: list[str] = []
    measured = over_sources(
        sources,
        settings[base.label].language,
        notes,
        lambda source, meteor: measure(source, parts[source.name], base.label, settings, meteor),
        say,
    )
    return {
        "format": FORMAT,
        "program": f"readingroom {__version__}",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": described,
        "bootstrap": {"draws": draws, "seed": seed, "level": 0.95},
        "speed": {"runs": runs, "batch": len(pictures)} if speeds else None,
        "reference": base.label,
        "notes": notes,
        "models": [_model(one, speeds.get(one.label)) for one in compared],
        "sources": measured,
    }, drafts


class _Loading:
    """Loads a model when something is left to be drafted; ``device`` is then where."""

    def __init__(self, entrant: Entrant, device: str, say: Callable[[str], None]) -> None:
        self._entrant, self._wanted, self._say = entrant, device, say
        self.device = ""

    def __call__(self) -> Reporter:
        self._say(f"loading {self._entrant.label}")
        reporter = Reporter(self._entrant.info.folder, self._wanted, self._entrant.options)
        self.device = reporter.device
        return reporter


def _by_source(
    sources: Sequence[Source], drafts: dict[str, list[Drafted | None]]
) -> dict[str, dict[str, list[Drafted | None]]]:
    parts: dict[str, dict[str, list[Drafted | None]]] = {}
    start = 0
    for source in sources:
        end = start + len(source.cases)
        parts[source.name] = {label: every[start:end] for label, every in drafts.items()}
        start = end
    return parts


def _readable(sources: Sequence[Source]) -> Iterator[Radiograph]:
    """The first images of all that can be read, a batch of them."""
    found = 0
    for source in sources:
        for case in source.cases:
            if found == BATCH:
                return
            if case.image is not None:
                try:
                    yield read_image(case.image)
                except StudyError:  # told when it is to be drafted
                    continue
                found += 1


def _model(entrant: Entrant, measured: Speed | None) -> dict[str, Any]:
    info = entrant.info
    return {
        "label": entrant.label,
        **model_facts(info),
        "parameters": checkpoint.parameters(info),
        "looks": info.looks,
        "options": dataclasses.asdict(entrant.options),
        "speed": None
        if measured is None
        else {name: round(float(value), 6) for name, value in dict(measured).items()},  # type: ignore[arg-type]
    }
