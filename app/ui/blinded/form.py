"""The right side of the reading window: the report, the rubric, extra questions, a comment."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.reading.events import Answers
from app.reading.protocol import Protocol, Question
from app.ui import theme
from app.ui.panels.heading import Heading

WIDTH = 500
COMMENT_MS = 400
"""A text is kept so long after the last letter, and at once when the item is left or paused."""


class ScoreRow(QFrame):
    """One score with what it means; a click chooses it."""

    chosen = Signal(int)

    def __init__(self, score: int, meaning: str) -> None:
        super().__init__()
        self.score = score
        self.setObjectName(f"row_{score}")
        self.setAccessibleName(f"Score {score}: {meaning}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        number = QLabel(str(score))
        number.setStyleSheet("font-size: 17px; font-weight: 600;")
        number.setFixedWidth(22)
        text = QLabel(meaning)
        text.setWordWrap(True)
        text.setStyleSheet("font-size: 14px;")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 8, 12, 8)
        line.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(text, 1)
        self.set_active(False)

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
        title = QLabel(question.text + ("" if question.required else "  (optional)"))
        title.setProperty("role", "second")
        self._chips: list[QPushButton] = []  # no QButtonGroup: Tab would reach its first one only
        line = QHBoxLayout()
        line.setSpacing(8)
        for number, choice in enumerate(question.choices):
            chip = QPushButton(choice)
            chip.setCheckable(True)
            chip.setStyleSheet("padding: 3px 10px;")
            chip.setAccessibleName(f"{question.text} {choice}")
            chip.clicked.connect(partial(self._clicked, number))
            self._chips.append(chip)
            line.addWidget(chip)
        self._text = QPlainTextEdit()
        self._text.setFixedHeight(54)
        self._text.setTabChangesFocus(True)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(COMMENT_MS)
        self._later.timeout.connect(self.flush)
        self._text.textChanged.connect(self._later.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(title)
        line.addStretch(1)
        if question.choices:
            column.addLayout(line)
        else:
            column.addWidget(self._text)

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


class Form(QWidget):
    """Shows one item's report and answers; says what is answered, decides nothing."""

    scored = Signal(int)
    answered = Signal(str, str)
    commented = Signal(str)
    next_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.report = QLabel()
        self.report.setObjectName("report_under_review")
        self.report.setWordWrap(True)
        self.report.setTextFormat(Qt.TextFormat.PlainText)
        self.report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.report.setStyleSheet("font-size: 17px; line-height: 150%;")
        self.report.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        card = QFrame()
        card.setProperty("panel", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 16, 20, 16)
        inside.addWidget(self.report)

        self.rows = {score: ScoreRow(score, protocol.rubric[score]) for score in range(5, 0, -1)}
        self.questions = {q.key: QuestionRow(q) for q in protocol.questions}
        self.comment = QPlainTextEdit()
        self.comment.setPlaceholderText("Comment…")
        self.comment.setAccessibleName("Comment on this report")
        self.comment.setTabChangesFocus(True)
        self.comment.setFixedHeight(64)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(COMMENT_MS)
        self._later.timeout.connect(self.flush)
        self.comment.textChanged.connect(self._later.start)

        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(Heading("Report under review"))
        column.addWidget(card)
        column.addSpacing(4)
        column.addWidget(Heading("Quality of this report"))
        for row in self.rows.values():
            row.chosen.connect(self.scored)
            column.addWidget(row)
        for question in self.questions.values():
            question.answered.connect(self.answered)
            column.addWidget(question)
        column.addWidget(self.comment)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)

        self._hint = QLabel()
        self._hint.setProperty("role", "third")
        self._hint.setWordWrap(True)
        self.back = QPushButton("Back")
        self.back.clicked.connect(self.back_wanted)
        self.back.setVisible(protocol.going_back)
        self.next = QPushButton("Next item")
        self.next.setProperty("role", "primary")
        self.next.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.next.clicked.connect(self.next_wanted)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 12)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll, 1)
        whole.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_item(self, report: str) -> None:
        self.report.setText(report)

    def show_answers(
        self, answers: Answers, missing: tuple[str, ...], *, can_go_back: bool
    ) -> None:
        """Bring the widgets in line with what is kept; a comment being typed is left alone."""
        for score, row in self.rows.items():
            row.set_active(score == answers.score)
        for key, question in self.questions.items():
            question.show_answer(answers.answers.get(key, ""))
        if not self.comment.hasFocus() and not self._later.isActive():
            blocked = self.comment.blockSignals(True)
            self.comment.setPlainText(answers.comment)
            self.comment.blockSignals(blocked)
        self.next.setEnabled(not missing)
        self.back.setEnabled(can_go_back)
        open_ones = [q.question.text for key, q in self.questions.items() if key in missing]
        if "score" in missing:
            self._hint.setText("keys 1-5, then Enter")
        elif open_ones:
            self._hint.setText(f"still open: {open_ones[0]}")
        else:
            self._hint.setText("Enter: next item")

    def flush(self) -> None:
        """Say what was typed and isn't kept yet: free answers, then the comment."""
        for question in self.questions.values():
            question.flush()
        self._later.stop()
        self.commented.emit(self.comment.toPlainText().strip())
