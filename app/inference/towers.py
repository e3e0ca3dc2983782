"""The two towers of the joint space (:mod:`app.inference.joint_space`).

Image: V_gav and a coarse grid of regions of the frozen encoder → an MLP. Text: word embeddings, a
bidirectional GRU over them, the mean over the words of both → a linear layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.inference.joint_space import Shape
from app.inference.vocabulary import Vocabulary

PADDING = -1
FIRST_TEMPERATURE = 0.07
_LEAST_TEMPERATURE = 0.01


class ImageTower(nn.Module):
    """(B, channels, rows, columns) as :func:`coarse` gives it → (B, d) of length 1."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        cells = shape.grid * shape.grid
        self.norm = nn.LayerNorm(shape.channels)
        self.reduce = nn.Linear(shape.channels, shape.reduced)
        self.project = nn.Sequential(
            nn.Linear(shape.channels + cells * shape.reduced, shape.hidden),
            nn.GELU(),
            nn.Dropout(shape.dropout),
            nn.Linear(shape.hidden, shape.dimension),
        )

    def forward(self, regions: Tensor) -> Tensor:
        cells = regions.flatten(2).transpose(1, 2)
        pooled = self.norm(cells.mean(1))
        placed = functional.gelu(self.reduce(self.norm(cells))).flatten(1)
        return functional.normalize(self.project(torch.cat([pooled, placed], 1)), dim=1)


class TextTower(nn.Module):
    """(B, T) int64 ids of words, ``PADDING`` behind the last → (B, d) of length 1."""

    def __init__(self, shape: Shape, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, shape.words)
        self.gru = nn.GRU(shape.words, shape.words, batch_first=True, bidirectional=True)
        self.project = nn.Sequential(
            nn.Dropout(shape.dropout), nn.Linear(3 * shape.words, shape.dimension)
        )

    def forward(self, words: Tensor, kept: Tensor | None = None) -> Tensor:
        """``kept`` (B, T) bool chooses the words that count in the mean; None: all."""
        real = words >= 0
        kept = real if kept is None else kept & real
        embedded = self.embedding(words.clamp(min=0))
        packed = nn.utils.rnn.pack_padded_sequence(
            embedded, real.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        read, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        both = torch.cat([embedded, read], 2) * kept.unsqueeze(2)
        mean = both.sum(1) / kept.sum(1, keepdim=True).clamp(min=1)
        return functional.normalize(self.project(mean), dim=1)


class Towers(nn.Module):
    """Both, and the temperature that scales their cosines while they learn."""

    def __init__(self, shape: Shape, vocabulary_size: int) -> None:
        super().__init__()
        self.shape = shape
        self.image = ImageTower(shape)
        self.text = TextTower(shape, vocabulary_size)
        self.log_scale = nn.Parameter(torch.tensor(1 / FIRST_TEMPERATURE).log())

    def scale(self) -> Tensor:
        """1 / temperature, a scalar; bounded, so that the loss can't run away."""
        return self.log_scale.exp().clamp(max=1 / _LEAST_TEMPERATURE)


def coarse(feature_map: Tensor, grid: int) -> Tensor:
    """(B, channels, rows, columns) of the encoder → (B, channels, grid, grid), averaged."""
    # On a contiguous copy: the adaptive mean of a channels-last map takes another, slow way.
    return functional.adaptive_avg_pool2d(feature_map.contiguous(), grid)


def word_ids(vocabulary: Vocabulary, text: str) -> list[int]:
    """The known words of ``text`` without punctuation; where none is known, ``<nou>`` alone."""
    known = [
        index
        for index in vocabulary.content(vocabulary.encode(text)[1:-1])
        if index != vocabulary.nou
    ]
    return known or [vocabulary.nou]


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of ids → (B, T) int64 with ``PADDING`` behind the shorter ones."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PADDING] * (longest - len(row))] for row in rows])
