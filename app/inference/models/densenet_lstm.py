"""System 1: DenseNet-121, one LSTM, soft attention (arXiv 2006.10347).

The attention stands *after* the LSTM step and its context is not fed back (equations 4–6), so
teaching needs no loop over time. Beside the paper: the classification module that its authors
announce, a sigmoid head on V_gav for the findings.

Symbols as in the paper: c = 1024 channels, p = 64 regions, h = 512, embedding 256.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.inference import vision
from app.inference.models.base import Encoded, ReportModel, Teaching

CHANNELS = 1024
HIDDEN = 512
EMBEDDING = 256
STRIDE = 32
"""Pixels of the input per cell of the grid, in each direction."""


class DenseNetEncoder(nn.Module):
    """DenseNet-121 for one gray channel, up to the last dense block.

    (B, 1, S, S) → (B, 1024, S / 32, S / 32), after the block's batch norm and ReLU.
    """

    def __init__(self) -> None:
        super().__init__()
        features = vision.models().densenet121(weights=None).features
        # One gray channel: three equal ones would only cost time.
        features.conv0 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(features.conv0.weight)
        self.features = features
        self._layers = [name for name, _ in features.named_children()]
        self._frozen = self._layers.index("transition2") + 1

    def forward(self, images: Tensor) -> Tensor:
        return self.rest(self.stem(images))

    def stem(self, images: Tensor) -> Tensor:
        """(B, 1, S, S) → (B, 256, S / 16, S / 16): what the paper freezes in its second stage, the
        first two dense blocks with the layers before and between them and the transition that
        closes them.
        """
        return self._run(images, self._layers[: self._frozen])

    def rest(self, stem: Tensor) -> Tensor:
        """The output of :meth:`stem` → (B, 1024, S / 32, S / 32)."""
        return functional.relu(self._run(stem, self._layers[self._frozen :]))

    def frozen_modules(self) -> list[nn.Module]:
        """The modules of :meth:`stem`."""
        return [getattr(self.features, name) for name in self._layers[: self._frozen]]

    def _run(self, values: Tensor, names: list[str]) -> Tensor:
        for name in names:
            values = getattr(self.features, name)(values)
        return values


@dataclass
class LstmState:
    """The decoder's memory: h and c of the LSTM, (B, 512) each, and what no step changes.

    gates   (B, 4 · 512) the image's share in the LSTM's gates, W_x V_gav + b
    places  (B, p) the image's share in the attention, W_1c V
    values  (B, p, c) V with its regions first
    """

    hidden: Tensor
    cell: Tensor
    gates: Tensor
    places: Tensor
    values: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(
            self.hidden[rows],
            self.cell[rows],
            self.gates[rows],
            self.places[rows],
            self.values[rows],
        )


class DenseNetLstm(ReportModel):
    """The paper's network with a findings head.

    ``dropout`` acts on the word embedding and on [h_t; C_t] while teaching only; the paper has
    none.
    """

    def __init__(
        self,
        vocabulary_size: int,
        findings: int,
        image_size: int = 256,
        hidden: int = HIDDEN,
        embedding: int = EMBEDDING,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if image_size % STRIDE:
            raise ValueError(f"image_size must be a multiple of {STRIDE}, not {image_size}")
        self._config = {
            "vocabulary_size": vocabulary_size,
            "findings": findings,
            "image_size": image_size,
            "hidden": hidden,
            "embedding": embedding,
            "dropout": dropout,
        }
        side = image_size // STRIDE
        self.grid = (side, side)
        self.encoder = DenseNetEncoder()
        self.head = nn.Linear(CHANNELS, findings)
        self.embedding = nn.Embedding(vocabulary_size, embedding)
        self.lstm = nn.LSTM(embedding + CHANNELS, hidden, batch_first=True)
        self.w_ph = nn.Linear(hidden, side * side, bias=False)
        self.w_1c = nn.Linear(CHANNELS, 1, bias=False)
        self.w_eh = nn.Linear(hidden, vocabulary_size)
        self.w_ec = nn.Linear(CHANNELS, vocabulary_size, bias=False)
        self.dropout = nn.Dropout(dropout)

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def encode(self, images: Tensor) -> Encoded:
        return self.read(self.encoder(images))

    def read(self, feature_map: Tensor) -> Encoded:
        """(B, c, rows, columns) of the last dense block → V, V_gav and the findings."""
        regions = feature_map.flatten(2)
        pooled = regions.mean(dim=2)
        return Encoded(regions, pooled, self.head(pooled))

    def start(self, encoded: Encoded) -> LstmState:
        batch = encoded.pooled.shape[0]
        nothing = encoded.pooled.new_zeros(batch, self.lstm.hidden_size)
        input_weight, _, input_bias, state_bias = self._lstm_weights()
        image_weight = input_weight[:, self.embedding.embedding_dim :]
        values = encoded.regions.transpose(1, 2).contiguous()
        return LstmState(
            hidden=nothing,
            cell=nothing,
            gates=functional.linear(encoded.pooled, image_weight, input_bias + state_bias),
            places=self.w_1c(values).squeeze(2),
            values=values,
        )

    def step(self, tokens: Tensor, state: LstmState) -> tuple[Tensor, Tensor, LstmState]:
        input_weight, state_weight, _, _ = self._lstm_weights()
        word_weight = input_weight[:, : self.embedding.embedding_dim]
        gates = (
            state.gates
            + functional.linear(self.embedding(tokens), word_weight)
            + functional.linear(state.hidden, state_weight)
        )
        into, forget, memory, out = gates.chunk(4, dim=1)
        cell = forget.sigmoid() * state.cell + into.sigmoid() * memory.tanh()
        hidden = out.sigmoid() * cell.tanh()
        attention = torch.softmax(self.w_ph(hidden) + state.places, dim=1)
        context = torch.bmm(attention.unsqueeze(1), state.values).squeeze(1)
        logits = self.w_eh(hidden) + self.w_ec(context)
        after = LstmState(hidden, cell, state.gates, state.places, state.values)
        return logits, attention, after

    def _lstm_weights(self) -> list[Tensor]:
        """W_x (4h, 256 + c), W_h (4h, h) and both biases (4h,); gates in the order i, f, g, o."""
        return list(self.lstm.parameters())

    def forward(self, images: Tensor, tokens: Tensor) -> Teaching:
        return self.teach(self.encode(images), tokens)

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        """Teacher forcing on encoded images: the whole sentence in one pass of the LSTM."""
        length = tokens.shape[1]
        embedded = self.dropout(self.embedding(tokens))
        image = encoded.pooled.unsqueeze(1).expand(-1, length, -1)
        hidden, _ = self.lstm(torch.cat([embedded, image], dim=2))
        values = encoded.regions.transpose(1, 2)
        attention = torch.softmax(self.w_ph(hidden) + self.w_1c(values).transpose(1, 2), dim=2)
        context = attention @ values
        words = self.w_eh(self.dropout(hidden)) + self.w_ec(self.dropout(context))
        return Teaching(words, attention, encoded.findings)
