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

With a ``prior_weight`` λ > 0 a word adds log p(word | image) − λ · log p(word | prior) instead, the
prior being the same decoder on the mean encoded image (arXiv 1510.03055): the search prefers what
this image makes more likely over what is likely of any. So that it doesn't prefer words that are
merely unlikely of any, a word must have a tenth of the probability of the most probable one
(arXiv 2210.15097). Such scores may rise again, so the search then goes on to ``max_words``. A
hypothesis carries its log probability beside its score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.errors import Cancelled, ModelError
from app.inference.models.base import Decoder, Encoded
from app.inference.options import BeamOptions

__all__ = ["BeamOptions", "Decoder", "Hypothesis", "search"]

NEVER = -math.inf

PLAUSIBLE = 0.1
"""Share of the most probable word's probability that a word needs where a prior has a weight."""

Identity = Callable[[tuple[int, ...]], Hashable]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A finished report.

    tokens     ids without ``<start>`` and ``<end>``
    logprob    the sum of log probabilities with ``<end>``'s
    score      what it is ranked by: the same, less the prior's share where that has a weight, and
               per word where that was asked for
    attention  (len(tokens), p) float32: where the model looked in the step that chose each word
    """

    tokens: tuple[int, ...]
    logprob: float
    score: float
    attention: NDArray[np.float32]


class _Kept:
    """The finished hypotheses of one image, one per identity."""

    def __init__(self, options: BeamOptions, identity: Identity) -> None:
        self._options = options
        self._identity = identity
        self._best: dict[Hashable, Hypothesis] = {}

    def add(
        self, tokens: tuple[int, ...], logprob: float, score: float, attention: NDArray[np.float32]
    ) -> None:
        """``logprob`` and ``score`` are sums over the words and ``<end>``."""
        words = len(tokens) + 1 if self._options.length_normalised else 1
        key = self._identity(tokens)
        known = self._best.get(key)
        if known is None or score / words > known.score:
            self._best[key] = Hypothesis(tokens, logprob, score / words, attention)

    def ranked(self) -> list[Hypothesis]:
        ranked = sorted(self._best.values(), key=lambda hypothesis: -hypothesis.score)
        return ranked[: self._options.beams]

    def settled(self, live_score: float) -> bool:
        """Nothing that grows from a hypothesis of ``live_score`` can still be among the kept."""
        ranked = self.ranked()
        if len(ranked) < self._options.beams or self._options.prior_weight:
            return False
        # Per word, the most optimistic future is: no further loss, and the longest report.
        longest = self._options.max_words + 1 if self._options.length_normalised else 1
        return live_score / longest <= ranked[-1].score


@dataclass
class _Rows:
    """The live hypotheses, ``width`` rows for each image that is not done.

    scores (images, width) float64, -inf where a place is empty; logprobs (images, width) float64;
    words (R, t); looks (R, t, p); last (R,) the tokens that the next step reads; R = images ·
    width.
    """

    scores: Tensor
    logprobs: Tensor
    words: Tensor
    looks: Tensor
    last: Tensor


@torch.inference_mode()
def search(
    decoder: Decoder,
    encoded: Encoded,
    options: BeamOptions,
    *,
    prior: Encoded | None = None,
    start: int = 0,
    end: int = 1,
    forbidden: Sequence[int] = (),
    punctuation: Sequence[int] = (),
    identity: Identity = tuple,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> list[list[Hypothesis]]:
    """The best ``options.beams`` distinct reports of each encoded image, best first.

    ``prior`` is one encoded image, the mean of the training set's, for ``options.prior_weight``;
    None stands for one without anything on it (zeros). ``forbidden`` tokens are never written (nor
    is ``start``); ``punctuation`` neither opens a report nor follows on punctuation. ``identity``
    says when two reports are one: of those with the same value only the one with the best score is
    kept. ``progress(done, total)`` counts steps. Raises Cancelled between two steps once
    ``cancelled()`` is true, ModelError when the model answers with NaN.

    A list is shorter than ``beams`` only where the options leave no more reports to write.
    """
    images, width = encoded.pooled.shape[0], options.search_width
    weight = options.prior_weight
    device = encoded.pooled.device
    kept = [_Kept(options, identity) for _ in range(images)]
    never = torch.tensor(sorted({start, *forbidden}), dtype=torch.int64, device=device)
    closing = torch.tensor(sorted(punctuation), dtype=torch.int64, device=device)
    active = list(range(images))
    scores = torch.full((images, width), NEVER, dtype=torch.float64, device=device)
    scores[:, 0] = 0.0
    words = torch.empty((images * width, 0), dtype=torch.int64, device=device)
    last = torch.full((images * width,), start, dtype=torch.int64, device=device)
    live = _Rows(scores, torch.zeros_like(scores), words, words.new_empty((0,)), last)
    state = decoder.start(encoded).select(
        torch.arange(images, device=device).repeat_interleave(width)
    )
    general: Any = None
    if weight:
        general = _general(decoder, encoded, prior).select(torch.zeros_like(last))
    total = options.max_words + 1
    for length in range(total):
        if cancelled is not None and cancelled():
            raise Cancelled
        if not active:
            break
        logits, attention, state = decoder.step(live.last, state)
        logprobs = torch.log_softmax(logits.float(), dim=1).double()
        gains = logprobs.clone()
        if weight:
            logits, _, general = decoder.step(live.last, general)
            gains -= weight * torch.log_softmax(logits.float(), dim=1).double()
        _forbid(gains, live.words, never, end, options)
        _space_out(gains, live.last, closing, start)
        if weight:
            _keep_plausible(gains, logprobs)
        picked, active = _pick(gains, logprobs, live, attention, kept, active, end, options)
        if active:
            rows = torch.tensor([one.row for one in picked], device=device)
            state = state.select(rows)
            general = general.select(rows) if weight else None
            live = _continue(live, attention, picked, rows, width)
        if progress is not None:
            progress(length + 1, total)
    if progress is not None:
        progress(total, total)
    return [finished.ranked() for finished in kept]


def _general(decoder: Decoder, encoded: Encoded, prior: Encoded | None) -> Any:
    """The state before the first word of one image that shows nothing in particular."""
    if prior is None:
        prior = Encoded(*(torch.zeros_like(part[:1]) for part in encoded))
    return decoder.start(prior)


class _Pick(NamedTuple):
    """A continuation: its score and log probability, the row it continues, and its token."""

    score: float
    logprob: float
    row: int
    token: int


def _pick(
    gains: Tensor,
    logprobs: Tensor,
    live: _Rows,
    attention: Tensor,
    kept: list[_Kept],
    active: list[int],
    end: int,
    options: BeamOptions,
) -> tuple[list[_Pick], list[int]]:
    """Set finished continuations aside; return what lives on, and the images that are not done.

    ``gains`` (R, vocabulary) is what each word adds to a row's score, -inf where it may not follow;
    ``logprobs`` what it adds to the row's log probability.
    """
    width, vocabulary = options.search_width, gains.shape[1]
    candidates = (live.scores.view(-1, 1) + gains).view(len(active), width * vocabulary)
    # At most one of the best in each row ends there: twice the width always leaves enough that go
    # on.
    best, places = candidates.topk(min(2 * width, width * vocabulary), dim=1)
    if bool(best.isnan().any()):
        raise ModelError(
            "The model answered with numbers that are no probabilities.",
            "Its weights are damaged: install the weights folder again.",
        )
    parents = places.div(vocabulary, rounding_mode="floor")
    own = (live.logprobs.view(-1, 1) + logprobs).view(candidates.shape).gather(1, places)
    found = (best, own, parents, places % vocabulary)
    ranked = zip(*(values.tolist() for values in found), strict=True)
    picked: list[_Pick] = []
    going: list[int] = []
    for group, (image, continuations) in enumerate(zip(active, ranked, strict=True)):
        alive: list[_Pick] = []
        for rank, (score, logprob, beam, token) in enumerate(zip(*continuations, strict=True)):
            if score == NEVER:
                break
            row = group * width + beam
            if token != end:
                alive.append(_Pick(score, logprob, row, token))
            elif rank < width:
                looked = live.looks[row].float().cpu().numpy() if live.looks.ndim == 3 else None
                if looked is None:
                    looked = np.zeros((0, attention.shape[1]), np.float32)
                kept[image].add(tuple(live.words[row].tolist()), logprob, score, looked)
        if alive and not kept[image].settled(alive[0].score):
            empty = _Pick(NEVER, NEVER, group * width, end)
            picked += (alive + [empty] * width)[:width]
            going.append(image)
    return picked, going


def _continue(
    live: _Rows, attention: Tensor, picked: list[_Pick], rows: Tensor, width: int
) -> _Rows:
    """The rows after a step: each with the history of the row that it came from."""
    device = rows.device
    sums = [(one.score, one.logprob) for one in picked]
    scores, logprobs = torch.tensor(sums, dtype=torch.float64, device=device).unbind(1)
    tokens = torch.tensor([one.token for one in picked], dtype=torch.int64, device=device)
    looked = attention[rows].unsqueeze(1)
    return _Rows(
        scores=scores.reshape(-1, width),
        logprobs=logprobs.reshape(-1, width),
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


def _keep_plausible(gains: Tensor, logprobs: Tensor) -> None:
    """Set ``gains`` to -inf, in place, where a word is much less probable than the best allowed."""
    allowed = logprobs.masked_fill(gains == NEVER, NEVER)
    least = allowed.amax(dim=1, keepdim=True) + math.log(PLAUSIBLE)
    gains[allowed < least] = NEVER


def _space_out(logprobs: Tensor, last: Tensor, closing: Tensor, start: int) -> None:
    """Set punctuation to -inf, in place, in the rows that have just begun or hold one last."""
    if closing.numel():
        rows = (torch.isin(last, closing) | (last == start)).nonzero()
        logprobs[rows, closing] = NEVER
