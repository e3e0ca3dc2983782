"""``readingroom`` and ``readingroom open``: the window, empty or with studies in it."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from app import log
from app.commands import libraries
from app.commands.options import Commands, existing_paths
from app.errors import UsageError
from app.paths import Paths


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "open",
        parents=[common],
        help="open files or folders in the window, or save a picture of it",
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="file, folder, DICOMDIR or ZIP archive"
    )
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="OUT.png",
        help="wait until the drafts stand, save a picture of the window, and leave",
    )
    parser.add_argument(
        "--size", type=size, metavar="WxH", help="the window's size in pixels, as 1600x1000"
    )
    parser.set_defaults(run=run)


def size(text: str) -> tuple[int, int]:
    """``1600x1000`` → (1600, 1000); at most 8192 a side."""
    match = re.fullmatch(r"(\d{3,4})[x×](\d{3,4})", text.lower())
    if match is None or max(int(match[1]), int(match[2])) > 8192:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1600x1000")
    return int(match[1]), int(match[2])


def run_empty(args: argparse.Namespace) -> int:
    return _show(args.places, [], None, None)


def run(args: argparse.Namespace) -> int:
    return _show(args.places, existing_paths(args.paths), args.screenshot, args.size)


def _show(
    places: Paths, paths: list[Path], screenshot: Path | None, size: tuple[int, int] | None
) -> int:
    if screenshot is not None and not libraries.has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    require_screen(
        "Save a picture with `readingroom open PATH --screenshot OUT.png`, or use "
        "`readingroom draft PATH`."
    )
    try:
        from app.ui.application import run_window
    except ImportError:
        _require(libraries.missing(x11=False))
        raise
    handler = log.set_up(places.logs)
    try:
        return run_window(paths, screenshot=screenshot, size=size, places=places)
    finally:
        log.tear_down(handler)


def require_screen(instead: str) -> None:
    """Raises :class:`UsageError` where Qt would end the process for want of a screen or of its
    libraries; ``instead`` says what can be done without a screen.
    """
    if not libraries.has_screen():
        raise UsageError(
            "There is no screen to show a window on: DISPLAY and WAYLAND_DISPLAY are not set.",
            instead,
        )
    _require(libraries.missing_for_x11())


def _require(lacking: tuple[str, ...]) -> None:
    if lacking:
        raise UsageError(
            f"The window needs system libraries that this machine lacks: {', '.join(lacking)}.",
            f"Install them: {libraries.apt_line(lacking)}",
        )
