"""What a reader is shown. Nothing here, and nothing worked out from it, tells an arm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """An image and the report to be judged, under an opaque ``code``.

    ``image`` is a file name inside the study's ``images`` folder.
    """

    code: str
    image: str
    report: str
    training: bool = False
