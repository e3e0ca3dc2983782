"""The right side of the reading window: the report, the rubric, extra questions, a comment."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
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
from app.reading.protocol import Protocol
from app.ui.blinded.report_text import ReportText
from app.ui.blinded.rows import TYPING_MS, QuestionRow, ScoreRow
from app.ui.blinded.scale import form_width, px, scale_of
from app.ui.panels.heading import Heading

_TITLE_SHARE = 0.45
"""A longer question stands above its choices."""


class Form(QWidget):
    """Shows one item's report and answers; says what is answered, decides nothing."""

    scored = Signal(int)
    answered = Signal(str, str)
    commented = Signal(str)
    next_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report = ReportText()
        card = QFrame()
        card.setProperty("panel", "card")
        self._card = QVBoxLayout(card)
        self._card.addWidget(self.report)

        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)
        self._again.timeout.connect(self._arrange)
        self._again.timeout.connect(self._give_room)

        self.rows = {score: ScoreRow(score, protocol.rubric[score]) for score in range(5, 0, -1)}
        self.questions = {q.key: QuestionRow(q) for q in protocol.questions}
        self.comment = QPlainTextEdit()
        self.comment.setPlaceholderText("Comment…")
        self.comment.setAccessibleName("Comment on this report")
        self.comment.setTabChangesFocus(True)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(TYPING_MS)
        self._later.timeout.connect(self.flush)
        self.comment.textChanged.connect(self._later.start)

        body = QWidget()
        self._column = QVBoxLayout(body)
        self._headings = (Heading("Report under review"), Heading("Quality of this report"))
        self._column.addWidget(self._headings[0])
        self._column.addWidget(card)
        self._column.addWidget(self._headings[1])
        for row in self.rows.values():
            row.chosen.connect(self.scored)
            self._column.addWidget(row)
        for question in self.questions.values():
            question.answered.connect(self.answered)
            self._column.addWidget(question)
        self._column.addWidget(self.comment)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes to the first question
        self._scroll.setWidget(body)
        self._scroll.verticalScrollBar().rangeChanged.connect(lambda *_: self._again.start())

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
        foot.setContentsMargins(12, 6, 12, 8)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll, 1)
        whole.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def fit(self, window: QSize) -> None:
        """As large as ``window`` allows: type, rows and the whole form."""
        scale = scale_of(window)
        self.setFixedWidth(form_width(window, scale))
        for row in self.rows.values():
            row.set_scale(scale)
        for question in self.questions.values():
            question.set_scale(scale)
        for heading in self._headings:
            heading.setMinimumHeight(round(22 * scale))
            heading.set_pixels(px(11, scale))
        self.report.set_pixels(px(17, scale))
        self._card.setContentsMargins(*(round(side * scale) for side in (16, 10, 10, 10)))
        self._column.setContentsMargins(*(round(side * scale) for side in (12, 4, 12, 4)))
        self._column.setSpacing(round(6 * scale))
        small = f"font-size: {px(13, scale)}px;"
        self.comment.setStyleSheet(small + " padding: 3px 6px;")
        self.comment.setFixedHeight(round(46 * scale))
        for part in (self._hint, self.back, self.next):
            part.setStyleSheet(small)
        self._settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle()

    def _settle(self) -> None:
        """Now, and again when Qt has given every row its new type."""
        self._arrange()
        self._give_room()
        self._again.start()

    def _give_room(self) -> None:
        """The report is as high as it needs to be, or as the questions leave it: they are all in
        sight, and the end of a long report is scrolled to."""
        sides = self._card.contentsMargins()
        whole = self.report.whole_height(self._width() - sides.left() - sides.right() - 2)
        others = self._column.heightForWidth(self.minimumWidth()) - self.report.minimumHeight()
        room = max(self._scroll.height() - others, self.report.least_height())
        self.report.setFixedHeight(min(whole, room))

    def _width(self) -> int:
        """Logical pixels between the form's margins."""
        sides = self._column.contentsMargins()
        return self.minimumWidth() - sides.left() - sides.right()

    def _arrange(self) -> None:
        """Questions that are short enough begin their choices at one place, the others below."""
        width = self._width() - self._scroll.verticalScrollBar().sizeHint().width()
        short = [q.title_width() for q in self.questions.values()]
        title = max((each for each in short if each <= _TITLE_SHARE * width), default=0)
        for question in self.questions.values():
            question.arrange(title, width)

    def set_item(self, report: str) -> None:
        self.report.set_text(report)
        self._settle()

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
