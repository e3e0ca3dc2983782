"""What the figures say about rank 1 against every row without an image, in words.

Two standards are kept apart: intervals that do not overlap, which nobody can doubt, and a paired
difference whose interval does not hold 0, which is the sharper test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COMPARED = ("macro F1", "micro F1", "CIDEr")
SUBGROUPED = ("mean AUC", "micro F1")
Figure = Mapping[str, Any]


def verdicts(source: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each metric; nothing where there is no row to compare with."""
    rows = source.get("rows", [])
    if not rows:
        return
    first = rows[0]
    for metric in COMPARED:
        found: dict[str, list[str]] = {}
        for row in rows[1:]:
            if row["kind"] in _HONEST and "oracle" not in row["row"] and metric in row["metrics"]:
                paired = next(
                    one
                    for one in source["differences"]
                    if one["minus"] == row["row"] and one["metric"] == metric
                )
                told = _verdict(first["metrics"][metric], row["metrics"][metric], paired)
                found.setdefault(told, []).append(row["row"])
        if found:
            parts = [
                f"{told} {', '.join(found[told])}{why}"
                for told, why in _ORDER.items()
                if told in found
            ]
            yield f"{metric} of rank 1 is {'; '.join(parts)}."


_HONEST = ("no image", "constant")
_CLEARLY_ABOVE, _ABOVE, _OPEN = "clearly above", "above", "not told apart from"
_BELOW, _CLEARLY_BELOW = "below", "clearly below"
_ORDER = {
    _CLEARLY_ABOVE: " (intervals apart)",
    _ABOVE: " (paired difference)",
    _OPEN: "",
    _BELOW: " (paired difference)",
    _CLEARLY_BELOW: " (intervals apart)",
}


def _verdict(first: Figure, other: Figure, paired: Figure) -> str:
    if None in (first["low"], other["low"], paired["low"]):
        return _OPEN
    if first["low"] > other["high"]:
        return _CLEARLY_ABOVE
    if first["high"] < other["low"]:
        return _CLEARLY_BELOW
    if paired["low"] > 0:
        return _ABOVE
    return _BELOW if paired["high"] < 0 else _OPEN


def uneven(subgroups: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Kinds of subgroups whose best and worst have intervals apart."""
    for kind in dict.fromkeys(group["by"] for group in subgroups):
        for metric in SUBGROUPED:
            known = [
                group
                for group in subgroups
                if group["by"] == kind and metric in group and group[metric]["low"] is not None
            ]
            known.sort(key=lambda group: group[metric]["value"])
            if len(known) > 1 and known[0][metric]["high"] < known[-1][metric]["low"]:
                worst, best = known[0], known[-1]
                yield (
                    f"by {kind}, {metric} is {worst[metric]['value']:.2f} for {worst['group']} "
                    f"and {best[metric]['value']:.2f} for {best['group']}, with intervals apart."
                )
