"""How good the joint space is on pairs that it has not seen, against chance, with intervals.

* Recall: for each image, is its own text among the k nearest of all texts, and the reverse.
* Neighbours: of the ten images nearest to an image, how many have a report that names one of its
  findings; beside the same for the frozen encoder's own features, and for ten drawn at random.
* Sides: is an image nearer to its own text than to the same text with left and right exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app import __version__
from app.errors import AppError
from app.inference import joint_space
from app.inference.joint_space import SpaceInfo
from app.inference.retrieval import nearest
from app.inference.towers import word_ids
from app.training import archive as archives
from app.training.evaluation.bootstrap import Bootstrap, Figure, mean
from app.training.labels import positives
from app.training.retrieval import FrozenEncoder, features, pair_ranks, vectors
from app.training.similar_config import SimilarConfig

RECALLED = (1, 5, 10)
NEIGHBOURS = 10
SPLIT = "val"
_SIDES = {"left": "right", "right": "left"}
_SIDE = re.compile(r"\b(left|right)\b")


def evaluate(
    config: SimilarConfig,
    info: SpaceInfo,
    model_folder: Path,
    run_folder: Path,
    say: Callable[[str], None],
    gate: Path | None = None,
) -> dict[str, Any]:
    """Measure ``info`` on the validation pairs of ``config``'s collections; plain data for JSON.

    Raises :class:`AppError` when the space belongs to other weights, or when there are no pairs.
    """
    encoder = FrozenEncoder(model_folder)
    if encoder.sha256 != info.model_sha256:
        raise AppError(
            f"{info.folder} was made for other weights of {info.model_id} than those in "
            f"{model_folder}.",
            "Train it anew: readingroom similar train.",
        )
    archive, _ = archives.gather(config.collections(), run_folder, say, gate)
    rows = archive.rows(config.sources, SPLIT, reports=True).tolist()
    if len(rows) < 2:
        raise AppError(
            f"There are no pairs in the split {SPLIT} to measure on.",
            "Name the collections that the configuration describes with --data.",
        )
    towers, vocabulary = joint_space.load(info)
    seen = features(encoder, archive, 0, info.shape.grid, config.seed, run_folder, say)[rows]
    texts = [archive.cases[row].report for row in rows]
    groups = [archive.cases[row].group for row in rows]
    images, words = vectors(towers, seen, [word_ids(vocabulary, text) for text in texts])
    swapped = [_SIDE.sub(lambda side: _SIDES[side[1]], text) for text in texts]
    _, exchanged = vectors(towers, seen, [word_ids(vocabulary, text) for text in swapped])
    resampled = Bootstrap(groups)
    return {
        "program": __version__,
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "space": {
            "sha256": info.sha256,
            "bytes": (info.folder / joint_space.WEIGHTS).stat().st_size,
            "model": info.model_id,
            "model_sha256": info.model_sha256,
            "words": len(info.vocabulary),
            "dimension": info.shape.dimension,
            "training": dict(info.training),
        },
        "sources": list(config.sources),
        "split": SPLIT,
        "pairs": len(rows),
        "groups": resampled.patients,
        "recall": recall(images @ words.T, resampled),
        "neighbours": neighbours(
            {"joint space": images, "encoder alone": centred(seen)}, texts, groups
        ),
        "sides": sides(images, words, exchanged, texts, groups),
    }


def recall(scores: NDArray[np.float32], resampled: Bootstrap) -> list[dict[str, Any]]:
    """Recall of pairs on the diagonal of ``scores`` (n images, n texts), both ways."""
    told = []
    for way, ranks in zip(("image → text", "text → image"), pair_ranks(scores), strict=True):
        for among in RECALLED:
            figure = resampled.figure(mean((ranks < among).astype(np.float64)))
            chance = min(among / len(scores), 1.0)
            told.append(
                {"way": way, "among": among, "chance": round(chance, 6), **figure.to_json()}
            )
    return told


def neighbours(
    spaces: Mapping[str, NDArray[np.float32]], texts: Sequence[str], groups: Sequence[str]
) -> dict[str, Any]:
    """Share of the ten nearest images (of other patients) whose report names a same finding.

    ``spaces`` are unit vectors (n, d) by name. Images whose report names no finding ask nothing,
    but may be found. ``chance`` is the share among all others.
    """
    named = [positives(text) for text in texts]
    asking = [row for row, found in enumerate(named) if found]
    if len(asking) < 2:
        return {"images": len(asking), "rows": []}
    shares: dict[str, list[float]] = {name: [] for name in (*spaces, "chance")}
    owners = np.array(groups)
    for row in asking:
        same = np.array([bool(named[row] & other) for other in named])
        own = owners == owners[row]
        for name, made in spaces.items():
            rows, _ = nearest(made, made[row], NEIGHBOURS, own)
            shares[name].append(float(same[rows].mean()) if len(rows) else np.nan)
        others = same[~own]
        shares["chance"].append(float(others.mean()) if len(others) else np.nan)
    resampled = Bootstrap([groups[row] for row in asking])
    figures = {name: resampled.figure(mean(np.array(some))) for name, some in shares.items()}
    rows_told = [{"space": name, **figure.to_json()} for name, figure in figures.items()]
    against = {
        name: _difference(figures["joint space"], figures[name])
        for name in figures
        if name != "joint space" and "joint space" in figures
    }
    return {"images": len(asking), "rows": rows_told, "joint space minus": against}


def sides(
    images: NDArray[np.float32],
    words: NDArray[np.float32],
    exchanged: NDArray[np.float32],
    texts: Sequence[str],
    groups: Sequence[str],
) -> dict[str, Any]:
    """Share of the images that are nearer to their own text than to it with sides exchanged, among
    those whose text names one side only; chance is a half.
    """
    asking = [row for row, text in enumerate(texts) if len(set(_SIDE.findall(text.lower()))) == 1]
    if len(asking) < 2:
        return {"images": len(asking)}
    own = (images[asking] * words[asking]).sum(1)
    other = (images[asking] * exchanged[asking]).sum(1)
    resampled = Bootstrap([groups[row] for row in asking])
    right = mean((own > other).astype(np.float64))
    return {"images": len(asking), "chance": 0.5, **resampled.figure(right).to_json()}


def centred(regions: NDArray[np.float16]) -> NDArray[np.float32]:
    """The encoder's own features, (n, c, g, g) → unit vectors (n, c): pooled, less their mean."""
    pooled = regions.astype(np.float32).mean((2, 3))
    pooled -= pooled.mean(0)
    unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True).clip(1e-12)
    return unit


def _difference(ours: Figure, other: Figure) -> dict[str, Any]:
    return ours.minus(other).to_json()
