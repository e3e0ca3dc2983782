"""System 1: DenseNet-121, one LSTM, soft attention (arXiv 2006.10347).

The attention stands *after* the LSTM step and its context is not fed back (equations 4–6), so
teaching needs no loop over time. Beside the paper: the classification module that its authors
announce, a sigmoid head on V_gav for the findings, and two other ways to score the regions
(:mod:`app.inference.models.attention`).

Symbols as in the paper: c = 1024 channels, p = 64 regions, h = 512, embedding 256.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.inference import vision
from app.inference.models import attention as scoring
from app.inference.models.base import (
    Decoder,
    Encode,
    Encoded,
    Encoder,
    ReportModel,
    Teaching,
    settings,
)

CHANNELS = 1024
HIDDEN = 512
EMBEDDING = 256
STRIDE = 32
"""Pixels of the input per cell of the grid, in each direction."""

_MOVED = ("w_ph.weight", "w_1c.weight")


class DenseNetEncoder(Encoder):
    """DenseNet-121 for one gray channel, up to the last dense block.

    (B, 1, S, S) → (B, 1024, S / 32, S / 32), after the block's batch norm and ReLU.
    """

    channels = CHANNELS

    def __init__(self) -> None:
        super().__init__()
        features = vision.models().densenet121(weights=None).features
        # One gray channel: three equal ones would only cost time.
        features.conv0 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(features.conv0.weight)
        self.features = features
        self._layers = [name for name, _ in features.named_children()]
        self._frozen = self._layers.index("transition2") + 1

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
    keys    (B, p, k) the image's share in the attention, W_1c V in the paper's
    values  (B, p, c) V with its regions first
    """

    hidden: Tensor
    cell: Tensor
    gates: Tensor
    keys: Tensor
    values: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(
            self.hidden[rows],
            self.cell[rows],
            self.gates[rows],
            self.keys[rows],
            self.values[rows],
        )


class DenseNetLstm(ReportModel):
    """The paper's network with a findings head.

    ``attention`` is how regions are scored: "paper", "additive" or "dot". ``dropout`` acts on the
    word embedding and on [h_t; C_t] while teaching only; the paper has none.
    """

    NAME = "densenet_lstm"
    TITLE = "DenseNet-121 + LSTM + attention"
    SOURCE = "arXiv 2006.10347"

    def __init__(
        self,
        vocabulary_size: int,
        findings: int,
        image_size: int = 256,
        hidden: int = HIDDEN,
        embedding: int = EMBEDDING,
        dropout: float = 0.0,
        attention: str = scoring.PAPER,
    ) -> None:
        config = settings(locals())
        super().__init__()
        self._config = config
        if image_size % STRIDE:
            raise ValueError(f"image_size must be a multiple of {STRIDE}, not {image_size}")
        side = image_size // STRIDE
        self.grid, self.image_size = (side, side), image_size
        self.encoder: DenseNetEncoder = DenseNetEncoder()
        self.head = nn.Linear(CHANNELS, findings)
        self.embedding = nn.Embedding(vocabulary_size, embedding)
        self.lstm = nn.LSTM(embedding + CHANNELS, hidden, batch_first=True)
        self.attention = scoring.build(attention, CHANNELS, hidden, side * side)
        self.w_eh = nn.Linear(hidden, vocabulary_size)
        self.w_ec = nn.Linear(CHANNELS, vocabulary_size, bias=False)
        self.dropout = nn.Dropout(dropout)

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """As torch's own. Weights written before there was a choice of attention hold the paper's
        at the top level.
        """
        moved = {
            f"attention.{name}" if name in _MOVED else name: state_dict[name] for name in state_dict
        }
        return super().load_state_dict(moved, strict, assign)

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
            keys=self.attention.keys(values),
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
        query = self.attention.query(hidden).unsqueeze(1)
        attention = torch.softmax(self.attention.match(query, state.keys).squeeze(1), dim=1)
        context = torch.bmm(attention.unsqueeze(1), state.values).squeeze(1)
        logits = self.w_eh(hidden) + self.w_ec(context)
        after = LstmState(hidden, cell, state.gates, state.keys, state.values)
        return logits, attention, after

    def _lstm_weights(self) -> list[Tensor]:
        """W_x (4h, 256 + c), W_h (4h, h) and both biases (4h,); gates in the order i, f, g, o."""
        return list(self.lstm.parameters())

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        """Teacher forcing on encoded images: the whole sentence in one pass of the LSTM."""
        length = tokens.shape[1]
        embedded = self.dropout(self.embedding(tokens))
        image = encoded.pooled.unsqueeze(1).expand(-1, length, -1)
        hidden, _ = self.lstm(torch.cat([embedded, image], dim=2))
        values = encoded.regions.transpose(1, 2)
        scores = self.attention.match(self.attention.query(hidden), self.attention.keys(values))
        attention = torch.softmax(scores, dim=2)
        context = attention @ values
        words = self.w_eh(self.dropout(hidden)) + self.w_ec(self.dropout(context))
        return Teaching(words, attention, encoded.findings)

    def arranged(self, device: torch.device, dtype: torch.dtype) -> tuple[Encode, Decoder]:
        # Here, since both know this class.
        from app.inference.fast_decoder import FastDecoder
        from app.inference.fast_encoder import FastEncoder

        encoder = FastEncoder(self.encoder, device, dtype)
        return (lambda images: self.read(encoder(images))), FastDecoder(self)


SYSTEM = DenseNetLstm
