"""From mentions to labels: one certainty per finding of a report, and targets for training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.errors import AppError
from app.training.labels.cues import Certainty
from app.training.labels.mentions import Mention, mentions, told
from app.training.labels.phrases import CHEXPERT, FINDINGS

NO_FINDING = CHEXPERT[-1]
_STRENGTH = {Certainty.ABSENT: 0, Certainty.UNCERTAIN: 1, Certainty.PRESENT: 2}
_SAME = {"effusion": "Pleural Effusion", "pleural thickening": "Pleural Thickening"}
_KNOWN = {name.lower(): name for name in (*FINDINGS, NO_FINDING)} | _SAME


def label(text: str) -> dict[str, Certainty]:
    """The findings that the text mentions; of several mentions the strongest holds."""
    return _strongest(mentions(text))


def _strongest(mentioned: Iterable[Mention]) -> dict[str, Certainty]:
    found: dict[str, Certainty] = {}
    for mention in mentioned:
        held = found.get(mention.finding)
        if held is None or _STRENGTH[mention.certainty] > _STRENGTH[held]:
            found[mention.finding] = mention.certainty
    return found


def positives(
    text: str, findings: Iterable[str] = CHEXPERT[:-1], uncertain: bool = True
) -> frozenset[str]:
    """Those of ``findings`` that the text calls present (or, where ``uncertain``, possible)."""
    wanted = {Certainty.PRESENT, Certainty.UNCERTAIN} if uncertain else {Certainty.PRESENT}
    found = label(text)
    return frozenset(name for name in findings if found.get(name) in wanted)


def no_finding(text: str) -> bool:
    """Whether the text calls nothing abnormal, present or possible; devices aside.

    Degenerative change, calcification and the like count as abnormal though CheXpert has no name
    for them, as they do in the CheXbert tags. An empty text has no finding.
    """
    found = _strongest(told(text))
    return not any(
        certainty is not Certainty.ABSENT
        for finding, certainty in found.items()
        if finding != "Support Devices"
    )


def targets(text: str, findings: Sequence[str], *, silent: float | None = 0.0) -> dict[str, float]:
    """1.0 (present or possible) or 0.0 (denied) by finding, under the names of ``findings``.

    The names may be CheXpert's or ChestX-ray14's (``Effusion``, ``Pleural_Thickening``). A finding
    that the text doesn't mention gets ``silent``, and is left out where that is None.
    """
    found = label(text)
    row: dict[str, float] = {}
    for name in findings:
        known = _KNOWN.get(name.replace("_", " ").lower())
        if known is None:
            raise AppError(
                f"The labeller has no rules for the finding “{name}”.",
                f"It knows: {', '.join(sorted(_KNOWN.values()))}.",
            )
        if known == NO_FINDING:
            row[name] = float(no_finding(text))
        elif known in found:
            row[name] = 0.0 if found[known] is Certainty.ABSENT else 1.0
        elif silent is not None:
            row[name] = silent
    return row
