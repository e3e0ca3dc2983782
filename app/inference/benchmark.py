"""How long drafting takes, against the plain way in the same run, and how much memory it needs.

The plain way is what a straightforward implementation of the paper does, see
:class:`PlainReporter`. Both ways run alternately in one process on the same image, so that a busy
machine is busy for both.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypedDict

import torch
from torch import Tensor

from app.imaging import preprocess
from app.imaging.radiograph import Radiograph
from app.imaging.reading import read_image
from app.inference import checkpoint
from app.inference.beam import Hypothesis, search
from app.inference.models.base import Encoded, ReportModel
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.memory import peak_mib


class DraftSeconds(TypedDict):
    """Median seconds from a decoded image to drafts, both ways, and how many times faster ours
    is."""

    seconds: float
    reference_seconds: float
    ratio: float


class Memory(TypedDict):
    """Most memory in MiB that drafting one image took, everything loaded; None where it is not
    known."""

    peak_mib: float | None


class Benchmark(TypedDict):
    draft: DraftSeconds
    memory: Memory


def run(
    folder: Path,
    path: Path,
    runs: int = 5,
    options: BeamOptions | None = None,
    gate: Path | None = None,
) -> Benchmark:
    """Measure drafting the image file ``path`` with the weights in ``folder``, on the CPU, behind
    the gate in the folder ``gate`` if one is named, as in the application.
    """
    return {
        "draft": draft_benchmark(folder, read_image(path), runs, options, gate),
        "memory": memory_benchmark(folder, path, min(runs, 3), gate),
    }


def draft_benchmark(
    folder: Path,
    radiograph: Radiograph,
    runs: int = 5,
    options: BeamOptions | None = None,
    gate: Path | None = None,
) -> DraftSeconds:
    """Median seconds of ``runs`` alternating runs, after one of each that is not counted.

    Both ways start from the decoded radiograph, prepare it and end with ``BeamOptions()``'s drafts
    and their attention; the gate is ours alone.
    """
    reporter = Reporter(folder, "cpu", options, gate=gate)
    plain = PlainReporter(folder, options)
    ways: tuple[Callable[[], object], ...] = (
        lambda: reporter.draft(radiograph, force=True),
        lambda: plain.draft(radiograph),
    )
    measured = alternately(ways, runs)
    ours, reference = (statistics.median(seconds) for seconds in measured)
    return {"seconds": ours, "reference_seconds": reference, "ratio": reference / ours}


def alternately(
    ways: Sequence[Callable[[], object]],
    runs: int,
    done: Callable[[], None] = lambda: None,
) -> list[list[float]]:
    """Seconds of ``runs`` runs of each way, in turn, after one of each that is not counted.

    ``done()`` is called after each run.
    """
    measured: list[list[float]] = [[] for _ in ways]
    for number in range(runs + 1):
        for way, seconds in zip(ways, measured, strict=True):
            begun = time.perf_counter()
            way()
            if number:
                seconds.append(time.perf_counter() - begun)
            done()
    return measured


def memory_benchmark(folder: Path, path: Path, runs: int = 3, gate: Path | None = None) -> Memory:
    """Median peak over ``runs`` fresh processes, each of which reads and drafts ``path`` once."""
    peaks = []
    for _ in range(runs):
        # A new interpreter: what this process has already loaded must not count.
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=fresh) as pool:
            peaks.append(pool.submit(_peak_of_one_draft, folder, path, gate).result())
    known = [peak for peak in peaks if peak is not None]
    return {"peak_mib": statistics.median(known) if known else None}


class PlainReporter:
    """The reference: the model as it is written down, float32, eager, in torch's default NCHW
    layout.

    The encoder runs once per image, with its batch norms and concatenations. Then every step of the
    search takes one hypothesis after the other and runs its whole prefix again through the decoder,
    all that depends on the image alone included (``ReportModel.teach``), for the sake of the last
    word. Image preparation and the book-keeping
    of the search are the same code as in :class:`Reporter`, so is the number of threads; only what
    the model computes is done the plain way.
    """

    def __init__(self, folder: Path, options: BeamOptions | None = None) -> None:
        loaded = checkpoint.load(folder, "cpu")
        self._model, self._vocabulary = loaded.model, loaded.vocabulary
        self._options = (options or BeamOptions()).filled(loaded.info.drafting)
        self._prior = loaded.prior
        self._size = loaded.info.image_size

    @torch.inference_mode()
    def draft(self, radiograph: Radiograph) -> list[Hypothesis]:
        prepared = preprocess.model_input(radiograph, self._size)
        encoded = self._model.encode(torch.from_numpy(prepared)[None, None])
        return search(
            _PrefixDecoder(self._model),
            encoded,
            self._options,
            prior=self._prior,
            start=self._vocabulary.start,
            end=self._vocabulary.end,
            forbidden=(self._vocabulary.nou,),
            punctuation=self._vocabulary.punctuation,
            identity=self._vocabulary.content,
        )[0]


@dataclass(frozen=True)
class _Prefixes:
    """Hypotheses as the words that they have read, (R, t), and the images that they belong to,
    (R,)."""

    encoded: Encoded
    image: Tensor
    words: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.encoded, self.image[rows], self.words[rows])


class _PrefixDecoder:
    """A decoder without memory: each row by itself, from its first word."""

    def __init__(self, model: ReportModel) -> None:
        self._model = model

    def start(self, encoded: Encoded) -> Any:
        image = torch.arange(encoded.pooled.shape[0])
        return _Prefixes(encoded, image, torch.empty((len(image), 0), dtype=torch.int64))

    def step(self, tokens: Tensor, state: _Prefixes) -> tuple[Tensor, Tensor, _Prefixes]:
        words = torch.cat([state.words, tokens.unsqueeze(1)], dim=1)
        answers = []
        for image, prefix in zip(state.image.tolist(), words, strict=True):
            alone = Encoded(*(part[image : image + 1] for part in state.encoded))
            answers.append(self._model.teach(alone, prefix.unsqueeze(0)))
        logits = torch.cat([answer.words[:, -1] for answer in answers])
        attention = torch.cat([answer.attention[:, -1] for answer in answers])
        return logits, attention, _Prefixes(state.encoded, state.image, words)


def _peak_of_one_draft(folder: Path, path: Path, gate: Path | None) -> float | None:
    Reporter(folder, "cpu", gate=gate).draft(read_image(path), force=True)
    return peak_mib()
