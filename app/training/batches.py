"""Batches on the way to the network: order, augmentation, number format. Seeded, so that runs
repeat.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional


def to_input(images: NDArray[np.uint8] | Tensor, size: int) -> Tensor:
    """(B, S, S) uint8 → (B, 1, size, size) float32, in the numbers of
    ``preprocess.normalise``.
    """
    batch = torch.as_tensor(images).unsqueeze(1).float().sub_(127.5).div_(63.75)
    if batch.shape[-1] != size:
        batch = functional.interpolate(batch, (size, size), mode="area")
    return batch.contiguous(memory_format=torch.channels_last)


def movement(count: int, size: int, generator: torch.Generator) -> Tensor:
    """A little rotation (±8°), shift (±5 %) and scale (±10 %) for each of ``count`` images, as a
    grid (count, size, size, 2). Never a flip: a flip moves the heart to the other side.
    """
    angle, scale, across, down = torch.rand(4, count, generator=generator) * 2 - 1
    angle, scale = angle * math.radians(8), 1 + scale * 0.1
    rows = [
        torch.stack([scale * angle.cos(), -scale * angle.sin(), across * 0.1], dim=1),
        torch.stack([scale * angle.sin(), scale * angle.cos(), down * 0.1], dim=1),
    ]
    return functional.affine_grid(
        torch.stack(rows, dim=1), [count, 1, size, size], align_corners=False
    )


def move(batch: Tensor, grid: Tensor) -> Tensor:
    """(B, 1, S, S) moved by the grids of :func:`movement`; the border goes on outwards."""
    moved = functional.grid_sample(batch, grid, padding_mode="border", align_corners=False)
    return moved.contiguous(memory_format=torch.channels_last)


def relight(batch: Tensor, generator: torch.Generator) -> Tensor:
    """A little other contrast (±15 %) and brightness (±0.2 of the input's numbers, in which an
    image reaches from -2 to 2) for each image of (B, 1, S, S), as exposures differ.
    """
    contrast, brightness = torch.rand(2, len(batch), 1, 1, 1, generator=generator) * 2 - 1
    relit: Tensor = batch * (1 + 0.15 * contrast) + 0.2 * brightness
    return relit


def jitter(batch: Tensor, generator: torch.Generator) -> Tensor:
    """Moved and relit: what an image goes through before it is learned from."""
    grid = movement(len(batch), batch.shape[-1], generator)
    return relight(move(batch, grid), generator)


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
