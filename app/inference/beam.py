"""Beam search over a report model, batched over hypotheses and over images.

Each image has a constant number of live hypotheses ("width"), one row of the decoder each. In every
step a row's log probabilities are added to its score and the best continuations of an image are
taken. A continuation with ``<end>`` among the best ``width`` is finished: it is kept aside and its
place goes to the next best, so the search stays as wide as it was. With a width of 1 this is the
greedy search.

An image is done when no live hypothesis can still beat the worst kept one (log probabilities only
fall), or at ``max_words``, where every live hypothesis is closed with ``<end>``: the search always
ends, and always with finished hypotheses. Scores are sums of log probabilities in double precision,
as in the paper (arXiv 2006.10347, "Inference"); what the search forbids is left out after the
softmax, so a score is the model's own log probability of that very report.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.errors import Cancelled, ModelError
from app.inference.models.base import Encoded
from app.inference.options import BeamOptions

__all__ = ["BeamOptions", "Decoder", "Hypothesis", "search"]

NEVER = -math.inf

Identity = Callable[[tuple[int, ...]], Hashable]
Progress = Callable[[int, int], None]


class Decoder(Protocol):
    """The half of a :class:`~app.inference.models.base.ReportModel` that the search needs."""

    def start(self, encoded: Encoded) -> Any:
        """A state with one row per image."""

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """Tokens (R,) → logits (R, vocabulary), attention (R, p), the new state."""


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A finished report.

    tokens     ids without ``<start>`` and ``<end>``
    score      what it is ranked by: the sum of log probabilities with ``<end>``'s, or that per word
    attention  (len(tokens), p) float32: where the model looked in the step that chose each word
    """

    tokens: tuple[int, ...]
    score: float
    attention: NDArray[np.float32]


class _Kept:
    """The finished hypotheses of one image, one per identity."""

    def __init__(self, options: BeamOptions, identity: Identity) -> None:
        self._options = options
        self._identity = identity
        self._best: dict[Hashable, Hypothesis] = {}

    def add(self, tokens: tuple[int, ...], logprob: float, attention: NDArray[np.float32]) -> None:
        score = logprob / (len(tokens) + 1) if self._options.length_normalised else logprob
        key = self._identity(tokens)
        known = self._best.get(key)
        if known is None or score > known.score:
            self._best[key] = Hypothesis(tokens, score, attention)

    def ranked(self) -> list[Hypothesis]:
        ranked = sorted(self._best.values(), key=lambda hypothesis: -hypothesis.score)
        return ranked[: self._options.beams]

    def settled(self, live_logprob: float) -> bool:
        """Nothing that grows from a hypothesis of ``live_logprob`` can still be among the kept."""
        ranked = self.ranked()
        if len(ranked) < self._options.beams:
            return False
        # Per word, the most optimistic future is: no further loss, and the longest report.
        longest = self._options.max_words + 1 if self._options.length_normalised else 1
        return live_logprob / longest <= ranked[-1].score


@dataclass
class _Rows:
    """The live hypotheses, ``width`` rows for each image that is not done.

    scores (images, width) float64, -inf where a place is empty; words (R, t); looks (R, t, p); last
    (R,) the tokens that the next step reads; R = images · width.
    """

    scores: Tensor
    words: Tensor
    looks: Tensor
    last: Tensor


