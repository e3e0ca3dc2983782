"""The images to be drafted, and the reports of the training set, as a training run split them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from app.errors import AppError
from app.training import corpora
from app.training.corpora import Case, Corpus

HELD_OUT = "held-out"
"""The test images of a collection where it has some, else its validation images."""


@dataclass(frozen=True)
class Source:
    """One collection: its ``cases`` to be drafted, all of ``split``, and its training reports.

    left_out   cases that aren't drafted, by reason
    overlap    groups (patients) that stand in training as well
    """

    name: str
    kind: str
    split: str
    cases: tuple[Case, ...]
    training: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    overlap: int = 0


NAMED_BY_KIND = ("roco", "nih", "kermany")
"""Collections that need no configuration: folder, kind and layout go by one name."""


def folders(data: Path) -> list[Corpus]:
    """The collections of ``NAMED_BY_KIND`` that lie in ``data``."""
    found = [Corpus(kind, kind, data / kind) for kind in NAMED_BY_KIND if (data / kind).is_dir()]
    if not found:
        raise AppError(
            f"{data} holds none of the folders {', '.join(NAMED_BY_KIND)}.",
            "Name a configuration with --config.",
        )
    return found


def gather(
    collections: Sequence[Corpus],
    split: str,
    settle: Callable[[list[Case]], list[Case]],
    *,
    only: Collection[str] = (),
    limit: int = 0,
    seed: int = 7,
    say: Callable[[str], None],
) -> list[Source]:
    """Read ``collections`` and take the cases of ``split`` ("val", "test" or ``HELD_OUT``).

    ``settle`` gives a split to the cases of all collections that have none, as training does.
    ``only`` names the collections to draft (empty: all), ``limit`` draws so many cases of each (0:
    all). A collection without cases of the split is told through ``say`` and left out; one without
    training reports of its own gets those of all others for the rows without an image. Raises
    :class:`AppError` when nothing is left.
    """
    left_out: dict[str, dict[str, int]] = {}
    cases: list[Case] = []
    for corpus in collections:
        taken, report = corpora.read(corpus)
        for line in report.lines():
            say(line)
        left_out[corpus.name] = dict(report.left_out)
        cases += taken
    by_name: dict[str, list[Case]] = {corpus.name: [] for corpus in collections}
    for case in settle(cases):
        by_name[case.source].append(case)
    sources = [
        _source(corpus, by_name[corpus.name], left_out[corpus.name], split, limit, seed)
        for corpus in collections
    ]
    every = tuple(text for source in sources for text in source.training)
    kept = []
    for source in sources:
        if only and source.name not in only:
            continue
        if source.cases:
            kept.append(source if source.training else replace(source, training=every))
        else:
            say(f"{source.name}: no images of the split {source.split}")
    if not kept:
        raise AppError(
            f"No image of the split {split!r} is in {', '.join(only or by_name)}.",
            "Choose another --split, or other collections.",
        )
    return kept


def _source(
    corpus: Corpus, cases: list[Case], left_out: dict[str, int], split: str, limit: int, seed: int
) -> Source:
    if split == HELD_OUT:
        split = "test" if any(case.split == "test" for case in cases) else "val"
    chosen = [case for case in cases if case.split == split and case.image is not None]
    frontal = [case for case in chosen if case.view != "lateral"]
    usable = [case for case in frontal if case.report or case.labels]
    for reason, count in (
        ("lateral view", len(chosen) - len(frontal)),
        ("neither report nor labels", len(frontal) - len(usable)),
    ):
        if count:
            left_out[reason] = left_out.get(reason, 0) + count
    if 0 < limit < len(usable):
        drawn = np.sort(np.random.default_rng(seed).permutation(len(usable))[:limit])
        usable = [usable[place] for place in drawn]
    learned = [case for case in cases if case.split == "train"]
    overlap = {case.group for case in usable} & {case.group for case in learned}
    training = dict.fromkeys((case.study or case.group, case.report) for case in learned)
    return Source(
        corpus.name,
        corpus.kind,
        split,
        tuple(usable),
        tuple(report for _study, report in training if report),
        left_out,
        len(overlap),
    )
