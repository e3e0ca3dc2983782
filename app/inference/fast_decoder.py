"""The paper's decoder for the beam search: the same numbers as ``DenseNetLstm.step``, less work.

All hypotheses of an image read the same V, so it is kept once per image instead of once per row,
and only through what the step needs of it: the attention's keys (W_1c V in the paper's) and W_ec V
for the words, computed once (W_ec Σ α_i V_i = Σ α_i W_ec V_i: a step multiplies 64 × vocabulary
numbers instead of 1024 × vocabulary). E is likewise applied to the LSTM's weights beforehand, so
that reading a word is a look-up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from app.inference.models.base import Encoded
from app.inference.models.densenet_lstm import DenseNetLstm


@dataclass(frozen=True)
class FastState:
    """R hypotheses of B images.

    hidden, cell  (R, h) of the LSTM
    image         (R,) int64, whose hypothesis a row is
    gates         (B, 4h) the image's share in the LSTM's gates, W_x V_gav + b
    keys          (B, p, k) the regions as the attention matches them
    words         (B, p, vocabulary) W_ec V
    """

    hidden: Tensor
    cell: Tensor
    image: Tensor
    gates: Tensor
    keys: Tensor
    words: Tensor

    def select(self, rows: Tensor) -> Self:
        return replace(self, hidden=self.hidden[rows], cell=self.cell[rows], image=self.image[rows])


class FastDecoder:
    """``start`` and ``step`` of a :class:`DenseNetLstm` in evaluation mode, whose weights it
    shares."""

    @torch.inference_mode()
    def __init__(self, model: DenseNetLstm) -> None:
        self._model = model
        self._width = model.embedding.embedding_dim
        word_weight = model.lstm.get_parameter("weight_ih_l0")[:, : self._width]
        self._read = functional.linear(model.embedding.weight, word_weight)
        recurrent = (model.lstm.get_parameter("weight_hh_l0"), model.w_eh.weight)
        self._recurrent, self._say = (weight.t().contiguous() for weight in recurrent)

    @torch.inference_mode()
    def start(self, encoded: Encoded) -> FastState:
        model = self._model
        images = encoded.pooled.shape[0]
        nothing = encoded.pooled.new_zeros(images, model.lstm.hidden_size)
        image_weight = model.lstm.get_parameter("weight_ih_l0")[:, self._width :]
        bias = model.lstm.get_parameter("bias_ih_l0") + model.lstm.get_parameter("bias_hh_l0")
        values = encoded.regions.transpose(1, 2)
        return FastState(
            hidden=nothing,
            cell=nothing,
            image=torch.arange(images, device=encoded.pooled.device),
            gates=functional.linear(encoded.pooled, image_weight, bias),
            keys=model.attention.keys(values),
            words=model.w_ec(values),
        )

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: FastState) -> tuple[Tensor, Tensor, FastState]:
        """``tokens`` (R,) int64 → logits (R, vocabulary), attention (R, p), the new state."""
        gates = state.gates[state.image] + self._read[tokens] + state.hidden @ self._recurrent
        into, forget, memory, out = gates.chunk(4, dim=1)
        cell = forget.sigmoid() * state.cell + into.sigmoid() * memory.tanh()
        hidden = out.sigmoid() * cell.tanh()
        look = self._model.attention
        query = look.query(hidden).unsqueeze(1)
        attention = torch.softmax(look.match(query, state.keys[state.image]).squeeze(1), dim=1)
        logits = torch.addmm(self._model.w_eh.bias, hidden, self._say)
        for image, first, last in _runs(state.image):
            logits[first:last] += attention[first:last] @ state.words[image]
        return logits, attention, replace(state, hidden=hidden, cell=cell)


def _runs(image: Tensor) -> list[tuple[int, int, int]]:
    """(image, first row, row after the last) of each run of rows that belong to one image."""
    found, counts = torch.unique_consecutive(image, return_counts=True)
    ends = counts.cumsum(0).tolist()
    return list(zip(found.tolist(), [0, *ends[:-1]], ends, strict=True))
