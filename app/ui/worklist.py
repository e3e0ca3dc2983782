"""The left column: studies with thumbnail and status, a filter, and a strip of thumbnails when it
is narrow.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.reporting.record import StudyRecord
from app.reporting.report import Status
from app.ui import theme
from app.ui.study_row import StudyRow, status_icon
from app.ui.worklist_model import RECORD, WorklistFilter, WorklistModel

STRIP_WIDTH = 66
LEAST_WIDTH = 200


class Worklist(QFrame):
    """Shows a :class:`WorklistModel`; ``chosen(record)`` says that the reader wants a study
    opened.
    """

    chosen = Signal(object)
    removed = Signal(object)
    fold_wanted = Signal(bool)

    def __init__(self, model: WorklistModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "side")
        self.setObjectName("worklist")
        self.model = model
        self.shown = WorklistFilter(model, self)
        self._folded = False
        self._build()
        model.counts_changed.connect(self._count)
        self._count()

    @property
    def folded(self) -> bool:
        return self._folded

    def set_folded(self, folded: bool) -> None:
        """A strip of thumbnails only, or the whole list."""
        self._folded = folded
        for part in (self.filter, self._heading, self._chips):
            part.setVisible(not folded)
        self._fold.setIcon(theme.icon("chevron-right" if folded else "chevron-left"))
        self._fold.setToolTip("Show the worklist" if folded else "Fold the worklist")
        self._row.compact = folded
        bars = Qt.ScrollBarPolicy
        self.view.setVerticalScrollBarPolicy(
            bars.ScrollBarAlwaysOff if folded else bars.ScrollBarAsNeeded
        )
        self.setMinimumWidth(STRIP_WIDTH if folded else LEAST_WIDTH)
        self.setMaximumWidth(STRIP_WIDTH if folded else 420)
        margin = 6 if folded else 10
        self._column.setContentsMargins(margin, 10, margin, 8)
        self.view.scheduleDelayedItemsLayout()

    def select(self, study_id: str) -> None:
        """Mark the study that is open, without opening it again."""
        row = self.model.row(study_id)
        if row is None:
            return
        index = self.shown.mapFromSource(self.model.index(row))
        if index.isValid():
            chooser = self.view.selectionModel()
            chooser.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.view.scrollTo(index)

    def neighbour(self, study_id: str, step: int, *, unrated: bool = False) -> StudyRecord | None:
        """The study ``step`` rows from ``study_id`` among those shown; with ``unrated`` the next
        such.
        """
        records = [self.shown.index(row, 0).data(RECORD) for row in range(self.shown.rowCount())]
        here = next((n for n, record in enumerate(records) if record.study_id == study_id), None)
        if here is None:
            here = -1 if step > 0 else len(records)
        onward = records[here + 1 :] if step > 0 else records[: max(here, 0)][::-1]
        if unrated:
            onward = onward + records[: max(here, 0)]
            onward = [record for record in onward if record.status is not Status.RATED]
        return onward[0] if onward else None

    def focus_filter(self) -> None:
        if self._folded:
            self.fold_wanted.emit(False)
        self.filter.setFocus()
        self.filter.selectAll()

    def remove_chosen(self) -> None:
        """Take the study that is chosen in the list off it."""
        self._remove(self.view.currentIndex())

    def reveal_chosen(self) -> None:
        """Show the folder of the study that is chosen in the list."""
        record = self.view.currentIndex().data(RECORD)
        if record is not None:
            _reveal(record)

    def _build(self) -> None:
        self.filter = QLineEdit(placeholderText="Filter studies…", clearButtonEnabled=True)
        self.filter.setObjectName("filter")
        self.filter.setAccessibleName("Filter studies")
        self.filter.textChanged.connect(self.shown.set_text)
        self.filter.returnPressed.connect(self._open_first)
        self._fold = QToolButton()
        self._fold.setObjectName("fold")
        self._fold.setAccessibleName("Fold or show the worklist")
        self._fold.setIconSize(QSize(16, 16))
        self._fold.clicked.connect(lambda: self.fold_wanted.emit(not self._folded))
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.filter, 1)
        top.addWidget(self._fold)

        self._heading = QLabel()
        self._heading.setProperty("role", "heading")

        self._row = StudyRow(self)
        self.view = _List()
        self.view.setModel(self.shown)
        self.view.setItemDelegate(self._row)
        self.view.setAccessibleName("Studies")
        self.view.customContextMenuRequested.connect(self._menu)
        self.view.clicked.connect(self._choose)
        self.view.entered_row.connect(self._choose)
        self.view.deleted_row.connect(self._remove)

        self._chips = QWidget()
        chips = QGridLayout(self._chips)
        chips.setContentsMargins(0, 0, 0, 0)
        chips.setSpacing(4)
        self._buttons: dict[Status, QPushButton] = {}
        for place, status in enumerate(Status):
            chip = QPushButton(status_icon(status), status.value)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setIconSize(QSize(10, 10))
            chip.setToolTip(f"Show only {status.value} studies")
            chip.setStyleSheet("text-align: left; padding: 2px 8px;")
            chip.setAccessibleName(f"Show only {status.value} studies")
            chip.toggled.connect(self._filter_status)
            chips.addWidget(chip, place // 2, place % 2)
            self._buttons[status] = chip

        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        self._column.addLayout(top)
        self._column.addWidget(self._heading)
        self._column.addWidget(self.view, 1)
        self._column.addWidget(self._chips)
        self.set_folded(False)

    def _choose(self, index: QModelIndex) -> None:
        record = index.data(RECORD)
        if record is not None:
            self.chosen.emit(record)

    def _remove(self, index: QModelIndex) -> None:
        record = index.data(RECORD)
        if record is not None:
            self.removed.emit(record)

    def _open_first(self) -> None:
        if self.shown.rowCount():
            self._choose(self.shown.index(0, 0))
            self.view.setFocus()

    def _filter_status(self) -> None:
        chosen = (status for status, chip in self._buttons.items() if chip.isChecked())
        self.shown.set_statuses(frozenset(chosen))

    def _count(self) -> None:
        counts = self.model.counts()
        total = sum(counts.values())
        self._heading.setText(f"STUDIES   {total:,}" if total else "NO STUDIES YET")
        for status, chip in self._buttons.items():
            chip.setText(f"{status.value}  {counts[status]:,}")

    def _menu(self, point: QPoint) -> None:
        record = self.view.indexAt(point).data(RECORD)
        if record is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open", lambda: self.chosen.emit(record))
        reveal = menu.addAction(theme.icon("folder"), "Show folder", lambda: _reveal(record))
        reveal.setEnabled(any(path.exists() for path in record.paths))
        menu.addSeparator()
        menu.addAction("Remove from list", lambda: self.removed.emit(record))
        menu.popup(self.view.viewport().mapToGlobal(point))


def _reveal(record: StudyRecord) -> None:
    path = record.paths[0]
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))


class _List(QListView):
    """A list whose rows are all alike, so that thousands cost no more than the few in sight."""

    entered_row = Signal(QModelIndex)
    deleted_row = Signal(QModelIndex)

    def __init__(self) -> None:
        super().__init__()
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete takes off the list; letters and digits go on to the window's
        shortcuts instead of a search by letter.
        """
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.entered_row.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Delete:
            self.deleted_row.emit(self.currentIndex())
        elif event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)
