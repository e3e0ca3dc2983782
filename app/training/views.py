"""Which pictures of an archive are frontal chests? And how the gate learned to tell.

System 2 separates frontal from lateral views with CNN features and k-means where an archive
doesn't say them; :func:`separate` does it for importers and the trainer, with the app's own gate
(:mod:`app.inference.gatekeeper`). :func:`rebuild` makes that gate anew from pictures of known
kinds: ``docs/gate.md`` shows how, and what the shipped one gives.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from app.errors import AppError, StudyError
from app.imaging import preprocess
from app.imaging.reading import read_image
from app.inference import gatekeeper, lite
from app.inference.gatekeeper import (
    FRONTAL,
    LATERAL,
    SENTENCES,
    SIDEWAYS,
    Gatekeeper,
    features,
)
from app.training import clusters, counterexamples

PARTS = ("fit", "val", "test")
CHUNK = 32
AXES, NEAR_AXES, CLUSTERS, DECAY = 256, 32, 60, 1e-2
MISSED = 0.015
"""Share of the validation's frontal chests that the floor may refuse."""
HIGHEST_FLOOR = 0.4
"""In doubt a chest passes; on validation this still refuses 97 % or more of each other kind."""
ROOM = 1.3
"""How much farther than all but one in 500 of the validation's frontal chests a picture may lie."""
COPIES = {LATERAL: 8, "ultrasound": 4, "other part": 4, "photograph": 3}
"""Altered copies of real pictures of rare kinds."""
MADE = 260
"""Pictures that are made of each made kind for the fit; a third of it for the other parts."""

Picture = NDArray[np.uint8]


class Separated(NamedTuple):
    """``view`` is "frontal", "lateral" or "" (neither, with the ``reason`` in a sentence), and
    ``confidence`` the probability in [0, 1] of the kind that the picture was taken for.
    """

    view: str
    confidence: float
    reason: str


def separate(images: NDArray[np.uint8], keeper: Gatekeeper) -> list[Separated]:
    """(n, S, S) equalised pictures of an archive → the view of each."""
    answers = []
    for first in range(0, len(images), CHUNK):
        for sight in keeper.look(images[first : first + CHUNK]):
            reason = keeper.reason(sight)
            view = LATERAL if sight.kind == LATERAL and reason else "" if reason else FRONTAL
            sure = sight.confidence if reason else sight.frontal
            answers.append(Separated(view, sure, reason))
    return answers


@dataclass(frozen=True)
class Sample:
    """A picture file of known ``kind`` (of ``gatekeeper.SENTENCES``); ``part`` is of ``PARTS``."""

    path: Path
    kind: str
    part: str


