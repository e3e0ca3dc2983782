"""What every report-writing system offers, so that the beam search, the trainer and the window know
one thing.

A system encodes images once (:meth:`ReportModel.encode`), opens a decoder on the result
(:meth:`ReportModel.start`) and then gives the next word's logits step by step
(:meth:`ReportModel.step`). Rows of the decoder's state are hypotheses; the search reorders them
with :meth:`State.select`. A system is one file in this package: a subclass of :class:`ReportModel`
under the name ``SYSTEM``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self

import torch
from torch import Tensor, nn

from app.errors import AppError
from app.inference.looks import ATTENTION
from app.inference.vocabulary import Vocabulary


class Encoded(NamedTuple):
    """Images as the decoder reads them.

    regions   V, (B, c, p): the encoder's last map, p = rows × columns of the grid, by rows
    pooled    V_gav, (B, c): the mean of V over its regions
    findings  (B, n) logits of the findings head
    """

    regions: Tensor
    pooled: Tensor
    findings: Tensor

    def to(self, dtype: torch.dtype) -> Encoded:
        return Encoded(self.regions.to(dtype), self.pooled.to(dtype), self.findings.to(dtype))

    def image(self, row: int) -> Encoded:
        """One of the images, as a batch of one."""
        return Encoded(*(part[row : row + 1] for part in self))


class State(Protocol):
    """A decoder's memory for B hypotheses."""

    def select(self, rows: Tensor) -> Self:
        """The hypotheses ``rows`` (R,) int64, in that order; a row may be taken more than once."""
        ...


class Decoder(Protocol):
    """The half of a :class:`ReportModel` that the search needs."""

    def start(self, encoded: Encoded) -> Any:
        """A state with one row per image."""

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """Tokens (R,) → logits (R, vocabulary), attention (R, p), the new state."""


Encode = Callable[[Tensor], Encoded]
"""Images (B, 1, S, S) → what the decoder reads."""


class Teaching(NamedTuple):
    """What a model answers while it is taught.

    words      (B, T, vocabulary) logits of the word that follows each given word
    attention  (B, T, p) weights, each row sums to 1
    findings   (B, n) logits
    """

    words: Tensor
    attention: Tensor
    findings: Tensor


class Encoder(nn.Module, ABC):
    """A convolutional network for one gray channel, without its pooling and classifier.

    It has two parts: the stem, which stays as it is while reports are learned (so that what it says
    of an image can be kept), and the rest.
    """

    channels: int
    """c of the map that it gives."""

    @abstractmethod
    def stem(self, images: Tensor) -> Tensor:
        """(B, 1, S, S) float → the frozen part's output."""

    @abstractmethod
    def rest(self, stem: Tensor) -> Tensor:
        """The output of :meth:`stem` → (B, c, rows, columns)."""

    @abstractmethod
    def frozen_modules(self) -> list[nn.Module]:
        """The modules of :meth:`stem`."""

    def forward(self, images: Tensor) -> Tensor:
        return self.rest(self.stem(images))


