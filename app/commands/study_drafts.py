"""The machine's arm: every report is drafted before anybody reads."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import models
from app.commands.draft import BATCH, Outcome, draft_batch
from app.commands.progress import Progress
from app.errors import StudyError
from app.paths import shipped_gate

if TYPE_CHECKING:
    from app.inference.drafts import Analysis
    from app.inference.reporter import Reporter
    from app.reading.cases import Case
    from app.reading.preparation import Preparation


def make(preparation: Preparation, folder: Path, args: argparse.Namespace) -> Preparation:
    """Draft what is still to be drafted and show every image of both arms to the gate.

    Saved after every batch, so that it can be stopped and resumed. Raises :class:`StudyError` for
    images that can't be read or that the gate refuses; with ``args.replace_refused`` another case
    takes their place instead.
    """
    while waiting := _waiting(preparation, args):
        reporter = _reporter(preparation, args)
        refused: dict[str, str] = {}
        bar = Progress(len(waiting), "images")
        for start in range(0, len(waiting), BATCH):
            cases = waiting[start : start + BATCH]
            images = [case.image for case in cases]
            outcomes = draft_batch(reporter, images, force=args.force)
            for case, outcome in zip(cases, outcomes, strict=True):
                analysis = outcome.analysis
                if analysis is None or not analysis.drafts:
                    refused[case.case] = _reason(outcome)
                    continue
                preparation = preparation.let_through(case.case)
                if case in preparation.undrafted:
                    model = f"{analysis.model} {analysis.weights_sha256}"
                    text = _chosen(analysis, preparation.protocol.choice)
                    preparation = preparation.drafted(case.case, text, model)
            preparation.save(folder)
            bar.show(min(start + BATCH, len(waiting)))
        for case_id, reason in refused.items():
            if not args.replace_refused:
                raise StudyError(
                    f"{len(refused)} images can't be drafted, the first is {case_id}: {reason}",
                    "Put other cases in their place with --replace-refused, or draft them all the "
                    "same with --force.",
                )
            preparation = preparation.exclude(case_id, reason)
        preparation.save(folder)
    return preparation


def _waiting(preparation: Preparation, args: argparse.Namespace) -> tuple[Case, ...]:
    return preparation.undrafted if args.force else preparation.ungated


def _reporter(preparation: Preparation, args: argparse.Namespace) -> Reporter:
    from app.inference.reporter import Reporter

    info = models.choose(preparation.protocol.model, args.places)
    return Reporter(info.folder, device=args.device, gate=shipped_gate())


def _reason(outcome: Outcome) -> str:
    if outcome.error is not None:
        return outcome.error.message
    return " ".join(outcome.analysis.gate.reasons) if outcome.analysis else ""


def _chosen(analysis: Analysis, choice: str) -> str:
    """The draft that the protocol asks for: the first rank, or the most probable per word."""
    if choice == "rank 1":
        return analysis.drafts[0].text
    return max(analysis.drafts, key=lambda draft: draft.logprob / (len(draft.words) + 1)).text
