"""``readingroom compare``: all models on the same images, beside rows that need no image."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.commands.held_out import add_collections, model_at, say, sources
from app.commands.options import Commands, add_device, add_json, number, to_json
from app.commands.progress import counted
from app.files import make_folder, write_text
from app.inference.available import available

RUNS = 3


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "compare", parents=[common], help="measure several models on the same images"
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="models' ids or weights folders (default: every model that is found)",
    )
    add_collections(parser, "where drafts, figures, tables and pictures go")
    parser.add_argument(
        "--runs",
        type=number(0, 100),
        default=RUNS,
        metavar="N",
        help=f"runs of the measurement of speed; 0 leaves it out (default: {RUNS})",
    )
    parser.add_argument(
        "--docs",
        type=Path,
        metavar="FILE.md",
        help="put the tables between the two comments of this document, too",
    )
    add_device(parser)
    add_json(parser, "the comparison")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.training.comparison import document, plot, spreadsheet
    from app.training.comparison.compare import compare
    from app.training.comparison.entrants import entrants
    from app.training.comparison.markdown import body, markdown
    from app.training.evaluation.pictures import PicturesError

    if args.docs is not None:
        document.check(args.docs)  # before the long work, not after it
    named = [model_at(name, args.places) for name in args.models]
    compared = entrants(named or available(args.places))
    chosen = sources(args)
    folder: Path = make_folder(args.out.expanduser())
    comparison, drafts = compare(
        compared,
        chosen,
        folder,
        device=args.device,
        runs=args.runs,
        counting=counted,
        say=say,
    )
    try:
        plot.draw(comparison, folder / "pictures")
    except PicturesError as error:
        comparison["notes"].append(error.message)
    text = markdown(comparison)
    write_text(folder / "comparison.json", json.dumps(comparison, ensure_ascii=False, indent=1))
    write_text(folder / "comparison.md", text)
    spreadsheet.write_csv(comparison, folder / "comparison.csv")
    spreadsheet.write_drafts(chosen, drafts, folder / "drafts.csv")
    if args.docs is not None:
        document.put(args.docs, list(body(comparison, 3)))
        say(f"wrote {args.docs}")
    print(to_json(comparison) if args.json else text)
    return 0
