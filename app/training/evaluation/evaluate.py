"""A model and collections in, one evaluation out: drafts, then figures, as plain data.

What comes out is what docs/evaluation.md calls ``evaluation.json``; table, pictures and model card
are made of it and of nothing else.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from app import __version__
from app.errors import ModelError
from app.imaging import preprocess
from app.imaging.reading import read_image
from app.inference import checkpoint, devices, gatekeeper
from app.inference.checkpoint import ModelInfo
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.inference.vocabulary import Language
from app.training import attention_checks
from app.training.corpora import Case
from app.training.evaluation.bootstrap import DRAWS
from app.training.evaluation.drafting import Drafted, draft_all, key
from app.training.evaluation.gather import Source
from app.training.evaluation.known import Settings
from app.training.evaluation.measure import measure_source
from app.training.evaluation.meteor import Meteor, MeteorError, started

FORMAT = 1

LOOKED_AT = 150
"""Real images on which attention is checked."""


def evaluate(
    info: ModelInfo,
    sources: Sequence[Source],
    folder: Path,
    *,
    device: str = "auto",
    gate: Path | None = None,
    attention: bool = False,
    draws: int = DRAWS,
    seed: int = 7,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[dict[str, Any], dict[str, list[Drafted | None]]]:
    """Draft every image of ``sources`` (drafts of an earlier call in ``folder`` count) and score.

    Gives the evaluation, and the drafts of each source in the order of its cases. ``gate`` is the
    folder of the gate whose refusals are counted. ``attention`` also checks the maps of attention
    (:mod:`app.training.attention_checks`). ``progress(done, total)`` counts the images that are
    left to draft. Raises Cancelled between batches, ModelError for weights that can't be used.
    """
    options = settled(info)
    reporters: list[Reporter] = []

    def load() -> Reporter:
        if not reporters:
            say("loading the model")
            reporters.append(Reporter(info.folder, device=device, options=options, gate=gate))
        return reporters[0]

    cases = [case for source in sources for case in source.cases]
    drafted = draft_all(
        cases,
        folder,
        key(info, options, _digest(gate)),
        load,
        cancelled=cancelled,
        progress=progress,
        say=say,
    )
    checked: dict[str, Any] = {}
    if attention and info.language == "en":
        say("checking the maps of attention")
        checked = _attention(info, cases, drafted, seed, device)
    drafts: dict[str, list[Drafted | None]] = {}
    for source in sources:
        count = len(source.cases)
        drafts[source.name], drafted = drafted[:count], drafted[count:]
    settings = Settings(info.findings, options.max_words, language_of(info), draws, seed)
    notes: list[str] = []
    measured = over_sources(
        sources,
        settings.language,
        notes,
        lambda source, meteor: measure_source(source, drafts[source.name], settings, meteor),
        say,
    )
    return {
        "format": FORMAT,
        "program": f"readingroom {__version__}",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": model_facts(info),
        "options": dataclasses.asdict(options),
        "device": reporters[0].device if reporters else "",
        "bootstrap": {"draws": draws, "seed": seed, "level": 0.95},
        "notes": notes,
        "sources": measured,
        "attention": checked,
    }, drafts


def over_sources(
    sources: Sequence[Source],
    language: Language,
    notes: list[str],
    measure: Callable[[Source, Meteor | None], dict[str, Any]],
    say: Callable[[str], None],
) -> dict[str, dict[str, Any]]:
    """``measure`` of each source by name, with METEOR where it can be had; ``notes`` say why where
    it can't.
    """
    measured: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        meteor = None
        if any(case.report for source in sources for case in source.cases):
            meteor = started(stack, language, notes)
        for source in sources:
            say(f"measuring {source.name}")
            try:
                found = measure(source, meteor)
            except MeteorError as error:
                notes.append(error.message)
                meteor = None
                found = measure(source, None)
            measured[source.name] = found
    return measured


def settled(info: ModelInfo) -> BeamOptions:
    """The three ranks of the application, with the options that the model brings."""
    try:
        return BeamOptions().filled(info.drafting)
    except ValueError as error:
        raise ModelError(
            f"The weights folder {info.folder} sets drafting options that this version can't use: "
            f"{error}.",
            "Install the weights folder again.",
        ) from error


def _attention(
    info: ModelInfo,
    cases: Sequence[Case],
    drafted: Sequence[Drafted | None],
    seed: int,
    device: str,
) -> dict[str, Any]:
    """Both checks, on real images drawn by the seed with the first drafts that they got."""
    told = [
        (case.image, draft.texts[0])
        for case, draft in zip(cases, drafted, strict=True)
        if case.image is not None and draft is not None and draft.texts
    ]
    drawn = np.random.default_rng(seed).permutation(len(told))[:LOOKED_AT]
    pairs = [told[place] for place in np.sort(drawn)]
    images = [preprocess.equalised(read_image(image), info.image_size) for image, _ in pairs]
    if not images:
        return {}
    loaded = checkpoint.load(info.folder, devices.choose(device).type)
    return attention_checks.check(loaded, np.stack(images), [text for _, text in pairs], seed)


def _digest(gate: Path | None) -> str:
    """Changes with what the gate was made of; "" where there is none."""
    file = None if gate is None else gate / gatekeeper.DESCRIPTION
    if file is None or not file.is_file():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def language_of(info: ModelInfo) -> Language:
    """The language that a model writes."""
    return "zh" if info.language == "zh" else "en"


def model_facts(info: ModelInfo) -> dict[str, Any]:
    """A model as it stands in the JSON."""
    return {
        "id": info.model_id,
        "title": info.title,
        "system": info.system,
        "weights_sha256": info.sha256,
        "size_bytes": info.size_bytes,
        "preprocessing": info.preprocessing,
        "language": info.language,
        "image_size": info.image_size,
        "looks": info.looks,
        "vocabulary_size": len(info.vocabulary),
        "findings": list(info.findings),
        "training": dict(info.training),
    }
