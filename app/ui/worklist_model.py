"""The studies of the worklist as a Qt model, and the filter over it. Made for 2,000 rows and
more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.ui import wording

RECORD = int(Qt.ItemDataRole.UserRole)
STATUS = RECORD + 1
DETAILS = RECORD + 2
HAYSTACK = RECORD + 3

Index = QModelIndex | QPersistentModelIndex


class WorklistModel(QAbstractListModel):
    """One row per study, the newest first.

    Thumbnails are asked for when a row is painted for the first time (``thumbnail_wanted``) and
    given back with :meth:`set_thumbnail`; ``counts_changed`` says that a status or the number of
    rows is another.
    """

    thumbnail_wanted = Signal(object)
    counts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: list[StudyRecord] = []
        self._thumbnails: dict[str, QImage | None] = {}
        self._haystacks: dict[str, tuple[StudyRecord, str]] = {}  # typing asks for all, each time
        self._hidden = False

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._records)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        record = self._records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return wording.name(record, self._hidden)
        if role == DETAILS:
            return wording.details(record)
        if role == STATUS:
            return record.status
        if role == RECORD:
            return record
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(record)
        if role == HAYSTACK:
            return self._haystack(record)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{wording.title(record, self._hidden)} · {record.status}"
        return None

    def put(self, records: Iterable[StudyRecord], place: int = 0) -> int:
        """Insert studies at ``place``, in their order; returns how many are new.

        One that is listed already is brought up to date where it is.
        """
        rows = {record.study_id: row for row, record in enumerate(self._records)}
        fresh: list[StudyRecord] = []
        for record in records:
            row = rows.get(record.study_id)
            if row is None:
                fresh.append(record)
                rows[record.study_id] = -1
            elif row >= 0:
                self._records[row] = record
                self.dataChanged.emit(self.index(row), self.index(row))
        if fresh:
            place = min(place, len(self._records))
            self.beginInsertRows(QModelIndex(), place, place + len(fresh) - 1)
            self._records[place:place] = fresh
            self.endInsertRows()
        self.counts_changed.emit()
        return len(fresh)

    def remove(self, study_id: str) -> None:
        """Take a study off the list; what was written about it stays in the store."""
        row = self.row(study_id)
        if row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._records[row]
            self.endRemoveRows()
            self.counts_changed.emit()

    def set_thumbnail(self, study_id: str, image: QImage) -> None:
        self._thumbnails[study_id] = image
        row = self.row(study_id)
        if row is not None:
            self.dataChanged.emit(
                self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole]
            )

    def set_identity_hidden(self, hidden: bool) -> None:
        self._hidden = hidden
        self._haystacks.clear()
        if self._records:
            self.dataChanged.emit(self.index(0), self.index(len(self._records) - 1))

    def row(self, study_id: str) -> int | None:
        for row, record in enumerate(self._records):
            if record.study_id == study_id:
                return row
        return None

    def record(self, study_id: str) -> StudyRecord | None:
        row = self.row(study_id)
        return None if row is None else self._records[row]

    def records(self) -> tuple[StudyRecord, ...]:
        return tuple(self._records)

    def counts(self) -> Counter[Status]:
        return Counter(record.status for record in self._records)

    def _thumbnail(self, record: StudyRecord) -> QImage | None:
        if record.study_id not in self._thumbnails:
            self._thumbnails[record.study_id] = None  # asked for once
            self.thumbnail_wanted.emit(record)
        return self._thumbnails[record.study_id]

    def _haystack(self, record: StudyRecord) -> str:
        """What the filter looks through: no name or id of a patient when identity is hidden."""
        known = self._haystacks.get(record.study_id)
        if known is not None and known[0] is record:
            return known[1]
        words = [wording.title(record, self._hidden), wording.details(record), record.status.value]
        if not self._hidden:
            words += [record.patient.patient_id, record.study_date, record.path]
        text = " ".join(words).casefold()
        self._haystacks[record.study_id] = (record, text)
        return text


class WorklistFilter(QSortFilterProxyModel):
    """Rows with every typed word in them and, when statuses are chosen, one of those."""

    def __init__(self, source: WorklistModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._statuses: frozenset[Status] = frozenset()
        self.setSourceModel(source)

    def set_text(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def set_statuses(self, statuses: frozenset[Status]) -> None:
        self._statuses = statuses
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        index = self.sourceModel().index(source_row, 0, source_parent)
        if self._statuses and index.data(STATUS) not in self._statuses:
            return False
        if not self._words:
            return True
        haystack = index.data(HAYSTACK)
        return all(word in haystack for word in self._words)
