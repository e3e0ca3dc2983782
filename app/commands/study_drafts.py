"""Drafting the machine's arm of a reader study, with a bar."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.progress import Progress
from app.inference.available import choose
from app.inference.batch import Outcome, draft_batch
from app.paths import shipped_gate

if TYPE_CHECKING:
    from app.reading.machine_arm import Draft
    from app.reading.preparation import Preparation


def make(preparation: Preparation, folder: Path, args: argparse.Namespace) -> None:
    """As :func:`app.reading.machine_arm.drafting`, with the options of the command line."""
    from app.reading.machine_arm import drafting

    def model() -> Draft:
        from app.inference.reporter import Reporter

        info = choose(preparation.protocol.model, args.places)
        reporter = Reporter(info.folder, device=args.device, gate=shipped_gate())

        def draft(images: Sequence[Path]) -> list[Outcome]:
            return draft_batch(reporter, images, force=args.force)

        return draft

    bar: Progress | None = None
    for made in drafting(
        preparation, folder, model, force=args.force, replace_refused=args.replace_refused
    ):
        bar = bar or Progress(made.total, "images")
        bar.show(made.done)
