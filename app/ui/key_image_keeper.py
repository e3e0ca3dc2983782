"""Keeps which images of a study are marked as key images, beside its measurements in the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.imaging.measuring.measurement import Kind, Measurement, measured
from app.imaging.measuring.results import Result
from app.reporting.measurements import MeasurementRevision, revision_of
from app.reporting.record import StudyRecord
from app.ui.lanes import Token
from app.ui.mark_saver import MarkSaver
from app.ui.message_bar import about

if TYPE_CHECKING:
    from app.ui.controller import Controller
    from app.ui.viewer.key_images import KeyImages

_KEY = "key image"
_SAYS = Result(sentence="Key image")


class KeyImageKeeper(QObject):
    """Brings the marks of the open study, and saves every one that comes or goes."""

    def __init__(self, controller: Controller, images: KeyImages, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._images = images
        self._study_id = ""
        self._marks: dict[str, Measurement] = {}  # by image, also those taken away again
        self._early: dict[str, bool] | None = None  # what was marked before the store answered
        self._loading = Token()
        self._saver = MarkSaver(controller, _KEY)
        controller.opened.connect(self._open)
        controller.closing.connect(self._close)
        images.marked.connect(self._changed)

    def _open(self, record: StudyRecord) -> None:
        self._study_id = record.study_id
        self._marks = {}
        self._early = {}
        self._loading = self._controller.store.ask(
            lambda repository: repository.measurements(record.study_id), self._show, self._not_read
        )

    def _close(self) -> None:
        self._loading.cancel()
        self._save_early()
        self._study_id = ""

    def _show(self, revisions: list[MeasurementRevision]) -> None:
        for revision in revisions:
            if revision.measurement.kind is Kind.KEY_IMAGE:
                self._marks.setdefault(revision.image_id, revision.measurement)
        early = self._early or {}
        marked = {image for image in self._marks if early.get(image, True)}
        self._images.set(marked | {image for image, on in early.items() if on})
        self._save_early()

    def _not_read(self, error: Exception) -> None:
        self._controller.said.emit(about(error, key=_KEY))
        self._save_early()

    def _changed(self, image_id: str, on: bool) -> None:
        if not self._study_id:
            return
        if self._early is not None:
            self._early[image_id] = on
        else:
            self._save(image_id, on)

    def _save_early(self) -> None:
        early, self._early = self._early, None
        for image_id, on in (early or {}).items():
            self._save(image_id, on)

    def _save(self, image_id: str, on: bool) -> None:
        mark = self._marks.setdefault(image_id, measured(Kind.KEY_IMAGE, ()))
        revision = revision_of(
            self._study_id,
            image_id,
            mark,
            _SAYS,
            self._controller.reader,
            datetime.now(UTC),
            deleted=not on,
        )
        self._saver.save(revision)
