"""``readingroom export ratings``: every rating as one row of a CSV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.options import Commands
from app.paths import Paths


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
        help="put a pseudonym in place of the patient id (the same one for the same patient)",
    )
    ratings.add_argument(
        "--bom", action="store_true", help="begin with a byte order mark, for Excel"
    )
    ratings.set_defaults(run=run_ratings)


def run_ratings(args: argparse.Namespace) -> int:
    from app.reporting.csv_export import export_ratings
    from app.store.repository import Repository

    places: Paths = args.places
    repository = Repository.open(places.database)
    try:
        rows = list(repository.all_ratings())
    finally:
        repository.close()
    out: Path = args.out.expanduser()
    export_ratings(rows, out, pseudonymise=args.pseudonymise, bom=args.bom)
    print(f"Wrote {len(rows)} rating{'' if len(rows) == 1 else 's'} to {out}", file=sys.stderr)
    return 0
