"""A radiograph in, an Analysis out: the one object of the model's thread.

It holds one model on one device. Nothing here decides what is shown; an image that the gate refuses
is given back with its reasons, without drafts and findings, unless the caller insists.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from app.errors import Cancelled, ModelError
from app.imaging import gate, preprocess
from app.imaging.radiograph import Radiograph
from app.inference import checkpoint, devices, gatekeeper
from app.inference.beam import Hypothesis, search
from app.inference.drafts import Analysis, Draft, Finding, Gate, Timing
from app.inference.models.base import Encoded
from app.inference.options import BeamOptions

BATCH = 8
"""Images that are encoded and searched together: beyond it a CPU gains nothing, and memory
grows."""


class _Looked(NamedTuple):
    """A radiograph that the gate has seen: ``image`` (S, S) uint8, equalised, and the ``seconds``
    that preparing and looking took.
    """

    radiograph: Radiograph
    image: NDArray[np.uint8]
    gate: Gate
    seconds: float


class Reporter:
    """Drafts reports with the model of one weights folder.

    ``device`` is "auto", "cpu" or "cuda". ``dtype`` is that of the encoder's convolutions; None
    takes the fastest that the device has (:func:`app.inference.devices.encoder_dtype`), the rest is
    float32. ``gate`` is the folder of the gate that looks at the picture
    (:mod:`app.inference.gatekeeper`); without it, or where nothing is in it, an image's tags alone
    decide. Loading happens here, and raises ModelError for weights or a device that can't be used.
    """

    def __init__(
        self,
        folder: Path,
        device: str = "auto",
        options: BeamOptions | None = None,
        dtype: torch.dtype | None = None,
        gate: Path | None = None,
    ) -> None:
        begun = time.perf_counter()
        self._device = devices.choose(device)
        devices.use_all_cores()
        self.device = devices.describe(self._device)
        with _memory_told(self.device):
            loaded = checkpoint.load(folder, self._device.type)
            self.info, self._vocabulary = loaded.info, loaded.vocabulary
            self._prior = loaded.prior
            self.options = _options(loaded.info, options or BeamOptions())
            _check(loaded)
            self._model = loaded.model
            self._keeper = gatekeeper.load(gate, self._device.type) if gate is not None else None
            self._encode, self._decoder = loaded.model.arranged(
                self._device, dtype or devices.encoder_dtype(self._device)
            )
        self.load_seconds = time.perf_counter() - begun
        self._load_to_tell = self.load_seconds

    def draft(
        self,
        radiograph: Radiograph,
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Analysis:
        """What the model says about one radiograph.

        An image that the gate refuses is not drafted unless ``force``; its reasons are given either
        way. ``cancelled()`` is looked at before each stage and between the steps of the search and
        ends the work with Cancelled; ``progress(done, total)`` counts steps. Raises ModelError when
        memory runs out or the weights give no numbers.
        """
        return self.draft_batch([radiograph], force=force, cancelled=cancelled, progress=progress)[
            0
        ]

    def draft_batch(
        self,
        radiographs: Sequence[Radiograph],
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Analysis]:
        """As :meth:`draft`, for several radiographs at once and in their order.

        Encoder and search run over up to ``BATCH`` images together; each analysis carries an equal
        share of those seconds, and the first one after loading the seconds of loading.
        """
        looked: list[_Looked] = []
        for first in range(0, len(radiographs), BATCH):
            with _memory_told(self.device):
                looked += self._look(radiographs[first : first + BATCH], cancelled)
        wanted = [place for place, one in enumerate(looked) if one.gate.ok or force]
        analyses = {
            place: self._analysis(looked[place], Timing(), (), ())
            for place in range(len(radiographs))
            if place not in wanted
        }
        parts = [wanted[first : first + BATCH] for first in range(0, len(wanted), BATCH)]
        for number, part in enumerate(parts):
            steps = _offset(progress, number, len(parts))
            with _memory_told(self.device):
                analysed = self._draft([looked[place] for place in part], cancelled, steps)
            analyses.update(zip(part, analysed, strict=True))
        return [analyses[place] for place in range(len(radiographs))]

    def _look(
        self, radiographs: Sequence[Radiograph], cancelled: Callable[[], bool] | None
    ) -> list[_Looked]:
        """Prepare the images and ask the gate: first what their tags say, then what they show."""
        begun = time.perf_counter()
        images = []
        for radiograph in radiographs:
            _stop_if(cancelled)
            images.append(preprocess.equalised(radiograph, self.info.image_size))
        told = [gate.reasons(radiograph) for radiograph in radiographs]
        if self._keeper is not None:
            _stop_if(cancelled)
            pictures = images
            if self.info.image_size != preprocess.SIZE:  # the gate has a size of its own
                pictures = [preprocess.equalised(radiograph) for radiograph in radiographs]
            shown = self._keeper.reasons(np.stack(pictures))
            told = [gatekeeper.merged(*both) for both in zip(radiographs, told, shown, strict=True)]
        spent = (time.perf_counter() - begun) / len(radiographs)
        rows = zip(radiographs, images, told, strict=True)
        return [_Looked(one, image, Gate(not why, why), spent) for one, image, why in rows]

    def _draft(
        self,
        looked: Sequence[_Looked],
        cancelled: Callable[[], bool] | None,
        progress: Callable[[int, int], None] | None,
    ) -> list[Analysis]:
        _stop_if(cancelled)
        clock = [time.perf_counter()]
        encoded, findings = self._read(
            preprocess.normalise(np.stack([one.image for one in looked]))
        )
        clock.append(time.perf_counter())
        found = search(
            self._decoder,
            encoded,
            self.options,
            prior=self._prior,
            start=self._vocabulary.start,
            end=self._vocabulary.end,
            forbidden=(self._vocabulary.nou,),
            punctuation=self._vocabulary.punctuation,
            identity=self._vocabulary.content,
            cancelled=cancelled,
            progress=progress,
        )
        clock.append(time.perf_counter())
        spent = [(b - a) / len(looked) for a, b in pairwise(clock)]
        analyses = []
        for row, (one, hypotheses) in enumerate(zip(looked, found, strict=True)):
            seconds = Timing(self._load_to_tell, one.seconds, *spent)
            self._load_to_tell = 0.0
            named = zip(self.info.findings, findings[row], strict=True)
            image = encoded.image(row)
            drafts = (
                self._as_draft(rank, each, image) for rank, each in enumerate(hypotheses, start=1)
            )
            analyses.append(
                self._analysis(
                    one,
                    seconds,
                    tuple(Finding(name, probability) for name, probability in named),
                    tuple(drafts),
                )
            )
        return analyses

    @torch.inference_mode()
    def _read(self, inputs: np.ndarray) -> tuple[Encoded, list[list[float]]]:
        """(B, S, S) float32 → encoded images, and each one's probabilities of the findings."""
        images = torch.from_numpy(inputs).unsqueeze(1).to(self._device)
        encoded = self._encode(images)
        probabilities = encoded.findings.float().sigmoid()
        if not bool(probabilities.isfinite().all()):
            raise ModelError(
                f"The model {self.info.model_id} gives no numbers for this image.",
                "Its weights are damaged: install the weights folder again.",
            )
        return encoded, probabilities.tolist()

    def _as_draft(self, rank: int, hypothesis: Hypothesis, image: Encoded) -> Draft:
        words = self._vocabulary.words(hypothesis.tokens)
        text, spans = self._vocabulary.join(words)
        tokens = torch.tensor(hypothesis.tokens, dtype=torch.int64, device=self._device)
        weights = torch.from_numpy(hypothesis.attention).to(self._device)
        looked = self._model.look(image, tokens, weights).float().cpu().numpy()
        attention = looked.reshape(-1, *self._model.grid)
        logprob, score = hypothesis.logprob, hypothesis.score
        return Draft(rank, text, tuple(words), spans, logprob, score, attention)

    def _analysis(
        self,
        looked: _Looked,
        seconds: Timing,
        findings: tuple[Finding, ...],
        drafts: tuple[Draft, ...],
    ) -> Analysis:
        return Analysis(
            image_id=looked.radiograph.image_id,
            view=looked.radiograph.view.value,
            gate=looked.gate,
            model=self.info.model_id,
            weights_sha256=self.info.sha256,
            preprocessing=self.info.preprocessing,
            device=self.device,
            seconds=seconds,
            findings=findings,
            drafts=drafts,
            looks=self.info.looks,
        )


