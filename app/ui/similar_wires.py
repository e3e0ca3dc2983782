"""Similar cases in the window: the panel's wires, and the way back from a case to one's study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.reporting.record import StudyRecord
from app.ui import wording
from app.ui.palette.reasons import WHY
from app.ui.panels.similar import SimilarPanel
from app.ui.similar_cases import Listing

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

_NOWHERE = "No similar case was opened"


class SimilarWires(QObject):
    """Shows the panel in place of the drafts while the reader wants it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller = window.controller
        self._column = window.column
        self.panel = SimilarPanel(controller.library.model)
        self._from: StudyRecord | None = None  # the study that the reader was at
        self._asked = ""  # and the words that were looked for there
        self._going = False
        self._seen: set[str] = set()
        self._column.set_alternative(self.panel)
        cases, panel = controller.similar, self.panel
        cases.listed.connect(self._list)
        cases.waiting.connect(panel.set_waiting)
        cases.unavailable.connect(panel.set_unavailable)
        cases.indexing.connect(panel.set_indexing)
        panel.searched.connect(cases.search)
        panel.cancelled.connect(cases.cancel_indexing)
        panel.closed.connect(lambda: self.show(False))
        panel.chosen.connect(self._open)
        panel.back_wanted.connect(self.back)
        controller.opened.connect(self._opened)
        controller.closed.connect(self._forget)

    def begin(self) -> None:
        """Once the window's commands are there."""
        self.say_back()

    @property
    def shown(self) -> bool:
        return self._column.alternative_shown

    def toggle(self) -> None:
        self.show(not self.shown)

    def show(self, shown: bool) -> None:
        """Show similar cases in place of the drafts, or the drafts again."""
        self._column.show_alternative(shown)
        self._window.actions_of.commands["similar"].setChecked(shown)
        self._controller.similar.set_active(shown)
        if shown:
            self.panel.take_focus()
        else:
            self._window.viewer.setFocus()

    def find_words(self) -> None:
        """Show the panel with the cursor where words are typed."""
        if not self.shown:
            self.show(True)
        self.panel.words.setFocus()
        self.panel.words.selectAll()

    def back(self) -> None:
        """From an opened case to the study that it was similar to, and to the words asked there."""
        if self._from is not None:
            record, self._from = self._from, None
            words = self._asked
            self._controller.open(record)
            if words:
                self._controller.similar.search(words)
                self.panel.set_query(words)

    def _list(self, listing: Listing) -> None:
        self.panel.set_listing(listing)
        for one in listing.found:
            # Its report and picture were shown: in a blinded study it is no longer unseen.
            if one.record.study_id not in self._seen:
                self._seen.add(one.record.study_id)
                self._controller.library.seen(one.record.study_id, self._controller.reader)

    def _open(self, record: StudyRecord) -> None:
        self._going = True
        cases = self._controller.similar
        there = (self._from, self._asked) if self._from else (self._controller.current, cases.query)
        try:
            self._controller.open(record)
        finally:
            self._going = False
        self._from, self._asked = there
        self.say_back()
        self.panel.take_focus()

    def _opened(self, _record: StudyRecord) -> None:
        if not self._going:
            self._from = None
        self.panel.set_query(self._controller.similar.query)
        self.panel.model.set_found(())
        self.say_back()

    def _forget(self) -> None:
        self.panel.model.set_found(())

    def say_back(self) -> None:
        """Name the study that the way back leads to, as it may be named now."""
        command = self._window.actions_of.commands["similar_back"]
        command.setEnabled(self._from is not None)
        command.setProperty(WHY, "" if self._from is not None else _NOWHERE)
        if self._from is None:
            self.panel.set_back("")
        else:
            hidden = self._controller.settings.hide_identity
            self.panel.set_back(f"Back to {wording.name(self._from, hidden)}")
