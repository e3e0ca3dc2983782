"""``readingroom bench``: how long a person waits, measured here and now.

Seconds from an image to three drafts against the plain way of computing them, seconds from the
command to the window's first paint, and the drafting process's peak memory; each is the median of
several runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import libraries
from app.commands.options import Commands, add_json, existing_paths, number, to_json
from app.errors import AppError, UsageError
from app.inference.available import choose
from app.paths import resources, shipped_gate

if TYPE_CHECKING:
    from app.inference.benchmark import Benchmark

RUNS = 5


class BenchError(AppError):
    """Something that was to be measured didn't run."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "bench", parents=[common], help="measure speed and memory on this machine"
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=("viewer", "similar"),
        help="measure the viewer, or the search for similar cases, instead of drafting",
    )
    parser.add_argument(
        "--image",
        type=Path,
        metavar="PATH",
        help="with `viewer`: measure on this file, not on a generated one of 15 megapixels",
    )
    parser.add_argument(
        "--model", metavar="ID", help="a model of `readingroom models` (default: densenet121-lstm)"
    )
    parser.add_argument(
        "--runs",
        type=number(1, 100),
        default=RUNS,
        metavar="N",
        help=f"runs of each (default: {RUNS})",
    )
    add_json(parser, "the figures")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.what == "viewer":
        return _run_viewer(args)
    if args.image is not None:
        raise UsageError(
            "--image belongs to `bench viewer`.",
            "Measure with `readingroom bench viewer --image …`.",
        )
    if args.what == "similar":
        return _run_similar(args)
    import statistics

    # The window first: the model's threads and memory would be in its way.
    first_paint = statistics.median(first_paints(args.runs))
    from app.inference import benchmark

    image = resources() / "synthetic" / "frontal.dcm"
    folder = choose(args.model, args.places).folder
    figures = benchmark.run(folder, image, args.runs, gate=shipped_gate())
    window = {"first_paint_seconds": round(first_paint, 3)}
    if args.json:
        print(to_json({"draft": figures["draft"], "window": window, "memory": figures["memory"]}))
    else:
        print(_text(figures, first_paint))
    return 0


def _run_viewer(args: argparse.Namespace) -> int:
    image = None if args.image is None else existing_paths([args.image])[0]
    if not libraries.has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.ui import viewer_benchmark

    figures = viewer_benchmark.run(image, args.runs)
    if args.json:
        print(to_json({"viewer": figures}))
    else:
        print("\n".join(f"{name:<22} {value}" for name, value in figures.items()))
    return 0


def _run_similar(args: argparse.Namespace) -> int:
    from app.inference import retrieval

    figures = retrieval.benchmark(runs=args.runs)
    if args.json:
        print(to_json({"similar": figures}))
    else:
        print(
            f"search of {figures['vectors']:,} images   {1000 * figures['seconds']:.1f} ms\n"
            f"sorting all of them        {1000 * figures['reference_seconds']:.1f} ms"
            f" ({figures['ratio']:.1f} times as long)"
        )
    return 0


def _text(figures: Benchmark, first_paint: float) -> str:
    draft, peak = figures["draft"], figures["memory"]["peak_mib"]
    memory = "not known on this system" if peak is None else f"{peak:.0f} MiB"
    return (
        f"image to three drafts    {draft['seconds']:.2f} s\n"
        f"the plain way            {draft['reference_seconds']:.2f} s"
        f" ({draft['ratio']:.1f} times as long)\n"
        f"window to first paint    {first_paint:.2f} s\n"
        f"peak memory              {memory}"
    )


def first_paints(runs: int) -> list[float]:
    """Seconds from starting the process to the first paint of an empty window, once per run.

    The window writes the seconds since its process began into the file that READINGROOM_FIRST_PAINT
    names, and leaves. One run before them fills the disk cache and isn't counted.
    """
    return [_first_paint() for _ in range(runs + 1)][1:]


def _first_paint() -> float:
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "first-paint"
        environment = dict(os.environ, READINGROOM_FIRST_PAINT=str(answer), READINGROOM_HOME=folder)
        # An installed program comes compiled; here the run that isn't counted compiles.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if not libraries.has_screen():
            environment["QT_QPA_PLATFORM"] = "offscreen"
        command = (
            [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
        )
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != 0 or not answer.is_file():
            raise BenchError(
                "The window didn't open, so its first paint can't be measured.", done.stderr.strip()
            )
        return float(answer.read_text(encoding="ascii"))
