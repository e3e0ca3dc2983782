"""Thousands of damaged DICOM files, opened as the program opens them.

Not collected by pytest; ``test_fuzz.py`` runs a few of them every time. All of them:

    python tests/imaging/fuzz_dicom.py --count 10000 --keep /tmp/found

Files are made from a seed, one per number, and opened in processes of their own, so that one that
ends its process, hangs or eats memory is found and kept. What is wanted of each: it is shown, or
refused with a StudyError of one clear sentence that names it.
"""

from __future__ import annotations

import argparse
import json
import queue
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

MOST_SECONDS = 2.0
MOST_BYTES = 1_500_000_000
GIVE_UP = 30.0  # seconds of silence after which a process counts as hanging
BATCH = 500  # files per process


def check(path: Path) -> str:
    """Open one file as the window does; returns ``shown``, ``refused`` or what is wrong with it."""
    import numpy as np

    from app.errors import StudyError
    from app.imaging import lut, pyramid
    from app.imaging.study import open_study, preview, read

    refusals = []
    try:
        images = [image for study in open_study(path) for image in study.images]
    except StudyError as error:
        return judged(error, path)
    for image in images:
        for frame in {0, min(image.frames, 1000) - 1}:
            try:
                small = preview(image, frame, 40)
                whole = read(image, frame)
            except StudyError as error:
                refusals.append(judged(error, path))
                continue
            for radiograph in (small, whole) if small is not None else (whole,):
                table = lut.display_table(radiograph, lut.choices(radiograph)[0])
                shown = lut.render(pyramid.reduce(radiograph.pixels, 2), table)
                if shown.dtype != np.uint8 or table.shape != (65_536,):
                    return "bad: no eight-bit picture"
    return max(refusals, key=len, default="shown")


def judged(error: Exception, path: Path) -> str:
    message, hint = error.message, error.hint  # type: ignore[attr-defined]
    clear = f"“{path.name}”" in message and message.endswith(".") and "\n" not in message
    if not clear or len(message) > 300 or message.count(". ") > 1 or "Traceback" in message + hint:
        return f"bad: unclear refusal {message!r}"
    return "no memory" if "enough memory" in message else "refused"


def work(first: int, count: int, seed: int, folder: Path) -> None:
    """Make and open files ``first`` to ``first + count``; a line of JSON before and after each."""
    import traceback

    import mutations

    bases = mutations.bases()
    check(write(folder / "warm-up.dcm", bases[0]))
    room = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (room + MOST_BYTES, room + MOST_BYTES))
    for number in range(first, first + count):
        raw, what = mutations.mutated(bases, seed, number)
        path = write(folder / f"{number}.dcm", raw)
        print(json.dumps({"number": number, "what": what}), flush=True)
        Path("/proc/self/clear_refs").write_text("5")
        wall, processor = time.perf_counter(), time.process_time()
        try:
            outcome = check(path)
        except BaseException as error:  # noqa: BLE001 - what escapes is what we look for
            outcome = f"bad: {type(error).__name__}: {error} {traceback.format_exc()[-1500:]}"
        result = {
            "number": number,
            "outcome": outcome,
            "seconds": time.process_time() - processor,
            "wall": time.perf_counter() - wall,
            "bytes": peak(),
        }
        print(json.dumps(result), flush=True)
        path.unlink()


def write(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


def peak() -> int:
    """Most memory since it was last reset, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def run(count: int, seed: int, workers: int) -> Iterator[dict[str, Any]]:
    """Yield one result per file; a process that ends or hangs gives one for the file it died of."""
    jobs: queue.Queue[tuple[int, int]] = queue.Queue()
    for first in range(0, count, BATCH):
        jobs.put((first, min(BATCH, count - first)))
    results: queue.Queue[dict[str, Any]] = queue.Queue()
    threads = [threading.Thread(target=_drive, args=(jobs, results, seed)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for _ in range(count):
        yield results.get()
    for thread in threads:
        thread.join()


def _drive(
    jobs: queue.Queue[tuple[int, int]], results: queue.Queue[dict[str, Any]], seed: int
) -> None:
    while True:
        try:
            first, count = jobs.get_nowait()
        except queue.Empty:
            return
        end = first + count
        while first < end:
            first = _one_process(first, end, seed, results)


def _one_process(first: int, end: int, seed: int, results: queue.Queue[dict[str, Any]]) -> int:
    """Run one process as far as it gets; returns the number to go on with."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--work", str(first), str(end - first), str(seed)]
        process = subprocess.Popen(
            [*command, folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        reader = threading.Thread(
            target=lambda out: ([lines.put(line) for line in out] and None) or lines.put(""),
            args=(process.stdout,),
        )
        reader.start()
        running: dict[str, Any] = {"number": first, "what": "starting"}
        while True:
            try:
                line = lines.get(timeout=GIVE_UP)
            except queue.Empty:
                process.kill()
                ended = f"bad: hung for more than {GIVE_UP:g} s"
                break
            if not line:
                ended = f"bad: the process ended with {process.wait()}"
                break
            said = json.loads(line)
            if "outcome" in said:
                results.put(running | said)
                running = {"number": said["number"] + 1, "what": "starting"}
            else:
                running = said
        process.wait()
        reader.join()
        process.stdout.close()
        if running["number"] >= end:
            return end
        results.put(running | {"outcome": ended, "seconds": 0.0, "wall": 0.0, "bytes": 0})
        return int(running["number"]) + 1


def _pass_on(out: IO[str], lines: queue.Queue[str]) -> None:
    for line in out:
        lines.put(line)
    lines.put("")


def wrong(result: dict[str, Any], *, timed: bool = True) -> str:
    """Why a result is not as it should be; empty when it is."""
    if str(result["outcome"]).startswith("bad"):
        return str(result["outcome"])
    if (
        timed and min(result["seconds"], result["wall"]) > MOST_SECONDS
    ):  # two decoders share the work
        return f"bad: {result['seconds']:.1f} s of processor time"
    if result["bytes"] > MOST_BYTES:
        return f"bad: {result['bytes'] / 1e6:,.0f} MB"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to keep the files that went wrong")
    parser.add_argument("--work", nargs=4, metavar=("FIRST", "COUNT", "SEED", "FOLDER"))
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(HERE)]
    if options.work:
        first, count, seed, folder = options.work
        work(int(first), int(count), int(seed), Path(folder))
        return 0
    import mutations

    bases = mutations.bases() if options.keep else []
    outcomes: Counter[str] = Counter()
    worst = {"seconds": 0.0, "wall": 0.0, "bytes": 0}
    for done, result in enumerate(run(options.count, options.seed, options.workers), 1):
        problem = wrong(result)
        outcomes["wrong" if problem else result["outcome"]] += 1
        worst = {key: max(most, result[key]) for key, most in worst.items()}
        if problem:
            print(f"{result['number']} ({result['what']}): {problem}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                raw, _ = mutations.mutated(bases, options.seed, result["number"])
                write(options.keep / f"{options.seed}-{result['number']}.dcm", raw)
        if done % 1000 == 0:
            print(f"… {done:,} {dict(outcomes)} {worst}", flush=True)
    print(json.dumps({"files": options.count, **outcomes, "worst": worst}))
    return 1 if outcomes["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
