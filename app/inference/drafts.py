"""What the model says about one image, as plain data without torch.

These objects travel from the worker to the window, into the store and onto the command line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Finding:
    """A finding of the classification head with its sigmoid output in [0, 1]."""

    name: str
    probability: float


@dataclass(frozen=True)
class Gate:
    """Is this one frontal chest radiograph, fit to be drafted? ``reasons`` are whole sentences."""

    ok: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timing:
    """Seconds spent; ``load`` is 0.0 when the weights were already in memory."""

    load: float = 0.0
    preprocess: float = 0.0
    encode: float = 0.0
    decode: float = 0.0

    @property
    def total(self) -> float:
        return self.load + self.preprocess + self.encode + self.decode


@dataclass(frozen=True, eq=False)
class Draft:
    """One hypothesis of the beam search.

    rank       1 is the most probable
    text       the words joined as a reader expects to see them
    words      the model's words in order, without ``<start>`` and ``<end>``
    spans      (start, end) character offsets of each word in ``text``
    logprob    what the drafts are ranked by: the sum of the words' log probabilities including
               ``<end>`` (natural log), or its length-normalised form when that was asked for
    attention  (len(words), 8, 8) float32, each map sums to 1; row 0 is the top of the model's input
    """

    rank: int
    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    logprob: float
    attention: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything one run of one model gave for one image.

    ``weights_sha256`` and ``preprocessing`` (the preprocessing's version) say exactly what was run;
    ``created`` is an aware datetime in UTC.
    """

    image_id: str
    view: str
    gate: Gate
    model: str
    weights_sha256: str
    preprocessing: str
    device: str
    seconds: Timing
    findings: tuple[Finding, ...]
    drafts: tuple[Draft, ...]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def device_kind(self) -> str:
        """``cpu`` or ``cuda``: what ``device``, which describes it, begins with."""
        return self.device.partition(":")[0]

    def shares(self) -> tuple[float, ...]:
        """Each draft's probability relative to the drafts shown; sums to 1 (empty without drafts).

        A whole report's own probability is the product of many words' and says little to a reader;
        how much the model prefers one draft over another is what the panel shows.
        """
        if not self.drafts:
            return ()
        best = max(draft.logprob for draft in self.drafts)
        weights = [math.exp(draft.logprob - best) for draft in self.drafts]
        total = sum(weights)
        return tuple(weight / total for weight in weights)
