"""``readingroom export``: every rating, or every measurement, as one row of a CSV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.options import Commands
from app.errors import UsageError
from app.paths import Paths
from app.settings import Settings


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "export", parents=[common], help="write ratings or measurements to a CSV file"
    )
    kinds = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    for name, help_text in (
        ("ratings", "one row per rating"),
        ("measurements", "one row per measurement on an image"),
    ):
        kind = kinds.add_parser(name, parents=[common], help=help_text)
        kind.add_argument(
            "--out", type=Path, required=True, metavar="FILE.csv", help="the file to write"
        )
        kind.add_argument(
            "--pseudonymise",
            action="store_true",
            help="put pseudonyms in place of patient, study and image ids (texts stay as they are)",
        )
        kind.add_argument(
            "--bom",
            action="store_true",
            help="begin with a byte order mark, so that Excel reads UTF-8",
        )
        kind.set_defaults(run=run, what=name)


def run(args: argparse.Namespace) -> int:
    places: Paths = args.places
    if not places.database.is_file():
        raise UsageError(
            f"There is nothing to export: no database in {places.home}.",
            "Rate a draft or measure in the window first, or name the right folder with "
            "--data-dir.",
        )
    from app.store.repository import Repository

    out: Path = args.out.expanduser().absolute()
    who = Settings.load(places.settings).user_name
    with Repository.open(places.database) as repository:
        export = (
            repository.export_ratings if args.what == "ratings" else repository.export_measurements
        )
        count = export(out, pseudonymise=args.pseudonymise, bom=args.bom, who=who)
    called = args.what.removesuffix("s") if count == 1 else args.what
    print(f"Wrote {count} {called} to {out}", file=sys.stderr)
    return 0
