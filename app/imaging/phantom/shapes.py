"""Solids seen by parallel rays: how many millimetres of each lie behind every pixel.

A :class:`Field` is one detector; every method returns path lengths in mm, (rows, columns) float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Point:
    """A place on a tube's axis in mm: ``u`` across, ``z`` down, ``depth`` along the ray.

    ``weight`` is how much of the tube is there (a rib fades into cartilage).
    """

    u: float
    z: float
    radius: float
    depth: float = 0.0
    weight: float = 1.0


class Field:
    """A detector of ``rows`` × ``columns`` pixels of ``pitch`` mm.

    u = 0 is its middle column, z = 0 its top row.
    """

    def __init__(self, rows: int, columns: int, pitch: float) -> None:
        self.pitch = pitch
        self.shape = (rows, columns)
        across = (np.arange(columns, dtype=np.float32) - (columns - 1) / 2) * pitch
        self.u: Array = across[None, :]
        self.z: Array = (np.arange(rows, dtype=np.float32) * pitch)[:, None]

    def zeros(self) -> Array:
        return np.zeros(self.shape, np.float32)

    def ellipsoid(
        self, u: float, z: float, a: float, c: float, b: float, degrees: float = 0.0
    ) -> Array:
        """Path through an ellipsoid at (u, z), half axes a across, c down, b along the ray."""
        p, q, window = self._turned(u, z, a, c, degrees)
        path = self.zeros()
        path[window] = 2 * b * np.sqrt(np.maximum(0, 1 - p * p - q * q))
        return path

    def slab(
        self, u: float, z: float, a: float, c: float, depth: float, degrees: float = 0.0
    ) -> Array:
        """Path through a rounded block, 2a × 2c across, ``depth`` mm deep."""
        p, q, window = self._turned(u, z, a, c, degrees)
        p, q = p * p, q * q
        path = self.zeros()
        path[window] = depth * np.maximum(0, 1 - p * p * p - q * q * q) ** 0.35
        return path

    def tube(self, points: Sequence[Point], shell: float = 0.0) -> Array:
        """Path through a tube along ``points``; longer where it runs along the ray.

        ``shell`` mm of wall around an inside that counts a quarter (cortical bone); 0 is solid.
        """
        path = self.zeros()
        self.add_tube(path, points, shell)
        return path

    def add_tube(self, path: Array, points: Sequence[Point], shell: float = 0.0) -> None:
        """Add :meth:`tube` to ``path`` in place, touching only the pixels that it crosses."""
        top, bottom, left, right = self._bounds(points)
        shape = (bottom - top, right - left)
        if min(shape) <= 0:
            return
        nearest = np.full(shape, np.inf, np.float32)
        radius = np.ones(shape, np.float32)
        gain = np.ones(shape, np.float32)
        for start, end in pairwise(points):
            t0, b0, l0, r0 = self._bounds((start, end))
            t0, b0, l0, r0 = max(t0, top), min(b0, bottom), max(l0, left), min(r0, right)
            if b0 <= t0 or r0 <= l0:
                continue
            du, dz = end.u - start.u, end.z - start.z
            flat = du * du + dz * dz or 1e-6
            across, down = self.u[:, l0:r0] - start.u, self.z[t0:b0] - start.z
            along = np.clip((across * du + down * dz) / flat, 0, 1)
            distance = np.hypot(across - along * du, down - along * dz)
            window = (slice(t0 - top, b0 - top), slice(l0 - left, r0 - left))
            closer = distance < nearest[window]
            nearest[window] = np.where(closer, distance, nearest[window])
            here = start.radius + along * (end.radius - start.radius)
            radius[window] = np.where(closer, here, radius[window])
            oblique = min(2.6, float(np.sqrt(1 + (end.depth - start.depth) ** 2 / flat)))
            weight = oblique * (start.weight + along * (end.weight - start.weight))
            gain[window] = np.where(closer, weight, gain[window])
        chord = _chord(radius, nearest)
        if shell:
            chord = chord - 0.75 * _chord(np.maximum(radius - shell, 0), nearest)
        path[top:bottom, left:right] += chord * (blur(gain, 2.0) if len(points) > 4 else gain)

    def _turned(
        self, u: float, z: float, a: float, c: float, degrees: float
    ) -> tuple[Array, Array, tuple[slice, slice]]:
        """Coordinates along a shape's own axes, in half axes, and the window where it can be."""
        top, bottom, left, right = self._bounds((Point(u, z, a + c),))
        turn = np.deg2rad(degrees)
        across, down = self.u[:, left:right] - u, self.z[top:bottom] - z
        p = (across * np.cos(turn) + down * np.sin(turn)) / a
        q = (down * np.cos(turn) - across * np.sin(turn)) / c
        return p, q, (slice(top, bottom), slice(left, right))

    def _bounds(self, points: Sequence[Point]) -> tuple[int, int, int, int]:
        rows, columns = self.shape
        reach = max(point.radius for point in points) + 2 * self.pitch
        middle = (columns - 1) / 2
        us, zs = [p.u / self.pitch + middle for p in points], [p.z / self.pitch for p in points]
        edge = reach / self.pitch
        return (
            max(0, int(min(zs) - edge)),
            min(rows, int(max(zs) + edge) + 1),
            max(0, int(min(us) - edge)),
            min(columns, int(max(us) + edge) + 1),
        )


def _chord(radius: Array, distance: Array) -> Array:
    return 2 * np.sqrt(np.maximum(0, radius * radius - distance * distance))


def curve(steps: int, at: Callable[[float], Point]) -> list[Point]:
    """Sample ``at`` from 0 to 1."""
    return [at(step / steps) for step in range(steps + 1)]


def smooth(edge0: float, edge1: float, x: Array) -> Array:
    """Rise softly from 0 at ``edge0`` to 1 at ``edge1``."""
    t = np.clip((x - edge0) / (edge1 - edge0), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def union(*paths: Array) -> Array:
    """Depth of overlapping solids: about the largest, without a crease where they meet."""
    total = sum((np.square(np.square(path)) for path in paths), np.float32(0))
    return np.asarray(np.sqrt(np.sqrt(total)), np.float32)


def blur(image: Array, sigma: float) -> Array:
    """Nearly Gaussian blur, ``sigma`` in pixels, edges repeated: three running means."""
    width = max(1, int(np.sqrt(4 * sigma * sigma + 1)) // 2 * 2 + 1)
    if width == 1:
        return image
    for axis in (0, 1):
        turned = np.moveaxis(image, axis, 0)
        for _ in range(3):
            turned = _running_mean(turned, width)
        image = np.moveaxis(turned, 0, axis)
    return np.asarray(image, np.float32)


def _running_mean(image: Array, width: int) -> Array:
    """Mean of ``width`` (odd) rows around each row, edges repeated."""
    half, length = width // 2, len(image)
    padded = np.pad(image, [(half, half), (0, 0)], mode="edge")
    if width <= 7:
        total = sum((padded[i : i + length] for i in range(1, width)), padded[:length])
    else:
        sums = np.cumsum(padded, axis=0, dtype=np.float64)
        total = sums[width - 1 :].copy()
        total[1:] -= sums[:-width]
    return np.asarray(total / width, np.float32)
