"""Batches on the way to the network: order, augmentation, number format. Seeded, so that runs
repeat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from app.training.corpora import Case


def label_matrix(cases: list[Case], findings: tuple[str, ...]) -> Tensor:
    """(n, k) float32: 1.0 present, 0.0 absent, NaN unknown."""
    rows = [[case.labels.get(name, math.nan) for name in findings] for case in cases]
    return torch.tensor(rows, dtype=torch.float32).reshape(len(cases), len(findings))


def to_input(images: NDArray[np.uint8] | Tensor, size: int) -> Tensor:
    """(B, 256, 256) uint8 → (B, 1, size, size) float32, in the numbers of
    ``preprocess.normalise``.
    """
    batch = torch.as_tensor(images).unsqueeze(1).float().sub_(127.5).div_(63.75)
    if batch.shape[-1] != size:
        batch = functional.interpolate(batch, (size, size), mode="area")
    return batch.contiguous(memory_format=torch.channels_last)


def jitter(batch: Tensor, generator: torch.Generator) -> Tensor:
    """A little rotation (±6°), shift (±4 %) and scale (±7 %) of (B, 1, S, S). Never a flip: a flip
    moves the heart to the other side.
    """
    count = batch.shape[0]
    angle, scale, across, down = torch.rand(4, count, generator=generator) * 2 - 1
    angle, scale = angle * math.radians(6), 1 + scale * 0.07
    rows = [
        torch.stack([scale * angle.cos(), -scale * angle.sin(), across * 0.08], dim=1),
        torch.stack([scale * angle.sin(), scale * angle.cos(), down * 0.08], dim=1),
    ]
    grid = functional.affine_grid(torch.stack(rows, dim=1), list(batch.shape), align_corners=False)
    moved = functional.grid_sample(batch, grid, padding_mode="border", align_corners=False)
    return moved.contiguous(memory_format=torch.channels_last)


def shuffled(rows: Tensor, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """``rows`` (n,) in random order, ``size`` at a time; a last batch of one row is dropped, since
    batch norm has no variance over it.
    """
    order = rows[torch.randperm(len(rows), generator=generator)]
    for start in range(0, len(order), size):
        if len(order) - start > 1:
            yield order[start : start + size]


def masked_bce(logits: Tensor, labels: Tensor, positive_weight: Tensor) -> Tensor:
    """Binary cross entropy over the labels that are known (not NaN); 0 when none is."""
    known = ~torch.isnan(labels)
    losses = functional.binary_cross_entropy_with_logits(
        logits.float(), torch.nan_to_num(labels), pos_weight=positive_weight, reduction="none"
    )
    return (losses * known).sum() / known.sum().clamp(min=1)


def positive_weights(labels: Tensor, ceiling: float = 5.0) -> Tensor:
    """(k,) weight of a positive: √(negatives / positives), at most ``ceiling``. The root keeps rare
    noisy labels from ruling the loss.
    """
    known = ~torch.isnan(labels)
    positives = ((labels > 0.5) & known).sum(0).clamp(min=1)
    negatives = ((labels < 0.5) & known).sum(0).clamp(min=1)
    return (negatives / positives).sqrt().clamp(max=ceiling)
