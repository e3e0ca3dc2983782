"""The items before the freeze: what gives each away, and its text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.reading.allocation import Planned
from app.reading.normalise import length, normalised
from app.ui import theme
from app.ui.coordinator.parts import quiet, table
from app.ui.coordinator.told import Prepared

COLUMNS = ("Item", "Arm", "Case", "Words", "What gives it away")


class ItemTable(QWidget):
    """``chosen()`` when another item is; the text of the chosen one stands beside the table.

    What is typed there and not kept yet stays with its item while others are looked at.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._study: Prepared | None = None
        self._code = ""
        self._typed: dict[str, tuple[str, str]] = {}
        self.only_found = QCheckBox("Only items that give themselves away")
        self.only_found.toggled.connect(self._show_others)
        self.table = table("Items before the freeze", COLUMNS)
        self.table.itemSelectionChanged.connect(self._show)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("The item's text, to be reworded")
        self.text.setTabChangesFocus(True)
        self.before = quiet()
        self.before.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.why = QLineEdit(placeholderText="why, for the study's log")
        self.why.setAccessibleName("Why")
        left = QVBoxLayout()
        left.addWidget(self.only_found)
        left.addWidget(self.table, 1)
        right = QVBoxLayout()
        label = QLabel("The text as readers will see it")
        label.setProperty("role", "second")
        self.head = QHBoxLayout()
        self.head.addWidget(label, 1)
        right.addLayout(self.head)
        right.addWidget(self.text, 1)
        right.addWidget(self.before)
        right.addWidget(self.why)
        self.buttons = QHBoxLayout()
        right.addLayout(self.buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(left, 3)
        row.addLayout(right, 2)

    def show_study(self, study: Prepared) -> None:
        """Show the items; the chosen one stays chosen if it is still there."""
        self._remember()
        before = self._study
        first = before is None or before.folder != study.folder or before.found is None
        self._study = study
        was = {item.code: item.report for item in before.items} if before is not None else {}
        now = {item.code: item.report for item in study.items}
        self._typed = {
            code: typed
            for code, typed in self._typed.items()
            if not first and code in now and now[code] == was.get(code)
        }
        if first:
            blocked = self.only_found.blockSignals(True)
            self.only_found.setChecked(bool(study.found and study.found.found))
            self.only_found.blockSignals(blocked)
        self._fill()

    @property
    def item(self) -> Planned | None:
        """The chosen item."""
        if self._study is None:
            return None
        return next((one for one in self._study.items if one.code == self._code), None)

    def changed_text(self) -> str:
        """What was typed in place of the item's text; "" when it says the same or nothing."""
        item, text = self.item, self.text.toPlainText().strip()
        return "" if item is None or normalised(text) == item.report else text

    def choose(self, code: str) -> None:
        for row in range(self.table.rowCount()):
            if self._cell(row, 0).text() == code:
                self.table.selectRow(row)

    def _show_others(self) -> None:
        self._remember()
        self._fill()

    def _remember(self) -> None:
        """Keep what is typed for the chosen item until it is looked at again."""
        text, why = self.text.toPlainText(), self.why.text()
        if self.changed_text() or why.strip():
            self._typed[self._code] = (text, why)
        else:
            self._typed.pop(self._code, None)

    def _fill(self) -> None:
        study = self._study
        if study is None:
            return
        kinds: dict[str, dict[str, None]] = {}
        for found in study.found.found if study.found is not None else ():
            kinds.setdefault(found.code, {})[f"{found.tell.kind}: {found.tell.text}"] = None
        shown = [
            item
            for item in study.items
            if not item.repeat_of and (item.code in kinds or not self.only_found.isChecked())
        ]
        kept = self._code
        blocked = self.table.blockSignals(True)
        self.table.setRowCount(len(shown))
        for row, item in enumerate(shown):
            arm = f"{item.arm}, training" if item.training else item.arm
            words = str(length(item.report))
            tells = "   ".join(kinds.get(item.code, {}))
            for column, text in enumerate((item.code, arm, item.case, words, tells)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                if column == len(COLUMNS) - 1:
                    cell.setForeground(theme.palette().text())
                self.table.setItem(row, column, cell)
        self.table.clearSelection()
        self.table.blockSignals(blocked)
        codes = [item.code for item in shown]
        self._code = ""
        if codes:
            self.table.selectRow(codes.index(kept) if kept in codes else 0)
        self._show()

    def _show(self) -> None:
        if self._code:
            self._remember()
        rows = self.table.selectionModel().selectedRows()
        self._code = self._cell(rows[0].row(), 0).text() if rows else ""
        item = self.item
        text, why = self._typed.get(self._code, (item.report if item is not None else "", ""))
        self.text.setPlainText(text)
        self.text.setEnabled(item is not None)
        self.why.setEnabled(item is not None)
        self.why.setText(why)
        raw = self._raw()
        changed = item is not None and raw and raw != item.report
        self.before.setText(f"As it came: {raw}" if changed else "")
        self.before.setVisible(bool(changed))
        self.chosen.emit()

    def _raw(self) -> str:
        if self._study is None:
            return ""
        return next((one.report for one in self._study.raw if one.code == self._code), "")

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        found = self.table.item(row, column)
        return found if found is not None else QTableWidgetItem()
