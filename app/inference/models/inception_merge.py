"""System 2: InceptionV3, GloVe, three LSTMs, merged with the image vector ("Generating automated
medical report on radiology images using deep learning approach", Great Learning).

The text stream reads the words alone (embedding 200, three LSTM layers of 256, dropout before the
first and behind the last); the 2048 numbers of the image join it just before the words: both are
brought to 256, added, and go through one dense layer. The image does not steer the LSTM, so nothing
in this system looks at a region: its maps are Grad-CAM.

Input 299 × 299; V is (2048, 64), 8 × 8 regions. A compact form ends earlier (``last``): up to
"Mixed_6c" a quarter of the encoder's weights is left, and V is (768, 289), 17 × 17 regions.
"""

from __future__ import annotations

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

CHANNELS = 2048
LAYERS = 3
SMALLEST = 75
"""Pixels: what InceptionV3 needs to have a map at all."""

_FROZEN = 11
"""Layers up to the fourth mixed block, at a stride of 16: the stem."""

_MODULES = (
    "Conv2d_1a_3x3",
    "Conv2d_2a_3x3",
    "Conv2d_2b_3x3",
    "maxpool1",
    "Conv2d_3b_1x1",
    "Conv2d_4a_3x3",
    "maxpool2",
    "Mixed_5b",
    "Mixed_5c",
    "Mixed_5d",
    "Mixed_6a",
    "Mixed_6b",
    "Mixed_6c",
    "Mixed_6d",
    "Mixed_6e",
    "Mixed_7a",
    "Mixed_7b",
    "Mixed_7c",
)


WHOLE = "Mixed_7c"
LASTS = dict.fromkeys(("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"), 768) | {WHOLE: CHANNELS}
"""Modules that can be the encoder's last, and its channels then."""

_SHRINKING = (
    *((3, 2, 0), (3, 1, 0), (3, 1, 1), (3, 2, 0)),
    *((3, 1, 0), (3, 2, 0), (3, 2, 0), (3, 2, 0)),
)
"""Kernel, stride and padding of every layer that changes the map's size."""


def encoder(last: str) -> LayeredEncoder:
    """InceptionV3 for one gray channel up to the module ``last``.

    (B, 1, 299, 299) → (B, 2048, 8, 8) up to "Mixed_7c", (B, 768, 17, 17) up to any "Mixed_6…".
    """
    if last not in LASTS:
        raise ValueError(f"last must be one of {', '.join(LASTS)}, not {last!r}")
    network = vision.models().inception_v3(
        weights=None, aux_logits=False, transform_input=False, init_weights=False
    )
    network.Conv2d_1a_3x3.conv = nn.Conv2d(1, 32, kernel_size=3, stride=2, bias=False)
    kept = _MODULES[: _MODULES.index(last) + 1]
    return LayeredEncoder([getattr(network, name) for name in kept], _FROZEN, LASTS[last])


def side(size: int, last: str = WHOLE) -> int:
    """Rows of the map of an image with ``size`` rows: 8 at 299, 17 up to a "Mixed_6…"."""
    steps = _SHRINKING if last.startswith("Mixed_7") else _SHRINKING[:-1]
    for kernel, stride, padding in steps:
        size = (size + 2 * padding - kernel) // stride + 1
    return size


@dataclass
class MergeState:
    """h and c of the LSTM layers, (B, 3, 256) each, and the image's share in the merge, (B, 256).

    The rows come first here and second in torch's LSTM, so that they can be selected.
    """

    hidden: Tensor
    cell: Tensor
    image: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.hidden[rows], self.cell[rows], self.image[rows])


class InceptionMerge(ReportModel):
    """The merge model. ``dropout`` acts on the embedded words and behind the LSTMs while teaching.

    (B, 1, 299, 299), (B, T) → words (B, T, vocabulary), attention (B, T, p) all even. ``last`` is
    the encoder's last module.
    """

    NAME = "inception_merge"
    TITLE = "InceptionV3 + LSTM merge"
    SOURCE = "Generating automated medical report on radiology images (Great Learning)"
    LOOKS = GRADIENTS

    def __init__(
        self,
        vocabulary_size: int,
        findings: int,
        image_size: int = 299,
        hidden: int = 256,
        embedding: int = 200,
        dropout: float = 0.3,
        last: str = WHOLE,
    ) -> None:
        config = settings(locals())
        super().__init__()
        if image_size < SMALLEST:
            raise ValueError(f"image_size must be at least {SMALLEST}, not {image_size}")
        self._config = config
        self.image_size = image_size
        self.grid = (side(image_size, last), side(image_size, last))
        self.encoder = encoder(last)
        channels = self.encoder.channels
        self.head = nn.Linear(channels, findings)
        self.embedding = nn.Embedding(vocabulary_size, embedding)
        self.lstm = nn.LSTM(embedding, hidden, LAYERS, batch_first=True)
        self.image = nn.Linear(channels, hidden)
        self.merge = nn.Linear(hidden, hidden)
        self.words = nn.Linear(hidden, vocabulary_size)
        self.dropout = nn.Dropout(dropout)

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def start(self, encoded: Encoded) -> MergeState:
        images = encoded.pooled.shape[0]
        nothing = encoded.pooled.new_zeros(images, LAYERS, self.lstm.hidden_size)
        return MergeState(nothing, nothing, self._image(encoded))

    def step(self, tokens: Tensor, state: MergeState) -> tuple[Tensor, Tensor, MergeState]:
        memory = tuple(part.transpose(0, 1).contiguous() for part in (state.hidden, state.cell))
        read = self.dropout(self.embedding(tokens)).unsqueeze(1)
        told, (hidden, cell) = self.lstm(read, memory)
        logits = self._say(told.squeeze(1), state.image)
        after = MergeState(hidden.transpose(0, 1), cell.transpose(0, 1), state.image)
        return logits, self.evenly(logits), after

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        """The whole report in one pass of the LSTMs."""
        told, _ = self.lstm(self.dropout(self.embedding(tokens)))
        words = self._say(told, self._image(encoded).unsqueeze(1))
        return Teaching(words, self.evenly(words), encoded.findings)

    def _image(self, encoded: Encoded) -> Tensor:
        joined: Tensor = torch.relu(self.image(self.dropout(encoded.pooled)))
        return joined

    def _say(self, told: Tensor, image: Tensor) -> Tensor:
        logits: Tensor = self.words(torch.relu(self.merge(self.dropout(told) + image)))
        return logits


SYSTEM = InceptionMerge
