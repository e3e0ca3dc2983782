"""What the palette of a window finds: the actions of its menus and the studies of its worklist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from app.ui import wording
from app.ui.palette.entries import Entry, StudyChoice, listed, of_action
from app.ui.palette.overlay import CommandPalette
from app.ui.palette.reasons import Situation, why_not
from app.ui.worklist_model import DETAILS, HAYSTACK, RECORD

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from app.ui.main_window import MainWindow
    from app.ui.menus import Menus


class PaletteSources:
    """Makes the palette of ``window`` and fills it, each time it opens, from what is there then."""

    def __init__(self, window: MainWindow, menus: Menus) -> None:
        self._window = window
        self._menus = menus
        self.palette = CommandPalette(self._rows, self._note, window)

    def open(self, over: QWidget) -> None:
        """Show it over one of the application's windows."""
        self._menus.refresh()
        self.palette.open_over(over)

    def _rows(self, text: str) -> list[Entry]:
        recent = self._window.controller.settings.recent_commands
        return listed(text, self._actions(), self._studies(), recent, self._search)

    def _actions(self) -> list[Entry]:
        now = self._situation()

        def why(action: QAction) -> str:
            return why_not(action, now)

        own = self._window.actions_of.commands["command"]  # it is open already
        return [
            of_action(menu, action, why)
            for menu, action in self._menus.actions()
            if action is not own
        ]

    def _situation(self) -> Situation:
        window = self._window
        analysis = window.column.drafts.analysis()
        return Situation(
            study=window.controller.current is not None,
            images=len(window.viewer.panes),
            drafts=len(analysis.drafts) if analysis is not None else 0,
            signed=window.column.report.is_signed(),
        )

    def _studies(self) -> Iterator[StudyChoice]:
        """The worklist's studies by the words that it shows itself, so that hidden stays hidden."""
        controller = self._window.controller
        model = controller.library.model
        current = controller.current
        hidden = controller.settings.hide_identity
        for row in range(model.rowCount()):
            index = model.index(row)
            record = index.data(RECORD)
            if current is None or record.study_id != current.study_id:
                yield StudyChoice(
                    name=wording.name(record, hidden),
                    details=index.data(DETAILS),
                    haystack=index.data(HAYSTACK),
                    open=partial(controller.open, record),
                )

    def _search(self, text: str) -> None:
        self._window.worklist.filter.setText(text)
        self._window.worklist.focus_filter()

    def _note(self, key: str) -> None:
        controller = self._window.controller
        controller.settings = controller.settings.with_recent_command(key)
