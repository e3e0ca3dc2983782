"""Keeps the measurements of the open study: brings them when it opens, saves every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.imaging.measuring.measurement import Kind, Measurement
from app.imaging.measuring.results import Result, result
from app.imaging.radiograph import Radiograph
from app.reporting.measurements import MeasurementRevision, reportable, revision_of
from app.reporting.record import StudyRecord
from app.ui.lanes import Token
from app.ui.mark_saver import MarkSaver
from app.ui.message_bar import about

if TYPE_CHECKING:
    from app.ui.controller import Controller
    from app.ui.viewer.measurements.marks import Marks

_KEY = "measurement"


class MeasurementKeeper(QObject):
    """``images``: the radiographs in sight, whose spacing and pixels say what was measured."""

    def __init__(
        self,
        controller: Controller,
        marks: Marks,
        images: Callable[[], Iterable[Radiograph]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._marks = marks
        self._images = images
        self._study_id = ""
        self._loading = Token()
        self._saver = MarkSaver(controller, _KEY)
        controller.opened.connect(self._open)
        controller.closing.connect(self._close)
        marks.edited.connect(self._save)

    def sentences(self) -> list[str]:
        """What was measured on the images in sight, as sentences with full stops."""
        now = datetime.now(UTC)
        revisions = [
            self._revision(image.image_id, measurement, result(measurement, image), now)
            for image in self._images()
            for measurement in self._marks.of(image.image_id)
        ]
        return [f"{sentence}." for sentence in reportable(revisions)]

    def _open(self, record: StudyRecord) -> None:
        self._study_id = record.study_id
        self._loading = self._controller.store.ask(
            lambda repository: repository.measurements(record.study_id),
            self._show,
            lambda error: self._controller.said.emit(about(error, key=_KEY)),
        )

    def _close(self) -> None:
        self._loading.cancel()
        self._study_id = ""

    def _show(self, revisions: list[MeasurementRevision]) -> None:
        kept: dict[str, list[Measurement]] = defaultdict(list)
        for revision in revisions:
            if revision.measurement.kind is not Kind.KEY_IMAGE:
                kept[revision.image_id].append(revision.measurement)
        self._marks.bring(kept)

    def _save(self, image_id: str, measurement: Measurement, deleted: bool) -> None:
        if not self._study_id:
            return
        image = next((one for one in self._images() if one.image_id == image_id), None)
        said = Result() if image is None else result(measurement, image)
        now = datetime.now(UTC)
        self._saver.save(replace(self._revision(image_id, measurement, said, now), deleted=deleted))

    def _revision(
        self, image_id: str, measurement: Measurement, said: Result, at: datetime
    ) -> MeasurementRevision:
        reader = self._controller.reader
        return revision_of(self._study_id, image_id, measurement, said, reader, at)
