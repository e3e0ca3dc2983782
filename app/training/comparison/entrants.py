"""Which models are compared, and what they are called in the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import UsageError
from app.inference import checkpoint
from app.inference.checkpoint import ModelInfo
from app.inference.options import BeamOptions
from app.training.evaluation.evaluate import settled


@dataclass(frozen=True)
class Entrant:
    """A model under the name that it has in the tables, with the options that it drafts with."""

    label: str
    info: ModelInfo
    options: BeamOptions


def entrants(models: Sequence[ModelInfo]) -> list[Entrant]:
    """``models`` in their order, the same weights once. An id that two of them have gets the
    beginning of the weights' sha256.

    Raises UsageError when there is none or they write in different languages, ModelError for
    drafting options that can't be used.
    """
    by_weights: dict[str, ModelInfo] = {}
    for model in models:
        by_weights.setdefault(model.sha256, model)
    single = list(by_weights.values())
    if not single:
        raise UsageError(
            "There is no model to compare.", "`readingroom doctor` says where they are looked for."
        )
    languages = {model.language for model in single}
    if len(languages) > 1:
        raise UsageError(
            f"The models write in different languages ({', '.join(sorted(languages))}), which no "
            "report can be compared with.",
            "Name models of one language.",
        )
    times = Counter(model.model_id for model in single)
    return [
        Entrant(
            model.model_id
            if times[model.model_id] == 1
            else f"{model.model_id} ({model.sha256[:8]})",
            model,
            settled(model),
        )
        for model in single
    ]


def reference(compared: Sequence[Entrant]) -> Entrant:
    """The one that the others are held against: the default model, else the first."""
    return min(compared, key=lambda one: one.info.model_id != checkpoint.DEFAULT)
