"""A picture of the joint image/text contexts of one finding: who lies near whom, on two axes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from app.files import write_bytes
from app.training.annotating import NORMAL
from app.training.clusters import principal

FILE = "contexts.png"

_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
"""Okabe and Ito's, which colour-blind people tell apart; the shape tells the rest."""
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "*")


def draw(
    folder: Path, words: Sequence[str], labels: Tensor, finer: Tensor, seen: NDArray[np.float32]
) -> Path | None:
    """Save ``folder / contexts.png``: the contexts of the finding that was split into most parts,
    on their two principal axes, by part. None where no finding was split. Raises StoreError when
    it can't be written.

    ``labels`` and ``finer`` (m,) int64 are the labels before and after the split, ``seen``
    (m, hidden) the contexts.
    """
    parts = [finer[labels == label].unique().tolist() for label in range(len(words))]
    findings = [label for label, word in enumerate(words) if word != NORMAL]
    label = max(findings, key=lambda one: len(parts[one]), default=None)
    if label is None or len(parts[label]) < 2:
        return None
    from matplotlib.figure import Figure

    members = (labels == label).numpy()
    points = seen[members].astype(np.float32)
    axes = principal(points, 2)
    placed = (points - axes.mean) @ axes.turn
    figure = Figure(figsize=(7, 6), layout="constrained")
    plot = figure.subplots()
    assigned = finer.numpy()[members]
    for number, part in enumerate(parts[label]):
        own = placed[assigned == part]
        plot.scatter(
            own[:, 0],
            own[:, 1],
            s=22,
            c=_COLOURS[number % len(_COLOURS)],
            marker=_SHAPES[(number // len(_COLOURS) + number) % len(_SHAPES)],
            alpha=0.8,
            label=f"part {number + 1} (n = {len(own)})",
        )
    plot.set_title(f"Image/text contexts of “{words[label]}” (n = {len(placed)})")
    plot.set_xlabel("first principal axis (standard deviations)")
    plot.set_ylabel("second principal axis (standard deviations)")
    plot.legend(fontsize=8)
    file = folder / FILE
    picture = io.BytesIO()
    figure.savefig(picture, dpi=120)
    write_bytes(file, picture.getvalue())
    return file
