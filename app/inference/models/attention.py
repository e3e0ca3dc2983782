"""Where the decoder looks when it writes a word: three ways to score the regions of an image.

All have one shape, so that the decoder need not know which it has. The regions V are turned into
*keys* once per image, the LSTM's state h into a *query* once per word, and :meth:`Attention.match`
scores every region for every word; a softmax over the regions makes the weights.

The paper's own attention adds a place that depends on the word to a saliency that depends on the
image: no term joins *this* word with *this* region, so the image moves the maps of all words of a
report alike. The other two join them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

WIDTH = 256
"""Length of the queries and keys that join a word with a region."""


class Attention(nn.Module, ABC):
    """Scores of p regions for words; ``k`` is the length of a key, ``q`` that of a query."""

    @abstractmethod
    def keys(self, values: Tensor) -> Tensor:
        """What the regions offer, whatever the word: V (B, p, c) → (B, p, k)."""

    @abstractmethod
    def query(self, hidden: Tensor) -> Tensor:
        """What a word looks for, whatever the image: h (…, h) → (…, q)."""

    @abstractmethod
    def match(self, query: Tensor, keys: Tensor) -> Tensor:
        """Scores (B, T, p), before the softmax, of ``query`` (B, T, q) and ``keys`` (B, p, k)."""


class PaperAttention(Attention):
    """W_ph h + W_1c V (arXiv 2006.10347, equation 4): k = 1, q = p."""

    def __init__(self, channels: int, hidden: int, regions: int) -> None:
        super().__init__()
        self.w_ph = nn.Linear(hidden, regions, bias=False)
        self.w_1c = nn.Linear(channels, 1, bias=False)

    def keys(self, values: Tensor) -> Tensor:
        saliency: Tensor = self.w_1c(values)
        return saliency

    def query(self, hidden: Tensor) -> Tensor:
        places: Tensor = self.w_ph(hidden)
        return places

    def match(self, query: Tensor, keys: Tensor) -> Tensor:
        return query + keys.transpose(1, 2)


class AdditiveAttention(Attention):
    """v · tanh(W_h h + W_v V) (Bahdanau et al., arXiv 1409.0473): k = q = 256."""

    def __init__(self, channels: int, hidden: int, regions: int) -> None:
        super().__init__()
        self.w_h = nn.Linear(hidden, WIDTH)
        self.w_v = nn.Linear(channels, WIDTH, bias=False)
        self.v = nn.Linear(WIDTH, 1, bias=False)

    def keys(self, values: Tensor) -> Tensor:
        offered: Tensor = self.w_v(values)
        return offered

    def query(self, hidden: Tensor) -> Tensor:
        wanted: Tensor = self.w_h(hidden)
        return wanted

    def match(self, query: Tensor, keys: Tensor) -> Tensor:
        scores: Tensor = self.v(torch.tanh(query.unsqueeze(2) + keys.unsqueeze(1)))
        return scores.squeeze(3)


class DotAttention(Attention):
    """(W_q h) · (W_k V) / √d (Vaswani et al., arXiv 1706.03762, one head): k = q = d = 256."""

    def __init__(self, channels: int, hidden: int, regions: int) -> None:
        super().__init__()
        self.w_q = nn.Linear(hidden, WIDTH, bias=False)
        self.w_k = nn.Linear(channels, WIDTH, bias=False)

    def keys(self, values: Tensor) -> Tensor:
        offered: Tensor = self.w_k(values)
        return offered

    def query(self, hidden: Tensor) -> Tensor:
        wanted: Tensor = self.w_q(hidden) / math.sqrt(WIDTH)
        return wanted

    def match(self, query: Tensor, keys: Tensor) -> Tensor:
        return query @ keys.transpose(1, 2)


PAPER, ADDITIVE, DOT = "paper", "additive", "dot"
_KINDS: dict[str, type[PaperAttention | AdditiveAttention | DotAttention]] = {
    PAPER: PaperAttention,
    ADDITIVE: AdditiveAttention,
    DOT: DotAttention,
}
KINDS = tuple(_KINDS)


def build(kind: str, channels: int, hidden: int, regions: int) -> Attention:
    """The attention named ``kind``, one of ``KINDS``; ValueError for any other name."""
    if kind not in _KINDS:
        raise ValueError(f"unknown attention {kind!r}; known: {', '.join(KINDS)}")
    return _KINDS[kind](channels, hidden, regions)
