"""The right column as a whole: read from top to bottom, drafts, findings, report, rating."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.ui.panels.drafts import DraftsPanel
from app.ui.panels.findings import FindingsPanel
from app.ui.panels.rating import RatingPanel
from app.ui.panels.report import ReportPanel

WIDTH = 420


class ReadingColumn(QScrollArea):
    """Holds the four panels, 420 px wide; scrolls up and down when they don't fit, never sideways.

    What belongs together without asking anyone is connected here: the active draft is the one
    to rate.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drafts = DraftsPanel()
        self.findings = FindingsPanel()
        self.report = ReportPanel()
        self.rating = RatingPanel()
        content = QWidget()
        content.setObjectName("reading_column")
        content.setMinimumWidth(1)  # the panels take the column's width, whatever the font
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(12)
        column.addWidget(self.drafts)
        column.addWidget(self.findings)
        column.addWidget(self.report, 1)
        column.addWidget(self.rating)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.drafts.active_changed.connect(self.rating.set_rank)
        self.rating.rank_changed.connect(self.drafts.set_active)