class LayeredEncoder(Encoder):
    """An encoder that is one row of ``layers``, of which the first ``frozen`` make its stem."""

    def __init__(self, layers: Sequence[nn.Module], frozen: int, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self._frozen = frozen
        self.channels = channels

    def stem(self, images: Tensor) -> Tensor:
        values: Tensor = self.layers[: self._frozen](images)
        return values

    def rest(self, stem: Tensor) -> Tensor:
        values: Tensor = self.layers[self._frozen :](stem)
        return values

    def frozen_modules(self) -> list[nn.Module]:
        return list(self.layers.children())[: self._frozen]


class ReportModel(nn.Module, ABC):
    """A report-writing system.

    A subclass is built from what :meth:`config` gives; every one takes ``vocabulary_size`` and
    ``findings`` (their numbers) and ``image_size`` (pixels), the rest is its own.
    """

    NAME: ClassVar[str]
    """As ``model.json`` and the training configuration name it: the module's own name."""
    TITLE: ClassVar[str]
    """As a reader sees it."""
    SOURCE: ClassVar[str]
    """The paper that it comes from."""
    LOOKS: ClassVar[str] = ATTENTION

    grid: tuple[int, int]
    """Rows and columns of the attention map."""
    image_size: int
    """S, in pixels."""
    encoder: Encoder
    head: nn.Linear
    """The findings: V_gav → (B, n) logits, by sigmoid."""
    embedding: nn.Embedding
    """The words as the decoder reads them."""

    @classmethod
    def arguments(cls, vocabulary: Vocabulary, findings: Sequence[str]) -> dict[str, Any]:
        """What the constructor takes from the data."""
        return {"vocabulary_size": len(vocabulary), "findings": len(findings)}

    @classmethod
    def options_of(cls, folder: Path) -> dict[str, Any]:
        """Constructor's options that fit the pretrained decoder in ``folder``.

        Raises AppError where the system reads none, or not this one.
        """
        raise AppError(
            f"The system {cls.NAME} has no decoder that could begin with {folder}.",
            'Take decoder out of [start], or choose system = "resnet_gpt2".',
        )

    def begin(self, folder: Path, vocabulary: Vocabulary) -> None:
        """Take over the pretrained decoder in ``folder``, whose :meth:`options_of` built this
        model; raises AppError as they do.
        """
        self.options_of(folder)

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The arguments that build this model again."""

    def encode(self, images: Tensor) -> Encoded:
        """``images`` (B, 1, S, S) float → what the decoder reads."""
        return self.read(self.encoder(images))

    def read(self, feature_map: Tensor) -> Encoded:
        """(B, c, rows, columns) of the encoder → V, V_gav and the findings."""
        regions = feature_map.flatten(2)
        pooled = regions.mean(dim=2)
        return Encoded(regions, pooled, self.head(pooled))

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

    def forward(self, images: Tensor, tokens: Tensor) -> Teaching:
        """Teacher forcing: ``images`` (B, 1, S, S), ``tokens`` (B, T) int64 beginning with
        ``<start>``.
        """
        return self.teach(self.encode(images), tokens)

    def teach(self, encoded: Encoded, tokens: Tensor) -> Teaching:
        """Teacher forcing on encoded images: here word by word, as drafting does it. A system
        whose steps don't wait for one another does better.
        """
        state: Any = self.start(encoded)
        words, attention = [], []
        for column in tokens.unbind(1):
            logits, looked, state = self.step(column, state)
            words.append(logits)
            attention.append(looked)
        return Teaching(torch.stack(words, 1), torch.stack(attention, 1), encoded.findings)

    def look(self, encoded: Encoded, tokens: Tensor, attention: Tensor) -> Tensor:
        """The maps that a reader sees, (T, p) float, each ≥ 0 and with the sum 1, for the words
        ``tokens`` (T,) int64 of one image.

        ``attention`` (T, p) are the weights of the steps that chose the words. A system without
        attention of its own answers with Grad-CAM instead.
        """
        if self.LOOKS == ATTENTION or not len(tokens):
            return attention
        from app.inference.gradients import grad_cam

        return grad_cam(self, encoded, tokens)

    def evenly(self, words: Tensor) -> Tensor:
        """The weights (…, p) of a system that looks at no region more than at another, for the
        logits ``words`` (…, vocabulary).
        """
        regions = self.grid[0] * self.grid[1]
        return words.new_full((*words.shape[:-1], regions), 1.0 / regions)

    def arranged(self, device: torch.device, dtype: torch.dtype) -> tuple[Encode, Decoder]:
        """The model's two halves for drafting, in evaluation mode; ``dtype`` is that of the
        convolutions. A system with a faster arrangement gives that.
        """
        half = dtype != torch.float32

        def encode(images: Tensor) -> Encoded:
            with torch.autocast(device.type, dtype, enabled=half):
                seen = self.encoder(images.contiguous(memory_format=torch.channels_last))
            return self.read(seen.float())

        return encode, self


def settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The ``locals()`` of a constructor as its configuration."""
    return {name: value for name, value in values.items() if name not in ("self", "__class__")}
