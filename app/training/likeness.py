"""Which images show the same picture: by a perceptual hash of the preprocessed image.

Papers print a radiograph twice, cropped or brightened; archives hold a study under two names. The
hash is the difference hash over 16 × 16 places (Krawetz, "Kind of Like That", 2013): one bit for
each place that is brighter than its left neighbour. Equalised images make it blind to brightness
and contrast, and their fixed size to scale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SIDE = 16
BITS = SIDE * SIDE
NEAR = 11
"""Two images whose hashes differ in at most so many of 256 bits are the same picture.

Among 3,041 figures (roco), 1,377 frontal images (nih) and 5,856 of children (kermany), the pairs
that are the same picture differ in at most 10 bits; the nearest two others differ in 20, 18 and 13.
"""
ALIKE = 24
"""The same for two images with equal text: one of them may be cropped or carry arrows."""

_ROWS = 1024


def hashes(images: NDArray[np.uint8], rows: Sequence[int] | None = None) -> NDArray[np.bool_]:
    """(n, S, S) uint8, S ≥ 17 → (n, 256) bits, or those of ``rows``. A constant image gives
    zeros.
    """
    chosen = np.arange(len(images)) if rows is None else np.asarray(rows, np.int64)
    found = np.zeros((len(chosen), BITS), np.bool_)
    for start in range(0, len(chosen), 256):
        part = chosen[start : start + 256]
        small = _shrunk(np.asarray(images[part]))
        found[start : start + 256] = (np.diff(small, axis=2) > 0).reshape(len(small), BITS)
    return found


def pairs(bits: NDArray[np.bool_], most: int) -> Iterator[tuple[int, int, int]]:
    """(row, later row, differing bits) of every pair that differs in at most ``most`` bits.

    Compares all with all, 1,024 rows at a time: half a second for 10,000 images, and about a
    minute for 100,000.
    """
    signs = np.where(bits, np.float32(1), np.float32(-1))
    for start in range(0, len(signs), _ROWS):
        # The dot product of two rows of ±1 is agreements minus disagreements.
        agree = signs[start : start + _ROWS] @ signs[start:].T
        near = np.argwhere(agree >= BITS - 2 * most)
        for row, other in near[near[:, 0] < near[:, 1]]:
            yield start + int(row), start + int(other), int(BITS - agree[row, other]) // 2


def digests(images: NDArray[np.uint8]) -> list[str]:
    """One digest of the pixels of each image."""
    return [hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest() for image in images]


def _shrunk(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, S, S) → (n, 16, 17), each the mean of its part of the image."""
    size = images.shape[1]
    down = np.linspace(0, size, SIDE + 1).astype(int)
    across = np.linspace(0, size, SIDE + 2).astype(int)
    # float32 holds sums of 65,536 bytes exactly.
    sums = np.add.reduceat(images.astype(np.float32), down[:-1], axis=1)
    sums = np.add.reduceat(sums, across[:-1], axis=2)
    areas = np.outer(np.diff(down), np.diff(across))
    means: NDArray[np.float32] = (sums / areas).astype(np.float32)
    return means
