"""From drafts to figures: everything that is measured of one collection, as plain data.

docs/evaluation.md describes what comes out. Nothing here reads a file or knows the model.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.inference.vocabulary import Language, tokenize
from app.training import labels
from app.training.corpora import Case
from app.training.corpora.cases import UNKNOWN
from app.training.evaluation import findings as f1
from app.training.evaluation import head
from app.training.evaluation.baselines import without_image
from app.training.evaluation.bootstrap import DRAWS, Bootstrap, FloatArray
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.findings import Truth
from app.training.evaluation.gather import Source
from app.training.evaluation.habits import (
    calls_normal,
    habits,
    is_normal,
    normal_drafts,
    swapped_sides,
)
from app.training.evaluation.meteor import Meteor
from app.training.evaluation.original import compare
from app.training.evaluation.overlap import Words
from app.training.evaluation.rows import Scorer, Texts, differences
from app.training.evaluation.subgroups import subgroups

Named = NDArray[np.bool_]

SUBGROUPED = ("micro F1", "CIDEr")
"""Of the first drafts, told by age group, sex and view."""


@dataclass(frozen=True)
class Settings:
    """What the figures depend on beside the drafts.

    findings   the head's findings in its order
    longest    the cap of the search on a draft's words
    """

    findings: tuple[str, ...]
    longest: int
    language: Language = "en"
    draws: int = DRAWS
    seed: int = 7


def measure_source(
    source: Source, drafted: Sequence[Drafted | None], settings: Settings, meteor: Meteor | None
) -> dict[str, Any]:
    """The evaluation of one collection, from a draft (or None, unreadable) for each case."""
    read = [pair for pair in zip(source.cases, drafted, strict=True) if pair[1] is not None]
    told = dict(source.left_out)
    if len(read) < len(source.cases):
        told["image can't be read"] = len(source.cases) - len(read)
    cases = [case for case, _ in read]
    drafts = [draft for _, draft in read if draft is not None]
    result: dict[str, Any] = {
        "kind": source.kind,
        "split": source.split,
        "images": len(cases),
        "patients": len({case.group for case in cases}),
        "patients_known": not any(case.group.startswith(UNKNOWN) for case in cases),
        "reports": sum(bool(case.report) for case in cases),
        "training_reports": len(source.training),
        "patients_in_training_too": source.overlap,
        "left_out": told,
        "refused_by_gate": sum(bool(draft.refused) for draft in drafts),
    }
    if not cases:
        return result
    part = _Part(cases, drafts, settings)
    words = [draft.words[0] if draft.words else () for draft in drafts]
    result["habits"] = habits(part.texts(0), words, settings.longest, part.bootstrap)
    result["head"] = part.head()
    with_reports = [place for place, case in enumerate(cases) if case.report]
    told_part = part
    if with_reports and len(with_reports) < len(cases):
        told_part = _Part(
            [cases[place] for place in with_reports],
            [drafts[place] for place in with_reports],
            settings,
        )
    result |= told_part.drafts(source.training, meteor, by_reports=bool(with_reports))
    return result


class _Part:
    """Cases with their drafts, under the same resamples."""

    def __init__(
        self, cases: Sequence[Case], drafts: Sequence[Drafted], settings: Settings
    ) -> None:
        self._cases, self._drafts, self._settings = cases, drafts, settings
        self.bootstrap = Bootstrap([case.group for case in cases], settings.draws, settings.seed)
        self._ranks = max((len(draft.texts) for draft in drafts), default=0)

    def texts(self, rank: int) -> list[str]:
        """(n,) drafts of a rank (from 0); "" where there are fewer."""
        return [draft.texts[rank] if rank < len(draft.texts) else "" for draft in self._drafts]

    def _head(self) -> tuple[FloatArray, FloatArray] | None:
        """The head's scores (n, k) and what is known (n, k); None without a head or a truth."""
        names = self._settings.findings
        scores = np.array(
            [[draft.findings.get(name, np.nan) for name in names] for draft in self._drafts]
        )
        truth = np.array([self._known(case, names) for case in self._cases], np.float64)
        if not names or np.isnan(truth).all() or np.isnan(scores).any():
            return None
        return scores, truth

    def _known(self, case: Case, names: Sequence[str]) -> list[float]:
        known = case.labels
        if not known and case.report and self._settings.language == "en":
            known = labels.targets(case.report, _understood(names), silent=0.0)
        return [known.get(name, np.nan) for name in names]

    def head(self) -> dict[str, Any] | None:
        """AUC and calibration of the findings head."""
        pair = self._head()
        if pair is None:
            return None
        measured = head.measure(self._settings.findings, *pair, self.bootstrap)
        own = any(case.labels for case in self._cases)
        return {"truth": "labels" if own else "reports", **measured}

    def drafts(
        self, training: Sequence[str], meteor: Meteor | None, *, by_reports: bool
    ) -> dict[str, Any]:
        """Rows, differences, findings, sides, normal studies and subgroups."""
        reports = [case.report for case in self._cases]
        written = [self._words(report) for report in reports]
        truth = self._truth(by_reports)
        scorer = Scorer(
            self.bootstrap,
            truth,
            functools.partial(_present, truth.names),
            self._words,
            Texts(written, meteor) if by_reports else None,
        )
        ranks = [self.texts(rank) for rank in range(self._ranks)]
        learned = [(text, self._words(text)) for text in training]
        drafted = scorer.ranks(ranks) if ranks else []
        rows = [
            *drafted,
            *scorer.without_image(without_image(learned, written, self._settings.seed)),
            *scorer.constants(),
        ]
        first = ranks[0] if ranks else []
        told = {name: drafted[0].measures.get(name) for name in SUBGROUPED} if drafted else {}
        return {
            "truth": "reports" if by_reports else "labels",
            "rows": [row.to_json() for row in rows],
            "checked": compare(first, reports, self._words) if first and by_reports else None,
            "differences": differences(rows[0], rows[1:]) if drafted else [],
            "macro_over": list(itertools.compress(truth.names, truth.frequent)),
            "findings": self._by_finding(truth, scorer.named(first)) if first else [],
            "sides": swapped_sides(first, reports) if first and by_reports else None,
            "normal": self._normal(first) if first else None,
            "subgroups": subgroups(
                self._cases,
                self.bootstrap,
                self._head(),
                {name: measure for name, measure in told.items() if measure is not None},
            ),
        }

    def _words(self, text: str) -> Words:
        return tokenize(text, self._settings.language)

    def _truth(self, by_reports: bool) -> Truth:
        """The findings, and what reports or labels tell of them."""
        names: tuple[str, ...] = ()
        known: list[list[float]] = [[] for _ in self._cases]
        if self._settings.language == "en" and by_reports:
            names = labels.CHEXPERT[:-1]
            known = [[float(one) for one in _present(names, case.report)] for case in self._cases]
        elif self._settings.language == "en":
            names = _understood(dict.fromkeys(name for case in self._cases for name in case.labels))
            known = [[case.labels.get(name, np.nan) for name in names] for case in self._cases]
        matrix = np.array(known, np.float64).reshape(len(self._cases), len(names))
        return Truth(names, matrix)

    def _by_finding(self, truth: Truth, named: Named) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "cases": int(truth.cases[column]),
                "named": int(named[:, column].sum()),
                "f1": self.bootstrap.figure(f1.finding_f1(truth, named, column)).to_json(),
                "precision": self.bootstrap.figure(f1.precision(truth, named, column)).to_json(),
                "recall": self.bootstrap.figure(f1.recall(truth, named, column)).to_json(),
            }
            for column, name in enumerate(truth.names)
        ]

    def _normal(self, drafts: Sequence[str]) -> dict[str, Any] | None:
        if self._settings.language != "en":
            return None
        normal = np.array(
            [
                calls_normal(case.report) if case.report else is_normal(case.labels)
                for case in self._cases
            ],
            np.bool_,
        )
        said = np.array([calls_normal(text) for text in drafts], np.bool_)
        return normal_drafts(normal, said, self.bootstrap)


def _understood(names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` for which the labeller has rules."""

    def known(name: str) -> bool:
        try:
            labels.targets("", (name,))
        except AppError:
            return False
        return True

    return tuple(name for name in names if known(name))


@functools.lru_cache(maxsize=20_000)
def _present(names: tuple[str, ...], text: str) -> tuple[bool, ...]:
    """Which of ``names`` the text calls present or possible."""
    found = labels.targets(text, names, silent=0.0)
    return tuple(found[name] == 1.0 for name in names)
