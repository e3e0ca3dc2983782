"""``readingroom evaluate``: how good a model is on images it has not seen, with intervals."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.commands.held_out import add_collections, model_at, say, sources
from app.commands.options import Commands, add_device, add_json, to_json
from app.commands.progress import counted
from app.files import make_folder, write_text
from app.inference import scores
from app.paths import shipped_gate


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "evaluate", parents=[common], help="measure a model on images that it has not seen"
    )
    parser.add_argument("model", metavar="MODEL", help="a model's id, or its weights folder")
    add_collections(parser, "where drafts, figures, tables and pictures go")
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

    info = model_at(args.model, args.places)
    chosen = sources(args)
    folder: Path = make_folder(args.out.expanduser())
    evaluation, drafts = evaluate(
        info,
        chosen,
        folder,
        device=args.device,
        gate=shipped_gate(),
        attention=args.attention,
        progress=counted("images"),
        say=say,
    )
    try:
        pictures.draw(evaluation, folder / "pictures")
    except PicturesError as error:
        evaluation["notes"].append(error.message)
    text = tables.markdown(evaluation)
    write_text(folder / "evaluation.json", json.dumps(evaluation, ensure_ascii=False, indent=1))
    write_text(folder / "evaluation.md", text)
    spreadsheets.write_csv(evaluation, folder / "evaluation.csv")
    spreadsheets.write_cases(chosen, drafts, folder / "cases.csv")
    if args.card:
        write_text(info.card, card(evaluation))
        measured = to_json(scores.from_evaluation(evaluation))
        write_text(info.folder / scores.FILE, measured + "\n")
        say(f"wrote {info.card} and {scores.FILE} beside it")
    print(to_json(evaluation) if args.json else text)
    return 0
