"""Which models there are, read without torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.errors import ModelError

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo
    from app.paths import Paths


def available(places: Paths) -> list[ModelInfo]:
    """Every usable model in the user's own and the shipped weights folder."""
    return installed(places)[0]


def installed(places: Paths) -> tuple[list[ModelInfo], dict[str, ModelError]]:
    """The usable models, and what is wrong with each of the others, by its folder's name."""
    from app.inference.checkpoint import look_through

    return look_through(places.weights_folders())


def choose(model_id: str | None, places: Paths) -> ModelInfo:
    """The model with that id, or the default one when none is named.

    Raises :class:`ModelError` when it isn't there, and when the user's own of that name is damaged:
    another in its place would be another model.
    """
    from app.inference.checkpoint import DEFAULT

    models, damaged = installed(places)
    if (error := damaged.get(model_id or DEFAULT)) is not None:
        raise error
    if not models:
        raise ModelError(
            "There is no model: no folder of weights was found.",
            "`readingroom doctor` says where they are looked for.",
        )
    return models[0] if model_id is None else named(models, model_id)


def named(models: Sequence[ModelInfo], model_id: str) -> ModelInfo:
    """The one of ``models`` with that id. Raises :class:`ModelError` when there is none."""
    by_id = {model.model_id: model for model in models}
    if model_id in by_id:
        return by_id[model_id]
    known = ", ".join(by_id) or "none"
    raise ModelError(f"There is no model {model_id!r}.", f"There are: {known}.")
