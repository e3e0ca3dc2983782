"""How drafts are searched for: plain data, so that settings and the command line need no torch."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    beams: int = 3
    width: int | None = None
    max_words: int = 60
    min_words: int = 1
    block_ngram: int = 3
    length_normalised: bool = False

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

    @property
    def search_width(self) -> int:
        if self.width is not None:
            return self.width
        return 1 if self.beams == 1 else self.beams + 2
