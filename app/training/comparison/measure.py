"""From the drafts of several models to the rows of one table, as plain data."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.inference.options import BeamOptions
from app.training.evaluation import findings as f1
from app.training.evaluation.baselines import Baseline
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source
from app.training.evaluation.habits import habits
from app.training.evaluation.known import Known, Settings, told
from app.training.evaluation.measure import source_facts
from app.training.evaluation.meteor import Meteor
from app.training.evaluation.rows import NO_IMAGE, ORACLE, Row, Scorer, differences

RANKS = BeamOptions().beams
BEST = f"CIDEr, best of {RANKS}"
MODEL = "model"


def measure(
    source: Source,
    drafted: Mapping[str, Sequence[Drafted | None]],
    reference: str,
    settings: Mapping[str, Settings],
    meteor: Meteor | None,
) -> dict[str, Any]:
    """The rows of one collection.

    ``drafted`` and ``settings`` are by a model's name; each has a draft (or None, unreadable) for
    every case of ``source``. An image that one of them couldn't read counts for none. ``reference``
    is the model that the others are held against, in pairs.
    """
    read = [
        place
        for place in range(len(source.cases))
        if all(drafts[place] is not None for drafts in drafted.values())
    ]
    cases = [source.cases[place] for place in read]
    result = source_facts(source, cases)
    if not cases:
        return result
    chosen = told(cases)
    known = Known([cases[place] for place in chosen], settings[reference])
    scorer = known.scorer(meteor)
    part = _Part(known, scorer)
    models = []
    for name, drafts in drafted.items():
        both = [drafts[read[place]] for place in chosen]
        models.append(
            part.model(name, [one for one in both if one is not None], settings[name].longest)
        )
    others = [
        part.baseline(baseline, row)
        for baseline in known.without_image(source.training)
        for row in scorer.without_image([baseline])
    ]
    base = next(row for row, _ in models if row.name == reference)
    lengths = [len(words) for words in known.written]
    return result | {
        "truth": "reports" if known.by_reports else "labels",
        "scored": len(known.cases),
        "report_length": round(float(np.mean(lengths)), 3) if known.by_reports else None,
        "macro_over": list(itertools.compress(known.truth.names, known.truth.frequent)),
        "rows": [{**row.to_json(), **rest} for row, rest in [*models, *others]],
        "differences": [
            difference
            for row, _ in models
            for difference in differences(
                row, [*([base] if row is not base else []), *(other for other, _ in others)]
            )
        ],
    }


class _Part:
    """Makes a row with its manners and the F1 of each finding."""

    def __init__(self, known: Known, scorer: Scorer) -> None:
        self._known, self._scorer = known, scorer

    def model(
        self, name: str, drafted: Sequence[Drafted], longest: int
    ) -> tuple[Row, dict[str, Any]]:
        ranks = [
            [draft.texts[rank] if rank < len(draft.texts) else "" for draft in drafted]
            for rank in range(max(len(draft.texts) for draft in drafted) or 1)
        ]
        rows = self._scorer.ranks(ranks)
        figures = dict(rows[0].figures)
        if "CIDEr" in figures:
            # The last row is the best of all ranks, or the only rank.
            figures[BEST] = rows[-1].figures["CIDEr"]
        words = [draft.words[0] if draft.words else () for draft in drafted]
        row = Row(name, MODEL, "the drafts of rank 1", rows[0].measures, figures)
        return row, self._manners(ranks[0], words, longest)

    def baseline(self, baseline: Baseline, row: Row) -> tuple[Row, dict[str, Any]]:
        texts = baseline.drawn[0]
        words = [self._known.words(text) for text in texts]
        kind = ORACLE if baseline.oracle else NO_IMAGE
        return replace(row, kind=kind), self._manners(texts, words, 0)

    def _manners(
        self, texts: Sequence[str], words: Sequence[Sequence[str]], cap: int
    ) -> dict[str, Any]:
        """How it is written, and each finding's F1; without a ``cap`` nothing is closed at it."""
        found = habits(texts, words, cap, self._known.bootstrap)
        if not cap:
            found |= {"cap": None, "at_cap": None, "over_cap": None}
        found["longest"] = max(len(one) for one in words)
        truth, named = self._known.truth, self._scorer.named(texts)
        findings = [
            {
                "name": name,
                "cases": int(truth.cases[column]),
                "named": int(named[:, column].sum()),
                "f1": self._known.bootstrap.figure(f1.finding_f1(truth, named, column)).to_json(),
            }
            for column, name in enumerate(truth.names)
        ]
        return {"manners": found, "findings": findings}
