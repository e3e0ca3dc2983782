"""Saves what was put on an image, and tries again what could not be saved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.reporting.measurements import MeasurementRevision
from app.ui.message_bar import about

if TYPE_CHECKING:
    from app.ui.controller import Controller


class MarkSaver:
    """Trouble is said under ``key``, with a way to try again: what is then the newest state of
    each mark whose saving failed, never one that has been overtaken.
    """

    def __init__(self, controller: Controller, key: str) -> None:
        self._controller = controller
        self._key = key
        self._newest: dict[str, MeasurementRevision] = {}
        self._failed: set[str] = set()

    def save(self, revision: MeasurementRevision) -> None:
        uid = revision.measurement.uid
        self._newest[uid] = revision
        controller = self._controller

        def saved(_: object) -> None:
            if self._newest.get(uid) is revision:
                del self._newest[uid]
                self._failed.discard(uid)
            if not self._failed:
                controller.settled.emit(self._key)

        def failed(error: Exception) -> None:
            self._failed.add(uid)
            trouble = about(error, key=self._key)
            controller.said.emit(replace(trouble, action="Try again", act=self._again))

        controller.store.keep(revision, controller.places.database, saved, failed)

    def _again(self) -> None:
        for uid in tuple(self._failed):
            self._failed.discard(uid)
            revision = self._newest.get(uid)
            if revision is not None:
                self.save(revision)
