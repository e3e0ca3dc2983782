"""System 4: ResNet and GPT-2 with cross attention over the image (Bollampalli).

The decoder is GPT-2's: learned positions, norms before each part, GELU in its tanh form, the words'
matrix tied to their embedding. Between self attention and the feed-forward part each block has a
cross attention whose keys and values are the regions of the image, brought to the decoder's width.
The map of a word is the mean of the cross attention's weights over blocks and heads.

A small decoder (4 blocks, 256 wide, 8 heads) learns from nothing; a local GPT-2 in Hugging Face's
layout is taken over when the user has one (:mod:`app.inference.gpt2_folder`): its blocks and
positions as they are, and for each word of our vocabulary the mean of its pieces' embeddings.

Input 224 × 224; V is (512, 49) for a whole ResNet-18. ``stages`` = 3 leaves the last stage out,
which has three quarters of the weights: V is then (256, 196), 14 × 14 regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.inference import gpt2_folder, vision
from app.inference.models.base import Encoded, LayeredEncoder, ReportModel, Teaching, settings
from app.inference.vocabulary import Vocabulary

POSITIONS = 128
"""Words that a report can have, ``<start>`` included."""

RESNETS = ("resnet18", "resnet34", "resnet50")


def encoder(name: str, stages: int) -> LayeredEncoder:
    """The first ``stages`` (of 4) of a ResNet for one gray channel; the stem ends behind the
    first.
    """
    if name not in RESNETS:
        raise ValueError(f"unknown resnet {name!r}; known: {', '.join(RESNETS)}")
    if stages not in (3, 4):
        raise ValueError(f"stages must be 3 or 4, not {stages}")
    network = getattr(vision.models(), name)(weights=None)
    network.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
    layers = [network.conv1, network.bn1, network.relu, network.maxpool]
    layers += [getattr(network, f"layer{number}") for number in range(1, stages + 1)]
    channels = network.fc.in_features >> (4 - stages)
    return LayeredEncoder(layers, 5, channels)


class Block(nn.Module):
    """One block of the decoder, ``width`` numbers per word: self attention, cross attention, and
    the feed-forward part, each added to what came in.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_cross, self.ln_2 = (nn.LayerNorm(width) for _ in range(3))
        self.attention = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.query = nn.Linear(width, width)
        self.looked = nn.Linear(width, width)
        self.wider = nn.Linear(width, 4 * width)
        self.narrower = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, values: Tensor, keys: Tensor, offers: Tensor, past: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """``values`` (B, T, w) new words; ``keys`` and ``offers`` (B, heads, p, w / heads) of the
        regions; ``past`` (B, 2, heads, t, w / heads) of the words before.

        → the words (B, T, w), cross attention (B, T, p) averaged over the heads, and the new past.
        """
        asked, matched, given = self.attention(self.ln_1(values)).chunk(3, dim=2)
        now = torch.stack([self._heads(matched), self._heads(given)], dim=1)
        memory = now if past is None else torch.cat([past, now], dim=3)
        told = functional.scaled_dot_product_attention(
            self._heads(asked), memory[:, 0], memory[:, 1], is_causal=past is None
        )
        values = values + self.dropout(self.attended(_joined(told)))
        query = self._heads(self.query(self.ln_cross(values)))
        scores = query @ keys.transpose(2, 3) / query.shape[3] ** 0.5
        weights = torch.softmax(scores, dim=3)
        values = values + self.dropout(self.looked(_joined(weights @ offers)))
        wide = functional.gelu(self.wider(self.ln_2(values)), approximate="tanh")
        values = values + self.dropout(self.narrower(wide))
        return values, weights.mean(dim=1), memory

    def _heads(self, values: Tensor) -> Tensor:
        heads: Tensor = values.unflatten(2, (self.heads, -1)).transpose(1, 2)
        return heads


def _joined(heads: Tensor) -> Tensor:
    """(B, heads, T, w / heads) → (B, T, w)."""
    return heads.transpose(1, 2).flatten(2)


