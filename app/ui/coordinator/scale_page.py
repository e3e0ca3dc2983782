"""The second step of a new study: what the scores mean and what else is asked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.reading.protocol import OFFERED, PAPER_RUBRIC, Protocol, Question
from app.ui.coordinator.parts import card, form, quiet


class OfferedRow(QWidget):
    """A question that everybody knows: asked or not, and whether it must be answered."""

    changed = Signal()

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.asked = QCheckBox(question.text)
        self.asked.setToolTip(" · ".join(question.choices))
        self.required = QCheckBox("must be answered")
        self.required.setAccessibleName(f"{question.text} must be answered")
        self.asked.toggled.connect(self._follow)
        self.required.toggled.connect(self.changed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        choices = QLabel(" · ".join(question.choices))
        choices.setProperty("role", "small")
        line.addWidget(self.asked)
        line.addWidget(choices, 1)
        line.addWidget(self.required)
        self._follow()

    def _follow(self) -> None:
        self.required.setEnabled(self.asked.isChecked())
        self.changed.emit()

    def show_question(self, question: Question | None) -> None:
        self.asked.setChecked(question is not None)
        self.required.setChecked(question is not None and question.required)

    def setting(self) -> dict[str, Any] | None:
        if not self.asked.isChecked():
            return None
        return _setting(self.question, required=self.required.isChecked())


class OwnRow(QWidget):
    """A question of the coordinator's own; without choices the answer is free text."""

    changed = Signal()
    removed = Signal(object)

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._key = question.key
        self.text = QLineEdit(question.text, placeholderText="Question")
        self.choices = QLineEdit(
            ", ".join(question.choices), placeholderText="choices, separated by commas, or none"
        )
        self.required = QCheckBox("must be answered")
        self.required.setChecked(question.required)
        self.gone = gone = QPushButton("Remove")
        gone.setProperty("role", "quiet")
        gone.clicked.connect(lambda: self.removed.emit(self))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.text, 2)
        line.addWidget(self.choices, 2)
        line.addWidget(self.required)
        line.addWidget(gone)
        self.text.textChanged.connect(self.changed)
        self.choices.textChanged.connect(self.changed)
        self.required.toggled.connect(self.changed)

    def by_tab(self) -> tuple[QWidget, ...]:
        """Its parts in the order in which Tab goes through them."""
        return self.text, self.choices, self.required, self.gone

    def setting(self) -> dict[str, Any]:
        choices = tuple(one.strip() for one in self.choices.text().split(",") if one.strip())
        question = Question(self._key, self.text.text().strip(), choices)
        return _setting(question, required=self.required.isChecked())


class ScalePage(QWidget):
    """``changed()`` when anything is; what is chosen is read by :meth:`settings`."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rubric = {score: QLineEdit(text) for score, text in PAPER_RUBRIC.items()}
        self.offered = {question.key: OfferedRow(question) for question in OFFERED}
        self.own: list[OwnRow] = []
        self._order: list[str] = []  # of the questions in a protocol that was opened
        scale, column = card("Scale", quiet("What a reader sees beside each score."))
        rows = form()
        for score, line in self.rubric.items():
            line.setAccessibleName(f"What {score} means")
            line.textChanged.connect(self.changed)
            rows.addRow(str(score), line)
        column.addLayout(rows)
        paper = QPushButton("As in the paper")
        paper.clicked.connect(self.as_in_the_paper)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(paper)
        column.addLayout(foot)
        questions, self._questions = card("Questions beside the score", *self.offered.values())
        for row in self.offered.values():
            row.changed.connect(self.changed)
        self._add = add = QPushButton("Another question")
        add.clicked.connect(lambda: self.add_question().text.setFocus())
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(add)
        self._own = QVBoxLayout()
        self._questions.addLayout(self._own)
        self._questions.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(scale)
        whole.addWidget(questions)
        whole.addStretch(1)

    def as_in_the_paper(self) -> None:
        for score, line in self.rubric.items():
            line.setText(PAPER_RUBRIC[score])

    def add_question(self, question: Question | None = None) -> OwnRow:
        row = OwnRow(question or Question(self._free_key(), ""))
        row.changed.connect(self.changed)
        row.removed.connect(self._remove)
        before: QWidget = (
            self.own[-1].gone if self.own else list(self.offered.values())[-1].required
        )
        self.own.append(row)
        self._own.addWidget(row)
        for after in (*row.by_tab(), self._add):
            QWidget.setTabOrder(before, after)
            before = after
        self.changed.emit()
        return row

    def settings(self) -> dict[str, Any]:
        """As a protocol's TOML would give them, unchecked."""
        asked = [row.setting() for row in self.offered.values()]
        own = [row.setting() for row in self.own]
        order = {key: place for place, key in enumerate(self._order)}
        questions = [*(one for one in asked if one), *own]
        questions.sort(key=lambda one: order.get(one["key"], len(order)))
        rubric = {str(score): line.text().strip() for score, line in self.rubric.items()}
        return {"rubric": rubric, "questions": questions}

    def show_protocol(self, protocol: Protocol) -> None:
        for score, line in self.rubric.items():
            line.setText(protocol.rubric[score])
        by_key = {question.key: question for question in protocol.questions}
        self._order = list(by_key)
        for row in list(self.own):
            self._remove(row)
        for key, offered in self.offered.items():
            found = by_key.get(key)
            usual = found is not None and (found.text, found.choices) == (
                offered.question.text,
                offered.question.choices,
            )
            offered.show_question(found if usual else None)
            if usual:
                del by_key[key]
        for question in by_key.values():
            self.add_question(question)

    def _remove(self, row: OwnRow) -> None:
        self.own.remove(row)
        self._own.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.changed.emit()

    def _free_key(self) -> str:
        taken = {str(row.setting()["key"]) for row in self.own}
        return next(key for n in range(1, 1000) if (key := f"question_{n}") not in taken)


def _setting(question: Question, *, required: bool) -> dict[str, Any]:
    return {
        "key": question.key,
        "text": question.text,
        "choices": list(question.choices),
        "required": required,
    }