@torch.inference_mode()
def search(
    decoder: Decoder,
    encoded: Encoded,
    options: BeamOptions,
    *,
    start: int = 0,
    end: int = 1,
    forbidden: Sequence[int] = (),
    punctuation: Sequence[int] = (),
    identity: Identity = tuple,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> list[list[Hypothesis]]:
    """The best ``options.beams`` distinct reports of each encoded image, best first.

    ``forbidden`` tokens are never written (nor is ``start``); ``punctuation`` neither opens a
    report nor follows on punctuation. ``identity`` says when two reports
    are one: of those with the same value only the most probable is kept. ``progress(done, total)``
    counts steps. Raises Cancelled between two steps once ``cancelled()`` is true, ModelError when
    the model answers with NaN.

    A list is shorter than ``beams`` only where the options leave no more reports to write.
    """
    images, width = encoded.pooled.shape[0], options.search_width
    device = encoded.pooled.device
    kept = [_Kept(options, identity) for _ in range(images)]
    never = torch.tensor(sorted({start, *forbidden}), dtype=torch.int64, device=device)
    closing = torch.tensor(sorted(punctuation), dtype=torch.int64, device=device)
    active = list(range(images))
    scores = torch.full((images, width), NEVER, dtype=torch.float64, device=device)
    scores[:, 0] = 0.0
    words = torch.empty((images * width, 0), dtype=torch.int64, device=device)
    last = torch.full((images * width,), start, dtype=torch.int64, device=device)
    live = _Rows(scores, words, words.new_empty((0,)), last)
    state = decoder.start(encoded).select(
        torch.arange(images, device=device).repeat_interleave(width)
    )
    total = options.max_words + 1
    for length in range(total):
        if cancelled is not None and cancelled():
            raise Cancelled
        if not active:
            break
        logits, attention, state = decoder.step(live.last, state)
        logprobs = torch.log_softmax(logits.float(), dim=1).double()
        _forbid(logprobs, live.words, never, end, options)
        _space_out(logprobs, live.last, closing, start)
        picked, active = _pick(logprobs, live, attention, kept, active, end, options)
        if active:
            rows = torch.tensor([row for _, row, _ in picked], device=device)
            state = state.select(rows)
            live = _continue(live, attention, picked, rows, width)
        if progress is not None:
            progress(length + 1, total)
    if progress is not None:
        progress(total, total)
    return [finished.ranked() for finished in kept]


_Pick = tuple[float, int, int]
"""Score, row and token of a continuation."""


def _pick(
    logprobs: Tensor,
    live: _Rows,
    attention: Tensor,
    kept: list[_Kept],
    active: list[int],
    end: int,
    options: BeamOptions,
) -> tuple[list[_Pick], list[int]]:
    """Set finished continuations aside; return what lives on, and the images that are not done."""
    width, vocabulary = options.search_width, logprobs.shape[1]
    candidates = (live.scores.view(-1, 1) + logprobs).view(len(active), width * vocabulary)
    # At most one of the best in each row ends there: twice the width always leaves enough that go
    # on.
    best, places = candidates.topk(min(2 * width, width * vocabulary), dim=1)
    if bool(best.isnan().any()):
        raise ModelError(
            "The model answered with numbers that are no probabilities.",
            "Its weights are damaged: install the weights folder again.",
        )
    parents = places.div(vocabulary, rounding_mode="floor")
    ranked = zip(best.tolist(), parents.tolist(), (places % vocabulary).tolist(), strict=True)
    picked: list[_Pick] = []
    going: list[int] = []
    for group, (image, continuations) in enumerate(zip(active, ranked, strict=True)):
        alive: list[_Pick] = []
        for rank, (score, beam, token) in enumerate(zip(*continuations, strict=True)):
            if score == NEVER:
                break
            row = group * width + beam
            if token != end:
                alive.append((score, row, token))
            elif rank < width:
                looked = live.looks[row].float().cpu().numpy() if live.looks.ndim == 3 else None
                if looked is None:
                    looked = np.zeros((0, attention.shape[1]), np.float32)
                kept[image].add(tuple(live.words[row].tolist()), score, looked)
        if alive and not kept[image].settled(alive[0][0]):
            empty = (NEVER, group * width, end)
            picked += (alive + [empty] * width)[:width]
            going.append(image)
    return picked, going


def _continue(
    live: _Rows, attention: Tensor, picked: list[_Pick], rows: Tensor, width: int
) -> _Rows:
    """The rows after a step: each with the history of the row that it came from."""
    device = rows.device
    scores = torch.tensor([score for score, _, _ in picked], dtype=torch.float64, device=device)
    tokens = torch.tensor([token for _, _, token in picked], dtype=torch.int64, device=device)
    looked = attention[rows].unsqueeze(1)
    return _Rows(
        scores=scores.view(-1, width),
        words=torch.cat([live.words[rows], tokens.unsqueeze(1)], dim=1),
        looks=looked if live.looks.ndim < 3 else torch.cat([live.looks[rows], looked], dim=1),
        last=tokens,
    )


def _forbid(logprobs: Tensor, words: Tensor, never: Tensor, end: int, options: BeamOptions) -> None:
    """Set to -inf, in place, what no row may write after ``words`` (R, t)."""
    length = words.shape[1]
    logprobs[:, never] = NEVER
    if length >= options.max_words:
        closing = logprobs[:, end].clone()
        logprobs.fill_(NEVER)
        logprobs[:, end] = closing
        return
    if length < options.min_words:
        logprobs[:, end] = NEVER
    n = options.block_ngram
    if 0 < n <= length:
        runs = words.unfold(1, n, 1)  # (R, length - n + 1, n): every run that was written
        tail = words[:, length - n + 1 :].unsqueeze(1)  # what the next word would complete to a run
        row, place = (runs[:, :, :-1] == tail).all(dim=2).nonzero(as_tuple=True)
        logprobs[row, runs[row, place, -1]] = NEVER


def _space_out(logprobs: Tensor, last: Tensor, closing: Tensor, start: int) -> None:
    """Set punctuation to -inf, in place, in the rows that have just begun or hold one last."""
    if closing.numel():
        rows = (torch.isin(last, closing) | (last == start)).nonzero()
        logprobs[rows, closing] = NEVER
