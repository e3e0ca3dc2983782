"""The machine's arm: every report is drafted before anybody reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import StudyError
from app.inference.batch import BATCH, Outcome
from app.inference.drafts import Analysis
from app.reading.cases import Case
from app.reading.preparation import GIVEN, Preparation

Draft = Callable[[Sequence[Path]], Sequence[Outcome]]
"""Drafts some images and shows them to the gate, in order."""


@dataclass(frozen=True)
class Made:
    """How far the drafting is: ``done`` of ``total`` images, all of it saved."""

    preparation: Preparation
    done: int
    total: int


def waiting(preparation: Preparation, *, force: bool) -> tuple[Case, ...]:
    """Cases that the model has still to see: without the gate (``force``) the machine's only."""
    return preparation.undrafted if force else preparation.ungated


def drafting(
    preparation: Preparation,
    folder: Path,
    model: Callable[[], Draft],
    *,
    force: bool,
    replace_refused: bool,
) -> Iterator[Made]:
    """Draft what is still to be drafted and show every image of both arms to the gate.

    Saved after every batch, before it is told, so that it can be stopped and gone on with. The
    model is made when the first image waits. Raises :class:`StudyError` for images that can't be
    read or that the gate refuses; with ``replace_refused`` another case takes their place instead.
    """
    draft: Draft | None = None
    while cases := waiting(preparation, force=force):
        draft = draft or model()
        refused: dict[str, str] = {}
        for start in range(0, len(cases), BATCH):
            batch = cases[start : start + BATCH]
            for case, outcome in zip(batch, draft([one.image for one in batch]), strict=True):
                analysis = outcome.analysis
                if analysis is None or not analysis.drafts:
                    refused[case.case] = _reason(outcome)
                    continue
                preparation = preparation.let_through(case.case)
                if case in preparation.undrafted:
                    model_name = f"{analysis.model} {analysis.weights_sha256}"
                    _hold_to_one(preparation, model_name)
                    text = _chosen(analysis, preparation.protocol.choice)
                    preparation = preparation.drafted(case.case, text, model_name)
            preparation.save(folder)
            yield Made(preparation, min(start + BATCH, len(cases)), len(cases))
        for case_id, reason in refused.items():
            if not replace_refused:
                count = len(refused)
                many = f"{count} images can't be drafted, the first is {case_id}"
                one = f"The image of {case_id} can't be drafted"
                raise StudyError(
                    f"{one if count == 1 else many}: {reason}",
                    "Put other cases in the place of refused ones (--replace-refused), or draft "
                    "them all the same (--force).",
                )
            preparation = preparation.exclude(case_id, reason)
        preparation.save(folder)
        if refused:
            yield Made(preparation, len(cases), len(cases))


def _hold_to_one(preparation: Preparation, model: str) -> None:
    """Raises :class:`StudyError` when other weights have begun the machine's arm."""
    begun = set(preparation.models.values()) - {GIVEN, model}
    if begun:
        raise StudyError(
            f"The machine's reports of this study were begun by {begun.pop()}; the model that is"
            f" installed now is {model}.",
            "Install those weights again, or begin a study of another name.",
        )


def _reason(outcome: Outcome) -> str:
    if outcome.error is not None:
        return outcome.error.message
    return " ".join(outcome.analysis.gate.reasons) if outcome.analysis else ""


def _chosen(analysis: Analysis, choice: str) -> str:
    """The draft that the protocol asks for: the first rank, or the most probable per word."""
    if choice == "rank 1":
        return analysis.drafts[0].text
    return analysis.most_probable().text
