"""Every system with few pixels and narrow layers, so that its tests take seconds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from app.inference.models import systems
from app.inference.models.base import Encoded, ReportModel
from app.inference.vocabulary import SPECIAL, Vocabulary

VOCABULARY = Vocabulary(
    (*SPECIAL, ".", "heart", "lungs", "normal", "clear", "large", "effusion", "no", "right", "left")
)
PERIOD = 3
FINDINGS = ("Effusion", "Cardiomegaly", "Mass")

OPTIONS: dict[str, dict[str, Any]] = {
    "densenet_lstm": {"image_size": 64, "hidden": 32, "embedding": 16},
    "inception_merge": {"image_size": 107, "hidden": 16, "embedding": 12},
    "cascade": {
        "image_size": 64,
        "hidden": 24,
        "embedding": 12,
        "label_words": [4, 9, 9],
    },
    "resnet_gpt2": {"image_size": 64, "width": 16, "blocks": 2, "heads": 2, "positions": 24},
    "coattention": {"image_size": 32, "share": 0.125, "hidden": 16, "embedding": 12},
}
"""Each has a map of 2 × 2 regions."""


def small(name: str, seed: int = 3, **options: Any) -> ReportModel:
    """The system ``name`` in evaluation mode, its weights drawn from ``seed``."""
    system = systems.find(name)
    given = {**system.arguments(VOCABULARY, FINDINGS), **OPTIONS[name], **options}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return system(**given).eval()


def decided(model: ReportModel, share: float = 4.0, end: float = 0.0) -> ReportModel:
    """The same model with larger weights outside its encoder: its words differ clearly from each
    other in probability, as in a model that has learned. ``end`` is added to ``<end>``'s logit.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("encoder.") and parameter.ndim == 2:
                parameter.mul_(share)
            if parameter.shape == (len(VOCABULARY),):
                parameter[VOCABULARY.end] += end
    return model


def images(model: ReportModel, count: int, seed: int = 4) -> Tensor:
    """(count, 1, S, S), each of another brightness and pattern."""
    generator = torch.Generator().manual_seed(seed)
    size = model.image_size
    coarse = 3 * torch.randn(count, 1, 4, 4, generator=generator)
    return torch.nn.functional.interpolate(coarse, (size, size), mode="bilinear")


def seen(model: ReportModel, count: int, seed: int = 5) -> Encoded:
    """What the encoder of ``model`` might say of ``count`` images that differ."""
    generator = torch.Generator().manual_seed(seed)
    rows, columns = model.grid
    shape = (count, model.encoder.channels, rows, columns)
    with torch.no_grad():
        return model.read(2 * torch.rand(shape, generator=generator))
