"""System 3: the recurrent neural cascade (Shin et al., CVPR 2016).

A CNN names one label of an image; a recurrent network goes on from the label's word and writes the
annotation, at most five words ("opacity lung base left mild"). The CNN's average-pooling output
initialises the network's state h (in both layers); the label's word is the first that it reads.

The CNN's label is the first word, so the first step's probabilities here are the labels': a word's
is the sum over the labels that begin with it, and a beam search weighs several labels. The joint
image/text context of an annotated image is the mean of the states over its words
(:meth:`Cascade.contexts`); the training rounds that split labels by it are in
``app.training.rounds``.

Input 256 × 256; V is (1024, 64). GoogLeNet with batch norm; GRU or LSTM, two layers. The paper's
state has the CNN's 1024 numbers; another ``hidden`` gets them through a learned linear bridge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from app.inference import vision
from app.inference.looks import GRADIENTS
from app.inference.models.base import (
    Encoded,
    LayeredEncoder,
    ReportModel,
    Teaching,
    settings,
)

CHANNELS = 1024
LAYERS = 2
STRIDE = 32
WORDS = 5
"""Most words of an annotation in the paper."""

GRU, LSTM = "gru", "lstm"
START = 0
SPREAD = 1e-4
"""Share of the first word's probability that is spread over all words, so that a word without a
label costs a finite loss.
"""

_FROZEN = 8
"""Layers up to the third pooling, at a stride of 16: the stem."""

_MODULES = (
    *("conv1", "maxpool1", "conv2", "conv3", "maxpool2"),
    *("inception3a", "inception3b", "maxpool3"),
    *("inception4a", "inception4b", "inception4c", "inception4d", "inception4e", "maxpool4"),
    *("inception5a", "inception5b"),
)


def encoder() -> LayeredEncoder:
    """GoogLeNet for one gray channel: (B, 1, S, S) → (B, 1024, S / 32, S / 32)."""
    network = vision.models().googlenet(
        weights=None, aux_logits=False, transform_input=False, init_weights=False
    )
    network.conv1.conv = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    return LayeredEncoder([getattr(network, name) for name in _MODULES], _FROZEN, CHANNELS)


@dataclass
class CascadeState:
    """h (B, 2, hidden) of the layers, c likewise for an LSTM (else empty), and the logits of the
    first word, (B, vocabulary).
    """

    hidden: Tensor
    cell: Tensor
    first: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.hidden[rows], self.cell[rows], self.first[rows])


class Cascade(ReportModel):
    """(B, 1, 256, 256), (B, T) → words (B, T, vocabulary), attention (B, T, 64) all even.

    ``label_words`` are the ids of the words that the CNN's labels begin with; several labels may
    share one (after a split). Without labels the first word is the recurrent network's own.
    ``dropout`` acts on embedded words and states while teaching.
    """

    NAME = "cascade"
    TITLE = "Recurrent cascade (GoogLeNet + GRU)"
    SOURCE = "Shin et al., CVPR 2016 (arXiv 1603.08486)"
    LOOKS = GRADIENTS

    def __init__(
        self,
        vocabulary_size: int,
        findings: int,
        image_size: int = 256,
        hidden: int = CHANNELS,
        embedding: int = 256,
        cell: str = GRU,
        dropout: float = 0.3,
        label_words: Sequence[int] = (),
    ) -> None:
        label_words = [int(word) for word in label_words]
        config = settings(locals())
        super().__init__()
        if image_size % STRIDE:
            raise ValueError(f"image_size must be a multiple of {STRIDE}, not {image_size}")
        if cell not in (GRU, LSTM):
            raise ValueError(f"unknown cell {cell!r}; known: {GRU}, {LSTM}")
        self._config = config
        self.image_size = image_size
        self.grid = (image_size // STRIDE, image_size // STRIDE)
        self.encoder = encoder()
        self.head = nn.Linear(CHANNELS, findings)
        self.embedding = nn.Embedding(vocabulary_size, embedding)
        network = nn.GRU if cell == GRU else nn.LSTM
        self.rnn = network(embedding, hidden, LAYERS, batch_first=True)
        self.bridge = nn.Identity() if hidden == CHANNELS else nn.Linear(CHANNELS, hidden)
        self.words = nn.Linear(hidden, vocabulary_size)
        self.dropout = nn.Dropout(dropout)
        self.relabel(label_words)

    def relabel(self, label_words: Sequence[int]) -> None:
        """New labels with new weights: the last layer of the CNN begins anew, as in the paper's
        second round. Raises ValueError for ids that are no words of the vocabulary.
        """
        if any(not 0 <= word < self.embedding.num_embeddings for word in label_words):
            raise ValueError("label_words must be words of the vocabulary")
        self._config["label_words"] = [int(word) for word in label_words]
        place = self.head.weight.device
        self.labels = nn.Linear(CHANNELS, len(label_words), device=place) if label_words else None
        chosen = torch.tensor(self._config["label_words"], dtype=torch.int64, device=place)
        self.register_buffer("label_words", chosen, persistent=False)

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def start(self, encoded: Encoded) -> CascadeState:
        state = self.bridge(encoded.pooled).unsqueeze(1).expand(-1, LAYERS, -1)
        lstm = isinstance(self.rnn, nn.LSTM)
        cell = torch.zeros_like(state) if lstm else state[:, :0]
        return CascadeState(state, cell, self._first(encoded, state))

    def step(self, tokens: Tensor, state: CascadeState) -> tuple[Tensor, Tensor, CascadeState]:
        opening = (tokens == START).unsqueeze(1)
        hidden = state.hidden.transpose(0, 1).contiguous()
        read = self.dropout(self.embedding(tokens)).unsqueeze(1)
        if isinstance(self.rnn, nn.LSTM):
            cell = state.cell.transpose(0, 1).contiguous()
            told, (after, carried) = self.rnn(read, (hidden, cell))
            # <start> is no word: the network begins with the label's.
            cell = torch.where(opening.unsqueeze(2), state.cell, carried.transpose(0, 1))
        else:
            told, after = self.rnn(read, hidden)
            cell = state.cell
        moved = torch.where(opening.unsqueeze(2), state.hidden, after.transpose(0, 1))
        words = self.words(self.dropout(told.squeeze(1)))
        logits = torch.where(opening, state.first, words)
        return logits, self.evenly(logits), CascadeState(moved, cell, state.first)

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        """The whole annotation in one pass; ``tokens`` begin with ``<start>``."""
        state = self.start(encoded)
        logits = state.first.unsqueeze(1)
        if tokens.shape[1] > 1:
            later = self.words(self.dropout(self._states(state, tokens[:, 1:])))
            logits = torch.cat([logits.to(later.dtype), later], dim=1)
        return Teaching(logits, self.evenly(logits), encoded.findings)

    def contexts(self, encoded: Encoded, tokens: Tensor, written: Tensor) -> Tensor:
        """The joint image/text contexts (B, hidden): the mean of the upper layer's state over the
        words of the annotations ``tokens`` (B, T), of which ``written`` (B, T) bool are words.
        """
        states = self._states(self.start(encoded), tokens)
        weight = written.unsqueeze(2).to(states.dtype)
        mean: Tensor = (states * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        return mean

    def label_logits(self, pooled: Tensor) -> Tensor:
        """V_gav (B, 1024) → (B, labels)."""
        if self.labels is None:
            raise ValueError("this cascade has no labels yet")
        logits: Tensor = self.labels(pooled)
        return logits

    def _states(self, state: CascadeState, words: Tensor) -> Tensor:
        """The upper layer's state after each of ``words`` (B, T): (B, T, hidden)."""
        hidden = state.hidden.transpose(0, 1).contiguous()
        memory: Any = hidden
        if isinstance(self.rnn, nn.LSTM):
            memory = (hidden, state.cell.transpose(0, 1).contiguous())
        states: Tensor
        states, _ = self.rnn(self.dropout(self.embedding(words)), memory)
        return states

    def _first(self, encoded: Encoded, state: Tensor) -> Tensor:
        """Log probabilities of the first word, (B, vocabulary), from the labels'."""
        vocabulary = self.embedding.num_embeddings
        if self.labels is None:
            logits: Tensor = self.words(self.dropout(state[:, -1]))
            return logits
        labels = torch.softmax(self.label_logits(encoded.pooled).float(), dim=1)
        words = labels.new_zeros(len(labels), vocabulary)
        words = words.index_add(1, self.get_buffer("label_words"), labels)
        spread: Tensor = ((1 - SPREAD) * words + SPREAD / vocabulary).log()
        return spread


SYSTEM = Cascade
