"""Shows the prior that is read, and lets the reader choose another or none."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from app.reporting.record import StudyRecord
from app.ui import wording
from app.ui.controller import Controller
from app.ui.palette.reasons import WHY
from app.ui.priors import PriorStudy
from app.ui.viewer.area import ViewerArea
from app.ui.viewer.overlay import prior_title, time_before

_NONE = "This patient has no earlier study in the list"


class PriorWires(QObject):
    """Fills the menu of priors and hands what was read to the viewer."""

    def __init__(
        self, controller: Controller, viewer: ViewerArea, menu: QMenu, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._viewer = viewer
        self._menu = menu
        self._group = QActionGroup(menu)
        controller.priors.listed.connect(self._fill)
        controller.priors.shown.connect(self._show)
        self._fill()

    def _fill(self) -> None:
        """One entry per prior, by its date: nothing in the menu names the patient."""
        priors = self._controller.priors
        self._menu.clear()
        self._group.deleteLater()
        self._group = QActionGroup(self._menu)
        for record in (*priors.candidates, None) if priors.candidates else ():
            entry = self._menu.addAction(self._called(record))
            entry.setObjectName("no_prior" if record is None else f"prior_{record.study_date}")
            entry.setCheckable(True)
            self._group.addAction(entry)
            entry.setChecked(record == priors.chosen)
            entry.triggered.connect(partial(self._choose, record))
        self._menu.setEnabled(bool(priors.candidates))
        self._viewer.action("compare").setProperty(WHY, "" if priors.candidates else _NONE)

    def _called(self, record: StudyRecord | None) -> str:
        current = self._controller.current
        if record is None or current is None:
            return "None"
        before = time_before(record.study_date, current.study_date)
        parts = (wording.when(record), record.modality, wording.view(record.view), before)
        return " · ".join(part for part in parts if part)

    def _choose(self, record: StudyRecord | None, _checked: bool = False) -> None:
        self._controller.priors.choose(record)

    def _show(self, prior: PriorStudy | None) -> None:
        current = self._controller.current
        if prior is None or current is None:
            self._viewer.set_prior(())
        else:
            title = prior_title(prior.record.study_date, current.study_date)
            self._viewer.set_prior(prior.images, prior.pyramids, title)
