"""Nearest images for an image or for words: exact search in the joint space.

The search takes plain numpy arrays. A hundred thousand vectors are one matrix-vector product, the
best few are found without sorting the rest; no approximate index is needed, and none is ever out of
date. Importing this module does not import torch; making a :class:`Retriever` does.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from app.errors import ModelError
from app.imaging import preprocess
from app.inference import joint_space

if TYPE_CHECKING:
    from app.imaging.radiograph import Radiograph
    from app.inference.joint_space import SpaceInfo

Vectors = NDArray[np.float32]

_FOREIGN = re.compile(r"(?<!\w)[^\W\d_a-zà-ÿ]+(?!\w)")
"""Words in another script, which :func:`tokenize` passes over in English."""

MOST = 100_000
"""Vectors that the search is measured for."""


def nearest(
    vectors: Vectors, query: Vectors, count: int, left_out: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], Vectors]:
    """The rows of ``vectors`` (n, d) that are nearest to ``query`` (d,), and their cosines.

    Both hold unit vectors in float32. At most ``count`` rows, the nearest first, equal ones in
    their order; rows marked in ``left_out`` (n,) are never among them.
    """
    scores: Vectors = vectors @ query
    if left_out is not None:
        scores = np.where(left_out, np.float32(-np.inf), scores)
    count = min(count, len(scores))
    if count <= 0:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    if count < len(scores):
        # All that reach the last place's score, so that ties are cut by their order, not by chance.
        limit = np.partition(scores, len(scores) - count)[len(scores) - count]
        rows = np.flatnonzero(scores >= limit)
    else:
        rows = np.arange(len(scores))
    rows = rows[np.argsort(-scores[rows], kind="stable")][:count]
    rows = rows[scores[rows] > -np.inf]
    return rows.astype(np.int64), scores[rows]


@dataclass(frozen=True, eq=False)
class Index:
    """Studies and their vectors (n, d) float32, row by row."""

    studies: tuple[str, ...]
    vectors: Vectors

    @classmethod
    def of(cls, rows: Sequence[tuple[str, Vectors]]) -> Index:
        """From (study, vector) pairs; none is an empty index."""
        if not rows:
            return cls((), np.zeros((0, 0), np.float32))
        return cls(
            tuple(study for study, _ in rows),
            np.stack([vector for _, vector in rows]).astype(np.float32, copy=False),
        )

    def search(
        self, query: Vectors, count: int, without: frozenset[str] = frozenset()
    ) -> list[str]:
        """The ``count`` studies nearest to ``query`` (d,), the nearest first, but those named in
        ``without``.
        """
        if not self.studies:
            return []
        left_out = None
        if without:
            left_out = np.fromiter(
                (one in without for one in self.studies), bool, len(self.studies)
            )
        rows, _ = nearest(self.vectors, query, count, left_out)
        return [self.studies[row] for row in rows.tolist()]


def find(folders: Sequence[Path]) -> SpaceInfo | None:
    """The joint space of the first of ``folders`` (of weights) that holds one in its folder
    ``similar``. Raises :class:`ModelError` for one that is damaged.
    """
    for folder in folders:
        info = joint_space.describe(folder / "similar")
        if info is not None:
            return info
    return None


class Retriever:
    """Makes vectors of images and of words. Owned by the thread that owns the model.

    ``model`` is the folder of the drafting weights that ``info`` was made for. Loading happens
    here: raises :class:`ModelError` for weights that are damaged or don't belong together.
    """

    def __init__(self, info: SpaceInfo, model: Path, device: str = "auto") -> None:
        import torch

        from app.inference import checkpoint, devices
        from app.inference.fast_encoder import FastEncoder
        from app.inference.models.densenet_lstm import DenseNetLstm

        self.info = info
        chosen = devices.choose(device)
        devices.use_all_cores()
        loaded = checkpoint.load(model, chosen.type)
        if loaded.info.sha256 != info.model_sha256:
            raise ModelError(
                f"{info.folder} was made for other weights of {info.model_id} than those in "
                f"{model}.",
                "Install both weights folders again, or train it anew: readingroom similar train.",
            )
        if not isinstance(loaded.model, DenseNetLstm):
            raise ModelError(
                f"The system of {model} has no encoder that similar cases can be found with.",
                "Use a model of the default system.",
            )
        self._torch = torch
        self._size = loaded.info.image_size
        self._towers, self._vocabulary = joint_space.load(info)
        self._encode = FastEncoder(loaded.model.encoder, chosen, devices.encoder_dtype(chosen))

    def image(self, radiograph: Radiograph) -> Vectors:
        """The radiograph's unit vector (d,) float32."""
        prepared = preprocess.equalised(radiograph, self._size)
        found: Vectors = self.images(prepared[np.newaxis])[0]
        return found

    def images(self, prepared: NDArray[np.uint8]) -> Vectors:
        """(B, S, S) as :func:`app.imaging.preprocess.equalised` makes them → (B, d) float32."""
        from app.inference.towers import coarse

        inputs = self._torch.from_numpy(preprocess.normalise(prepared)).unsqueeze(1)
        with self._torch.inference_mode():
            regions = coarse(self._encode(inputs), self.info.shape.grid).cpu()
            found: Vectors = self._towers.image(regions).numpy()
        return found

    def words(self, text: str) -> Vectors | None:
        """The unit vector (d,) float32 of a phrase; None where none of its words is known."""
        from app.inference.towers import padded, word_ids

        ids = word_ids(self._vocabulary, text)
        if ids == [self._vocabulary.nou]:
            return None
        with self._torch.inference_mode():
            found: Vectors = self._towers.text(padded([ids])).numpy()[0]
        return found

    def unknown(self, text: str) -> tuple[str, ...]:
        """The words of ``text`` that the space has never learned, each once, as typed in lower
        case.
        """
        from app.inference.vocabulary import tokenize

        known, lower = frozenset(self._vocabulary), text.lower()
        words = {*tokenize(lower), *_FOREIGN.findall(lower)} - known
        wanted = (word for word in words if word[0].isalnum())
        return tuple(sorted(wanted, key=lambda word: (lower.find(word), word)))


class SearchSeconds(TypedDict):
    """Median seconds of one search and of the plain way, and how many times faster ours is."""

    vectors: int
    dimension: int
    seconds: float
    reference_seconds: float
    ratio: float


def benchmark(
    count: int = MOST, dimension: int = 256, best: int = 10, runs: int = 5, seed: int = 7
) -> SearchSeconds:
    """Median seconds of searching ``count`` random unit vectors in memory for the ``best`` nearest.

    The reference sorts all of them with plain numpy. Both run alternately in one
    process, after one of each that is not counted, and must find the same.
    """
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((count, dimension), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    measured: list[list[float]] = [[], []]
    for number in range(runs + 1):
        query = vectors[rng.integers(count)]
        begun = time.perf_counter()
        ours, _ = nearest(vectors, query, best)
        between = time.perf_counter()
        plain = np.argsort(-(vectors @ query), kind="stable")[:best]
        ended = time.perf_counter()
        if ours.tolist() != plain.tolist():
            raise AssertionError("the fast and the plain search differ")
        if number:
            measured[0].append(between - begun)
            measured[1].append(ended - between)
    seconds, reference = (statistics.median(some) for some in measured)
    return {
        "vectors": count,
        "dimension": dimension,
        "seconds": seconds,
        "reference_seconds": reference,
        "ratio": reference / seconds,
    }
