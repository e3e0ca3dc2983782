"""What every report-writing system offers, so that the beam search, the trainer and the window know
one thing.

A system encodes images once (:meth:`ReportModel.encode`), opens a decoder on the result
(:meth:`ReportModel.start`) and then gives the next word's logits step by step
(:meth:`ReportModel.step`). Rows of the decoder's state are hypotheses; the search reorders them
with :meth:`State.select`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple, Protocol, Self

import torch
from torch import Tensor, nn


class Encoded(NamedTuple):
    """Images as the decoder reads them.

    regions   V, (B, c, p): the last dense block's output, p = rows × columns of the grid, by rows
    pooled    V_gav, (B, c): the mean of V over its regions
    findings  (B, n) logits of the findings head
    """

    regions: Tensor
    pooled: Tensor
    findings: Tensor

    def to(self, dtype: torch.dtype) -> Encoded:
        return Encoded(self.regions.to(dtype), self.pooled.to(dtype), self.findings.to(dtype))


class State(Protocol):
    """A decoder's memory for B hypotheses."""

    def select(self, rows: Tensor) -> Self:
        """The hypotheses ``rows`` (R,) int64, in that order; a row may be taken more than once."""
        ...


class Teaching(NamedTuple):
    """What a model answers while it is taught.

    words      (B, T, vocabulary) logits of the word that follows each given word
    attention  (B, T, p) weights, each row sums to 1
    findings   (B, n) logits
    """

    words: Tensor
    attention: Tensor
    findings: Tensor


class ReportModel(nn.Module, ABC):
    """A report-writing system."""

    grid: tuple[int, int]
    """Rows and columns of the attention map."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The arguments that build this model again."""

    @abstractmethod
    def encode(self, images: Tensor) -> Encoded:
        """``images`` (B, 1, S, S) float → what the decoder reads."""

    @abstractmethod
    def start(self, encoded: Encoded) -> State:
        """A state for B hypotheses before their first word; does all the work that no step
        repeats.
        """

    @abstractmethod
    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """Read ``tokens`` (B,) int64, the words just written.

        Returns logits (B, vocabulary) of the next word, attention (B, p), and the new state.
        """

    @abstractmethod
    def forward(self, images: Tensor, tokens: Tensor) -> Teaching:
        """Teacher forcing: ``images`` (B, 1, S, S), ``tokens`` (B, T) int64 beginning with
        ``<start>``.
        """
