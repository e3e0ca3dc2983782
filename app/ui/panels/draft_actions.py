"""Taking and copying drafts by key: one set of actions, for the panel that the reader is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

if TYPE_CHECKING:
    from app.ui.panels.drafts import DraftsPanel

_SHORTCUTS = 3


class DraftActions(QObject):
    """``take[0]`` takes the first draft; all act on ``panel``, which another may become."""

    def __init__(self, panel: DraftsPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.take = [self._make_take(rank) for rank in range(1, _SHORTCUTS + 1)]
        self.copy = QAction("Copy the active draft", panel)
        self.copy.setObjectName("copy_draft")
        self.copy.triggered.connect(lambda: self._panel.copy_active())
        panel.addActions([*self.take, self.copy])

    def act_on(self, panel: DraftsPanel) -> None:
        """Let the keys take from this panel."""
        self._panel = panel
        self.refresh()

    def refresh(self) -> None:
        """Enable what can be done with the drafts that are there now."""
        ranks = self._panel.ranks()
        for rank, action in enumerate(self.take, start=1):
            action.setEnabled(rank in ranks)
        self.copy.setEnabled(bool(ranks))

    def _make_take(self, rank: int) -> QAction:
        action = QAction(f"Take draft Pd{rank}", self._panel)
        action.setObjectName(f"take_draft_{rank}")
        action.setShortcut(QKeySequence(f"Ctrl+{rank}"))
        action.triggered.connect(lambda: self._panel.take(rank))
        return action
