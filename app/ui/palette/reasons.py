"""Why an action can't be done now, in one short sentence for the palette and tooltips.

Whoever disables an action and knows better sets its property ``why``; the rest is told from what
is open.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QAction

WHY = "why"
"""The property of a QAction that says why it is disabled."""


@dataclass(frozen=True)
class Situation:
    """What is open: whether a study is, how many of its images are shown, how many drafts stand,
    and whether its report is signed.
    """

    study: bool
    images: int
    drafts: int
    signed: bool


def why_not(action: QAction, now: Situation) -> str:
    """Why ``action`` is disabled; "" when nobody knows."""
    told = action.property(WHY)
    if told:
        return str(told)
    name = action.objectName()
    if not now.study:
        return "Open a study first"
    if name.startswith("viewer_"):
        if not now.images:
            return "There is no image to see"
        if name.endswith("_frame"):
            return "This image has one frame"
        return "This study has one image" if now.images == 1 else ""
    if name.startswith(("take_draft", "copy_draft", "rate_")):
        return "There is no draft yet" if not now.drafts else "There is no such draft"
    if name in ("sign_report", "show_difference"):
        if now.signed:
            return "The report is signed"
        return "Nothing was taken from a draft" if "difference" in name else "The report is empty"
    return ""
