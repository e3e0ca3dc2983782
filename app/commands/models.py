"""``readingroom models``: which weights there are, read without torch."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from app.commands.options import Commands, add_json, to_json
from app.inference.available import installed
from app.inference.looks import ATTENTION, GRADIENTS

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("models", parents=[common], help="list the models that can draft")
    add_json(parser, "the list")
    parser.set_defaults(run=run)


_MAPS = {ATTENTION: "attention", GRADIENTS: "Grad-CAM through the encoder"}


def run(args: argparse.Namespace) -> int:
    models, damaged = installed(args.places)
    for error in damaged.values():
        print(f"readingroom: {error}", file=sys.stderr)
    if args.json:
        print(to_json([_as_json(model) for model in models]))
        return 0
    if not models:
        print("No models. `readingroom doctor` says where they are looked for.")
    for model in models:
        print(f"{model.model_id}  {model.title}")
        print(
            f"    system {model.system}, {len(model.findings)} findings,"
            f" {len(model.vocabulary)} words, {model.size_bytes / 1e6:.1f} MB,"
            f" maps: {_MAPS.get(model.looks, model.looks)}"
        )
        print(f"    weights sha256 {model.sha256}")
        print(f"    {model.folder}")
    return 0


def _as_json(model: ModelInfo) -> dict[str, object]:
    return {
        "id": model.model_id,
        "title": model.title,
        "system": model.system,
        "looks": model.looks,
        "folder": str(model.folder),
        "weights_sha256": model.sha256,
        "size_bytes": model.size_bytes,
        "findings": list(model.findings),
        "vocabulary_size": len(model.vocabulary),
        "preprocessing": model.preprocessing,
    }
