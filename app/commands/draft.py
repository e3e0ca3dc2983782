"""``readingroom draft``: drafts for files and folders, without a window.

One file after another goes to stdout, as text or as one JSON object per line, in the order asked
for. A file that can't be read gets a line of its own and the rest goes on; the exit code then is 2.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.options import Commands, add_device, add_json, number, to_json
from app.commands.progress import Progress
from app.errors import StudyError, UsageError
from app.inference.available import choose
from app.inference.batch import BATCH, Outcome, draft_batch
from app.paths import shipped_gate

if TYPE_CHECKING:
    from app.inference.drafts import Analysis

NOTICE = (
    "Drafts by a model, for a radiologist to check and correct. Not for diagnosis.\n"
    "A draft's percentage is how much the model prefers it over the others shown."
)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "draft", parents=[common], help="draft reports for files or folders"
    )
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="image file, folder, DICOMDIR or ZIP archive",
    )
    parser.add_argument(
        "--model", metavar="ID", help="a model of `readingroom models` (default: densenet121-lstm)"
    )
    add_device(parser)
    parser.add_argument(
        "--beams",
        type=number(1, 20),
        default=3,
        metavar="N",
        help="drafts that are kept, most probable first (default: 3)",
    )
    parser.add_argument(
        "--length-normalised",
        action="store_true",
        help="rank by log probability per word instead of by log probability",
    )
    parser.add_argument(
        "--heatmaps",
        type=Path,
        metavar="DIR",
        help="save each word's map, one PNG per word, below DIR",
    )
    add_json(parser, "one object per image and line")
    parser.add_argument("--force", action="store_true", help="draft what the gate refuses, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    items = list(expand(args.paths))
    if not items:
        raise UsageError(
            "There is no image in what was named.", "Name a file, or a folder with images."
        )
    info = choose(args.model, args.places)

    from app.inference.options import BeamOptions
    from app.inference.reporter import Reporter

    options = BeamOptions(beams=args.beams, length_normalised=args.length_normalised)
    reporter = Reporter(info.folder, device=args.device, options=options, gate=shipped_gate())
    progress = Progress(len(items), "images", shown=len(items) > 1)
    failed = 0
    if not args.json:
        print(NOTICE)
    for start in range(0, len(items), BATCH):
        for outcome in draft_batch(reporter, items[start : start + BATCH], force=args.force):
            progress.clear()
            print(_json_line(outcome) if args.json else _text(outcome), flush=True)
            failed += outcome.error is not None
            if args.heatmaps is not None:
                _save_heatmaps(outcome, args.heatmaps.expanduser())
        progress.show(min(start + BATCH, len(items)))
    return 2 if failed else 0


def expand(paths: Sequence[Path]) -> Iterator[Path | Outcome]:
    """Files as they are named; folders, archives and DICOMDIRs as the images in them, in order.

    What isn't there or can't be read is an outcome already.
    """
    from app.imaging.study import is_archive, looks_like_image, open_study

    for path in (path.expanduser().absolute() for path in paths):
        denied: list[OSError] = []
        if not path.exists():
            error = StudyError(f"There is no file or folder {path}.", "Check the spelling.")
            yield Outcome(path, error=error)
        elif path.is_dir():
            for folder, below, names in os.walk(path, onerror=denied.append):
                below.sort()
                inside = [Path(folder, name) for name in sorted(names) if name != "DICOMDIR"]
                yield from filter(looks_like_image, inside)
        elif path.name == "DICOMDIR" or is_archive(path):
            try:
                studies = open_study(path)
            except StudyError as error:
                yield Outcome(path, error=error)
                continue
            for study in studies:
                yield from dict.fromkeys(image.path for image in study.images)
        else:
            yield path
        for refusal in denied:
            why = f"The folder can't be read: {refusal.strerror}."
            yield Outcome(Path(refusal.filename), error=StudyError(why, "Ask for access to it."))


def as_json(path: Path, analysis: Analysis) -> dict[str, object]:
    """The object that ``draft --json`` writes for one image; docs/command-line.md describes it."""
    seconds = analysis.seconds
    return {
        "path": str(_shown(path)),
        "view": analysis.view,
        "gate": {"ok": analysis.gate.ok, "reasons": list(analysis.gate.reasons)},
        "model": analysis.model,
        "looks": analysis.looks,
        "weights_sha256": analysis.weights_sha256,
        "device": analysis.device_kind,
        "seconds": {
            "load": round(seconds.load, 4),
            "preprocess": round(seconds.preprocess, 4),
            "encode": round(seconds.encode, 4),
            "decode": round(seconds.decode, 4),
        },
        "findings": [
            {"name": finding.name, "probability": round(finding.probability, 6)}
            for finding in analysis.findings
        ],
        "drafts": [
            {
                "rank": draft.rank,
                "text": draft.text,
                "words": list(draft.words),
                "logprob": round(draft.logprob, 6),
                "score": round(draft.score, 6),
                analysis.looks: [
                    [[float(f"{share:.6g}") for share in row] for row in word]
                    for word in draft.attention.tolist()
                ],
            }
            for draft in analysis.drafts
        ],
    }


def _shown(path: Path) -> Path:
    from app.imaging.archive import shown

    return shown(path)


def _json_line(outcome: Outcome) -> str:
    if outcome.analysis is None:
        return to_json({"path": str(_shown(outcome.path)), "error": str(outcome.error)})
    return to_json(as_json(outcome.path, outcome.analysis))


def _text(outcome: Outcome) -> str:
    analysis = outcome.analysis
    if analysis is None:
        return f"\n{_shown(outcome.path)}\n  error: {outcome.error}"
    view = f", {analysis.view}" if analysis.view else ""
    lines = [f"\n{_shown(outcome.path)}{view}"]
    lines += [f"  not fit to be drafted: {reason}" for reason in analysis.gate.reasons]
    for draft, share in zip(analysis.drafts, analysis.shares(), strict=True):
        lines.append(f"  {draft.rank}  {share:4.0%}  {draft.text or '(no words)'}")
    if analysis.findings:
        likely = sorted(analysis.findings, key=lambda finding: -finding.probability)[:5]
        said = ", ".join(f"{finding.name} {finding.probability:.0%}" for finding in likely)
        lines.append(f"  findings: {said}")
    if analysis.drafts:
        seconds = f"{analysis.seconds.total:.1f} s"
        lines.append(f"  {analysis.model} on {analysis.device}, {seconds}")
    return "\n".join(lines)


def _save_heatmaps(outcome: Outcome, folder: Path) -> None:
    if outcome.radiograph is None or outcome.analysis is None or not outcome.analysis.drafts:
        return
    from app.commands.heatmaps import save

    save(outcome.radiograph, outcome.analysis, folder)
