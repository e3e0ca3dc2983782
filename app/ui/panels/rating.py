"""The rating of a draft: a score of 1–5 with the paper's rubric beside it, and a comment.

A score counts the moment it is given; a comment that is changed afterwards is a new rating with the
same score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.reporting.report import RUBRIC, Rating
from app.ui.panels.heading import Heading
from app.ui.theme import SECOND, TEXT

_SCORES = tuple(sorted(RUBRIC))
_WHOLE_RUBRIC = "\n".join(f"{score} · {RUBRIC[score]}" for score in reversed(_SCORES))
_INVITATION = "How good is this draft? 5 is best; point at a number to read what it stands for."


class RatingPanel(QWidget):
    """Rates one of the drafts shown.

    rated(score, comment)   a score was given, or the comment of a given score was changed
    rank_changed(rank)      the reader chose another draft to rate
    """

    rated = Signal(int, str)
    rank_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rank = 0
        self._ratings: dict[int, Rating] = {}
        self._sent: tuple[int, str] | None = None
        self._heading = Heading("Rate")
        self._who = QLabel()
        self._who.setMaximumWidth(220)
        self._who.setStyleSheet(f"color: {SECOND};")
        self._heading.add(self._who)
        self._ranks = QButtonGroup(self)
        self._ranks.idClicked.connect(self._choose_rank)
        self._scores = QButtonGroup(self)
        self._scores.setExclusive(False)  # by hand: no score is given to begin with
        self._scores.idClicked.connect(self.rate)
        self._line = scores = QHBoxLayout()
        scores.setSpacing(8)
        for score in _SCORES:
            button = QPushButton(str(score))
            button.setObjectName(f"score_{score}")
            button.setCheckable(True)
            button.setMinimumWidth(32)
            button.setToolTip(f"{score} · {RUBRIC[score]}")
            button.setAccessibleName(f"Rate {score}: {RUBRIC[score]}")
            button.installEventFilter(self)
            self._scores.addButton(button, score)
            scores.addWidget(button, 1)
        self._rubric = QLabel()
        self._rubric.setWordWrap(True)
        self._rubric.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._rubric.setToolTip(_WHOLE_RUBRIC)
        # Two lines are always kept, so that pointing at a number moves nothing.
        self._rubric.setFixedHeight(2 * self._rubric.fontMetrics().lineSpacing() + 4)
        self.comment = QLineEdit()
        self.comment.setPlaceholderText("Comment (optional)")
        self.comment.setAccessibleName("Comment on the rating")
        self.comment.setMaxLength(2000)
        self.comment.editingFinished.connect(self.flush)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addLayout(scores)
        column.addWidget(self._rubric)
        column.addWidget(self.comment)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Rate the draft")
        self._make_actions()
        self.set_drafts(())

    def set_model(self, name: str) -> None:
        """Whose drafts are rated, while those of two models are shown; "" otherwise."""
        self._heading.set_aside(f"of {name}" if name else "")

    def set_drafts(self, ranks: Sequence[int]) -> None:
        """Which drafts can be rated; none disables the panel. Forgets all ratings shown."""
        for button in self._ranks.buttons():
            self._ranks.removeButton(button)
            button.setParent(None)
        for rank in ranks:
            button = QPushButton(f"Pd{rank}")
            button.setProperty("role", "chip")
            button.setStyleSheet("font-size: 13px;")
            button.setCheckable(True)
            button.setAccessibleName(f"Rate draft {rank}")
            self._ranks.addButton(button, rank)
            self._heading.add_left(button)
        self._ratings = {}
        self._rank = 0
        if ranks:
            self.set_rank(ranks[0])
        else:
            self._show()

    def set_rank(self, rank: int) -> None:
        """Rate the draft ``rank``; a comment that was not yet sent is sent first."""
        button = self._ranks.button(rank)
        if button is None or rank == self._rank:
            return
        self.flush()
        self._rank = rank
        button.setChecked(True)
        self._show()

    def rank(self) -> int:
        """The draft that is rated; 0 without drafts."""
        return self._rank

    def set_rating(self, rating: Rating | None) -> None:
        """Show the rating of the draft that it is about; None: the draft in question has none."""
        if rating is None:
            self._ratings.pop(self._rank, None)
        else:
            self._ratings[rating.rank] = rating
        self._show(keep_comment=True)

    def set_ratings(self, ratings: Iterable[Rating]) -> None:
        """Show these ratings of the analysis, the newest one for each draft."""
        self._ratings = {one.rank: one for one in sorted(ratings, key=lambda one: one.at)}
        self._show(keep_comment=True)

    def score(self) -> int:
        """The score shown; 0 when none was given."""
        return next((n for n in _SCORES if self._scores.button(n).isChecked()), 0)

    def rate(self, score: int) -> None:
        """Give ``score`` to the draft in question, with the comment as it stands."""
        if not self._rank:
            return
        self._check(score)
        self._send(score)

    def flush(self) -> None:
        """Send a comment that was changed and not yet sent; without a score there is none."""
        if self._sent is None or not self._rank:
            return
        if self.comment.text().strip() != self._sent[1]:
            self._send(self._sent[0])

    def set_compact(self, on: bool) -> None:
        """Save a line: the comment stands behind the scores instead of below the rubric."""
        if on:
            self._line.addWidget(self.comment, len(_SCORES))
        else:
            self._column.addWidget(self.comment)

    def rubric_text(self) -> str:
        """The rubric's line as shown."""
        return self._rubric.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self._show_rubric(self._scores.id(watched) if isinstance(watched, QPushButton) else 0)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self._show_rubric(self.score())
        return super().eventFilter(watched, event)

    def _make_actions(self) -> None:
        for score in _SCORES:
            action = QAction(f"Rate {score}", self)
            action.setObjectName(f"rate_{score}")
            action.setShortcut(QKeySequence(str(score)))
            action.setProperty("score", score)
            action.triggered.connect(self._rate_by_action)
            self.addAction(action)

    def _rate_by_action(self) -> None:
        self.rate(int(self.sender().property("score")))

    def _choose_rank(self, rank: int) -> None:
        if rank != self._rank:
            self.set_rank(rank)
            self.rank_changed.emit(rank)

    def _send(self, score: int) -> None:
        self._sent = (score, self.comment.text().strip())
        self.rated.emit(*self._sent)

    def _check(self, score: int) -> None:
        for number in _SCORES:
            self._scores.button(number).setChecked(number == score)
        self._show_rubric(score)

    def _show(self, *, keep_comment: bool = False) -> None:
        """Show what is known about the draft in question; ``keep_comment`` while it is typed."""
        possible = self._rank > 0
        for action in self.actions():
            action.setEnabled(possible)
        for button in self._scores.buttons():
            button.setEnabled(possible)
        self.comment.setEnabled(possible)
        rating = self._ratings.get(self._rank)
        if not (keep_comment and self.comment.hasFocus()):
            self.comment.setText(rating.comment if rating else "")
        self._sent = (rating.score, rating.comment.strip()) if rating else None
        self._who.setText(f"rated {rating.score} by {rating.rater}" if rating else "")
        self._check(rating.score if rating else 0)

    def _show_rubric(self, score: int) -> None:
        if not self._rank:
            self._rubric.setText("There is no draft to rate yet.")
        elif score:
            self._rubric.setText(f"{score} · {RUBRIC[score]}")
        else:
            self._rubric.setText(_INVITATION)
        self._rubric.setStyleSheet(f"color: {TEXT if score and self._rank else SECOND};")
