"""The right column as a whole: read from top to bottom, drafts, findings, report, rating.

The report and the rating are always in sight, on a small screen too: where the height is short the
findings fold to one line, the rating gets compact, and drafts that are too long for what is left
scroll by themselves.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.ui.panels.compared import ComparedDrafts
from app.ui.panels.drafts import DraftsPanel
from app.ui.panels.findings import FindingsPanel
from app.ui.panels.rating import RatingPanel
from app.ui.panels.report import ReportPanel
from app.ui.theme import LINE

WIDTH = 420
WIDE = 824
WIDE_FROM = 1900  # pixels of the window: room for two models' drafts beside each other
SHORT = 760  # pixels
_SIDE = 12


class ReadingColumn(QWidget):
    """Holds four panels, and one that can stand in place of drafts and findings; 420 px wide, or
    824 px while two models' drafts stand side by side.

    What belongs together without asking anyone is connected here: the active draft is the one
    to rate.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compared = ComparedDrafts()
        self.drafts = self.compared.first
        self._room = 0
        self.findings = FindingsPanel()
        self.report = ReportPanel()
        self.rating = RatingPanel()
        self._short: bool | None = None
        self._alternative: QWidget | None = None
        proposed = QWidget()
        proposed.setObjectName("reading_column")
        proposed.setMinimumWidth(1)  # the panels take the column's width, whatever the font
        inside = QVBoxLayout(proposed)
        inside.setContentsMargins(_SIDE, 8, _SIDE, 4)
        inside.setSpacing(12)
        inside.addWidget(self.compared)
        inside.addWidget(self.findings)
        inside.addStretch(1)
        self.proposed = _AsHighAsNeeded(proposed, inside)
        self.report.setContentsMargins(_SIDE, 8, _SIDE, 10)
        self.rating.setContentsMargins(_SIDE, 8, _SIDE, 12)
        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {LINE};")
        column = self._layout = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.proposed)
        column.addWidget(self.report, 2)
        column.addWidget(line)
        column.addWidget(self.rating)
        self.setFixedWidth(WIDTH)
        for panel in (self.drafts, self.compared.second):
            panel.active_changed.connect(partial(self._follow, panel))
            panel.word_held.connect(partial(self._follow, panel))
        self.rating.rank_changed.connect(lambda rank: self.compared.at_hand.set_active(rank))

    def set_room(self, width: int) -> None:
        """How wide the window is (pixels): two models' drafts take a broader column in a wide
        one.
        """
        self._room = width
        wide = self.compared.comparing and width >= WIDE_FROM
        self.setFixedWidth(WIDE if wide else WIDTH)
        self.compared.set_wide(wide)
        self.proposed.settle()

    def compare(self, first: str, second: str) -> None:
        """Show a second model's drafts beside the first one's, both by their models' names."""
        self.compared.begin(first, second)
        self.set_room(self._room)

    def end_comparison(self) -> None:
        """One model's drafts again."""
        self.compared.end()
        self.set_room(self._room)

    def set_alternative(self, panel: QWidget) -> None:
        """A panel that can be shown in place of drafts and findings; the report stays in sight."""
        panel.setContentsMargins(_SIDE, 8, _SIDE, 4)
        panel.hide()
        self._alternative = panel
        self._layout.insertWidget(1, panel, 5)

    def show_alternative(self, shown: bool) -> None:
        """Show the other panel, or drafts and findings again."""
        if self._alternative is not None:
            self.proposed.setVisible(not shown)
            self._alternative.setVisible(shown)

    @property
    def alternative_shown(self) -> bool:
        return self._alternative is not None and not self._alternative.isHidden()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The findings fold when the column gets short and open when it gets high again."""
        super().resizeEvent(event)
        short = event.size().height() < SHORT
        if short != self._short:  # in between, what the reader folds or opens stays so
            self._short = short
            self.findings.set_folded(short)
            self.rating.set_compact(short)

    def _follow(self, panel: DraftsPanel, rank: int, _index: int = 0) -> None:
        """Rate the draft that the reader is at, and keep it in sight."""
        if panel is not self.compared.at_hand:
            return
        self.rating.set_rank(rank)
        card = next((one for one in panel.cards() if one.draft.rank == rank), None)
        if card is not None:
            self.proposed.settle()
            self.proposed.ensureWidgetVisible(card, 0, _SIDE)


class _AsHighAsNeeded(QScrollArea):
    """Takes the height of what is in it, or less and scrolls, up and down only."""

    def __init__(self, content: QWidget, layout: QLayout) -> None:
        super().__init__()
        self._layout = layout
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        content.installEventFilter(self)

    def settle(self) -> None:
        """Lay the content out now; new drafts have no place before."""
        self._layout.activate()

    def sizeHint(self) -> QSize:
        # Not the viewport's width: a scroll bar that is about to go would make it narrower. The
        # least height, of text wrapped in the least width, is what a scroll area insists on.
        least = self._layout.minimumSize().height()
        return QSize(self.width(), max(self._layout.totalHeightForWidth(self.width()), least))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
