"""What became of the texts that were rewritten before the freeze."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from scipy import stats

from app.reading.allocation import Planned
from app.reading.normalise import left_open, normalised

_ALMOST_SURE: Final = 0.05
_VERB: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|seen|noted|normal|clear|unremarkable|consistent|no|without"
    r"|(?:show|demonstrat|reveal|suggest|indicat)\w*)\b",
    re.IGNORECASE,
)
_SEEN: Final = re.compile(
    r"\b(?:lungs?|lobes?|pulmonary|pleura\w*|hearts?|cardi\w+|aort\w+|mediastin\w+|hil(?:um|ar|a)"
    r"|ribs?|(?:hemi-?)?diaphragm\w*|trache\w+|bronch\w+|clavicles?|stern(?:um|al)|vertebra\w*"
    r"|spin(?:e|al)|bon(?:e|es|y)|ap(?:ex|ices)|costophrenic|lesions?|gas|air|fluid|calci\w+"
    r"|metasta\w+|tumou?rs?|syndrome|lines?|tubes?|catheters?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reworded:
    """An item's text that says something else than it came with."""

    code: str
    arm: str
    before: str
    after: str


def reworded(items: Sequence[Planned], raw: Sequence[Planned]) -> tuple[Reworded, ...]:
    """Those of ``items`` that differ from what the normaliser makes of ``raw``."""
    came = {item.code: item.report for item in raw}
    return tuple(
        Reworded(item.code, item.arm, came[item.code], item.report)
        for item in items
        if item.code in came and item.report != normalised(came[item.code])
    )


def is_fragment(text: str) -> bool:
    """Whether a rewritten text looks cut down to a piece that states nothing.

    A simple rule, right or wrong but the same for both arms: it breaks off behind a word like "of",
    or has no verb and names neither an organ nor a finding that the labelling rules know.
    """
    # Here, not above: their many patterns take a moment, and the window imports this module.
    from app.training.labels.mentions import told

    if left_open(text):
        return True
    return not _VERB.search(text) and not _SEEN.search(text) and not any(told(text))


def uneven(what: str, items: Sequence[Planned], codes: Collection[str]) -> str:
    """A sentence when chance hardly explains how many more ``codes`` are of one arm; else ""."""
    table = []
    for arm in ("human", "machine"):
        own = [item.code in codes for item in items if item.arm == arm]
        table.append([sum(own), len(own) - sum(own)])
    if stats.fisher_exact(table).pvalue >= _ALMOST_SURE:
        return ""
    (human, human_left), (machine, machine_left) = table
    return (
        f"{what}: {human} of {human + human_left} texts of the human arm and {machine} of "
        f"{machine + machine_left} of the machine arm."
    )
