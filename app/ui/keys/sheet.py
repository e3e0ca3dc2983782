"""Giving actions other keys: a window of its own beside the work, never in its way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.keys.keymap import Keymap, kept_for, portable
from app.ui.keys.shown import keys_of, name_of
from app.ui.palette.ranking import fit

_NAME = int(Qt.ItemDataRole.UserRole)
_SIZE = (620, 720)


class KeySheet(QWidget):
    """Every action with its keys; below the list, the keys of the chosen one.

    Pressing a key that another action has says so, and giving it takes it from there: no key ever
    does two things. What is changed holds at once and is kept.
    """

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Change shortcuts · Reading Room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(
            f"KeySheet {{ background: {theme.PANEL}; }}"
            "QTreeWidget::item { padding: 3px 2px; border: none; }"
            f"QTreeWidget::item:selected {{ background: {theme.ACCENT_DARK}; }}"
        )
        self._keymap = keymap
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = {}
        self.filter = QLineEdit(placeholderText="Find an action or its key…")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Find an action or its key")
        self.filter.textChanged.connect(self._filter)
        self.list = self._make_list()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.filter)
        column.addWidget(self.list, 1)
        column.addWidget(self._make_editor())
        keymap.changed.connect(self._refresh)
        self.resize(*_SIZE)
        for first in list(self._items.values())[:1]:
            self.list.setCurrentItem(first)
        self.filter.setFocus()

    def choose(self, name: str) -> None:
        """Show the keys of one action, by its object name."""
        self.list.setCurrentItem(self._items[name])

    def chosen(self) -> str:
        """The object name of the action whose keys are shown; "" for none."""
        item = self.list.currentItem()
        return str(item.data(0, _NAME) or "") if item is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    # building

    def _make_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setIndentation(14)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName("Actions and their keys")
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for menu, action in self._keymap.listed:
            if menu not in self._groups:
                group = QTreeWidgetItem(tree, [menu.replace("&", "").upper()])
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setForeground(0, QColor(theme.THIRD))
                group.setExpanded(True)
                self._groups[menu] = (group, [])
            group, items = self._groups[menu]
            item = QTreeWidgetItem(group, [name_of(action)])
            items.append(item)
            item.setIcon(0, action.icon())
            item.setData(0, _NAME, action.objectName())
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._items[action.objectName()] = item
            self._show_keys(action.objectName())
        tree.currentItemChanged.connect(lambda *_: self._show())
        return tree

    def _make_editor(self) -> QWidget:
        box = QWidget()
        self._title = QLabel()
        self._title.setProperty("role", "title")
        self.chips = QHBoxLayout()
        self.chips.setSpacing(6)
        self.pressed = QKeySequenceEdit()
        self.pressed.setMaximumSequenceLength(1)
        self.pressed.setAccessibleName("Press the new key")
        self.pressed.setFixedWidth(170)
        field = self.pressed.findChild(QLineEdit)
        if field is not None:
            field.setPlaceholderText("Press the new key")
        self.pressed.keySequenceChanged.connect(lambda _: self._judge())
        self.use = QPushButton("Use this key")
        self.use.setToolTip("In place of the keys that the action has now")
        self.use.clicked.connect(lambda: self._take(()))
        self.add = QPushButton("Use as well")
        self.add.setToolTip("Beside the keys that the action has now")
        self.add.clicked.connect(lambda: self._take(self._keymap.keys(self.chosen())))
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("The program's own keys for this action")
        self.reset.clicked.connect(lambda: self._keymap.reset(self.chosen()))
        self.reset_all = QPushButton("Reset all")
        self.reset_all.setToolTip("The program's own keys for every action")
        self.reset_all.clicked.connect(self._keymap.reset_all)
        self.verdict = QLabel()
        self.verdict.setProperty("role", "second")
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(34)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._title)
        top.addLayout(self.chips)
        top.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in (self.pressed, self.use, self.add):
            line.addWidget(widget)
        line.addStretch(1)
        for widget in (self.reset, self.reset_all):
            line.addWidget(widget)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(line)
        column.addWidget(self.verdict)
        return box

    # showing

    def _refresh(self) -> None:
        for name in self._items:
            self._show_keys(name)
        self._show()

    def _show_keys(self, name: str) -> None:
        item = self._items[name]
        item.setText(1, "   ".join(keys_of(self._keymap.action(name))))
        changed = self._keymap.is_changed(name)
        item.setForeground(1, QColor(theme.EDITED if changed else theme.SECOND))
        item.setToolTip(1, "Changed by you" if changed else "")

    def _show(self) -> None:
        """The keys of the chosen action, and nothing pressed yet."""
        while (old := self.chips.takeAt(0)) is not None:
            chip = old.widget()
            if chip is not None:
                chip.hide()
                chip.deleteLater()
        name = self.chosen()
        self._title.setText(name_of(self._keymap.action(name)) if name else "")
        keys = self._keymap.keys(name) if name else ()
        for key in keys:
            chip = QPushButton(f"{QKeySequence(key).toString(_NATIVE)}  ×")
            chip.setProperty("role", "chip")
            chip.setObjectName("key-chip")
            chip.setToolTip("Take this key away")
            chip.setAccessibleName(f"Take the key {key} away")
            chip.clicked.connect(lambda _=False, key=key: self._drop(key))
            self.chips.addWidget(chip)
        self.pressed.setEnabled(bool(name))
        self.pressed.clear()
        self.reset.setEnabled(bool(name) and self._keymap.is_changed(name))
        self.reset_all.setEnabled(any(map(self._keymap.is_changed, self._items)))
        self._judge()

    def _filter(self, text: str) -> None:
        for group, items in self._groups.values():
            for item in items:
                item.setHidden(not _fits(text, item.text(0), group.text(0), item.text(1)))
            group.setHidden(all(item.isHidden() for item in items))

    # changing

    def _judge(self) -> None:
        """Say what the pressed key does now, before it is given away."""
        key = self._pressed_key()
        name = self.chosen()
        possible = bool(key and name)
        said = ""
        if possible:
            shown = self.pressed.keySequence().toString(_NATIVE)
            owner = self._keymap.owner(key)
            if kept_for(key):
                possible, said = False, f"{shown} {kept_for(key)}; choose another key."
            elif owner == name:
                possible, said = False, f"{shown} does this already."
            elif owner is not None:
                other = name_of(self._keymap.action(owner))
                said = f"{shown} is the key of “{other}” now. Used here, it is taken from there."
            else:
                said = f"{shown} is free."
        elif self.pressed.keySequence().count():
            said = "This is not one key; press another."
        self.verdict.setText(said)
        self.use.setEnabled(possible)
        self.add.setEnabled(possible and bool(self._keymap.keys(name)))

    def _pressed_key(self) -> str:
        sequence = self.pressed.keySequence()
        return portable(sequence.toString(QKeySequence.SequenceFormat.PortableText))

    def _take(self, beside: tuple[str, ...]) -> None:
        key = self._pressed_key()
        if key:
            self._keymap.give(self.chosen(), (*beside, key))

    def _drop(self, key: str) -> None:
        name = self.chosen()
        self._keymap.give(name, tuple(one for one in self._keymap.keys(name) if one != key))


_NATIVE = QKeySequence.SequenceFormat.NativeText


def _fits(text: str, name: str, menu: str, keys: str) -> bool:
    typed = text.strip()
    return not typed or typed.casefold() in keys.casefold().split() or bool(fit(typed, name, menu))
