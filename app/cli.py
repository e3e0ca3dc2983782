"""The command line: what can be asked for, and how every command ends.

Exit codes: 0 done; 2 something that the user can mend (a bad option, file or folder), said in one
line on stderr; 130 stopped with Ctrl+C. Anything else that escapes is a fault of ours and keeps its
traceback.

torch and Qt take seconds to import, so a command imports them when it runs, never before.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from app import __version__
from app.commands import (
    bench,
    compare,
    doctor,
    draft,
    evaluate,
    export,
    models,
    similar,
    study,
    train,
    window,
)
from app.errors import AppError, Cancelled
from app.paths import Paths

DESCRIPTION = """\
Draft, correct, rate and export chest radiograph reports with a model that runs on your own machine.
Without a command, the window opens. For research and teaching; not for diagnosis."""


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command, as every other error is said; a command's own
    parser is made of the same class.
    """

    def error(self, message: str) -> NoReturn:
        said = message[:1].upper() + message[1:]
        self.exit(2, f"readingroom: {said}. See {self.prog} --help.\n")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; every command's ``run`` default is the function that does it."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="keep database and settings in DIR (or in the folder that READINGROOM_HOME names)",
    )
    parser = _Parser(
        prog="readingroom",
        description=DESCRIPTION,
        parents=[common],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"readingroom {__version__}")
    parser.set_defaults(run=window.run_empty)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in (
        window,
        draft,
        models,
        export,
        study,
        train,
        evaluate,
        compare,
        similar,
        bench,
        doctor,
    ):
        command.add(commands, common)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _write_utf8()
    args = build_parser().parse_args(argv)
    args.places = Paths.find(getattr(args, "data_dir", None))
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        code = run(args)
        sys.stdout.flush()
    except AppError as error:
        print(f"readingroom: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, Cancelled):
        print("readingroom: stopped.", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # The reader of a pipe (`| head`) has gone: nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    return code


def _write_utf8() -> None:
    """Reports and paths hold any letter; a terminal's code page must not stop them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
