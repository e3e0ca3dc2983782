"""The drafts of the model: reading them word by word, and taking a draft or one of its sentences.

Keys, when the panel has the focus: ← → from word to word, ↑ ↓ from draft to draft, Enter takes the
draft, Shift+Enter the sentence around the word, Esc lets the word go. Ctrl+1 to Ctrl+3 work
anywhere in the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.inference.drafts import ATTENTION, Analysis, Draft
from app.reporting.difference import repeated_words, shared_words
from app.reporting.draft_sentences import Range, counterpart, next_word, sentence_of, words_text
from app.reporting.report import Source
from app.ui.panels.draft_actions import DraftActions
from app.ui.panels.draft_card import DraftCard
from app.ui.panels.draft_states import BusyState, EmptyState, FailedState, RefusedState
from app.ui.panels.heading import Heading
from app.ui.theme import REPORT_PX, SECOND

_ASIDE = "by the model · not for diagnosis"


class DraftsPanel(QWidget):
    """Shows one analysis' drafts, or why there are none.

    Word indices count from 0 in ``Draft.words``; sentences are (first word, last word + 1).

    word_hovered(rank, index)           the word under the mouse; -1 when it left
    word_held(rank, index)              clicked or walked to; -1 when it was let go
    sentence_hovered(rank, first, end)  a sentence is meant as a whole; (-1, -1) when it left
    take_draft(rank)  take_sentence(rank, first, end)
    active_changed(rank)                the draft that the keys act on, and that a rating is about
    came_to_hand()                      the keyboard came to this panel
    draft_requested()  cancel_requested()  draft_anyway()
    """

    word_hovered = Signal(int, int)
    word_held = Signal(int, int)
    sentence_hovered = Signal(int, int, int)
    take_draft = Signal(int)
    take_sentence = Signal(int, int, int)
    active_changed = Signal(int)
    draft_requested = Signal()
    cancel_requested = Signal()
    draft_anyway = Signal()
    came_to_hand = Signal()

    def __init__(self, actions: DraftActions | None = None, parent: QWidget | None = None) -> None:
        """``actions`` are those of the panel beside which this one stands; its own by default."""
        super().__init__(parent)
        self._analysis: Analysis | None = None
        self._analysis_id = 0
        self._cards: dict[int, DraftCard] = {}
        self._active = 0
        self._held: tuple[int, int] | None = None
        self._at_hand = True
        self._beside: tuple[Draft, ...] | None = None
        self.model_name = ""  # while another model's drafts stand beside these
        self._font_px = REPORT_PX - 1
        self.draft_action: QAction | None = None  # whose key asks for drafts
        self._heading = Heading("Drafts", _ASIDE)
        self._heading.setToolTip(
            "← → from word to word, ↑ ↓ from draft to draft, Enter takes the draft,\n"
            "Shift+Enter the sentence, Esc lets the word go. Dimmed words stand in all drafts."
        )
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addLayout(self._body)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Drafts by the model, not for diagnosis")
        self._actions = actions or DraftActions(self)
        self.set_analysis(0, None)

    # What is shown

    def set_analysis(self, analysis_id: int, analysis: Analysis | None) -> None:
        """Show an analysis' drafts, its gate's refusal, or (None) that there is nothing yet."""
        if analysis is not None and not analysis.drafts and not analysis.gate.ok:
            self.set_refused(analysis.gate.reasons)
        elif analysis is None:
            self._show(EmptyState(action=self.draft_action))
        elif not analysis.drafts:
            nothing = "The model had nothing to say about this image"
            self._show(EmptyState(nothing, action=self.draft_action))
        else:
            self._show_drafts(analysis_id, analysis)
            return
        if isinstance(state := self._state(), EmptyState):
            state.draft_requested.connect(self.draft_requested)

    def set_busy(self, text: str, done: int = 0, total: int = 0) -> None:
        """The model is at work: ``done`` of ``total`` words, ``total`` 0 when unknown."""
        state = self._state()
        if not isinstance(state, BusyState):
            state = BusyState()
            state.cancelled.connect(self.cancel_requested)
            self._show(state)
        state.show_progress(text, done, total)

    def set_refused(self, reasons: Sequence[str]) -> None:
        """The gate refused the image: its reasons, and a way to insist."""
        state = RefusedState(reasons)
        state.anyway.connect(self.draft_anyway)
        self._show(state)

    def set_failed(self, message: str, hint: str = "") -> None:
        """Drafting failed: what is wrong, what to do, and a way to ask again (draft_requested)."""
        state = FailedState(message, hint)
        state.again.connect(self.draft_requested)
        self._show(state)

    def set_unavailable(self, text: str) -> None:
        """There is nothing to draft, and ``text`` says why (no study open, a lateral view…)."""
        self._show(EmptyState(text, can_draft=False))

    def set_beside(self, model_name: str, drafts: Sequence[Draft] | None) -> None:
        """Say whose drafts these are, and dim the words that the drafts of another model, rank by
        rank, have as well. Alone again with "" and None.
        """
        self.model_name = model_name
        self._beside = None if drafts is None else tuple(drafts)
        self._heading.set_title(model_name or "Drafts")
        self._heading.set_aside("not for diagnosis" if model_name else _ASIDE)
        self.setAccessibleName(f"Drafts by {model_name or 'the model'}, not for diagnosis")
        if self._analysis is not None:
            marks = self._marks(self._analysis.drafts)
            for card, repeated in zip(self._cards.values(), marks, strict=True):
                card.text.set_repeated(repeated)

    def set_at_hand(self, at_hand: bool) -> None:
        """Whether the keys act on this panel, or on the one beside it."""
        self._at_hand = at_hand
        self._mark_active()

    def light_words(self, words: Iterable[tuple[int, int]]) -> None:
        """Underline the words (rank, index) that looked at the image's point under the mouse."""
        lit = set(words)
        for rank, card in self._cards.items():
            card.text.set_lit(index for r, index in lit if r == rank)

    def set_font_size(self, pixels: int) -> None:
        """The drafts' text size in pixels, 14–17."""
        self._font_px = min(max(pixels, 14), 17)
        for card in self._cards.values():
            self._dress(card)

    # What the reader points at

    def analysis(self) -> Analysis | None:
        """The analysis whose drafts are shown."""
        return self._analysis

    @property
    def looks(self) -> str:
        """Where the maps of the drafts shown come from; attention while there are none."""
        return self._analysis.looks if self._analysis is not None else ATTENTION

    def analysis_id(self) -> int:
        """The number under which the store keeps that analysis; 0 without one."""
        return self._analysis_id if self._analysis is not None else 0

    def ranks(self) -> tuple[int, ...]:
        """The ranks of the drafts shown."""
        return tuple(self._cards)

    def actions_shared(self) -> DraftActions:
        """What takes and copies drafts, for a panel beside this one."""
        return self._actions

    def take(self, rank: int) -> None:
        """Want the whole draft ``rank`` in the report."""
        self.set_active(rank)
        self.take_draft.emit(rank)

    def active_rank(self) -> int:
        """The draft that the keys act on; 0 without drafts."""
        return self._active

    def held(self) -> tuple[int, int] | None:
        """The held word as (rank, index)."""
        return self._held

    def cards(self) -> tuple[DraftCard, ...]:
        """The cards in the order of their rank."""
        return tuple(self._cards.values())

    def draft_source(self, rank: int) -> Source:
        """The whole draft ``rank`` as something that a report can take. Raises KeyError."""
        return Source(self._analysis_id, rank, self._cards[rank].draft.text)

    def sentence_source(self, rank: int, first: int, end: int) -> Source:
        """Words ``first`` … ``end`` - 1 of draft ``rank``. Raises KeyError, IndexError."""
        return Source(self._analysis_id, rank, words_text(self._cards[rank].draft, first, end))

    def set_active(self, rank: int) -> None:
        """Make ``rank`` the draft that the keys act on; unknown ranks are ignored."""
        if rank not in self._cards or rank == self._active:
            return
        self._active = rank
        self._mark_active()
        self.active_changed.emit(rank)

    def hold(self, rank: int, index: int) -> None:
        """Hold a word, -1 to let go."""
        if self._held is not None and self._held[0] != rank:
            self._cards[self._held[0]].text.set_held(-1)
        held = (rank, index) if index >= 0 else None
        if held == self._held:
            return
        self._held = held
        card = self._cards[rank]
        card.text.set_held(index)
        if held is None:
            self.setAccessibleDescription("")
        else:
            words = card.draft.words
            self.setAccessibleDescription(
                f"{words[index]}, word {index + 1} of {len(words)}, draft {rank}"
            )
        self.word_held.emit(rank, index)

    def copy_active(self) -> None:
        """Put the active draft's text on the clipboard."""
        if self._active:
            QGuiApplication.clipboard().setText(self._cards[self._active].draft.text)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if not self._cards:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._walk(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._change_draft(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._take_sentence_at(self._held[1] if self._held else 0)
            else:
                self.take_draft.emit(self._active)
        elif key == Qt.Key.Key_Escape and self._held is not None:
            self.hold(self._held[0], -1)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_active()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.came_to_hand.emit()
        self._mark_active()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark_active()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu_at(event)
        if menu is not None:
            menu.exec(event.globalPos())
            menu.deleteLater()

    def menu_at(self, event: QContextMenuEvent) -> QMenu | None:
        """What can be done with the draft and the sentence under the mouse."""
        under = (n for n, card in self._cards.items() if card.geometry().contains(event.pos()))
        rank = next(under, None)
        if rank is None:
            return None
        self.set_active(rank)
        card = self._cards[rank]
        menu = QMenu(self)
        menu.addAction(f"Take draft Pd{rank}", lambda: self.take_draft.emit(rank))
        point = card.text.mapFrom(self, event.pos()).toPointF()
        word = card.text.word_at(point)
        sentence = card.text.handle_at(point) or sentence_of(card.text.sentences, word)
        if sentence is not None:
            first, end = sentence
            text = words_text(card.draft, first, end)
            short = text if len(text) <= 40 else text[:39].rstrip() + "…"
            menu.addAction(f"Take “{short}”", lambda: self.take_sentence.emit(rank, first, end))
        menu.addSeparator()
        menu.addAction("Copy draft", self.copy_active)
        return menu

    # Within

    def _state(self) -> QWidget | None:
        item = self._body.itemAt(0)
        return item.widget() if item is not None else None

    def _show(self, *widgets: QWidget) -> None:
        """Replace what stands below the heading; without drafts nothing can be taken or held."""
        if self._held is not None:
            self.hold(self._held[0], -1)
        while (item := self._body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.setParent(None)
                old.deleteLater()
        self._cards = {}
        self._analysis = None
        self._active = 0
        for widget in widgets:
            self._body.addWidget(widget)
        self._actions.refresh()

    def _show_drafts(self, analysis_id: int, analysis: Analysis) -> None:
        repeated = self._marks(analysis.drafts)
        shares = analysis.shares()
        cards = {
            draft.rank: DraftCard(draft, share, marks, len(analysis.drafts))
            for draft, share, marks in zip(analysis.drafts, shares, repeated, strict=True)
        }
        notes = []
        if not analysis.gate.ok:
            notes.append("Drafted at your request, although: " + " ".join(analysis.gate.reasons))
        if not all(_has_attention(draft) for draft in analysis.drafts):
            notes.append("The maps of these drafts were not kept.")
        self._show(*(_note(text) for text in notes), *cards.values())
        self._cards = cards
        self._analysis, self._analysis_id = analysis, analysis_id
        for rank, card in cards.items():
            self._connect(rank, card)
            self._dress(card)
        self._actions.refresh()
        self.set_active(analysis.drafts[0].rank)

    def _connect(self, rank: int, card: DraftCard) -> None:
        if rank <= len(self._actions.take):
            card.take.follow(self._actions.take[rank - 1])
        card.text.set_pointable(_has_attention(card.draft))
        card.taken.connect(lambda: self.take(rank))
        card.pressed.connect(lambda: self._press(rank))
        card.text.pointed.connect(lambda index: self.word_hovered.emit(rank, index))
        card.text.clicked.connect(lambda index: self._click(rank, index))
        card.text.sentence_pointed.connect(
            lambda first, end: self.sentence_hovered.emit(rank, first, end)
        )
        card.text.sentence_taken.connect(
            lambda first, end: self.take_sentence.emit(rank, first, end)
        )

    def _marks(self, drafts: Sequence[Draft]) -> list[list[bool]]:
        words = [draft.words for draft in drafts]
        if self._beside is None:
            return repeated_words(words)
        others = {draft.rank: draft.words for draft in self._beside}
        return shared_words(words, [others.get(draft.rank, ()) for draft in drafts])

    def _dress(self, card: DraftCard) -> None:
        font = card.text.font()
        font.setPixelSize(self._font_px)
        card.text.setFont(font)

    def _mark_active(self) -> None:
        for rank, card in self._cards.items():
            card.set_active(rank == self._active and self._at_hand, self.hasFocus())

    def _press(self, rank: int) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.set_active(rank)

    def _click(self, rank: int, index: int) -> None:
        self._press(rank)
        self.hold(rank, -1 if self._held == (rank, index) else index)

    def _walk(self, step: int) -> None:
        """Hold the next word of the active draft that carries a meaning; stops at either end."""
        draft = self._cards[self._active].draft
        held = self._held[1] if self._held and self._held[0] == self._active else None
        index = next_word(draft.words, held, step)
        if index is not None and _has_attention(draft):
            self.hold(self._active, index)

    def _change_draft(self, step: int) -> None:
        """Go to the next draft; a held word is looked for there, nearest to where it stood."""
        ranks = list(self._cards)
        position = ranks.index(self._active) + step
        if not 0 <= position < len(ranks):
            return
        held = self._held
        self.set_active(ranks[position])
        if held is not None:
            before, after = self._cards[held[0]].draft, self._cards[self._active].draft
            index = counterpart(before.words, held[1], after.words)
            if index is not None:
                self.hold(self._active, index)

    def _take_sentence_at(self, word: int) -> None:
        sentence: Range | None = sentence_of(self._cards[self._active].text.sentences, word)
        if sentence is not None:
            self.take_sentence.emit(self._active, *sentence)


def _has_attention(draft: Draft) -> bool:
    return len(draft.attention) == len(draft.words) > 0


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setStyleSheet(f"color: {SECOND};")
    return label
