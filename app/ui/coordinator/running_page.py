"""A frozen study: how far everybody is, and the steps to its results."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.reading.study import STATES, Progress, State, unfinished
from app.ui import theme
from app.ui.coordinator.parts import ActionButton, card, chosen_by, form, quiet, table
from app.ui.coordinator.told import Running

COLUMNS = ("Reader", "Training", "Items", "")
_NEXT = {
    "frozen": "Readers may read. No score is shown before the lock.",
    "locked": "The reading has ended. The passphrase opens the key.",
    "unblinded": "The key is open. The export writes ratings, results, pictures and checklists.",
}


class RunningPage(QWidget):
    """Shows a :class:`Running`; what can be done is in the window's actions."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.study: Running | None = None
        self.head = QLabel()
        self.head.setStyleSheet("font-size: 17px; font-weight: 600;")
        self.head.setWordWrap(True)  # a long title doesn't widen the window
        self.steps = QLabel()
        self.steps.setTextFormat(Qt.TextFormat.RichText)
        self.told = quiet()
        self.table = table("Readers", COLUMNS)
        self.why = QLineEdit(placeholderText="why, for the study's log")
        self.why.setAccessibleName("Why a reader is withdrawn")
        line = QHBoxLayout()
        line.addWidget(self.why, 1)
        line.addWidget(ActionButton(actions["withdraw"]))
        readers, column = card("Readers", self.table)
        column.addLayout(line)
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setAccessibleName("Log of the study")
        log, _ = card("Log", self.log)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(12)
        whole.addWidget(self.head)
        whole.addWidget(self.steps)
        whole.addWidget(self.told)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(readers, 3)
        row.addWidget(log, 2)
        whole.addLayout(row, 1)
        whole.addWidget(self._results(actions))

    def show_study(self, study: Running) -> None:
        other = self.study is None or self.study.folder != study.folder
        self.study = study
        if other:
            self.passphrase.clear()
            self.key.clear()
            self.why.clear()
            self.files.clear()
            self.files.hide()
            self.out.setText(str(study.folder / "exports"))
        self.head.setText(study.protocol.title or study.protocol.name)
        self.steps.setText(_steps(study.state))
        self.told.setText(f"{_NEXT[study.state]}  {study.folder}")
        self._key_row.setVisible(study.state == "locked")
        for part in (self._out_row, *self._folder_buttons):
            part.setVisible(study.state == "unblinded")
        self.log.setPlainText("\n".join(deed.line() for deed in reversed(study.log)))
        self._fill(study.progress)

    @property
    def reader(self) -> str:
        """The chosen reader who isn't withdrawn, or ""."""
        rows = self.table.selectionModel().selectedRows()
        if self.study is None or not rows or rows[0].row() >= len(self.study.progress):
            return ""
        found = self.study.progress[rows[0].row()]
        return "" if found.withdrawn else found.reader

    def unfinished(self) -> str:
        """Who has items to go, in a sentence; "" when everybody has finished."""
        return "" if self.study is None else unfinished(self.study.progress)

    def show_files(self, files: list[Path]) -> None:
        self.files.clear()
        for file in files:
            line = QListWidgetItem(file.name)
            line.setData(Qt.ItemDataRole.UserRole, str(file))
            line.setToolTip(f"{file}\nEnter or a double click opens it")
            self.files.addItem(line)
        self.files.show()

    def _fill(self, progress: tuple[Progress, ...]) -> None:
        rows = self.table.selectionModel().selectedRows()
        chosen = rows[0].row() if rows else 0
        blocked = self.table.blockSignals(True)
        self.table.setRowCount(len(progress))
        for row, one in enumerate(progress):
            training = f"{one.training_done} of {one.training_of}" if one.training_of else "–"
            for column, text in enumerate(
                (one.reader, training, f"{one.done} of {one.of}", _stand(one))
            ):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.blockSignals(blocked)
        if progress:
            self.table.selectRow(min(chosen, len(progress) - 1))

    def _results(self, actions: dict[str, QAction]) -> QWidget:
        self.passphrase, self.key, self.out = QLineEdit(), QLineEdit(), QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setAccessibleName("Passphrase")
        self.key.setPlaceholderText("in the study's folder, if it lies there")
        self._key_row, self._out_row = QWidget(), QWidget()
        for holder, lines in (
            (
                self._key_row,
                (
                    ("Passphrase", self.passphrase),
                    ("Sealed key", chosen_by(self.key, "Sealed key", self._choose_key)),
                ),
            ),
            (self._out_row, (("Folder", self.out),)),
        ):
            rows = form()
            rows.setContentsMargins(0, 0, 0, 0)
            for name, line in lines:
                rows.addRow(name, line)
            holder.setLayout(rows)
        choose, show = QPushButton("Choose…"), QPushButton("Show folder")
        choose.clicked.connect(self._choose)
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(self.out.text())))
        self.files = QListWidget()
        self.files.setAccessibleName("Files that were written")
        self.files.setMaximumHeight(120)
        self.files.itemActivated.connect(_open)
        self.files.hide()
        box, column = card("Results", self._key_row, self._out_row, self.files)
        foot = QHBoxLayout()
        for name in ("lock", "unblind", "export"):
            foot.addWidget(ActionButton(actions[name], primary=True))
        foot.addStretch(1)
        foot.addWidget(choose)
        foot.addWidget(show)
        self._folder_buttons = (choose, show)
        column.addLayout(foot)
        return box

    def _choose_key(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "The sealed key")
        if chosen:
            self.key.setText(chosen)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Where the results go")
        if chosen:
            self.out.setText(chosen)


def _open(line: QListWidgetItem) -> None:
    """Show a file that was written in the program that the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(line.data(Qt.ItemDataRole.UserRole)))


def _steps(state: State) -> str:
    """Frozen, locked, unblinded: the reached ones ticked, the current one bright."""
    parts = []
    for place, step in enumerate(STATES):
        reached = place <= STATES.index(state)
        colour = theme.TEXT if step == state else theme.WRITTEN if reached else theme.THIRD
        parts.append(f'<span style="color: {colour};">{"✓ " * reached}{step}</span>')
    return f'<span style="color: {theme.THIRD};">&nbsp;&nbsp;→&nbsp;&nbsp;</span>'.join(parts)


def _stand(one: Progress) -> str:
    if one.withdrawn:
        return "withdrawn"
    if one.done == one.of:
        return "finished"
    return one.washout(datetime.now(UTC))
