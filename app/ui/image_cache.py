"""Decoded studies that are kept for a while, least recently used ones dropped first, by bytes.

A chest radiograph takes 30 MB and its smaller levels a third more; a number of studies would say
nothing about memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

LIMIT = 512 << 20
"""Bytes: some twelve studies of 15 megapixels, or hundreds of small ones."""


class ImageCache(Generic[T]):
    """``size`` tells how many bytes a value holds *now*: the levels of a pyramid are made later.

    Used by one thread only. A value larger than the whole limit isn't kept.
    """

    def __init__(self, size: Callable[[T], int], limit: int = LIMIT) -> None:
        self._size = size
        self._limit = limit
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> T | None:
        """What is kept under ``key``, which is then the last to be dropped."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def put(self, key: Hashable, value: T) -> None:
        """Keep ``value``; what was used longest ago makes room."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        while self._kept and self.bytes > self._limit:
            self._kept.popitem(last=False)

    @property
    def bytes(self) -> int:
        """How much everything in it holds now."""
        return sum(self._size(value) for value in self._kept.values())
