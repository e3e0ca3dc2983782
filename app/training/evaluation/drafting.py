"""Drafts of every image, written to a file as they come, so that a stopped evaluation goes on.

``drafts.jsonl`` holds one object per line. A line counts again only for the same weights, the same
preparation of images and the same settings of the search; images are known by their content, so a
moved archive costs nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import AppError, Cancelled, StudyError
from app.files import appending, make_folder
from app.imaging.radiograph import Radiograph
from app.imaging.reading import read_image
from app.inference.checkpoint import ModelInfo
from app.inference.drafts import Analysis
from app.inference.options import BeamOptions
from app.inference.reporter import BATCH, Reporter
from app.training.corpora import Case

FILE = "drafts.jsonl"


@dataclass(frozen=True)
class Drafted:
    """What a model said of one image. ``texts`` and ``words`` by rank, ``findings`` the head's
    probabilities, ``refused`` the gate's reasons.
    """

    texts: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    findings: dict[str, float]
    refused: tuple[str, ...] = ()


def key(info: ModelInfo, options: BeamOptions, gate: str = "") -> str:
    """What determines a draft and whether the gate refuses it, beside the image, in 16 hexadecimal
    digits; ``gate`` is any text that changes with the gate.
    """
    entry = [info.sha256, info.preprocessing, dataclasses.asdict(options), gate]
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]


def draft_all(
    cases: Sequence[Case],
    folder: Path,
    wanted: str,
    load: Callable[[], Reporter],
    *,
    cancelled: Callable[[], bool],
    progress: Callable[[int, int], None],
    say: Callable[[str], None],
) -> list[Drafted | None]:
    """A draft for each case, None for a file that can't be read (told through ``say``).

    ``wanted`` is the :func:`key` of the drafts. What ``folder / drafts.jsonl`` holds isn't drafted
    again; ``load`` is called only when something is left to do. Raises Cancelled between batches
    when ``cancelled()``, and StoreError when the drafts can't be written; what was drafted stays.
    ``progress(done, total)`` counts what was left.
    """
    make_folder(folder)
    file = folder / FILE
    digests = [_digest(case.image) for case in cases]
    known = dict(_kept(file, wanted))
    left: dict[str, Case] = {}
    for digest, case in zip(digests, cases, strict=True):
        if digest not in known:
            left[digest] = case
    todo = list(left.items())
    if todo:
        progress(0, len(todo))
        reporter = load()
        with appending(file) as stream:
            for first in range(0, len(todo), BATCH):
                if cancelled():
                    raise Cancelled
                batch = dict(_readable(todo[first : first + BATCH], say))
                analyses = reporter.draft_batch(list(batch.values()), force=True)
                for digest, analysis in zip(batch, analyses, strict=True):
                    known[digest] = _plain(analysis)
                    entry = {"key": wanted, "image": digest, **dataclasses.asdict(known[digest])}
                    stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
                stream.flush()
                progress(min(first + BATCH, len(todo)), len(todo))
    return [known.get(digest) for digest in digests]


def _readable(
    batch: Sequence[tuple[str, Case]], say: Callable[[str], None]
) -> Iterator[tuple[str, Radiograph]]:
    for digest, case in batch:
        assert case.image is not None
        try:
            yield digest, read_image(case.image)
        except StudyError as error:
            say(f"left out: {error}")


def _plain(analysis: Analysis) -> Drafted:
    return Drafted(
        tuple(draft.text for draft in analysis.drafts),
        tuple(draft.words for draft in analysis.drafts),
        {finding.name: round(finding.probability, 6) for finding in analysis.findings},
        analysis.gate.reasons,
    )


def _digest(image: Path | None) -> str:
    if image is None:
        raise ValueError("a case without an image can't be drafted")
    try:
        with image.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise AppError(
            f"{image} can't be read: {error.strerror}.", "Check the collection's folder."
        ) from error


def _kept(file: Path, wanted: str) -> Iterator[tuple[str, Drafted]]:
    """The usable lines of an earlier run. A last line that a kill or a full disk cut off is taken
    away.
    """
    if not file.is_file():
        return
    good = 0
    try:
        with file.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                good += len(line)
                entry = _entry(line)
                if entry.get("key") == wanted:
                    yield entry["image"], _drafted(entry)
        if good < file.stat().st_size:
            with file.open("r+b") as stream:
                stream.truncate(good)
    except OSError as error:
        raise AppError(
            f"{file} can't be gone on with: {error.strerror}.", "Choose another folder."
        ) from error


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _drafted(entry: dict[str, Any]) -> Drafted:
    return Drafted(
        tuple(entry["texts"]),
        tuple(tuple(words) for words in entry["words"]),
        dict(entry["findings"]),
        tuple(entry["refused"]),
    )
