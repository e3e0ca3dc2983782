"""Words that a draft and a report share: BLEU, ROUGE.

The definitions are those of pycocoevalcap 1.2 (BLEU-1..4, ROUGE-L) and rouge-score (ROUGE-1 and 2,
without stemming), written anew because its file for BLEU forbids commercial use and because the
sums must be at hand for the bootstrap; tests hold them to the original's numbers where it is
installed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from app.training.evaluation.bootstrap import Additive, FloatArray, Statistic, mean

Words = Sequence[str]
_TINY, _SMALL = 1e-15, 1e-9  # pycocoevalcap's own guards against 0 / 0
_ROUGE_BETA = 1.2


def ngrams(words: Words, n: int) -> Counter[tuple[str, ...]]:
    """Every run of ``n`` words with its count."""
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def bleu(drafts: Sequence[Words], reports: Sequence[Words], n: int) -> Additive:
    """BLEU-n of a corpus, one reference each (Papineni et al. 2002)."""
    rows = []
    for draft, report in zip(drafts, reports, strict=True):
        row = [float(len(draft)), float(len(report))]
        for k in range(1, n + 1):
            shared = ngrams(draft, k) & ngrams(report, k)
            row += [float(sum(shared.values())), float(max(len(draft) - k + 1, 0))]
        rows.append(row)
    return Additive(np.array(rows, np.float64).reshape(-1, 2 + 2 * n), _bleu)


def _bleu(totals: FloatArray) -> FloatArray:
    drafted, written, matches = totals[:, 0], totals[:, 1], totals[:, 2:]
    precisions = (matches[:, 0::2] + _TINY) / (matches[:, 1::2] + _SMALL)
    ratio = (drafted + _TINY) / (written + _SMALL)
    brevity = np.where(ratio < 1, np.exp(1 - 1 / np.maximum(ratio, _TINY)), 1.0)
    figure: FloatArray = np.prod(precisions, axis=1) ** (1 / precisions.shape[1]) * brevity
    return figure


def rouge_n(drafts: Sequence[Words], reports: Sequence[Words], n: int) -> Additive:
    """Mean F1 of shared runs of ``n`` words (Lin 2004)."""
    scores = []
    for draft, report in zip(drafts, reports, strict=True):
        ours, theirs = ngrams(draft, n), ngrams(report, n)
        shared = sum((ours & theirs).values())
        total = sum(ours.values()) + sum(theirs.values())
        scores.append(2 * shared / total if total else 0.0)
    return mean(np.array(scores))


def rouge_l(drafts: Sequence[Words], reports: Sequence[Words]) -> Additive:
    """Mean F of the longest common subsequence, recall weighted 1.2² (as in pycocoevalcap)."""
    scores = []
    for draft, report in zip(drafts, reports, strict=True):
        common = _subsequence(draft, report)
        precision = common / max(len(draft), 1)
        recall = common / max(len(report), 1)
        weight = _ROUGE_BETA**2
        scores.append(
            (1 + weight) * precision * recall / (recall + weight * precision) if common else 0.0
        )
    return mean(np.array(scores))


def _subsequence(one: Words, other: Words) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, candidate in enumerate(other, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == candidate else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def alone(figure: Additive) -> FloatArray:
    """(n,) the figure of each image by itself."""
    finish: Statistic = figure.finish
    return finish(figure.sums)
