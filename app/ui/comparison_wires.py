"""The wires of a comparison: the second panel of drafts with what the second model says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.errors import AppError
from app.inference.drafts import Analysis
from app.ui.message_bar import about

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


class ComparisonWires(QObject):
    """Shows the second model's drafts and hands on what the reader asks of them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._comparing = comparing = window.controller.comparing
        self._compared = compared = window.column.compared
        self._panel = panel = compared.second
        drafting = comparing.drafting
        comparing.began.connect(self._begin)
        comparing.ended.connect(self._end)
        drafting.busy.connect(panel.set_busy)
        drafting.shown.connect(self._show)
        drafting.refused.connect(panel.set_refused)
        drafting.idle.connect(lambda: panel.set_analysis(0, None))
        drafting.failed.connect(self._fail)
        panel.draft_requested.connect(lambda: drafting.draft())
        panel.draft_anyway.connect(lambda: drafting.draft(force=True))
        panel.cancel_requested.connect(drafting.cancel)
        compared.ended.connect(comparing.end)
        window.controller.opened.connect(lambda _: self._wait())
        window.controller.closed.connect(self._wait)

    def _begin(self, first: str, second: str) -> None:
        if self._window.similar.shown:
            self._window.similar.show(False)  # they would hide what is asked for
        self._window.column.compare(first, second)
        self._wait()
        self._window.link.forget(self._panel)

    def _end(self) -> None:
        self._window.column.end_comparison()
        self._window.link.forget(self._panel)
        self._window.reading.show_at_hand()

    def _wait(self) -> None:
        if not self._compared.comparing:
            return
        self._compared.set_at_hand(self._compared.first)
        if self._window.controller.current is None:
            self._panel.set_unavailable("Open a study to draft it")
        elif not self._comparing.drafting.running:
            self._panel.set_busy("Looking for drafts…")

    def _show(self, analysis_id: int, analysis: Analysis, _stored: bool) -> None:
        self._panel.set_analysis(analysis_id, analysis)
        self._window.link.forget(self._panel)
        self._window.reading.know(analysis_id, analysis)
        self._compared.show_difference()
        self._window.reading.show_at_hand()

    def _fail(self, error: Exception) -> None:
        trouble = about(error, key="compare")
        self._panel.set_failed(trouble.text, trouble.hint)
        if not isinstance(error, AppError):
            self._window.messages.show_message(trouble)
