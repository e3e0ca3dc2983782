"""The rows of the table: ranks, their oracle, and what was made without the image.

Each row is scored in the same way: words shared with the report, findings shared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.training.evaluation import findings as f1
from app.training.evaluation.baselines import Baseline
from app.training.evaluation.bootstrap import Additive, Bootstrap, Figure, average, mean
from app.training.evaluation.cider import Cider
from app.training.evaluation.findings import Truth
from app.training.evaluation.meteor import Meteor
from app.training.evaluation.overlap import Words, alone, bleu, rouge_l, rouge_n

TEXT = (
    *("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR"),
    *("ROUGE-1", "ROUGE-2", "ROUGE-L", "CIDEr"),
)
LABELS = ("micro F1", "macro F1", "micro F1, abnormal", "macro F1, abnormal")
METRICS = (*TEXT, *LABELS)

DRAFTS, ORACLE, NO_IMAGE, CONSTANT = "drafts", "oracle", "no image", "constant"


@dataclass(frozen=True)
class Row:
    """One way to answer for every image. ``kind``: drafts, oracle, no image or constant."""

    name: str
    kind: str
    about: str
    measures: Mapping[str, Additive]
    figures: Mapping[str, Figure]

    def to_json(self) -> dict[str, Any]:
        """As it stands in the evaluation's JSON."""
        metrics = {name: figure.to_json() for name, figure in self.figures.items()}
        return {"row": self.name, "kind": self.kind, "about": self.about, "metrics": metrics}


class Texts:
    """Measures of n drafts against n reports."""

    def __init__(self, reports: Sequence[Words], meteor: Meteor | None) -> None:
        self._reports = reports
        self._cider = Cider(reports)
        self._meteor = meteor

    def measures(self, drafts: Sequence[Words]) -> dict[str, Additive]:
        """Every text metric that can be had here."""
        reports = self._reports
        found = {f"BLEU-{n}": bleu(drafts, reports, n) for n in (1, 2, 3, 4)}
        if self._meteor is not None:
            found["METEOR"] = self._meteor.measure(drafts, reports)
        found |= {f"ROUGE-{n}": rouge_n(drafts, reports, n) for n in (1, 2)}
        found["ROUGE-L"] = rouge_l(drafts, reports)
        found["CIDEr"] = mean(self._cider.scores(drafts))
        return found


class Scorer:
    """Makes rows for n images.

    truth  what is known of them by finding
    read   the findings (k,) that a text names
    split  a text's words
    texts  measures against their reports; None where there are only labels
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        truth: Truth,
        read: Callable[[str], Sequence[bool]],
        split: Callable[[str], Words],
        texts: Texts | None,
    ) -> None:
        self._bootstrap, self._truth, self._read = bootstrap, truth, read
        self._split, self._texts = split, texts

    def ranks(self, drafts: Sequence[Sequence[str]]) -> list[Row]:
        """A row for each rank, then for the best of them by each metric and image (an oracle)."""
        worded = [self._text_measures(texts) for texts in drafts]
        named = [self.named(texts) for texts in drafts]
        rows = [
            self._row(
                f"rank {number}",
                DRAFTS,
                f"the drafts of rank {number}",
                words | self._label_measures(names),
            )
            for number, (words, names) in enumerate(zip(worded, named, strict=True), start=1)
        ]
        if len(drafts) > 1:
            single = np.stack([f1.each_f1(self._truth, names) for names in named])
            chosen = single.argmax(axis=0)
            best = np.stack(named)[chosen, np.arange(len(chosen))]
            rows.append(
                self._row(
                    f"best of {len(drafts)} (oracle)",
                    ORACLE,
                    "the best rank by each metric for each image, chosen with the truth at hand",
                    best_of(worded) | self._label_measures(best),
                )
            )
        return rows

    def without_image(self, baselines: Sequence[Baseline]) -> list[Row]:
        """A row for each way to answer without looking; the nearest report only where there are
        reports to be near to.
        """
        rows = []
        for baseline in baselines:
            if baseline.oracle and self._texts is None:
                continue
            every = [
                self._figures(self._text_measures(texts) | self._label_measures(self.named(texts)))
                for texts in baseline.drawn
            ]
            figures = {metric: average([one[metric] for one in every]) for metric in every[0]}
            kinds = set(baseline.drawn[0])
            always = f": “{kinds.pop().rstrip(' .')}”" if len(kinds) == 1 else ""
            rows.append(Row(baseline.name, NO_IMAGE, baseline.about + always, {}, figures))
        return rows

    def constants(self) -> list[Row]:
        """Answers that name the same findings for every image."""
        truth = self._truth
        if not truth.names or not truth.abnormal.any():
            return []
        single, several = f1.best_single(truth), f1.best_set(truth)
        answers = [
            (
                f"always {truth.names[single]}",
                "this finding for every image; no single one has a better micro F1",
                [single],
            )
        ]
        if len(several) > 1:
            names = ", ".join(truth.names[place] for place in several)
            about = f"for every image {names}; no set has a better micro F1"
            answers.append(("best constant", about, several.tolist()))
        if len(several) < len(truth.names):
            about = "all of them for every image; no constant has a better macro F1"
            answers.append(("every finding", about, list(range(len(truth.names)))))
        return [
            self._row(name, CONSTANT, about, self._label_measures(truth.constant(chosen)))
            for name, about, chosen in answers
        ]

    def named(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """(n, k) the findings that each text names as present or possible."""
        rows = [self._read(text) for text in texts]
        return np.array(rows, np.bool_).reshape(len(texts), len(self._truth.names))

    def _text_measures(self, texts: Sequence[str]) -> dict[str, Additive]:
        if self._texts is None:
            return {}
        return self._texts.measures([self._split(text) for text in texts])

    def _label_measures(self, named: NDArray[np.bool_]) -> dict[str, Additive]:
        return label_measures(self._truth, named) if self._truth.names else {}

    def _row(self, name: str, kind: str, about: str, measures: dict[str, Additive]) -> Row:
        return Row(name, kind, about, measures, self._figures(measures))

    def _figures(self, measures: Mapping[str, Additive]) -> dict[str, Figure]:
        return {metric: self._bootstrap.figure(one) for metric, one in measures.items()}


def best_of(ranks: Sequence[Mapping[str, Additive]]) -> dict[str, Additive]:
    """For each metric and image the rank that scores best by that metric."""
    best: dict[str, Additive] = {}
    for name, first in ranks[0].items():
        single = np.stack([alone(rank[name]) for rank in ranks])
        chosen = single.argmax(axis=0)
        sums = np.stack([rank[name].sums for rank in ranks])
        best[name] = Additive(sums[chosen, np.arange(len(chosen))], first.finish)
    return best


def label_measures(truth: Truth, named: NDArray[np.bool_]) -> dict[str, Additive]:
    """F1 over all findings together and as their mean, on all images and on abnormal ones."""
    micro, macro = f1.micro_f1(truth, named), f1.macro_f1(truth, named)
    abnormal = truth.abnormal
    return dict(zip(LABELS, (micro, macro, micro.of(abnormal), macro.of(abnormal)), strict=True))


def differences(first: Row, others: Sequence[Row]) -> list[dict[str, object]]:
    """``first`` minus each other row, metric by metric, paired within each resample."""
    return [
        {
            "metric": metric,
            "of": first.name,
            "minus": other.name,
            **figure.minus(other.figures[metric]).to_json(),
        }
        for other in others
        for metric, figure in first.figures.items()
        if metric in other.figures
    ]
