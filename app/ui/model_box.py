"""Every installed model with what is known of it, beside the work: choose one, compare, measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.inference.drafts import Speed
from app.ui import theme
from app.ui.card_view import CardView
from app.ui.map_words import map_words
from app.ui.model_facts import card_text, facts

if TYPE_CHECKING:
    from app.inference.checkpoint import ModelInfo

_LIST_WIDTH = 270


class ModelBox(QDialog):
    """Not modal.

    chosen(model id)            draft with this model from now on
    compared(model id)          show its drafts beside those of the model that drafts
    measure_wanted(model id)    draft the phantom a few times and take the time
    measure_cancelled()         that takes too long
    """

    chosen = Signal(str)
    compared = Signal(str)
    measure_wanted = Signal(str)
    measure_cancelled = Signal()

    def __init__(
        self,
        models: Sequence[ModelInfo],
        drafting: str,
        speed_of: Callable[[ModelInfo], Speed | None],
        parent: QWidget | None = None,
    ) -> None:
        """``drafting`` is the id of the model that drafts; ``speed_of`` knows how fast one was."""
        super().__init__(parent)
        self.setWindowTitle("Models · Reading Room")
        self.setModal(False)
        self._models: dict[str, ModelInfo] = {}
        self._drafting = drafting
        self._speed_of = speed_of
        self._measuring = ""
        self.list = QListWidget()
        self.list.setAccessibleName("Installed models")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setWordWrap(True)
        self.list.setStyleSheet(
            f"QListWidget {{ background: {theme.RAISED}; border: 1px solid {theme.LINE};"
            " border-radius: 6px; } QListWidget::item { padding: 8px 10px; }"
        )
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.title.setWordWrap(True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(14)
        self._facts.setVerticalSpacing(4)
        self._facts.setColumnStretch(1, 1)
        self.card = CardView()
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.title)
        right.addLayout(self._facts)
        right.addWidget(self._make_measuring())
        right.addWidget(self.card, 1)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(self.list)
        both.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addLayout(both, 1)
        column.addLayout(self._make_buttons())
        self.resize(980, 660)
        self.list.currentRowChanged.connect(lambda _: self._show_another())
        self.list.itemActivated.connect(lambda _: self._choose())
        self.set_models(models, drafting)
        self.list.setFocus()

    @property
    def model_id(self) -> str:
        """The model that is shown; empty when none is installed."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def set_models(self, models: Sequence[ModelInfo], drafting: str) -> None:
        """These are installed now; what was shown stays shown where it is among them."""
        shown = self.model_id or drafting
        self._models = {info.model_id: info for info in models}
        self._drafting = drafting
        with QSignalBlocker(self.list):
            self.list.clear()
            for info in models:
                item = QListWidgetItem()
                item.setData(Qt.ItemDataRole.UserRole, info.model_id)
                self.list.addItem(item)
            self._name_all()
            self.select(shown)
        self._show_another()

    def select(self, model_id: str) -> None:
        """Show this model, or the first one."""
        row = list(self._models).index(model_id) if model_id in self._models else 0
        self.list.setCurrentRow(row)

    def select_another(self) -> None:
        """Show the first model that isn't the one that drafts, ready to be compared."""
        self.select(next((one for one in self._models if one != self._drafting), self._drafting))
        self.compare.setFocus()

    def set_drafting(self, model_id: str) -> None:
        """Another model drafts now."""
        self._drafting = model_id
        self._name_all()
        self._show()

    def set_measuring(self, model_id: str, done: int = 0, total: int = 0) -> None:
        """``done`` of ``total`` drafts are made of the model that is measured; "" for none."""
        self._measuring = model_id
        self._progress.setVisible(bool(model_id))
        self._bar.setRange(0, max(total, 1))  # (0, 0) would make Qt's bar slide to and fro
        self._bar.setValue(done)
        counted = f", draft {done + 1} of {total}" if total else ""
        self._measured.setText(f"Measuring {model_id}{counted}…")
        self._enable()

    def set_trouble(self, text: str) -> None:
        """Say what went wrong with measuring; "" for nothing."""
        self._trouble.setText(text)
        self._trouble.setVisible(bool(text))

    def refresh(self) -> None:
        """Speeds have changed."""
        self._show()

    def fact(self, name: str) -> str:
        """What is said under one name, for instance ``Speed``."""
        info = self._models.get(self.model_id)
        return dict(facts(info, self._speed_of(info)))[name] if info is not None else ""

    def _make_measuring(self) -> QWidget:
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 0, 0)
        self._measured = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("cancel_measuring")
        self.cancel.clicked.connect(self.measure_cancelled)
        row.addWidget(self._measured)
        row.addWidget(self._bar, 1)
        row.addWidget(self.cancel)
        self._progress.hide()
        self._trouble = QLabel()
        self._trouble.setWordWrap(True)
        self._trouble.setStyleSheet(f"color: {theme.EDITED};")
        self._trouble.hide()
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._progress)
        column.addWidget(self._trouble)
        return both

    def _make_buttons(self) -> QHBoxLayout:
        self.choose = QPushButton("Draft with this model")
        self.choose.setProperty("role", "primary")
        self.choose.setToolTip("Now and from now on; what others drafted and you wrote is kept")
        self.choose.clicked.connect(self._choose)
        self.compare = QPushButton("Compare")
        self.compare.setToolTip("Show its drafts beside those of the model that drafts")
        self.compare.clicked.connect(lambda: self.compared.emit(self.model_id))
        self.measure = QPushButton("Measure speed")
        self.measure.setToolTip("Draft the synthetic image a few times and take the time")
        self.measure.clicked.connect(lambda: self.measure_wanted.emit(self.model_id))
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.measure)
        row.addStretch(1)
        for button in (self.compare, self.choose, close):
            row.addWidget(button)
        for button in (self.choose, self.compare, self.measure, close):
            button.setAutoDefault(False)
        return row

    def _choose(self) -> None:
        if self.choose.isEnabled():
            self.chosen.emit(self.model_id)

    def _name_all(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            info = self._models[str(item.data(Qt.ItemDataRole.UserRole))]
            drafts = " · drafts now" if info.model_id == self._drafting else ""
            kind = map_words(info.looks).label
            size = f"{info.size_bytes / 1e6:,.0f} MB"
            item.setText(f"{info.model_id}{drafts}\n{info.system} · {kind} · {size}")

    def _show_another(self) -> None:
        self.set_trouble("")  # it was the model's before; while that is shown, it stays
        self._show()

    def _show(self) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()  # one that was just put there would else be shown on its own still
                old.setParent(None)
                old.deleteLater()
        info = self._models.get(self.model_id)
        if info is None:
            self.title.setText("No model is installed.")
            self.card.clear()
            self._enable()
            return
        self.title.setText(info.title)
        for row, (name, words) in enumerate(facts(info, self._speed_of(info))):
            label, said = QLabel(name), QLabel(words)
            label.setStyleSheet(f"color: {theme.SECOND};")
            said.setWordWrap(True)
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            said.setAccessibleName(f"{name}: {words}")
            self._facts.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(said, row, 1)
        self.card.show_card(card_text(info))
        self._enable()

    def _enable(self) -> None:
        shown, other = bool(self.model_id), self.model_id != self._drafting
        self.choose.setEnabled(shown and other)
        self.compare.setEnabled(shown and other)
        self.measure.setEnabled(shown and not self._measuring)
