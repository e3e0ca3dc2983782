"""Earlier studies of the open study's patient, and the one of them that is read for comparing.

Without a widget. A prior is never drafted, and it waits: for the current images, for the drafts,
and for every study that the reader opens meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.reporting.record import StudyRecord
from app.ui.lanes import Token
from app.ui.library import Library
from app.ui.loader import LoaderWorker
from app.ui.message_bar import about

_KEY = "prior"


@dataclass(frozen=True, eq=False)
class PriorStudy:
    """A prior with its decoded images, frontal ones first."""

    record: StudyRecord
    images: tuple[Radiograph, ...]
    pyramids: tuple[Pyramid, ...]


def priors_of(record: StudyRecord, records: Iterable[StudyRecord]) -> list[StudyRecord]:
    """The studies of the same patient from an earlier day, the newest first.

    A study without an id or without a date has no priors; a name alone proves nothing.
    """
    if not _is_date(record.study_date):
        return []
    found = [
        other
        for other in records
        if other.study_id != record.study_id
        and _is_date(other.study_date)
        and other.study_date < record.study_date
        and same_patient(record, other)
    ]
    return sorted(found, key=lambda one: (one.study_date, one.study_time), reverse=True)


def same_patient(record: StudyRecord, other: StudyRecord) -> bool:
    """Whether both are of one patient: the same PatientID, and the same birth date where both have
    one. Without an id nobody is.
    """
    who, born = record.patient.patient_id.strip(), record.patient.birth_date.strip()
    theirs = other.patient.birth_date.strip()
    return (
        bool(who)
        and other.patient.patient_id.strip() == who
        and (not born or not theirs or born == theirs)
    )


class Priors(QObject):
    """``listed()`` when there are other candidates or another one is chosen; ``shown(PriorStudy)``
    when one is read, ``shown(None)`` when none is to be seen any more; ``said(Message)``.
    """

    listed = Signal()
    shown = Signal(object)
    said = Signal(object)

    def __init__(
        self, library: Library, loader: LoaderWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.candidates: tuple[StudyRecord, ...] = ()
        self.chosen: StudyRecord | None = None
        self._library = library
        self._loader = loader
        self._record: StudyRecord | None = None
        self._by_hand = False  # the reader has chosen, so nothing is chosen for him
        self._may_read = False
        self._read = ""  # id of the study that was read, or is being read
        self._reading = Token()
        library.model.rowsInserted.connect(lambda *_: self._list())
        library.model.rowsRemoved.connect(lambda *_: self._list())

    def open(self, record: StudyRecord) -> None:
        """Another study is open: list its priors; nothing is read yet."""
        self.close()
        self._record = record
        self._list()

    def close(self) -> None:
        """No study is open."""
        self._reading.cancel()
        self._record = self.chosen = None
        self.candidates = ()
        self._by_hand = self._may_read = False
        self._read = ""
        self.listed.emit()

    def begin(self) -> None:
        """What comes first is done: the prior may be read now."""
        self._may_read = self._record is not None
        self._read_chosen(asked=False)

    def choose(self, record: StudyRecord | None) -> None:
        """The reader wants this one, or none."""
        self._by_hand = True
        self._use(record)
        self._read_chosen(asked=True)

    def _list(self) -> None:
        if self._record is None:
            return
        found = tuple(priors_of(self._record, self._library.model.records()))
        if found == self.candidates:
            return
        self.candidates = found
        gone = self.chosen is not None and self.chosen.study_id not in {
            one.study_id for one in found
        }
        if gone or not self._by_hand:
            self._use(found[0] if found else None)
        else:
            self.listed.emit()
        if self._may_read:
            self._read_chosen(asked=False)

    def _use(self, record: StudyRecord | None) -> None:
        if self._read and (record is None or record.study_id != self._read):
            self._reading.cancel()
            self._read = ""
            self.shown.emit(None)
        self.chosen = record
        self.listed.emit()

    def _read_chosen(self, *, asked: bool) -> None:
        record = self.chosen
        if record is None or record.study_id == self._read:
            return
        self._read = record.study_id
        images: list[tuple[Radiograph, Pyramid]] = []

        def finished() -> None:
            self.shown.emit(
                PriorStudy(
                    record,
                    tuple(image for image, _ in images),
                    tuple(pyramid for _, pyramid in images),
                )
            )

        def failed(error: Exception) -> None:
            self._read = ""
            self.chosen = None
            self._by_hand = True  # not again by itself: its files may be on a disk that is away
            self.listed.emit()
            if asked:
                self.said.emit(about(error, key=_KEY))

        self._reading = self._loader.read_prior(record, images.append, failed, finished)


def _is_date(text: str) -> bool:
    return len(text) == 8 and text.isdigit()
