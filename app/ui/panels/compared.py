"""One model's drafts, or two models' side by side; behind one another where the window is narrow.

While two are compared, a word is dimmed that the other model's draft of the same rank says too, so
that what stands out is what only one of them says. The panel *at hand* is the one that was last
gone to: keys take from it, and the rating is about its draft.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.panels.drafts import DraftsPanel
from app.ui.panels.heading import ElidedLabel
from app.ui.theme import LINE, icon

_EXPLAINED = "bright: only here"
_MEANING = "Dimmed words stand in the other model's draft of the same rank too."
_GAP = 12


class ComparedDrafts(QWidget):
    """``first`` is the panel of the model that drafts; ``second`` shows only while comparing.

    at_hand_changed(DraftsPanel)  the reader went to the other panel
    ended()                       the reader has compared enough
    """

    at_hand_changed = Signal(object)
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = DraftsPanel()
        self.second = DraftsPanel(self.first.actions_shared())
        self._panels = (self.first, self.second)
        self._at_hand = self.first
        self._comparing = False
        self._wide = False
        self._names = ("", "")
        self._line = QFrame()
        self._line.setFixedWidth(1)
        self._line.setStyleSheet(f"background: {LINE};")
        side_by_side = QHBoxLayout()
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(_GAP)
        side_by_side.addWidget(self.first, 1)
        side_by_side.addWidget(self._line)
        side_by_side.addWidget(self.second, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._make_bar())
        column.addLayout(side_by_side)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        for panel in self._panels:
            panel.came_to_hand.connect(lambda panel=panel: self.set_at_hand(panel))
        self._arrange()

    @property
    def panels(self) -> tuple[DraftsPanel, ...]:
        """The panels in use: one, or two while comparing."""
        return self._panels if self._comparing else (self.first,)

    @property
    def comparing(self) -> bool:
        """Whether two models' drafts are shown."""
        return self._comparing

    @property
    def at_hand(self) -> DraftsPanel:
        """The panel that keys and rating are about."""
        return self._at_hand

    def begin(self, first: str, second: str) -> None:
        """Show a second panel; the models by their names."""
        self._comparing = True
        self._names = (first, second)
        for button, name in zip(self._ranks.buttons(), self._names, strict=True):
            button.setText(name)
            button.setAccessibleName(f"Drafts by {name}")
        self.show_difference()
        self._arrange()

    def end(self) -> None:
        """Back to one model's drafts."""
        self._comparing = False
        self.first.set_beside("", None)
        self.second.set_analysis(0, None)
        self.set_at_hand(self.first)
        self._arrange()

    def show_difference(self) -> None:
        """Dim what both models say, as far as both have drafted."""
        if not self._comparing:
            return
        shown = [panel.analysis() for panel in self._panels]
        for panel, name, other in zip(self._panels, self._names, reversed(shown), strict=True):
            panel.set_beside(name, None if other is None else other.drafts)

    def set_wide(self, wide: bool) -> None:
        """Whether there is room for two panels beside each other."""
        self._wide = wide
        self._arrange()

    def set_at_hand(self, panel: DraftsPanel) -> None:
        """Let keys and rating be about this panel."""
        if panel is self._at_hand:
            return
        if (held := self._at_hand.held()) is not None:
            self._at_hand.hold(held[0], -1)  # its map would lie there without its draft
        self._at_hand = panel
        panel.actions_shared().act_on(panel)
        self._arrange()
        self.at_hand_changed.emit(panel)

    def switch(self) -> None:
        """Go to the other model's drafts."""
        if self._comparing:
            other = self.second if self._at_hand is self.first else self.first
            self.set_at_hand(other)
            other.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _make_bar(self) -> QWidget:
        self._bar = QWidget()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._ranks = QButtonGroup(self)
        for number in range(2):
            button = QPushButton()
            button.setProperty("role", "chip")
            button.setCheckable(True)
            button.setToolTip("Show this model's drafts")
            self._ranks.addButton(button, number)
            row.addWidget(button)
        self._ranks.idClicked.connect(lambda number: self.set_at_hand(self._panels[number]))
        explained = ElidedLabel(_EXPLAINED)
        explained.setAccessibleDescription(_MEANING)
        row.addWidget(explained, 1)
        close = QToolButton()
        close.setObjectName("end_comparison")
        close.setIcon(icon("close"))
        close.setToolTip("End the comparison")
        close.setAccessibleName("End the comparison")
        close.clicked.connect(self.ended)
        row.addWidget(close)
        return self._bar

    def _arrange(self) -> None:
        both = self._comparing and self._wide
        self._bar.setVisible(self._comparing)
        self._line.setVisible(both)
        for panel, button in zip(self._panels, self._ranks.buttons(), strict=True):
            panel.setVisible(both or panel is self._at_hand)
            panel.set_at_hand(panel is self._at_hand)
            button.setVisible(not both)
            button.setChecked(panel is self._at_hand)
