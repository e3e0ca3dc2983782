"""Every revision of a report, beside the work: what each one changed, and a way back to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.reporting.difference import word_diff
from app.reporting.report import Revision
from app.ui import theme
from app.ui.panels.difference_view import DifferenceView

_KINDS = {"draft": "", "signed": " · signed", "amended": " · amended and signed"}


class HistoryBox(QDialog):
    """``restored(Revision)`` says that the report shall read as that revision did."""

    restored = Signal(object)

    def __init__(self, revisions: Sequence[Revision], parent: QWidget | None = None) -> None:
        """``revisions`` in the order in which they were written; the newest is shown first."""
        super().__init__(parent)
        self.setWindowTitle("Revisions of the report · Reading Room")
        self.setModal(False)
        self._revisions = tuple(revisions)
        self.list = QListWidget()
        self.list.setAccessibleName("Revisions, the newest first")
        self.list.setFixedWidth(260)
        self.list.setStyleSheet(
            f"QListWidget {{ background: {theme.RAISED}; border: 1px solid {theme.LINE};"
            " border-radius: 6px; } QListWidget::item { padding: 6px 8px; }"
        )
        for place in reversed(range(len(self._revisions))):
            item = QListWidgetItem(_title(self._revisions[place]))
            item.setData(Qt.ItemDataRole.UserRole, place)
            self.list.addItem(item)
        self.change = DifferenceView()
        self.change.setAccessibleName("What this revision changed")
        hint = QLabel("Underlined was added, struck out was removed since the revision before.")
        hint.setProperty("role", "second")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.restore = buttons.addButton(
            "Bring back this text", QDialogButtonBox.ButtonRole.ActionRole
        )
        self.restore.setToolTip("As one more change of the report, which Undo takes back")
        self.restore.clicked.connect(self._restore)
        buttons.rejected.connect(self.close)
        right = QVBoxLayout()
        right.addWidget(self.change, 1)
        right.addWidget(hint)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self.list)
        both.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(both, 1)
        column.addWidget(buttons)
        self.resize(760, 440)
        self.list.currentRowChanged.connect(lambda _: self._show())
        self.list.setCurrentRow(0)
        self.list.setFocus()

    def _place(self) -> int:
        item = self.list.currentItem()
        return int(item.data(Qt.ItemDataRole.UserRole)) if item is not None else -1

    def _show(self) -> None:
        place = self._place()
        before = self._revisions[place - 1].text if place > 0 else ""
        self.change.show_pieces(word_diff(before, self._revisions[place].text))

    def _restore(self) -> None:
        if self._place() >= 0:
            self.restored.emit(self._revisions[self._place()])


def _title(revision: Revision) -> str:
    when = f"{revision.at.astimezone():%d %b %Y %H:%M:%S}"
    return f"{revision.number} · {when}{_KINDS.get(revision.kind, '')}\n{revision.author}"
