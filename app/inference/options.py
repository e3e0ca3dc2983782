"""How drafts are searched for: plain data, so that settings and the command line need no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class BeamOptions:
    """Settings of :mod:`app.inference.beam`.

    beams              how many drafts are kept, most probable first (the paper's three)
    width              hypotheses followed at the same time. None: ``beams`` + 2, so that the third
                       draft is more than what was left over; 1 for a single draft, which is the
                       greedy search
    max_words          longest draft in words, punctuation included; one that long is closed with
                       ``<end>`` at ``<end>``'s own log probability, so it has to win its place like
                       any other
    min_words          shortest draft in words
    block_ngram        no draft holds the same run of this many words twice; 0 allows it
    length_normalised  rank by log probability per word (``<end>`` counted) instead of the paper's
                       sum
    prior_weight       λ in log p(w | image) − λ · log p(w | mean image), what words are searched
                       and drafts are ranked by (Li et al., arXiv 1510.03055, "MMI-antiLM"): what
                       the model would write about any image counts less. 0 is the paper
    """

    beams: int = 3
    width: int | None = None
    max_words: int = 60
    min_words: int = 1
    block_ngram: int = 3
    length_normalised: bool = False
    prior_weight: float = 0.0

    def __post_init__(self) -> None:
        if self.beams < 1 or self.search_width < self.beams:
            raise ValueError(
                "The search needs at least one beam, and a width of at least its beams."
            )
        if not 0 <= self.min_words <= self.max_words or self.max_words < 1:
            raise ValueError(
                "A draft needs 0 ≤ min_words ≤ max_words, and max_words of at least 1."
            )
        if self.block_ngram < 0:
            raise ValueError("block_ngram is 0 (off) or the length of a run of words.")
        if not 0.0 <= self.prior_weight <= 1.0:
            raise ValueError("prior_weight lies between 0 and 1.")

    @property
    def search_width(self) -> int:
        if self.width is not None:
            return self.width
        return 1 if self.beams == 1 else self.beams + 2

    def filled(self, drafting: Mapping[str, Any]) -> BeamOptions:
        """These options, with a model's own where these were left at their defaults.

        ``drafting`` comes from ``model.json``: a model brings the options that it was validated
        with, and what a user sets wins. Raises ValueError for an unknown name or a value of another
        type.
        """
        defaults: dict[str, Any] = {name: getattr(type(self), name) for name in DRAFTING}
        taken: dict[str, Any] = {}
        for name, value in drafting.items():
            if name not in defaults:
                raise ValueError(f"unknown drafting option {name!r}")
            kind = type(defaults[name])
            if type(value) not in ((int, float) if kind is float else (kind,)):
                raise ValueError(f"the drafting option {name!r} is not of type {kind.__name__}")
            if getattr(self, name) == defaults[name]:
                taken[name] = kind(value)
        return replace(self, **taken)


DRAFTING = ("max_words", "min_words", "block_ngram", "length_normalised", "prior_weight")
"""What ``model.json`` may set; how many drafts there are is the user's alone."""
