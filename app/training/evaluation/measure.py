"""From drafts to figures: everything that is measured of one collection, as plain data.

docs/evaluation.md describes what comes out. Nothing here reads a file or knows the model.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.training import labels
from app.training.corpora import Case
from app.training.corpora.cases import UNKNOWN
from app.training.evaluation import findings as f1
from app.training.evaluation import head
from app.training.evaluation.bootstrap import FloatArray
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
from app.training.evaluation.known import Known, Settings, told, understood
from app.training.evaluation.meteor import Meteor
from app.training.evaluation.original import compare
from app.training.evaluation.rows import differences
from app.training.evaluation.subgroups import subgroups

Named = NDArray[np.bool_]

SUBGROUPED = ("micro F1", "CIDEr")
"""Of the first drafts, told by age group, sex and view."""


def source_facts(source: Source, cases: Sequence[Case]) -> dict[str, Any]:
    """What the figures of ``source`` are about, of which ``cases`` could be read."""
    left_out = dict(source.left_out)
    if len(cases) < len(source.cases):
        left_out["image can't be read"] = len(source.cases) - len(cases)
    return {
        "kind": source.kind,
        "split": source.split,
        "images": len(cases),
        "patients": len({case.group for case in cases}),
        "patients_known": not any(case.group.startswith(UNKNOWN) for case in cases),
        "reports": sum(bool(case.report) for case in cases),
        "training_reports": len(source.training),
        "patients_in_training_too": source.overlap,
        "left_out": left_out,
    }


def measure_source(
    source: Source, drafted: Sequence[Drafted | None], settings: Settings, meteor: Meteor | None
) -> dict[str, Any]:
    """The evaluation of one collection, from a draft (or None, unreadable) for each case."""
    read = [pair for pair in zip(source.cases, drafted, strict=True) if pair[1] is not None]
    cases = [case for case, _ in read]
    drafts = [draft for _, draft in read if draft is not None]
    result = source_facts(source, cases)
    result["refused_by_gate"] = sum(bool(draft.refused) for draft in drafts)
    if not cases:
        return result
    part = _Part(cases, drafts, settings)
    words = [draft.words[0] if draft.words else () for draft in drafts]
    result["habits"] = habits(part.texts(0), words, settings.longest, part.bootstrap)
    result["head"] = part.head()
    places = told(cases)
    if len(places) < len(cases):
        part = _Part(
            [cases[place] for place in places], [drafts[place] for place in places], settings
        )
    return result | part.drafts(source.training, meteor)


class _Part:
    """Cases with their drafts, under the same resamples."""

    def __init__(
        self, cases: Sequence[Case], drafts: Sequence[Drafted], settings: Settings
    ) -> None:
        self._known = Known(cases, settings)
        self._cases, self._drafts, self._settings = cases, drafts, settings
        self.bootstrap = self._known.bootstrap
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
        truth = np.array([self._heads(case, names) for case in self._cases], np.float64)
        if not names or np.isnan(truth).all() or np.isnan(scores).any():
            return None
        return scores, truth

    def _heads(self, case: Case, names: Sequence[str]) -> list[float]:
        known = case.labels
        if not known and case.report and self._settings.language == "en":
            known = labels.targets(case.report, understood(names), silent=0.0)
        return [known.get(name, np.nan) for name in names]

    def head(self) -> dict[str, Any] | None:
        """AUC and calibration of the findings head."""
        pair = self._head()
        if pair is None:
            return None
        measured = head.measure(self._settings.findings, *pair, self.bootstrap)
        own = any(case.labels for case in self._cases)
        return {"truth": "labels" if own else "reports", **measured}

    def drafts(self, training: Sequence[str], meteor: Meteor | None) -> dict[str, Any]:
        """Rows, differences, findings, sides, normal studies and subgroups."""
        known, truth, by_reports = self._known, self._known.truth, self._known.by_reports
        reports = [case.report for case in self._cases]
        scorer = known.scorer(meteor)
        ranks = [self.texts(rank) for rank in range(self._ranks)]
        drafted = scorer.ranks(ranks) if ranks else []
        rows = [
            *drafted,
            *scorer.without_image(known.without_image(training)),
            *scorer.constants(),
        ]
        first = ranks[0] if ranks else []
        by_group = {name: drafted[0].measures.get(name) for name in SUBGROUPED} if drafted else {}
        return {
            "truth": "reports" if by_reports else "labels",
            "rows": [row.to_json() for row in rows],
            "checked": compare(first, reports, known.words) if first and by_reports else None,
            "differences": differences(rows[0], rows[1:]) if drafted else [],
            "macro_over": list(itertools.compress(truth.names, truth.frequent)),
            "findings": self._by_finding(truth, scorer.named(first)) if first else [],
            "sides": swapped_sides(first, reports) if first and by_reports else None,
            "normal": self._normal(first) if first else None,
            "subgroups": subgroups(
                self._cases,
                self.bootstrap,
                self._head(),
                {name: measure for name, measure in by_group.items() if measure is not None},
            ),
        }

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
