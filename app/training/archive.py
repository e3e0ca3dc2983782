"""The collections of a run, read once: images, cases, splits, labels."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.errors import AppError
from app.imaging import preprocess
from app.inference import gatekeeper
from app.training import corpora, splits, views
from app.training.config import TrainConfig
from app.training.corpora import Case
from app.training.images import load_images
from app.training.labels import targets


@dataclass(frozen=True)
class Archive:
    """images (n, S, S) uint8 and the n ``cases`` they belong to; ``texts`` are reports without
    an image; ``labels`` (n, k) float32 are 1.0 present, 0.0 absent, NaN unknown.
    """

    images: NDArray[np.uint8]
    cases: list[Case]
    texts: list[Case]
    labels: Tensor

    def rows(self, sources: Iterable[str], split: str, *, reports: bool = False) -> Tensor:
        """(m,) int64 rows of the cases of ``sources`` in ``split``, those with a report if
        asked.
        """
        wanted = set(sources)
        found = [
            row
            for row, case in enumerate(self.cases)
            if case.source in wanted and case.split == split and (case.report or not reports)
        ]
        return torch.tensor(found, dtype=torch.int64)

    def labelled(self, rows: Tensor) -> Tensor:
        """Those of ``rows`` of which at least one label is known."""
        return rows[~torch.isnan(self.labels[rows]).all(dim=1)]

    def digest(self) -> str:
        """Changes with any image, text, label or split."""
        digest = hashlib.sha256()
        for case in (*self.cases, *self.texts):
            entry = asdict(case)
            entry["image"] = case.image.name if case.image else ""
            digest.update(json.dumps(entry, sort_keys=True).encode())
        some = self.images[:: max(len(self.images) // 64, 1)]
        digest.update(np.ascontiguousarray(some).tobytes())
        return digest.hexdigest()[:16]


def gather(
    config: TrainConfig,
    run_folder: Path,
    say: Callable[[str], None],
    gate: Path | None = None,
    size: int = preprocess.SIZE,
) -> tuple[Archive, dict[str, dict[str, object]]]:
    """Read every collection of ``config``; beside the archive what was taken and left out, by
    source.

    The images are ``size`` pixels high and wide. Lateral views are left out; where
    ``config.separate`` asks for it, the ``gate``'s folder helps to find those that nobody has
    named. Cases without a split get one, by patient; the assignment
    is kept in ``run_folder`` and used again. Raises :class:`AppError` when nothing is usable.
    """
    cases: list[Case] = []
    imports: dict[str, dict[str, object]] = {}
    for source in config.sources():
        corpus = config.corpus(source)
        taken, report = corpora.read(corpus)
        cases += taken
        imports[source] = {
            "kind": corpus.kind,
            "licence": str(corpus.options.get("licence", "")),
            "taken": report.taken,
            "left_out": dict(report.left_out),
            "cleaned": dict(report.rules),
        }
        for line in report.lines():
            say(line)
    if not any(case.image for case in cases):
        raise AppError(
            f"The collections {', '.join(config.sources())} hold no usable image.",
            "See what was left out.",
        )
    seen: NDArray[np.uint8] | None = None
    if config.separate and gate is not None:
        # The gate has a size of its own; at that size nothing is read twice.
        seen, _ = load_images(cases, run_folder / "cache", say)
    images, shown = load_images(cases, run_folder / "cache", say, size)
    images, shown = _frontal(images, shown, gate, seen, say)
    shown = splits.settle(shown, images, run_folder / "splits.csv", config.seed)
    for sentence in splits.leaks(shown, images):
        say(f"leak: {sentence}")
    for source, told in imports.items():
        sides = [case.split for case in shown if case.source == source]
        told["split"] = {side: sides.count(side) for side in sorted(set(sides))}
    labels = label_matrix(shown, config.findings)
    texts = [case for case in cases if case.image is None and case.report]
    return Archive(images, shown, texts, labels), imports


def _frontal(
    images: NDArray[np.uint8],
    cases: list[Case],
    gate: Path | None,
    seen: NDArray[np.uint8] | None,
    say: Callable[[str], None],
) -> tuple[NDArray[np.uint8], list[Case]]:
    """The images that are frontal by name, or that the gate takes for frontal where it has ``seen``
    them at its own size, and their cases.
    """
    unknown = [row for row, case in enumerate(cases) if not case.view]
    left_out = {row for row, case in enumerate(cases) if case.view == "lateral"}
    if left_out:
        say(f"left out: {len(left_out)} (lateral views)")
    keeper = gatekeeper.load(gate) if gate is not None and seen is not None else None
    if keeper is not None and seen is not None and unknown:
        say(f"looking which of {len(unknown)} images of unknown view are frontal")
        judged = views.separate(seen[unknown], keeper)
        others = [row for row, one in zip(unknown, judged, strict=True) if one.view != "frontal"]
        say(f"left out: {len(others)} (not a frontal chest radiograph by the gate)")
        left_out |= set(others)
    if not left_out:
        return images, cases
    rows = [row for row in range(len(cases)) if row not in left_out]
    return images[rows], [cases[row] for row in rows]


def label_matrix(cases: Iterable[Case], findings: tuple[str, ...]) -> Tensor:
    """(n, k) float32: 1.0 present, 0.0 absent, NaN unknown.

    A case without labels of its own gets those that its report tells; what the report does not
    mention counts as absent, as a reader would take it.
    """
    rows = []
    for case in cases:
        known = case.labels
        if not known and case.report:
            known = targets(case.report, findings, silent=0.0)
        rows.append([known.get(name, math.nan) for name in findings])
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, len(findings))


def limited(
    archive: Archive, rows: Tensor, limits: dict[str, int], generator: torch.Generator
) -> Tensor:
    """Of each limited source as many of ``rows`` as its limit says, of the others all; in random
    order.

    A limit beyond what a source has shows some of its images more than once, none of them twice
    more often than another.
    """
    by_source: dict[str, list[int]] = {}
    for row in rows.tolist():
        by_source.setdefault(archive.cases[row].source, []).append(row)
    kept = [rows[:0]]
    for source, members in by_source.items():
        some = torch.tensor(members)
        limit = limits.get(source, len(some))
        turns = [
            torch.randperm(len(some), generator=generator) for _ in range(-(-limit // len(some)))
        ]
        kept.append(some[torch.cat(turns)[:limit]])
    chosen = torch.cat(kept)
    return chosen[torch.randperm(len(chosen), generator=generator)]