@dataclass
class Gpt2State:
    """What the words so far left behind: for each block (B, 2, heads, t, w / heads), None before
    the first; and the image's keys and offers of each block, (B, heads, p, w / heads).
    """

    past: tuple[Tensor | None, ...]
    image: tuple[tuple[Tensor, Tensor], ...]

    def select(self, rows: Tensor) -> Self:
        return type(self)(
            tuple(None if part is None else part[rows] for part in self.past),
            tuple((keys[rows], offers[rows]) for keys, offers in self.image),
        )


class ResnetGpt2(ReportModel):
    """(B, 1, 224, 224), (B, T) → words (B, T, vocabulary), attention (B, T, p); T ≤ ``positions``.

    ``dropout`` acts on the embedded words and on what each part of a block adds, while teaching.
    """

    NAME = "resnet_gpt2"
    TITLE = "ResNet + GPT-2"
    SOURCE = "Bollampalli, automated report generation with ResNet and GPT-2"

    def __init__(
        self,
        vocabulary_size: int,
        findings: int,
        image_size: int = 224,
        resnet: str = "resnet18",
        stages: int = 4,
        width: int = 256,
        blocks: int = 4,
        heads: int = 8,
        positions: int = POSITIONS,
        dropout: float = 0.1,
    ) -> None:
        config = settings(locals())
        super().__init__()
        if min(image_size, width, blocks, heads, positions) < 1:
            raise ValueError("image_size, width, blocks, heads and positions must be at least 1")
        stride = 1 << (stages + 1)
        if image_size % stride or width % heads:
            raise ValueError(
                f"image_size must be a multiple of {stride} and width one of heads, not "
                f"{image_size} and {width} for {heads}"
            )
        self._config = config
        self.image_size = image_size
        self.grid = (image_size // stride, image_size // stride)
        self.encoder = encoder(resnet, stages)
        channels = self.encoder.channels
        self.head = nn.Linear(channels, findings)
        self.embedding = nn.Embedding(vocabulary_size, width)
        self.positions = nn.Embedding(positions, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.01)
        self.bridge = nn.Linear(channels, width)
        self.bridge_norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(blocks))
        self.offers = nn.ModuleList(nn.Linear(width, 2 * width) for _ in range(blocks))
        self.ln_f = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    @classmethod
    def options_of(cls, folder: Path) -> dict[str, Any]:
        return gpt2_folder.options(folder)

    def begin(self, folder: Path, vocabulary: Vocabulary) -> None:
        gpt2_folder.load(folder, vocabulary, self)

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def start(self, encoded: Encoded) -> Gpt2State:
        regions = self.bridge_norm(self.bridge(encoded.regions.transpose(1, 2)))
        heads = self._config["heads"]
        image = []
        for offers in self.offers:
            keys, offered = offers(regions).chunk(2, dim=2)
            image.append(
                tuple(
                    part.unflatten(2, (heads, -1)).transpose(1, 2).contiguous()
                    for part in (keys, offered)
                )
            )
        return Gpt2State((None,) * len(image), tuple(image))

    def step(self, tokens: Tensor, state: Gpt2State) -> tuple[Tensor, Tensor, Gpt2State]:
        words, attention, past = self._read(tokens.unsqueeze(1), state)
        return words.squeeze(1), attention.squeeze(1), Gpt2State(past, state.image)

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        """The whole report in one pass: no word sees a later one."""
        words, attention, _ = self._read(tokens, self.start(encoded))
        return Teaching(words, attention, encoded.findings)

    def _read(
        self, tokens: Tensor, state: Gpt2State
    ) -> tuple[Tensor, Tensor, tuple[Tensor | None, ...]]:
        first = state.past[0]
        done = 0 if first is None else first.shape[3]
        last = self.positions.num_embeddings - 1
        # A report longer than the positions goes on with the last one: worse, but no failure.
        place = torch.arange(done, done + tokens.shape[1], device=tokens.device).clamp(max=last)
        values = self.dropout(self.embedding(tokens) + self.positions(place))
        looked, past = [], []
        for block, (keys, offers), before in zip(self.blocks, state.image, state.past, strict=True):
            values, weights, memory = block(values, keys, offers, before)
            looked.append(weights)
            past.append(memory)
        words = functional.linear(self.ln_f(values), self.embedding.weight)
        return words, _mean(looked), tuple(past)


def _mean(parts: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(parts)).mean(dim=0)


SYSTEM = ResnetGpt2
