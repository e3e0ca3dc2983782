"""What a reader answers: a score with its meaning, a question with its choices or a text."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.reading.protocol import Question
from app.ui import theme
from app.ui.blinded.scale import px

TYPING_MS: Final = 400
"""A text is kept so long after the last letter, and at once when the item is left or paused."""
_GAP: Final = 8


class ScoreRow(QFrame):
    """One score with what it means; a click chooses it."""

    chosen = Signal(int)

    def __init__(self, score: int, meaning: str) -> None:
        super().__init__()
        self.score = score
        self.setObjectName(f"row_{score}")
        self.setAccessibleName(f"Score {score}: {meaning}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._number = QLabel(str(score))
        self._text = QLabel(meaning)
        self._text.setWordWrap(True)
        self._line = QHBoxLayout(self)
        self._line.addWidget(self._number, 0, Qt.AlignmentFlag.AlignTop)
        self._line.addWidget(self._text, 1)
        self.set_active(False)

    def set_scale(self, scale: float) -> None:
        self._number.setStyleSheet(f"font-size: {px(15, scale)}px; font-weight: 600;")
        self._number.setFixedWidth(round(22 * scale))
        self._text.setStyleSheet(f"font-size: {px(14, scale)}px;")
        self._line.setContentsMargins(*(round(side * scale) for side in (12, 5, 12, 5)))

    @property
    def active(self) -> bool:
        return self._active

    def set_active(self, active: bool) -> None:
        self._active = active
        ground, border = (theme.ACCENT_DARK, theme.ACCENT) if active else (theme.RAISED, theme.LINE)
        self.setStyleSheet(
            f"ScoreRow {{ background: {ground}; border: 1px solid {border}; border-radius: 6px; }}"
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.score)


class QuestionRow(QWidget):
    """An extra question: chips to choose one of, or a line of free text."""

    answered = Signal(str, str)

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self._title = QLabel(question.text + (" (required)" if question.required else ""))
        self._title.setProperty("role", "second")
        self._title.setWordWrap(True)
        self._chips: list[QPushButton] = []  # no QButtonGroup: Tab would reach its first one only
        chips = QHBoxLayout()
        chips.setSpacing(_GAP)
        for number, choice in enumerate(question.choices):
            chip = QPushButton(choice)
            chip.setCheckable(True)
            chip.setAccessibleName(f"{question.text} {choice}")
            chip.clicked.connect(partial(self._clicked, number))
            self._chips.append(chip)
            chips.addWidget(chip)
        chips.addStretch(1)
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(question.text)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(TYPING_MS)
        self._later.timeout.connect(self.flush)
        self._text.textChanged.connect(self._later.start)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(_GAP)
        self._box.addWidget(self._title)
        if question.choices:
            self._box.addLayout(chips, 1)
        else:
            self._box.addWidget(self._text, 1)

    def set_scale(self, scale: float) -> None:
        self._title.setStyleSheet(f"font-size: {px(13, scale)}px;")
        for chip in self._chips:
            sides = f"{round(2 * scale)}px {round(8 * scale)}px"
            chip.setStyleSheet(f"font-size: {px(13, scale)}px; padding: {sides};")
        self._text.setStyleSheet(f"font-size: {px(13, scale)}px; padding: 2px 6px;")
        self._text.setFixedHeight(round(40 * scale))

    def title_width(self) -> int:
        """That of the question on one line."""
        metrics = self._title.fontMetrics()
        return metrics.horizontalAdvance(self._title.text()) + 2

    def answer_width(self) -> int:
        """That of the choices side by side; a text takes what there is."""
        if not self._chips:
            return 0
        return sum(chip.sizeHint().width() + _GAP for chip in self._chips)

    def arrange(self, title: int, width: int) -> None:
        """Question and choices on one line with ``title`` pixels for the question, if they go into
        ``width``; else below each other."""
        beside = self.title_width() <= title and title + _GAP + self.answer_width() <= width
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._box.setDirection(way)
        self._box.setSpacing(_GAP if beside else 3)
        self._title.setMinimumWidth(title if beside else 0)
        self._title.setMaximumWidth(title if beside else width)

    def chip(self, choice: str) -> QPushButton:
        return next(b for b in self.findChildren(QPushButton) if b.text() == choice)

    def flush(self) -> None:
        """Say what was typed, if it isn't said yet."""
        if self._later.isActive():
            self._later.stop()
            self.answered.emit(self.question.key, self._text.toPlainText().strip())

    def show_answer(self, value: str) -> None:
        """Show what is kept; a text being typed is left alone."""
        for number, choice in enumerate(self.question.choices):
            self._chips[number].setChecked(choice == value)
        typing = self._text.hasFocus() or self._later.isActive()
        if not self.question.choices and not typing:
            blocked = self._text.blockSignals(True)
            self._text.setPlainText(value)
            self._text.blockSignals(blocked)

    def _clicked(self, number: int) -> None:
        chosen = self._chips[number].isChecked()
        value = self.question.choices[number] if chosen else ""
        self.show_answer(value)
        self.answered.emit(self.question.key, value)
