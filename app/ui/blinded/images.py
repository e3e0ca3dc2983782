"""Decodes the items' images in a thread of its own, the next one while this one is read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.store.reader_study import ReaderStudy
from app.ui.lanes import Failure, Lane

KEPT: Final = 3
"""Decoded images in memory: the last one, this one and the next."""


@dataclass(frozen=True, eq=False)
class Decoded:
    radiograph: Radiograph
    pyramid: Pyramid


class ItemImages(Lane):
    """``study`` is asked for an item's file, whose sha256 is compared before it is read."""

    def __init__(self, study: ReaderStudy, parent: QObject | None = None) -> None:
        super().__init__("items", parent)
        self._study = study
        self._kept: OrderedDict[str, Decoded] = OrderedDict()  # touched in the thread only

    def read(self, code: str, success: Callable[[Decoded], None], failure: Failure) -> None:
        self.call(lambda: self._decoded(code), success, failure, priority=0)

    def prefetch(self, code: str) -> None:
        # What is wrong with it is said when its turn comes.
        self.call(lambda: self._decoded(code), failure=lambda _error: None)

    def _decoded(self, code: str) -> Decoded:
        from app.imaging.reading import read_image

        if code not in self._kept:
            image = read_image(self._study.image(code))
            self._kept[code] = Decoded(image, Pyramid.of(image))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(code)
        return self._kept[code]
