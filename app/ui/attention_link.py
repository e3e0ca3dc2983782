"""Ties words to regions and regions to words: the drafts panel on one side, the viewer on the
other.

Pointing at a word shows its map for as long as the mouse is there; a held word's map stays.
Nothing is drawn while attention is off; then a hint says which key turns it on.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.inference.drafts import Analysis, Draft
from app.ui.keys.shown import first_key
from app.ui.looking import mean_map, meaning_words, words_at
from app.ui.panels.drafts import DraftsPanel
from app.ui.viewer.area import ViewerArea

OFF_HINT = "shows where the model looked when it wrote this"


class AttentionLink(QObject):
    """``hinted(text)`` when there is something to say in the status bar."""

    hinted = Signal(str)

    def __init__(
        self, drafts: DraftsPanel, viewer: ViewerArea, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._drafts = drafts
        self._viewer = viewer
        self._analysis: Analysis | None = None
        self._pointed: tuple[int, int, int] | None = None
        drafts.word_hovered.connect(self._point_at_word)
        drafts.word_held.connect(self._hold)
        drafts.sentence_hovered.connect(self._point_at_sentence)
        viewer.hovered.connect(self._point_at_image)
        viewer.left.connect(self._leave_image)
        viewer.attention_toggled.connect(self._toggled)

    def _hint(self) -> None:
        action = self._viewer.action("attention")
        self.hinted.emit(f"{first_key(action) or f'“{action.text()}”'} {OFF_HINT}")

    def set_analysis(self, analysis: Analysis | None) -> None:
        """Another analysis is shown, or none."""
        self._analysis = analysis
        self._pointed = None
        self._viewer.set_attention(None, "")

    def _point_at_word(self, rank: int, index: int) -> None:
        self._pointed = (rank, index, index + 1) if index >= 0 else None
        self._show()

    def _point_at_sentence(self, rank: int, first: int, end: int) -> None:
        self._pointed = (rank, first, end) if first >= 0 else None
        self._show()

    def _hold(self, rank: int, index: int) -> None:
        if index >= 0 and not self._viewer.attention_enabled:
            self._hint()
        self._show()

    def _show(self) -> None:
        held = self._drafts.held()
        meant = self._pointed or ((held[0], held[1], held[1] + 1) if held else None)
        draft = self._draft(meant[0]) if meant else None
        if meant is None or draft is None:
            self._viewer.set_attention(None, "")
            return
        if self._pointed and not self._viewer.attention_enabled:
            self._hint()
        _, first, end = meant
        end = min(end, len(draft.words))
        words = [first] if end - first == 1 else meaning_words(draft, first, end)
        caption = draft.text[draft.spans[first][0] : draft.spans[end - 1][1]]
        self._viewer.set_attention(mean_map(draft, words), caption)

    def _draft(self, rank: int) -> Draft | None:
        drafts = self._analysis.drafts if self._analysis is not None else ()
        return next((draft for draft in drafts if draft.rank == rank), None)

    def _point_at_image(self, x: float, y: float) -> None:
        if self._analysis is not None and self._viewer.attention_enabled:
            self._drafts.light_words(words_at(self._analysis, x, y))

    def _leave_image(self) -> None:
        self._drafts.light_words(())

    def _toggled(self, on: bool) -> None:
        if not on:
            self._leave_image()
