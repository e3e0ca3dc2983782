"""Which image of a study is the one that is drafted."""

from __future__ import annotations

from collections.abc import Sequence

from app.imaging import gate
from app.imaging.radiograph import Radiograph
from app.imaging.study import ImageRef, read

MOST_IMAGES = 4
"""Looked at per study: enough for frontal and lateral views, never a whole CT."""


def drafted_image(refs: Sequence[ImageRef]) -> Radiograph:
    """The first of a study's first images that the gate lets pass by its tags, else the first.

    Decodes no more of them than it must. Raises StudyError for files that can't be read.
    """
    first = read(refs[0])
    if not gate.reasons(first):
        return first
    for ref in refs[1:MOST_IMAGES]:
        image = read(ref)
        if not gate.reasons(image):
            return image
    return first
