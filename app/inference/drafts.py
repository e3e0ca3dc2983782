"""What the model says about one image, as plain data without torch.

These objects travel from the worker to the window, into the store and onto the command line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from app.inference.looks import ATTENTION as ATTENTION
from app.inference.looks import GRADIENTS as GRADIENTS


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


@dataclass(frozen=True)
class Speed:
    """The median ``seconds`` of ``count`` analyses with drafts on one ``device``, without loading
    the weights.
    """

    seconds: float
    count: int
    device: str


@dataclass(frozen=True, eq=False)
class Draft:
    """One hypothesis of the beam search.

    rank       1 is the most probable
    text       the words joined as a reader expects to see them
    words      the model's words in order, without ``<start>`` and ``<end>``
    spans      (start, end) character offsets of each word in ``text``
    logprob    the sum of the words' log probabilities including ``<end>`` (natural log)
    score      what the drafts are ranked by: the same, less the prior's share and per word where
               the model's drafting options say so
    attention  (len(words), rows, columns) float32, each map sums to 1; row 0 is the top of the
               model's input. Whether it is attention, its analysis says (``looks``)
    """

    rank: int
    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    logprob: float
    score: float
    attention: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything one run of one model gave for one image.

    ``weights_sha256`` and ``preprocessing`` (the preprocessing's version) say exactly what was run;
    ``created`` is an aware datetime in UTC. ``looks`` says where the drafts' maps come from.
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
    looks: str = ATTENTION

    def most_probable(self) -> Draft:
        """The draft with the highest log probability per word, ``<end>`` counted as one.

        It need not be the first: a prior may have ranked them. Raises ValueError without drafts.
        """
        return max(self.drafts, key=lambda draft: draft.logprob / (len(draft.words) + 1))

    @property
    def device_kind(self) -> str:
        """``cpu`` or ``cuda``: what ``device``, which describes it, begins with."""
        return self.device.partition(":")[0]

    def shares(self) -> tuple[float, ...]:
        """How much each draft is preferred to the others shown; sums to 1 (empty without drafts).

        The softmax of the scores, so that a better rank never has a smaller share. A whole report's
        own probability is the product of many words' and says little to a reader.
        """
        if not self.drafts:
            return ()
        best = max(draft.score for draft in self.drafts)
        weights = [math.exp(draft.score - best) for draft in self.drafts]
        total = sum(weights)
        return tuple(weight / total for weight in weights)
