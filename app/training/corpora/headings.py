"""MeSH headings as the words of an annotation."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORDS = 5
"""Most words of an annotation in the recurrent cascade's paper (Shin et al., CVPR 2016)."""


def of_headings(headings: Iterable[str]) -> str:
    """The first MeSH heading that tells a finding, "" where none does.

    ``headings`` are as in the records of Indiana University's collection, "Calcified
    Granuloma/lung/upper lobe/right" → "calcified-granuloma lung upper-lobe right".
    """
    parts = [[one_word(part) for part in heading.split("/")] for heading in headings]
    told = [part for part in parts if part[0] not in ("", "no-indexing")]
    return " ".join(told[0][:WORDS]) if told else ""


def one_word(heading: str) -> str:
    """A heading of several words as one word, so that the finding is an annotation's first."""
    return "-".join(re.findall(r"[a-z]+", heading.lower()))