def from_table(table: Path, data: Path) -> list[Sample]:
    """Samples of a CSV with the columns ``path`` (below ``data``), ``kind`` and ``part``.

    Raises :class:`AppError` for another kind or part and for a path that leaves ``data``.
    """
    samples, home = [], data.resolve()
    try:
        with table.open(encoding="utf-8", newline="") as handle:
            for line, row in enumerate(csv.DictReader(handle), start=2):
                kind, part, path = row["kind"], row["part"], (data / row["path"]).resolve()
                if kind not in SENTENCES or part not in PARTS or not path.is_relative_to(home):
                    raise AppError(
                        f"{table}, line {line}: an unknown kind or part, or a path outside {data}.",
                        f"Kinds are: {', '.join(SENTENCES)}.",
                    )
                samples.append(Sample(path, kind, part))
    except (OSError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise AppError(
            f"{table} can't be read as a table with the columns path, kind and part.",
            "Check the file.",
        ) from error
    return samples


def from_folder(folder: Path, kind: str, part: str) -> list[Sample]:
    """Every file in ``folder`` as a sample, in the order of their names."""
    return [Sample(file, kind, part) for file in sorted(folder.iterdir()) if file.is_file()]


class Examples(NamedTuple):
    """``found`` (n, 1280) features, ``kinds`` (n,) places in ``SENTENCES``, ``parts`` and
    ``sources`` the part and the folder or making of each.
    """

    found: NDArray[np.float32]
    kinds: NDArray[np.int64]
    parts: NDArray[np.str_]
    sources: NDArray[np.str_]


def examine(
    samples: Iterable[Sample],
    encoder: lite.LiteEncoder,
    say: Callable[[str], None],
    seed: int = 7,
) -> Examples:
    """Features of the samples, and of what is made from them (:mod:`counterexamples`).

    A file that can't be read is left out and named through ``say``.
    """
    random = np.random.default_rng(seed)
    order = list(SENTENCES)
    rows: list[tuple[str, str, str]] = []
    found: list[NDArray[np.float32]] = []
    waiting: list[Picture] = []
    kept: dict[str, list[Picture]] = {part: [] for part in PARTS}

    def take(picture: Picture, kind: str, part: str, source: str) -> None:
        rows.append((kind, part, source))
        waiting.append(picture)
        if len(waiting) == CHUNK:
            found.append(features(encoder, np.stack(waiting)).cpu().numpy())
            waiting.clear()

    for sample in samples:
        try:
            picture = preprocess.equalised(read_image(sample.path))
        except StudyError as error:
            say(f"left out: {error}")
            continue
        take(picture, sample.kind, sample.part, sample.path.parent.as_posix())
        if sample.kind == FRONTAL:
            kept[sample.part].append(picture)
        elif sample.part != "test":
            for number in range(COPIES.get(sample.kind, 0)):
                copy = counterexamples.photographed(picture, random)
                take(copy[:, ::-1] if number % 2 else copy, sample.kind, sample.part, "altered")
    for part in PARTS:
        for picture, kind in made(kept[part], MADE if part == "fit" else MADE // 3, random):
            take(picture, kind, part, "made")
    if waiting:
        found.append(features(encoder, np.stack(waiting)).cpu().numpy())
    kinds, parts, sources = zip(*rows, strict=True)
    places = np.array([order.index(kind) for kind in kinds], np.int64)
    return Examples(np.concatenate(found), places, np.array(parts), np.array(sources))


def made(
    chests: Sequence[Picture], count: int, random: np.random.Generator
) -> Iterable[tuple[Picture, str]]:
    """``count`` pictures of each made kind, and twice as many altered frontal chests."""
    for _ in range(count if chests else 0):
        one, two, three, four, five, six, seven = (
            chests[place] for place in random.integers(0, len(chests), 7)
        )
        yield counterexamples.turned(one, 1), SIDEWAYS
        yield counterexamples.turned(two, 3), SIDEWAYS
        yield counterexamples.turned(three, 2), "upside down"
        yield counterexamples.negative(four), "negative"
        yield counterexamples.detail(five, random), "other part"
        yield counterexamples.photographed(six, random), FRONTAL
        yield counterexamples.photographed(seven, random), FRONTAL
    for _ in range(count):
        yield counterexamples.pattern(random), "pattern"
        yield counterexamples.page(random), "photograph"


def fit(
    examples: Examples, encoder: lite.LiteEncoder, *, clusters_wanted: int = CLUSTERS, seed: int = 7
) -> Gatekeeper:
    """Axes, clusters and the linear layer from the part "fit"; floor and reach from "val"."""
    order = list(SENTENCES)
    learned, held = examples.parts == "fit", examples.parts == "val"
    held &= (examples.kinds == order.index(FRONTAL)) & (examples.sources != "made")
    if not learned.any() or not held.any():
        raise AppError(
            "The gate can't be fitted without pictures to fit and frontal chests to check.",
            "Give samples of the parts fit and val.",
        )
    present = np.unique(examples.kinds[learned])
    kinds = np.searchsorted(present, examples.kinds[learned])
    axes = clusters.principal(examples.found[learned], min(AXES, int(learned.sum()) - 1))
    points = ((examples.found[learned] - axes.mean) @ axes.turn).astype(np.float32)
    near = points[:, :NEAR_AXES]
    centres = clusters.k_means(near, min(clusters_wanted, len(near)), seed)
    belongs = clusters.squared_distances(near, centres).argmin(axis=1)
    named = clusters.majority(belongs, kinds, len(centres))
    centres, named = centres[named >= 0], named[named >= 0]
    weight, bias = clusters.linear(points, kinds, len(present), DECAY)
    fitted = {
        name: torch.from_numpy(values.astype(np.float16)).float()  # as it will be stored
        for name, values in {
            "mean": axes.mean,
            "turn": axes.turn,
            "weight": weight,
            "bias": bias,
            "centres": centres,
        }.items()
    }
    names = [order[place] for place in present]
    keeper = Gatekeeper(encoder, fitted, names, [names[place] for place in named], 0.0, 0.0)
    sights = keeper.judge(torch.from_numpy(examples.found[held]))
    floor = float(np.quantile([sight.frontal for sight in sights], MISSED))
    keeper.floor = min(floor, HIGHEST_FLOOR)
    keeper.reach = ROOM * float(np.quantile([sight.distance for sight in sights], 0.998))
    return keeper


def rates(
    examples: Examples, keeper: Gatekeeper, part: str = "test"
) -> Mapping[tuple[str, str], tuple[int, int, int, int]]:
    """Of each kind and source: pictures, how many pass, how many got the right kind, and how many
    would pass by the name of the nearest cluster alone.
    """
    order = list(SENTENCES)
    counted: dict[tuple[str, str], tuple[int, int, int, int]] = {}
    chosen = np.flatnonzero(examples.parts == part)
    sights = keeper.judge(torch.from_numpy(examples.found[chosen]))
    for place, sight in zip(chosen, sights, strict=True):
        kind = order[examples.kinds[place]]
        key = kind, str(examples.sources[place])
        told = (1, not keeper.reason(sight), sight.kind == kind, sight.cluster == FRONTAL)
        before = counted.get(key, (0, 0, 0, 0))
        counted[key] = tuple(a + int(b) for a, b in zip(before, told, strict=True))  # type: ignore[assignment]
    return counted


def rebuild(
    samples: Iterable[Sample], folder: Path, say: Callable[[str], None], seed: int = 7
) -> Examples:
    """Fit a gate on ``samples`` and write it into ``folder``, which holds the network's file.

    Returns the examples, for :func:`rates`. The same samples and seed give the same files.
    """
    encoder = lite.load(folder / gatekeeper.ENCODER)
    examples = examine(samples, encoder, say, seed)
    keeper = fit(examples, encoder, seed=seed)
    order = list(SENTENCES)
    count = {
        part: {
            order[kind]: int(((examples.parts == part) & (examples.kinds == kind)).sum())
            for kind in np.unique(examples.kinds)
        }
        for part in PARTS
    }
    gatekeeper.save(folder, keeper, {"seed": seed, "pictures": count})
    return examples
