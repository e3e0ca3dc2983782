"""``readingroom train``: archive → weights, as a configuration file says."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.commands.options import Commands, add_device


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "train", parents=[common], help="train a model from a folder of cases"
    )
    parser.add_argument(
        "config", type=Path, metavar="CONFIG.toml", help="what is trained on what, and how"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the weights folder goes")
    add_device(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.training.trainer import train

    return train(args.config, out=args.out, device=args.device)
