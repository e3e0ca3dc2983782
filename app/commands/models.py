"""``readingroom models``: which weights there are, read without torch."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.commands.options import Commands, add_json, to_json
from app.errors import ModelError
from app.paths import Paths

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("models", parents=[common], help="list the models that can draft")
    add_json(parser, "the list")
    parser.set_defaults(run=run)


def available(places: Paths) -> list[ModelInfo]:
    """Every model in the user's own and the shipped weights folder."""
    from app.inference.checkpoint import list_models

    return list_models(places.weights_folders())


def choose(model_id: str | None, places: Paths) -> ModelInfo:
    """The model with that id, or the default one when none is named. Raises :class:`ModelError`."""
    models = available(places)
    if not models:
        raise ModelError(
            "There is no model: no folder of weights was found.",
            "`readingroom doctor` says where they are looked for.",
        )
    by_id = {model.model_id: model for model in models}
    if model_id is None:
        return models[0]
    if model_id in by_id:
        return by_id[model_id]
    known = ", ".join(by_id)
    raise ModelError(f"There is no model {model_id!r}.", f"There are: {known}.")


def run(args: argparse.Namespace) -> int:
    models = available(args.places)
    if args.json:
        print(to_json([_as_json(model) for model in models]))
        return 0
    if not models:
        print("No models. `readingroom doctor` says where they are looked for.")
    for model in models:
        print(f"{model.model_id}  {model.title}")
        print(
            f"    system {model.system}, {len(model.findings)} findings,"
            f" {len(model.vocabulary)} words, {model.size_bytes / 1e6:.1f} MB"
        )
        print(f"    weights sha256 {model.sha256}")
        print(f"    {model.folder}")
    return 0


def _as_json(model: ModelInfo) -> dict[str, object]:
    return {
        "id": model.model_id,
        "title": model.title,
        "system": model.system,
        "folder": str(model.folder),
        "weights_sha256": model.sha256,
        "size_bytes": model.size_bytes,
        "findings": list(model.findings),
        "vocabulary_size": len(model.vocabulary),
        "preprocessing": model.preprocessing,
    }
