"""``readingroom train``: collections of images and reports → a weights folder, as a file says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.options import Commands, add_device, has_data
from app.paths import Paths, shipped_gate


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "train", parents=[common], help="train a model from collections of images and reports"
    )
    parser.add_argument(
        "config", type=Path, metavar="CONFIG.toml", help="what is trained on what, and how"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the folder that holds the collections"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where the weights folder goes (default: weights in the data folder)",
    )
    parser.add_argument(
        "--run-dir",
        type=Path,
        metavar="DIR",
        help="where journal and intermediate results go (default: runs in the data folder)",
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.training import config as configuration
    from app.training.trainer import train

    places: Paths = args.places
    config = configuration.load(args.config, args.data)
    has_data(args.config, args.data, config.data)
    run_folder = args.run_dir or places.home / "runs" / config.name
    info = train(config, run_folder, args.out or places.weights, _say, args.device, shipped_gate())
    print(info.folder)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
