"""A small evaluation, made of drafts that need no model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.training.corpora import Case
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source
from app.training.evaluation.known import Settings
from app.training.evaluation.measure import measure_source

REPORTS = (
    "right pleural effusion .",
    "cardiomegaly .",
    "left pneumothorax .",
    "no acute disease . the lungs are clear .",
)
DRAFTS = (
    "Right pleural effusion.",
    "Cardiomegaly with right pleural effusion.",
    "Right pneumothorax.",
    "The lungs are clear.",
)


@pytest.fixture
def settings() -> Settings:
    """As for a model with a head of two findings."""
    return Settings(("Effusion", "Cardiomegaly"), 60, draws=100)


def drafted(first: str, *others: str, effusion: float = 0.5) -> Drafted:
    texts = (first, *others)
    words = tuple(tuple(text.lower().replace(".", " .").split()) for text in texts)
    return Drafted(texts, words, {"Effusion": effusion, "Cardiomegaly": 0.1})


@pytest.fixture
def pairs() -> tuple[Source, list[Drafted | None]]:
    """48 images with reports; one of them can't be read."""
    rng = np.random.default_rng(0)
    cases, drafts = [], []
    for number in range(48):
        kind = number % 4
        cases.append(
            Case(None, "pairs", "val", f"patient {number // 2}", REPORTS[kind], sex="FM"[kind // 2])
        )
        other = DRAFTS[int(rng.integers(4))]
        score = 0.7 * float(kind == 0) + 0.2 * float(rng.random())
        drafts.append(drafted(DRAFTS[kind], other, effusion=score))
    source = Source("pairs", "roco", "val", tuple(cases), REPORTS * 3, {"image missing": 2})
    return source, [*drafts[:-1], None]


@pytest.fixture
def labelled() -> tuple[Source, list[Drafted | None]]:
    """40 images with labels alone."""
    cases, drafts = [], []
    for number in range(40):
        ill = float(number % 2)
        labels = dict.fromkeys("abcdefghij", 0.0) | {"Effusion": ill, "Cardiomegaly": 0.0}
        cases.append(Case(None, "labels", "test", str(number), labels=labels, age=number * 2.0))
        drafts.append(drafted(DRAFTS[0 if number % 4 else 3], effusion=0.3 + 0.4 * ill))
    return Source("labels", "nih", "test", tuple(cases), REPORTS), list(drafts)


@pytest.fixture
def evaluation(
    pairs: tuple[Source, list[Drafted | None]],
    labelled: tuple[Source, list[Drafted | None]],
    settings: Settings,
) -> dict[str, Any]:
    """What evaluate() gives, of both collections."""
    sources = {
        source.name: measure_source(source, drafts, settings, None)
        for source, drafts in (pairs, labelled)
    }
    return {
        "format": 1,
        "program": "readingroom 0",
        "made": "2026-01-01T00:00:00+00:00",
        "model": {
            "id": "small",
            "title": "A small model",
            "system": "densenet_lstm",
            "weights_sha256": "ab" * 32,
            "size_bytes": 12_300_000,
            "preprocessing": "p/1",
            "language": "en",
            "image_size": 256,
            "vocabulary_size": 1234,
            "findings": ["Effusion", "Cardiomegaly"],
            "training": {
                "seed": 9,
                "config": {
                    "writer": {"sources": ["pairs"]},
                    "classifier": {"sources": ["ours"]},
                },
                "data": {
                    "pairs": {"kind": "roco", "train": 2000, "val": 48, "licence": ""},
                    "ours": {"kind": "dicom", "train": 10, "val": 0, "licence": "by contract"},
                },
            },
        },
        "options": {"beams": 3, "max_words": 60},
        "device": "cpu",
        "bootstrap": {"draws": 100, "seed": 7, "level": 0.95},
        "notes": ["METEOR is left out, because Java is not installed."],
        "sources": sources,
        "attention": {},
    }
