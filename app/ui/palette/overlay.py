"""The palette itself: a calm list at the top of the window it was asked for in. Never modal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.palette.entries import Entry
from app.ui.palette.row import ENTRY, HEADING_HEIGHT, HEIGHT, PaletteRow

_WIDTH = 640
_MOST_ROWS = 14
_TOP = 46  # below the top bar
_PAGE = 10

Index = QModelIndex | QPersistentModelIndex
Lister = Callable[[str], list[Entry]]


class CommandPalette(QFrame):
    """Lies over a window while it is needed; :meth:`open_over` shows it there.

    ``lister(text)`` says what to show for what was typed. What is chosen is done after the palette
    has gone and the focus is back where it was, so that "Undo" undoes there. ``noted(key)`` is
    called with the key of what was done.
    """

    def __init__(self, lister: Lister, noted: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setStyleSheet(
            f"#palette {{ background: {theme.RAISED}; border: 1px solid {theme.LINE};"
            " border-radius: 8px; }"
            f"#palette QLineEdit {{ border: none; border-bottom: 1px solid {theme.LINE};"
            " border-radius: 0; background: transparent; padding: 9px 14px; font-size: 15px; }"
            "#palette QListView { background: transparent; }"
        )
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(28)
        shadow.setOffset(0, 6)
        shadow.setColor(QColor(0, 0, 0, 190))
        self.setGraphicsEffect(shadow)
        self._lister = lister
        self._noted = noted
        self._over = parent
        self._before: QWidget | None = None
        self.field = _Field(self)
        self.field.textEdited.connect(self._list)
        self.view = QListView(self)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setAccessibleName("Commands and studies")
        self._rows = _Rows(self)
        self.view.setModel(self._rows)
        self.view.setItemDelegate(PaletteRow(self))
        self.view.entered.connect(self._point)
        self.view.clicked.connect(self._click)
        self._foot = QLabel("↑ ↓ choose     Enter does it     Esc leaves")
        self._foot.setProperty("role", "small")
        self._foot.setContentsMargins(14, 4, 14, 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(2)
        column.addWidget(self.field)
        column.addWidget(self.view)
        column.addWidget(self._foot)
        self.hide()

    def open_over(self, window: QWidget) -> None:
        """Show it at the top of ``window``; shown there already, it goes."""
        if self.isVisible() and self._over is window:
            self.leave()
            return
        if self._over is not window:
            self._over.removeEventFilter(self)
            self.setParent(window)
            self._over = window
        window.installEventFilter(self)
        focused = QApplication.focusWidget()
        self._before = focused if focused is not None and not self.isAncestorOf(focused) else None
        self.field.clear()
        self._list("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Go, and give the focus back."""
        if not self.isVisible():
            return
        before, self._before = self._before, None
        self.hide()
        (before if before is not None and _there(before) else self.window()).setFocus()

    def entries(self) -> Sequence[Entry]:
        """The rows as shown."""
        return self._rows.entries

    def chosen(self) -> Entry | None:
        """The row that Enter would do."""
        entry = self.view.currentIndex().data(ENTRY)
        return entry if isinstance(entry, Entry) else None

    def do_chosen(self) -> None:
        """Do the chosen row; one that can't be done stays, with its reason."""
        entry = self.chosen()
        if entry is None or entry.do is None:
            return
        self.leave()
        if entry.key:
            self._noted(entry.key)
        entry.do()

    def step(self, step: int) -> None:
        """Choose another row, round the end; headings are stepped over."""
        entries = self._rows.entries
        rows = [row for row, entry in enumerate(entries) if not entry.heading]
        if not rows:
            return
        here = self.view.currentIndex().row()
        place = rows.index(here) if here in rows else -1
        if abs(step) == 1:
            place = (place + step) % len(rows)
        else:
            place = min(max(place + step, 0), len(rows) - 1)
        self._choose(rows[place])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _list(self, text: str) -> None:
        self._rows.put(self._lister(text))
        entries = self._rows.entries
        first = next((row for row, entry in enumerate(entries) if not entry.heading), -1)
        self._place()
        self._choose(first)
        self.view.scrollToTop()

    def _choose(self, row: int) -> None:
        index = self._rows.index(row)
        self.view.setCurrentIndex(index)
        if row == 1 and self._rows.entries[0].heading:
            self.view.scrollToTop()
        else:
            self.view.scrollTo(index)

    def _point(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY)
        if isinstance(entry, Entry) and not entry.heading:
            self.view.setCurrentIndex(index)

    def _click(self, index: QModelIndex) -> None:
        self._point(index)
        self.do_chosen()

    def _place(self) -> None:
        window = self._over
        width = min(_WIDTH, window.width() - 48)
        heights = [HEADING_HEIGHT if one.heading else HEIGHT for one in self._rows.entries]
        most = max(HEIGHT * 3, min(_MOST_ROWS * HEIGHT, window.height() - _TOP - 150))
        self.view.setFixedHeight(max(min(sum(heights), most), HEIGHT))
        self.setFixedWidth(width)
        self.adjustSize()
        self.setGeometry((window.width() - width) // 2, _TOP, width, self.sizeHint().height())


def _there(widget: QWidget) -> bool:
    """Whether ``widget`` still exists and can be seen."""
    try:
        return widget.isVisible()
    except RuntimeError:  # its C++ half was deleted meanwhile
        return False


class _Field(QLineEdit):
    """The palette's line: letters filter, ↑ ↓ and the page keys choose."""

    def __init__(self, palette: CommandPalette) -> None:
        super().__init__(palette)
        self.setObjectName("palette-field")
        self.setPlaceholderText("Type what you want to do, or a study…")
        self.setAccessibleName("Search or command")
        self._palette = palette
        self._moves = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -_PAGE,
            Qt.Key.Key_PageDown: _PAGE,
        }

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            leaving = (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
            doing = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if key in self._moves or key in leaving or key in doing:
                if event.type() == QEvent.Type.KeyPress:
                    self._press(key, leaving)
                event.accept()  # before a shortcut of the window gets it
                return True
        if event.type() == QEvent.Type.FocusOut:
            self._focus_gone()
        return super().event(event)

    def _press(self, key: Qt.Key, leaving: Sequence[Qt.Key]) -> None:
        if key in self._moves:
            self._palette.step(self._moves[key])
        elif key in leaving:
            self._palette.leave()
        else:
            self._palette.do_chosen()

    def _focus_gone(self) -> None:
        """A click elsewhere is an answer too; another window coming to the front is none."""
        if (
            QApplication.activeWindow() is self.window()
            and QApplication.activePopupWidget() is None
        ):
            self._palette.hide()


class _Rows(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def put(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            keys = ", ".join(entry.keys)
            reason = "" if entry.available else f"not now: {entry.about}"
            return " · ".join(part for part in (entry.name, entry.menu, keys, reason) if part)
        if role == Qt.ItemDataRole.ToolTipRole and not entry.heading:
            return entry.about
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.entries[index.row()].heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
