"""CIDEr: how much of what is particular to a report stands in a draft.

Vedantam et al. 2015 (arXiv 1411.5726) as pycocoevalcap 1.2 computes it, clipping and length penalty
included: TF-IDF vectors of runs of one to four words, their cosine, a Gaussian of the difference in
length (sigma 6), mean over the four, times ten. Document frequencies are those of the reports that
are compared with. Beside pairs it compares every report with every candidate at once, which finds
the nearest and the most typical report of an archive.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.training.evaluation.overlap import Words, ngrams

LENGTHS = (1, 2, 3, 4)
SIGMA = 6.0
Run = tuple[str, ...]
Vector = dict[Run, float]


class Cider:
    """The measure over one set of reports."""

    def __init__(self, reports: Sequence[Words]) -> None:
        self._reports = reports
        self._log_reports = math.log(max(len(reports), 1))
        frequency: Counter[Run] = Counter()
        for report in reports:
            for n in LENGTHS:
                frequency.update(ngrams(report, n).keys())
        self._log_frequency = {run: math.log(count) for run, count in frequency.items()}

    def scores(self, drafts: Sequence[Words]) -> NDArray[np.float64]:
        """(n,) CIDEr of each draft with the report at its place, 0 to 10."""
        found = []
        for draft, report in zip(drafts, self._reports, strict=True):
            total = 0.0
            for n in LENGTHS:
                ours, theirs = self._vector(draft, n), self._vector(report, n)
                product = sum(
                    min(weight, theirs[run]) * theirs[run]
                    for run, weight in ours.items()
                    if run in theirs
                )
                norms = _norm(ours) * _norm(theirs)
                total += product / norms if norms else product
            penalty = math.exp(-((_length(draft) - _length(report)) ** 2) / (2 * SIGMA**2))
            found.append(10.0 * penalty * total / len(LENGTHS))
        return np.array(found, np.float64)

    def table(self, candidates: Sequence[Words]) -> NDArray[np.float32]:
        """(reports, candidates) CIDEr of every candidate with every report."""
        total = np.zeros((len(self._reports), len(candidates)), np.float32)
        for n in LENGTHS:
            product = np.zeros_like(total)
            rows, row_norms = self._postings(self._reports, n)
            columns, column_norms = self._postings(candidates, n)
            for run in rows.keys() & columns.keys():
                row, theirs = rows[run]
                column, ours = columns[run]
                product[np.ix_(row, column)] += np.minimum(ours, theirs[:, None]) * theirs[:, None]
            norms = row_norms[:, None] * column_norms
            np.divide(product, norms, out=product, where=norms > 0)
            total += product
        lengths = np.array([_length(report) for report in self._reports], np.float32)
        others = np.array([_length(words) for words in candidates], np.float32)
        total *= np.exp(-((lengths[:, None] - others) ** 2) / np.float32(2 * SIGMA**2))
        total *= np.float32(10.0 / len(LENGTHS))
        return total

    def _vector(self, words: Words, n: int) -> Vector:
        return {
            run: count * (self._log_reports - self._log_frequency.get(run, 0.0))
            for run, count in ngrams(words, n).items()
        }

    def _postings(
        self, texts: Sequence[Words], n: int
    ) -> tuple[dict[Run, tuple[NDArray[np.int64], NDArray[np.float32]]], NDArray[np.float32]]:
        """Where each run of words stands and with which weight, and the norm of every text."""
        places: dict[Run, list[int]] = defaultdict(list)
        weights: dict[Run, list[float]] = defaultdict(list)
        norms = np.zeros(len(texts), np.float32)
        for place, words in enumerate(texts):
            vector = self._vector(words, n)
            norms[place] = _norm(vector)
            for run, weight in vector.items():
                places[run].append(place)
                weights[run].append(weight)
        return {
            run: (np.array(found), np.array(weights[run], np.float32))
            for run, found in places.items()
        }, norms


def _norm(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))


def _length(words: Words) -> int:
    # The original counts runs of two words; only differences matter, but for texts without one.
    return max(len(words) - 1, 0)
