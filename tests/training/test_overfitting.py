"""Every shipped configuration's network can learn 32 real pairs by heart: nothing in it stands in
the way of a report. Minutes for each system, so only when asked for.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from app.imaging import preprocess
from app.imaging.reading import read_image
from app.inference.models import systems
from app.inference.models.base import ReportModel
from app.inference.vocabulary import Vocabulary
from app.paths import resources
from app.training import annotating, config, corpora, rounds
from app.training.archive import Archive
from app.training.batches import to_input
from app.training.corpora import Corpus
from app.training.writer import IGNORED, Reports, channels_last, cross_entropy

PAIRS, STEPS, EACH = 32, 600, 20
FILES = sorted((resources() / "training").glob("*.toml"))
CONFIGS = [file.stem for file in FILES if "[writer]" in file.read_text(encoding="utf-8")]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        os.environ.get("READINGROOM_LONG") != "1",
        reason="takes minutes for each system: READINGROOM_LONG=1 runs it",
    ),
]


def pairs(settings: config.TrainConfig, shared_data: Path, size: int) -> Archive:
    """The first 32 training pairs of ROCOv2 as the configuration learns them."""
    cases, _ = corpora.read(Corpus("roco", "roco", shared_data / "roco"))
    cases = [case for case in cases if case.split == "train" and case.report][: 3 * PAIRS]
    archive = Archive(np.zeros((0, size, size), np.uint8), cases, [], torch.zeros(0, 1))
    if settings.writer.target == config.ANNOTATION:
        archive = annotating.annotated(archive)
    cases = [case for case in archive.cases if case.report][:PAIRS]
    images = [preprocess.equalised(read_image(case.image or Path()), size) for case in cases]
    return replace(archive, images=np.stack(images), cases=cases)


def accuracy(model: ReportModel, stem: Tensor, given: Tensor, follows: Tensor) -> float:
    """Share of the words that are the most probable ones when those before them are given."""
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        words = model.teach(model.read(model.encoder.rest(stem)), given).words
    known = follows != IGNORED
    return float((words.argmax(2) == follows)[known].float().mean())


@pytest.mark.parametrize("name", CONFIGS)
def test_thirty_two_real_pairs_are_learned_by_heart(name: str, shared_data: Path) -> None:
    settings = config.load(resources() / "training" / f"{name}.toml")
    system = systems.find(settings.system)
    options = {**settings.model, "dropout": 0.0}
    size = system(**options, vocabulary_size=8, findings=1).image_size
    archive = pairs(settings, shared_data, size)
    texts = [case.report for case in archive.cases]
    vocabulary = Vocabulary.learn(texts, minimum_count=1)
    torch.manual_seed(settings.seed)
    model = system(**options, **system.arguments(vocabulary, settings.findings))
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if settings.rounds.epochs:
        first = rounds.first_words(archive, torch.arange(len(texts)), 1)
        rounds.labelled(model).relabel([vocabulary.encode(word)[1] for word in first])
    given, follows = Reports(vocabulary).batch(texts)
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        images = to_input(archive.images, size)
        stems = torch.cat([model.encoder.stem(some) for some in images.split(8)])
    stem = stems.float().clone()
    own = {id(parameter) for parameter in model.encoder.parameters()}
    optimizer = torch.optim.Adam(
        [
            {"params": list(model.encoder.parameters()), "lr": 3e-4},
            {"params": [one for one in model.parameters() if id(one) not in own], "lr": 2e-3},
        ]
    )
    reached = 0.0
    for step in range(1, STEPS + 1):
        if step % 2:
            halves = torch.randperm(PAIRS).split(PAIRS // 2)
        rows = halves[step % 2]
        model.train()
        for module in model.encoder.frozen_modules():
            module.eval()
        with torch.autocast("cpu", torch.bfloat16):
            encoded = model.read(model.encoder.rest(channels_last(stem[rows])))
            words = model.teach(encoded, given[rows]).words
        optimizer.zero_grad(set_to_none=True)
        cross_entropy(words, follows[rows]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if step % EACH == 0:
            reached = accuracy(model, stem, given, follows)
            if reached > 0.95:
                break
    assert reached > 0.95
