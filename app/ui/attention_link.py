"""Ties words to regions and regions to words: the panels of drafts on one side, the viewer on the
other.

Pointing at a word shows its map for as long as the mouse is there; a held word's map stays.
Nothing is drawn while maps are off; then a hint says which key turns it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.inference.drafts import Draft
from app.ui.keys.shown import first_key
from app.ui.looking import mean_map, meaning_words, words_at
from app.ui.map_words import map_words
from app.ui.panels.drafts import DraftsPanel
from app.ui.viewer.area import ViewerArea


class AttentionLink(QObject):
    """``hinted(text)`` when there is something to say in the status bar; ``meant(looks)`` says what
    kind of map a word that is pointed at has.

    Of several panels the one that was pointed at last is meant; a word is held in one at a time.
    """

    hinted = Signal(str)
    meant = Signal(str)

    def __init__(
        self, panels: Sequence[DraftsPanel], viewer: ViewerArea, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._panels = tuple(panels)
        self._viewer = viewer
        self._pointed: tuple[DraftsPanel, int, int, int] | None = None
        for panel in self._panels:
            panel.word_hovered.connect(partial(self._point_at_word, panel))
            panel.word_held.connect(partial(self._hold, panel))
            panel.sentence_hovered.connect(partial(self._point_at_sentence, panel))
        viewer.hovered.connect(self._point_at_image)
        viewer.left.connect(self._leave_image)
        viewer.attention_toggled.connect(self._toggled)

    def clear(self) -> None:
        """Other drafts are shown, or none."""
        self._pointed = None
        self._viewer.set_attention(None, "")

    def forget(self, panel: DraftsPanel) -> None:
        """Other drafts are shown in ``panel``, or none; what is meant in another keeps its map."""
        if self._pointed is not None and self._pointed[0] is panel:
            self._pointed = None
        self._show()

    def _hint(self, panel: DraftsPanel) -> None:
        action = self._viewer.action("attention")
        said = map_words(panel.looks).hint
        self.hinted.emit(f"{first_key(action) or f'“{action.text()}”'} {said}")

    def _point_at_word(self, panel: DraftsPanel, rank: int, index: int) -> None:
        self._pointed = (panel, rank, index, index + 1) if index >= 0 else None
        self._show()

    def _point_at_sentence(self, panel: DraftsPanel, rank: int, first: int, end: int) -> None:
        self._pointed = (panel, rank, first, end) if first >= 0 else None
        self._show()

    def _hold(self, panel: DraftsPanel, _rank: int, index: int) -> None:
        if index >= 0:
            for other in self._panels:
                if other is not panel and (held := other.held()) is not None:
                    other.hold(held[0], -1)
            if not self._viewer.attention_enabled:
                self._hint(panel)
        self._show()

    def _meant(self) -> tuple[DraftsPanel, int, int, int] | None:
        if self._pointed is not None:
            return self._pointed
        for panel in self._panels:
            if (held := panel.held()) is not None:
                return panel, held[0], held[1], held[1] + 1
        return None

    def _show(self) -> None:
        meant = self._meant()
        draft = _draft(meant[0], meant[1]) if meant else None
        if meant is None or draft is None:
            self._viewer.set_attention(None, "")
            return
        panel, _, first, end = meant
        if self._pointed and not self._viewer.attention_enabled:
            self._hint(panel)
        end = min(end, len(draft.words))
        words = [first] if end - first == 1 else meaning_words(draft, first, end)
        caption = draft.text[draft.spans[first][0] : draft.spans[end - 1][1]]
        self.meant.emit(panel.looks)
        lead = map_words(panel.looks).leading(panel.model_name)
        self._viewer.set_attention(mean_map(draft, words), caption, lead)

    def _point_at_image(self, x: float, y: float) -> None:
        for panel in self._panels:
            analysis = panel.analysis()
            if analysis is not None and self._viewer.attention_enabled:
                panel.light_words(words_at(analysis, x, y))

    def _leave_image(self) -> None:
        for panel in self._panels:
            panel.light_words(())

    def _toggled(self, on: bool) -> None:
        if not on:
            self._leave_image()


def _draft(panel: DraftsPanel, rank: int) -> Draft | None:
    analysis = panel.analysis()
    drafts = analysis.drafts if analysis is not None else ()
    return next((draft for draft in drafts if draft.rank == rank), None)
