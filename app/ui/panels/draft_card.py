"""One draft as a card: its rank, how much the model prefers it, its words, and how to take it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.inference.drafts import Draft
from app.ui.panels.draft_text import DraftText
from app.ui.panels.keycap import Bar, KeyButton
from app.ui.theme import ACCENT, LINE, RAISED, SECOND, TEXT, tabular


class DraftCard(QWidget):
    """A draft with its share in [0, 1] among the drafts shown.

    ``taken`` when the whole draft is wanted, ``pressed`` when the card itself was clicked. The
    words' signals are those of ``text``.
    """

    taken = Signal()
    pressed = Signal()

    def __init__(
        self,
        draft: Draft,
        share: float,
        repeated: list[bool],
        count: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.draft = draft
        self._active = False
        self._focused = False
        self.text = DraftText(draft, repeated)
        self._name = QLabel(f"Draft Pd{draft.rank}")
        self._bar = Bar()
        self._bar.setFixedWidth(88)
        self._bar.set_value(share)
        number = QLabel(f"{share:.2f}")
        number.setFont(tabular(number.font()))
        number.setStyleSheet(f"color: {SECOND};")
        explanation = (
            f"How much this draft is preferred to the others shown: {share:.2f} of 1.\n"
            f"It is not the chance of being right. Log probability {draft.logprob:.2f}"
        )
        for widget in (self._bar, number, self._name):
            widget.setToolTip(explanation)
        self.take = take = KeyButton("take", "")
        take.setAccessibleName(f"Take draft {draft.rank}")
        take.setToolTip("Put this draft into the report")
        take.clicked.connect(self.taken)

        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.setSpacing(8)
        header.addWidget(self._name)
        header.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        header.addWidget(number)
        header.addStretch(1)
        header.addWidget(take)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 10)
        column.setSpacing(4)
        column.addLayout(header)
        column.addWidget(self.text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(
            f"Draft {draft.rank} of {count} by the model, share {share:.2f}: {draft.text}"
        )
        self.set_active(False, False)

    def set_active(self, active: bool, focused: bool) -> None:
        """Whether this is the draft that the keys act on, and whether the keys go to this panel."""
        self._active, self._focused = active, active and focused
        weight = "600" if active else "400"
        color = TEXT if active else SECOND
        self._name.setStyleSheet(f"color: {color}; font-weight: {weight};")
        self.update()

    def is_active(self) -> bool:
        """Whether the keys act on this draft."""
        return self._active

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self._focused else 1.0
        painter.setPen(QPen(QColor(ACCENT if self._active else LINE), width))
        painter.setBrush(QColor(RAISED))
        inset = width / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, 6, 6)
