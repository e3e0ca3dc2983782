"""The model that a training run begins with: random weights, or what the user has on the disk."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from app.errors import AppError
from app.inference.models import systems
from app.inference.models.base import ReportModel
from app.inference.vocabulary import Vocabulary
from app.training import glove, pretrained
from app.training.config import TrainConfig

_FROM_DATA = ("vocabulary_size", "findings")


def check(config: TrainConfig) -> None:
    """Raises AppError for a system that this version does not know, options that it has not, or a
    size that no image can have.
    """
    system = _system(config)
    known = _known(system)
    for name in config.model:
        if name not in known:
            raise AppError(
                f"The system {config.system} has no option {name!r}.",
                f"[model] may hold: {', '.join(sorted(known))}.",
            )
    size = config.model.get("image_size", 1)
    if type(size) is not int or size < 1:
        raise AppError(
            f"The option image_size should be a whole number of at least 1, not {size!r}.",
            "Correct [model].",
        )


def image_size(config: TrainConfig) -> int:
    """Pixels that the model's images have in each direction."""
    default = _known(_system(config))["image_size"].default
    return int(config.model.get("image_size", default))


def build(config: TrainConfig, vocabulary: Vocabulary, say: Callable[[str], None]) -> ReportModel:
    """The model, with random weights but for what ``config`` names to begin with.

    Raises AppError when a file can't be used or an option has no usable value.
    """
    system = _system(config)
    options: dict[str, Any] = {**config.model, **system.arguments(vocabulary, config.findings)}
    decoder, words = (config.start.get(name) for name in ("decoder", "words"))
    if decoder:
        options |= system.options_of(config.data / str(decoder))
    try:
        model = system(**options)
    except (TypeError, ValueError) as error:
        raise AppError(
            f"The system {config.system} can't be built with these options: {error}.",
            "Correct [model].",
        ) from error
    if config.encoder:
        loaded = pretrained.load_encoder(config.data / config.encoder)
        try:
            model.encoder.load_state_dict(loaded.state)
        except RuntimeError as error:
            raise AppError(
                f"{config.data / config.encoder} is no encoder of the system {config.system}.",
                'Take encoder out, or choose system = "densenet_lstm".',
            ) from error
        say(f"the encoder begins with {loaded.kind}")
    if decoder:
        model.begin(config.data / str(decoder), vocabulary)
        say("the decoder begins with a GPT-2")
    if words:
        found = glove.load(config.data / str(words), vocabulary, model.embedding)
        say(f"{found} of {len(vocabulary)} words begin with their vector")
    return model


def _system(config: TrainConfig) -> type[ReportModel]:
    try:
        return systems.find(config.system)
    except ValueError as error:
        raise AppError(f"The configuration names an {error}.", "Correct system = ….") from error


def _known(system: type[ReportModel]) -> dict[str, inspect.Parameter]:
    """The options of ``system``'s constructor that a configuration may give."""
    parameters = inspect.signature(system).parameters
    return {name: each for name, each in parameters.items() if name not in _FROM_DATA}