def _options(info: checkpoint.ModelInfo, options: BeamOptions) -> BeamOptions:
    """The user's options over those that the model was validated with."""
    try:
        return options.filled(info.drafting)
    except ValueError as error:
        raise ModelError(
            f"{info.folder / checkpoint.DESCRIPTION} sets drafting options that this version can't "
            f"use: {error}.",
            "Install the weights folder again.",
        ) from error


def _check(loaded: checkpoint.LoadedModel) -> None:
    info = loaded.info
    prepared = preprocess.version(info.image_size)
    if info.preprocessing != prepared:
        raise ModelError(
            f"The model {info.model_id} was trained on images prepared as “{info.preprocessing}”; "
            f"this version prepares them as “{prepared}”.",
            "Use weights made for this version.",
        )
    if len(info.findings) != info.config.get("findings"):
        raise ModelError(
            f"{info.folder / checkpoint.DESCRIPTION}: names and weights of the findings differ in "
            "number.",
            "Install the weights folder again.",
        )


def _stop_if(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled


def _offset(
    progress: Callable[[int, int], None] | None, number: int, parts: int
) -> Callable[[int, int], None] | None:
    """Progress of part ``number`` of ``parts`` as progress of the whole."""
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, parts * total)


@contextmanager
def _memory_told(device: str) -> Iterator[None]:
    """Turn a lack of memory, which torch reports as a RuntimeError, into a sentence."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        told = str(error).lower()
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not (
            "out of memory" in told
            or "can't allocate memory" in told
            or "not enough memory" in told
        ):
            raise
        raise ModelError(
            f"There is not enough memory for the model on this device ({device}).",
            "Close other programs, or choose another device in the settings.",
        ) from error
