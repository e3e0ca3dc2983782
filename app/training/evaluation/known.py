"""What is known of the images that are drafted: their reports, their findings, their patients.

Every model of a comparison is held to the same one of these, under the same resamples.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.inference.vocabulary import Language, tokenize
from app.training import labels
from app.training.corpora import Case
from app.training.evaluation.baselines import Baseline, without_image
from app.training.evaluation.bootstrap import DRAWS, Bootstrap
from app.training.evaluation.findings import Truth
from app.training.evaluation.meteor import Meteor
from app.training.evaluation.overlap import Words
from app.training.evaluation.rows import Scorer, Texts


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


def told(cases: Sequence[Case]) -> list[int]:
    """Places of the cases whose drafts are scored: those with a report, or all where none has
    one.
    """
    return [place for place, case in enumerate(cases) if case.report] or list(range(len(cases)))


class Known:
    """n cases, under the same resamples."""

    def __init__(self, cases: Sequence[Case], settings: Settings) -> None:
        self.cases = cases
        self._settings = settings
        self.by_reports = any(case.report for case in cases)
        self.bootstrap = Bootstrap([case.group for case in cases], settings.draws, settings.seed)

    @functools.cached_property
    def written(self) -> list[Words]:
        """(n,) the reports' words."""
        return [self.words(case.report) for case in self.cases]

    @functools.cached_property
    def truth(self) -> Truth:
        """The findings, and what reports or labels tell of them."""
        names: tuple[str, ...] = ()
        known: list[list[float]] = [[] for _ in self.cases]
        if self._settings.language == "en" and self.by_reports:
            names = labels.CHEXPERT[:-1]
            known = [[float(one) for one in present(names, case.report)] for case in self.cases]
        elif self._settings.language == "en":
            names = understood(dict.fromkeys(name for case in self.cases for name in case.labels))
            known = [[case.labels.get(name, np.nan) for name in names] for case in self.cases]
        matrix = np.array(known, np.float64).reshape(len(self.cases), len(names))
        return Truth(names, matrix)

    def words(self, text: str) -> Words:
        """A text's words and punctuation."""
        return tokenize(text, self._settings.language)

    def scorer(self, meteor: Meteor | None) -> Scorer:
        """Scores texts for the cases; against their reports where they have some."""
        return Scorer(
            self.bootstrap,
            self.truth,
            functools.partial(present, self.truth.names),
            self.words,
            Texts(self.written, meteor) if self.by_reports else None,
        )

    def without_image(self, training: Sequence[str]) -> list[Baseline]:
        """The three ways to answer with a training report."""
        learned = [(text, self.words(text)) for text in training]
        return without_image(learned, self.written, self._settings.seed)


def understood(names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` for which the labeller has rules."""

    def known(name: str) -> bool:
        try:
            labels.targets("", (name,))
        except AppError:
            return False
        return True

    return tuple(name for name in names if known(name))


@functools.lru_cache(maxsize=20_000)
def present(names: tuple[str, ...], text: str) -> tuple[bool, ...]:
    """Which of ``names`` the text calls present or possible."""
    found = labels.targets(text, names, silent=0.0)
    return tuple(found[name] == 1.0 for name in names)
