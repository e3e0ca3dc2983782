"""What several commands ask for in the same words, and how they write JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from app.errors import UsageError


class Commands(Protocol):
    """What ``ArgumentParser.add_subparsers`` returns, whose own type is private."""

    def add_parser(
        self, name: str, *, parents: list[argparse.ArgumentParser], help: str
    ) -> argparse.ArgumentParser: ...


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"write {what} as JSON")


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where the model runs (auto: the GPU when there is one)",
    )


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """A type for argparse: a whole number from ``lowest`` to ``highest``."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            message = f"{text!r} is not a number from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return parse


def existing_paths(paths: Sequence[Path]) -> list[Path]:
    """``paths`` made absolute; raises :class:`UsageError` naming the first that isn't there."""
    absolute = [path.expanduser().absolute() for path in paths]
    for path in absolute:
        if not path.exists():
            raise UsageError(f"There is no file or folder {path}.", "Check the spelling.")
    return absolute


def has_data(file: Path, data: Path | None, known: Path) -> None:
    """That a configuration says where the collections lie: ``data`` on the command line, or
    ``known``, which is Path() where ``file`` names no folder. Raises :class:`UsageError`.
    """
    if data is None and known == Path():
        raise UsageError(
            f"It isn't said where the collections lie: {file} names no folder.",
            "Name it with --data, or as data in the configuration.",
        )


def to_json(value: object) -> str:
    """One line of strict JSON: letters as they are, and an error rather than NaN or Infinity."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
