"""Drafts for several files at once; one that can't be read or drafted never stops the others.

Without torch: the model comes as an object that drafts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.errors import AppError, StudyError

if TYPE_CHECKING:
    from app.imaging.radiograph import Radiograph
    from app.inference.drafts import Analysis

BATCH = 8
"""Images that go through the encoder together: more gain little on a CPU and hold more memory."""


class Drafter(Protocol):
    """What is needed of :class:`app.inference.reporter.Reporter`."""

    def draft(
        self,
        radiograph: Radiograph,
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Analysis: ...

    def draft_batch(
        self,
        radiographs: Sequence[Radiograph],
        *,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Analysis]: ...


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one file: an analysis of its radiograph, or the error that stopped it."""

    path: Path
    radiograph: Radiograph | None = None
    analysis: Analysis | None = None
    error: AppError | None = None


def draft_batch(
    drafter: Drafter,
    items: Sequence[Path | Outcome],
    *,
    force: bool,
    cancelled: Callable[[], bool] | None = None,
) -> list[Outcome]:
    """One outcome per item, in order. What stops a batch is found by drafting one by one.

    Raises :class:`app.errors.Cancelled` when ``cancelled`` says so.
    """
    from app.imaging.study import read

    outcomes: dict[Path, Outcome] = {}
    radiographs: dict[Path, Radiograph] = {}
    for path in (item for item in items if isinstance(item, Path)):
        try:
            radiographs[path] = read(path)
        except StudyError as error:
            outcomes[path] = Outcome(path, error=error)
    try:
        analyses = drafter.draft_batch(list(radiographs.values()), force=force, cancelled=cancelled)
        for (path, radiograph), analysis in zip(radiographs.items(), analyses, strict=True):
            outcomes[path] = Outcome(path, radiograph, analysis)
    except StudyError:
        for path, radiograph in radiographs.items():
            try:
                analysis = drafter.draft(radiograph, force=force, cancelled=cancelled)
                outcomes[path] = Outcome(path, radiograph, analysis)
            except StudyError as error:
                outcomes[path] = Outcome(path, error=error)
    return [outcomes[item] if isinstance(item, Path) else item for item in items]
