"""``readingroom evaluate``: how good a model is on images it has not seen, with intervals."""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import models
from app.commands.options import Commands, add_device, add_json, number, to_json
from app.commands.progress import Progress
from app.errors import UsageError
from app.files import make_folder, write_text
from app.paths import Paths, shipped_gate

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo
    from app.training.corpora import Case, Corpus
    from app.training.evaluation.gather import Source

SPLITS = ("val", "test", "held-out")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "evaluate", parents=[common], help="measure a model on images that it has not seen"
    )
    parser.add_argument("model", metavar="MODEL", help="a model's id, or its weights folder")
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
        help="where drafts, figures, tables and pictures go",
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
    parser.add_argument(
        "--attention",
        action="store_true",
        help="check the maps of attention as well, which takes minutes",
    )
    parser.add_argument(
        "--card", action="store_true", help="write MODEL_CARD.md into the weights folder"
    )
    add_device(parser)
    add_json(parser, "the evaluation")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.training.evaluation import pictures, spreadsheets, tables
    from app.training.evaluation.card import card
    from app.training.evaluation.evaluate import evaluate
    from app.training.evaluation.pictures import PicturesError

    info = _model(args.model, args.places)
    sources = _sources(args)
    folder: Path = make_folder(args.out.expanduser())
    evaluation, drafts = evaluate(
        info,
        sources,
        folder,
        device=args.device,
        gate=shipped_gate(),
        attention=args.attention,
        progress=_progress(),
        say=_say,
    )
    try:
        pictures.draw(evaluation, folder / "pictures")
    except PicturesError as error:
        evaluation["notes"].append(error.message)
    text = tables.markdown(evaluation)
    write_text(folder / "evaluation.json", json.dumps(evaluation, ensure_ascii=False, indent=1))
    write_text(folder / "evaluation.md", text)
    spreadsheets.write_csv(evaluation, folder / "evaluation.csv")
    spreadsheets.write_cases(sources, drafts, folder / "cases.csv")
    if args.card:
        write_text(info.card, card(evaluation))
        _say(f"wrote {info.card}")
    print(to_json(evaluation) if args.json else text)
    return 0


def _model(name: str, places: Paths) -> ModelInfo:
    from app.inference.checkpoint import DESCRIPTION, describe

    folder = Path(name).expanduser()
    # A folder that merely bears the model's name, such as its archive's, is none of weights.
    if (folder / DESCRIPTION).is_file() or (folder.is_dir() and len(folder.parts) > 1):
        return describe(folder)
    return models.choose(name, places)


def _sources(args: argparse.Namespace) -> list[Source]:
    """The images to draft."""
    from app.training import config as configuration
    from app.training.evaluation import gather

    seed = configuration.TrainConfig.seed
    file: Path | None = args.splits_file
    collections: list[Corpus]
    if args.config is not None:
        config = configuration.load(args.config, args.data)
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
        say=_say,
    )


def _settle(cases: list[Case], *, file: Path | None, seed: int) -> list[Case]:
    """Cases with a split each: their own, else that of the training run, else a new one."""
    from app.training import splits

    if file is not None and file.is_file():
        cases = splits.load(file, cases)
    elif not all(case.split for case in cases):
        _say("no splits.csv of a training run: cases without a split get one by the seed")
    return splits.assign(cases, seed)


def _progress() -> Callable[[int, int], None]:
    """A bar that begins when it is known how many images are left to draft."""
    bars: list[Progress] = []

    def show(done: int, total: int) -> None:
        if not bars:
            bars.append(Progress(total, "images"))
        bars[0].show(done)

    return show


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
