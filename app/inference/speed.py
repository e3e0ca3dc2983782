"""How fast models draft, against one of them in the same run.

Seconds depend on the machine and on what else it does; so each model drafts in turn with the
reference, on the same images, and the quotient of the two is told beside the seconds. Two models
are in memory at a time.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from app.errors import Cancelled
from app.imaging.radiograph import Radiograph
from app.inference.benchmark import alternately
from app.inference.reporter import Reporter

_Pair = tuple[Sequence[float], Sequence[float]]
"""Seconds of single images and of batches, run by run."""


class Speed(TypedDict):
    """Medians of one model.

    seconds            from one decoded image to its drafts and their maps
    images_per_second  of drafting all the images as one batch
    times_as_long      the seconds ÷ the reference's, run by run
    times_as_many      the images per second ÷ the reference's
    """

    seconds: float
    images_per_second: float
    times_as_long: float
    times_as_many: float


def measure(
    folders: Mapping[str, Path],
    reference: str,
    radiographs: Sequence[Radiograph],
    runs: int,
    *,
    device: str = "auto",
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[dict[str, Speed], str]:
    """The speed of every model in ``folders``, and the device in words.

    ``reference`` is one of the names; it is measured again beside each other model, and its own
    figures are over all of these runs. ``progress(done, total)`` counts drafted batches. Raises
    ModelError for weights or a device that can't be used, Cancelled between two models.
    """
    others = [name for name in folders if name != reference]
    total = max(len(others), 1) * (2 if others else 1) * 2 * (runs + 1)
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    base = Reporter(folders[reference], device)
    own: list[list[float]] = [[], []]
    found: dict[str, Speed] = {}
    for name in others or [reference]:
        _stop_if(cancelled)
        pair = [base] if name == reference else [base, Reporter(folders[name], device)]
        single = alternately([_drafting(one, radiographs[:1]) for one in pair], runs, count)
        _stop_if(cancelled)
        batch = alternately([_drafting(one, radiographs) for one in pair], runs, count)
        own[0] += single[0]
        own[1] += batch[0]
        found[name] = _speed((single[-1], batch[-1]), (single[0], batch[0]), len(radiographs))
    found[reference] = _speed((own[0], own[1]), (own[0], own[1]), len(radiographs))
    return {name: found[name] for name in folders}, base.device


def _drafting(reporter: Reporter, radiographs: Sequence[Radiograph]) -> Callable[[], object]:
    return lambda: reporter.draft_batch(radiographs, force=True)


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def _speed(seconds: _Pair, reference: _Pair, images: int) -> Speed:
    (single, batch), (usual, usual_batch) = seconds, reference
    slower = [one / other for one, other in zip(single, usual, strict=True)]
    faster = [other / one for one, other in zip(batch, usual_batch, strict=True)]
    return {
        "seconds": statistics.median(single),
        "images_per_second": images / statistics.median(batch),
        "times_as_long": statistics.median(slower),
        "times_as_many": statistics.median(faster),
    }
