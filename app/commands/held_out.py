"""What ``evaluate`` and ``compare`` ask for alike: images of a split, and where drafts go."""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.options import has_data, number
from app.errors import UsageError
from app.inference.available import choose
from app.paths import Paths

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo
    from app.training.corpora import Case, Corpus
    from app.training.evaluation.gather import Source

SPLITS = ("val", "test", "held-out")


def add_collections(parser: argparse.ArgumentParser, out: str) -> None:
    """Options that say on which images is measured; ``out`` says what goes into ``--out``."""
    parser.add_argument(
        "--config", type=Path, metavar="CONFIG.toml", help="the training configuration"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the folder that holds the collections"
    )
    parser.add_argument(
        "--source",
        action="append",
        metavar="NAME",
        help="measure on this collection only (can be given several times)",
    )
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="held-out",
        help="which images; held-out: test where a collection has it, else val (default)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help=out,
    )
    parser.add_argument(
        "--splits-file",
        type=Path,
        metavar="FILE.csv",
        help="the splits.csv of the training run (default: that of the configuration's own run)",
    )
    parser.add_argument(
        "--limit",
        type=number(1, 10_000_000),
        default=0,
        metavar="N",
        help="so many images of each collection, drawn at random",
    )


def model_at(name: str, places: Paths) -> ModelInfo:
    """The model with that id or in that weights folder. Raises :class:`ModelError`."""
    from app.inference.checkpoint import DESCRIPTION, describe

    folder = Path(name).expanduser()
    # A folder that merely bears the model's name, such as its archive's, is none of weights.
    if (folder / DESCRIPTION).is_file() or (folder.is_dir() and len(folder.parts) > 1):
        return describe(folder)
    return choose(name, places)


def sources(args: argparse.Namespace) -> list[Source]:
    """The images to draft."""
    from app.training import config as configuration
    from app.training.evaluation import gather

    seed = configuration.TrainConfig.seed
    file: Path | None = args.splits_file
    collections: list[Corpus]
    if args.config is not None:
        config = configuration.load(args.config, args.data)
        has_data(args.config, args.data, config.data)
        seed = config.seed
        names = dict.fromkeys([*config.sources(), *config.corpora])
        collections = [config.corpus(name) for name in names]
        file = file or args.places.home / "runs" / config.name / "splits.csv"
    elif args.data is not None:
        collections = gather.folders(args.data.expanduser())
    else:
        raise UsageError(
            "It isn't said on which images to measure.", "Name --config, or --data, or both."
        )
    known = [corpus.name for corpus in collections]
    for name in args.source or ():
        if name not in known:
            raise UsageError(
                f"There is no collection {name!r} to measure on.", f"There are: {', '.join(known)}."
            )
    return gather.gather(
        collections,
        args.split,
        functools.partial(_settle, file=file, seed=seed),
        only=args.source or (),
        limit=args.limit,
        seed=seed,
        say=say,
    )


def _settle(cases: list[Case], *, file: Path | None, seed: int) -> list[Case]:
    """Cases with a split each: their own, else that of the training run, else a new one."""
    from app.training import splits

    if file is not None and file.is_file():
        cases = splits.load(file, cases)
    elif not all(case.split for case in cases):
        say("no splits.csv of a training run: cases without a split get one by the seed")
    return splits.assign(cases, seed)


def say(line: str) -> None:
    """Tell how it goes, on stderr."""
    print(line, file=sys.stderr, flush=True)
