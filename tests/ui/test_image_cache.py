"""Decoded studies are kept by bytes, those used last the longest."""

from __future__ import annotations

from app.ui.image_cache import ImageCache


def test_what_was_used_longest_ago_makes_room() -> None:
    cache = ImageCache[bytearray](len, limit=100)
    for name in "abc":
        cache.put(name, bytearray(30))
    assert cache.get("a") is not None
    cache.put("d", bytearray(30))
    assert [name for name in "abcd" if cache.get(name) is not None] == ["a", "c", "d"]
    assert cache.bytes == 90


def test_a_value_that_has_grown_counts_as_it_is_now() -> None:
    cache = ImageCache[bytearray](len, limit=100)
    first = bytearray(30)
    cache.put("a", first)
    first.extend(bytearray(60))
    cache.put("b", bytearray(30))
    assert cache.get("a") is None
    assert cache.get("b") is not None


def test_what_is_larger_than_everything_is_not_kept() -> None:
    cache = ImageCache[bytearray](len, limit=100)
    cache.put("a", bytearray(200))
    assert len(cache) == 0
