"""``readingroom export ratings``: every rating as one row of a CSV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.options import Commands
from app.errors import UsageError
from app.paths import Paths
from app.settings import Settings


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("export", parents=[common], help="write ratings to a CSV file")
    kinds = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    ratings = kinds.add_parser("ratings", parents=[common], help="one row per rating")
    ratings.add_argument(
        "--out", type=Path, required=True, metavar="FILE.csv", help="the file to write"
    )
    ratings.add_argument(
        "--pseudonymise",
        action="store_true",
        help="put pseudonyms in place of patient, study and image ids (texts stay as they are)",
    )
    ratings.add_argument(
        "--bom", action="store_true", help="begin with a byte order mark, so that Excel reads UTF-8"
    )
    ratings.set_defaults(run=run_ratings)


def run_ratings(args: argparse.Namespace) -> int:
    places: Paths = args.places
    if not places.database.is_file():
        raise UsageError(
            f"There is nothing to export: no database in {places.home}.",
            "Rate a draft in the window first, or name the right folder with --data-dir.",
        )
    from app.store.repository import Repository

    out: Path = args.out.expanduser().absolute()
    who = Settings.load(places.settings).user_name
    with Repository.open(places.database) as repository:
        count = repository.export_ratings(
            out, pseudonymise=args.pseudonymise, bom=args.bom, who=who
        )
    print(f"Wrote {count} rating{'' if count == 1 else 's'} to {out}", file=sys.stderr)
    return 0
