"""One field that finds any action of the menus by its words and does it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLabel, QLineEdit, QListView, QWidget

from app.ui import theme

_WIDTH = (150, 264)


class CommandField(QLineEdit):
    """Type words, choose with ↑ ↓, Enter does it; Esc or the action itself gives the focus back.

    ``searched(text)`` when Enter is pressed on words that are no action: they go to the
    worklist's filter.
    """

    searched = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("command-field")
        self.setPlaceholderText("Search or command…")
        self.setAccessibleName("Search or command")
        self.setMinimumWidth(_WIDTH[0])
        self.setMaximumWidth(_WIDTH[1])
        self.setTextMargins(0, 0, 58, 0)
        key = QLabel("Ctrl+K", self)
        key.setProperty("role", "key")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 5, 6, 5)
        line.addStretch(1)
        line.addWidget(key)
        self._model = QStandardItemModel(self)
        self._actions: dict[str, QAction] = {}
        completer = QCompleter(self._model, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(12)
        self._popup = QListView()
        completer.setPopup(self._popup)
        self._completions = completer.completionModel()
        self._popup.setStyleSheet(
            f"QListView {{ background: {theme.RAISED}; border: 1px solid {theme.LINE}; }}"
            f"QListView::item {{ padding: 5px 8px; }}"
            f"QListView::item:selected {{ background: {theme.ACCENT_DARK}; }}"
        )
        completer.activated.connect(self._do)
        self.setCompleter(completer)
        self.returnPressed.connect(self._enter)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH[1], super().sizeHint().height())

    def set_actions(self, actions: Sequence[tuple[str, QAction]]) -> None:
        """(menu, action) of everything that can be done."""
        self._model.clear()
        self._actions.clear()
        for menu, action in actions:
            name = action.text().replace("&", "").removesuffix("…")
            keys = action.shortcut().toString()
            shown = f"{name}   ({keys})" if keys else name
            item = QStandardItem(action.icon(), shown)
            item.setToolTip(menu)
            self._model.appendRow(item)
            self._actions[shown] = action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()

    def _do(self, text: str) -> None:
        action = self._actions.get(text)
        self._finish()
        if action is not None and action.isEnabled():
            action.trigger()

    def _enter(self) -> None:
        text = self.text().strip()
        if not text:
            return
        if self._popup.isVisible():
            if not self._popup.currentIndex().isValid():  # else the completer does what is chosen
                first = self._completions.index(0, 0)
                self._popup.hide()
                self._do(str(first.data()))
            return
        self._finish()
        self.searched.emit(text)

    def _finish(self) -> None:
        self.left.emit()
        # The completer writes the chosen text after it has said so; that text is not wanted.
        QTimer.singleShot(0, self.clear)
