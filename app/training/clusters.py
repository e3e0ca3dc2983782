"""Features → axes, clusters with names, and a small linear layer: what the gate is fitted with.

Plain numpy but for the linear layer; every step is seeded, so that the same features give the same
gate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


class Axes(NamedTuple):
    """``mean`` (c,) and ``turn`` (c, d): (features - mean) @ turn varies by 1 on each axis."""

    mean: Floats
    turn: Floats


def principal(features: Floats, dimensions: int) -> Axes:
    """Principal component analysis with whitening of (n, c) features."""
    mean = features.mean(axis=0)
    _, spread, ways = np.linalg.svd(features - mean, full_matrices=False)
    deviation = spread[:dimensions] / np.sqrt(len(features) - 1)
    # What hardly varies is noise, and is not blown up to the size of the rest.
    turn = ways[:dimensions].T / np.maximum(deviation, deviation[0] / 100)
    return Axes(mean.astype(np.float32), turn.astype(np.float32))


def k_means(points: Floats, count: int, seed: int, rounds: int = 100) -> Floats:
    """(n, d) → (count, d) centres, by Lloyd's algorithm from k-means++ seeds (Arthur &
    Vassilvitskii 2007); fewer centres where there are fewer distinct points.
    """
    random = np.random.default_rng(seed)
    centres: Floats = points[random.integers(len(points))][None]
    while len(centres) < count:
        nearest = squared_distances(points, centres).min(axis=1).astype(np.float64)
        if nearest.sum() == 0:  # every point is a centre already
            break
        chosen = random.choice(len(points), p=nearest / nearest.sum())
        centres = np.concatenate([centres, points[chosen][None]])
    belongs = np.full(len(points), -1)
    for _ in range(rounds):
        nearest_centre = squared_distances(points, centres).argmin(axis=1)
        if (nearest_centre == belongs).all():
            break
        belongs = nearest_centre
        for number in range(len(centres)):
            members = points[belongs == number]
            if len(members):
                centres[number] = members.mean(axis=0)
    return centres


def squared_distances(points: Floats, centres: Floats) -> Floats:
    """(n, d) and (k, d) → (n, k)."""
    lengths = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)
    distances: Floats = np.maximum(lengths - 2 * points @ centres.T, 0)
    return distances


def majority(belongs: Whole, kinds: Whole, clusters: int) -> Whole:
    """The commonest kind in each cluster, -1 where a cluster has no member."""
    named = np.full(clusters, -1, np.int64)
    for number in range(clusters):
        members = kinds[belongs == number]
        if len(members):
            named[number] = np.bincount(members).argmax()
    return named


def linear(points: Floats, kinds: Whole, count: int, decay: float) -> tuple[Floats, Floats]:
    """Multinomial logistic regression of (n, d) points on ``count`` kinds: (d, count) and (count,).

    A kind weighs as the square root of its number, so that few laterals aren't lost among many
    frontals; ``decay`` is the L2 penalty.
    """
    inputs, wanted = torch.from_numpy(points), torch.from_numpy(kinds)
    rare = torch.bincount(wanted, minlength=count).clamp(min=1).float().rsqrt()
    rare = rare / rare[wanted].mean()
    weight = torch.zeros(points.shape[1], count, requires_grad=True)
    bias = torch.zeros(count, requires_grad=True)
    search = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        search.zero_grad()
        loss = functional.cross_entropy(inputs @ weight + bias, wanted, weight=rare)
        loss = loss + decay / 2 * (weight**2).sum()
        loss.backward()
        return loss

    search.step(closure)
    return weight.detach().numpy(), bias.detach().numpy()
