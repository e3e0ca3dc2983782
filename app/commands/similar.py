"""``readingroom similar``: the space in which similar cases are found, and one's own index."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.options import Commands, add_device, add_json, has_data, to_json
from app.commands.progress import Progress
from app.errors import ModelError, StudyError, UsageError
from app.files import write_text
from app.inference.available import choose
from app.paths import Paths, shipped_gate

if TYPE_CHECKING:
    from app.inference.joint_space import SpaceInfo

RUN = "similar"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        RUN, parents=[common], help="train, measure or index the space of similar cases"
    )
    actions = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    train = actions.add_parser(
        "train", parents=[common], help="learn the space from images and reports"
    )
    evaluate = actions.add_parser(
        "evaluate", parents=[common], help="measure the space on pairs that it has not seen"
    )
    for action in (train, evaluate):
        action.add_argument(
            "config", type=Path, metavar="CONFIG.toml", help="what is learned from what, and how"
        )
        action.add_argument(
            "--data", type=Path, metavar="DIR", help="the folder that holds the collections"
        )
        action.add_argument(
            "--run-dir",
            type=Path,
            metavar="DIR",
            help="where intermediate results go (default: runs/similar in the data folder)",
        )
    train.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="the folder to write (default: weights/similar in the data folder)",
    )
    train.set_defaults(run=run_train)
    evaluate.add_argument(
        "--space", type=Path, metavar="DIR", help="the folder to measure (default: the one in use)"
    )
    evaluate.add_argument(
        "--out", type=Path, metavar="FILE.json", help="write the figures into this file as well"
    )
    evaluate.add_argument(
        "--card", action="store_true", help="write MODEL_CARD.md into the space's folder"
    )
    add_json(evaluate, "the figures")
    evaluate.set_defaults(run=run_evaluate)
    rebuild = actions.add_parser(
        "rebuild", parents=[common], help="look again at the image of every signed study"
    )
    add_device(rebuild)
    rebuild.set_defaults(run=run_rebuild)


def run_train(args: argparse.Namespace) -> int:
    from app.training import retrieval, similar_config

    places: Paths = args.places
    config = similar_config.load(args.config, args.data)
    has_data(args.config, args.data, config.data)
    info = retrieval.train(
        config,
        _run_folder(args),
        choose(config.model, places).folder,
        args.out or places.weights / RUN,
        _say,
        shipped_gate(),
    )
    print(info.folder)
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    from app.inference import joint_space
    from app.training import similar_config
    from app.training.evaluation import similar, similar_card

    places: Paths = args.places
    config = similar_config.load(args.config, args.data)
    has_data(args.config, args.data, config.data)
    info = joint_space.describe(args.space) if args.space else _in_use(places)
    if info is None:
        raise UsageError(
            f"There is no space of similar cases in {args.space}.",
            "Train one: readingroom similar train.",
        )
    evaluation = similar.evaluate(
        config,
        info,
        choose(info.model_id, places).folder,
        _run_folder(args),
        _say,
        shipped_gate(),
    )
    if args.out:
        write_text(args.out, json.dumps(evaluation, ensure_ascii=False, indent=1) + "\n")
    if args.card:
        write_text(info.folder / joint_space.CARD, similar_card.card(evaluation))
        _say(f"wrote {info.folder / joint_space.CARD}")
    print(to_json(evaluation) if args.json else similar_card.markdown(evaluation))
    return 0


def run_rebuild(args: argparse.Namespace) -> int:
    """Vectors of every signed study, also of those that have one; those of other spaces go."""
    places: Paths = args.places
    if not places.database.is_file():
        raise UsageError(
            f"There is nothing to index: no database in {places.home}.",
            "Sign a report in the window first, or name the right folder with --data-dir.",
        )
    info = _in_use(places)
    from app.imaging.drafted import drafted_image
    from app.imaging.study import Study, found_again
    from app.inference.retrieval import Retriever
    from app.store.repository import Repository

    retriever = Retriever(info, choose(info.model_id, places).folder, args.device)
    known: dict[str, Study] = {}
    missed: list[str] = []
    with Repository.open(places.database) as repository:
        cases = repository.signed_cases(info.key)
        records = {record.study_id: record for record in repository.studies()}
        repository.forget_vectors(info.key)
        bar = Progress(len(cases), "signed studies")
        for done, case in enumerate(cases, start=1):
            try:
                study = found_again(case.study_id, records[case.study_id].paths, known)
                image = drafted_image(study.images)
            except StudyError as error:
                missed.append(error.message)
            else:
                vector = retriever.image(image)
                repository.save_vector(case.study_id, image.image_id, info.key, vector)
            bar.show(done)
    print(f"Indexed {len(cases) - len(missed)} of {len(cases)} signed studies.")
    if missed:
        _say(f"{len(missed)} could not be read; the first: {missed[0]}")
    return 2 if missed else 0


def _in_use(places: Paths) -> SpaceInfo:
    """The user's own space, else the shipped one. Raises :class:`ModelError`."""
    from app.inference import retrieval

    info = retrieval.find(places.weights_folders())
    if info is None:
        raise ModelError(
            "There is no space of similar cases: no weights folder holds one.",
            "Install the program's weights again, or train one: readingroom similar train.",
        )
    return info


def _run_folder(args: argparse.Namespace) -> Path:
    places: Paths = args.places
    folder: Path = args.run_dir or places.home / "runs" / RUN
    return folder


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
