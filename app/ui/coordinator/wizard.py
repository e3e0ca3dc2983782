"""A new study in three steps; what is wrong is said below, from the first letter on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError, StudyError
from app.files import write_text
from app.reading.allocation import needed
from app.reading.beginning import read_protocol
from app.reading.protocol import Protocol, from_settings, to_toml
from app.reading.signed_cases import codes
from app.ui.coordinator.cases_page import CasesPage
from app.ui.coordinator.design_page import DesignPage
from app.ui.coordinator.parts import scrolled
from app.ui.coordinator.scale_page import ScalePage
from app.ui.message_bar import Message, about

STEPS = ("1  Design", "2  Scale and questions", "3  Cases")
_FILTER = "Protocol (*.toml);;All files (*)"


class Wizard(QWidget):
    """``create_wanted(Protocol)`` when everything is there; ``said(Message)``."""

    create_wanted = Signal(object)
    said = Signal(object)

    def __init__(self, models: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.design, self.scale, self.cases = DesignPage(models), ScalePage(), CasesPage()
        self.steps = QTabBar()
        self.steps.setExpanding(False)
        self.pages = QStackedWidget()
        pages: list[DesignPage | ScalePage | CasesPage] = [self.design, self.scale, self.cases]
        for name, page in zip(STEPS, pages, strict=True):
            self.steps.addTab(name)
            self.pages.addWidget(scrolled(page))
            page.changed.connect(self.follow)
        self.steps.currentChanged.connect(self._go)
        opener, saver = QPushButton("Open protocol…"), QPushButton("Save protocol…")
        opener.clicked.connect(self.choose_protocol)
        saver.clicked.connect(self.choose_place)
        self._saver = saver
        top = QHBoxLayout()
        top.addWidget(self.steps, 1)
        top.addWidget(opener)
        top.addWidget(saver)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setProperty("role", "second")
        self.problem.setAccessibleName("What is still missing")
        self.back, self.next = QPushButton("Back"), QPushButton("Next")
        self.create_button = QPushButton("Create the study")
        self.create_button.setProperty("role", "primary")
        self.back.clicked.connect(lambda: self._turn(-1))
        self.next.clicked.connect(lambda: self._turn(1))
        self.create_button.clicked.connect(self.create_study)
        foot = QHBoxLayout()
        foot.addWidget(self.problem, 1)
        for button in (self.back, self.next, self.create_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)
        self._go(0)

    def protocol(self) -> Protocol:
        """What is chosen. Raises :class:`StudyError` for the first thing that is wrong."""
        chosen: dict[str, Any] = {**self.design.settings(), **self.scale.settings()}
        return from_settings(chosen)

    def people(self, protocol: Protocol) -> dict[str, str]:
        """Which reader everybody in the database is. Raises :class:`StudyError`."""
        signed = self.cases.signed
        return codes(signed.people if signed else (), protocol.readers, self.cases.who())

    def wrong(self) -> str:
        """What keeps the study from being created; "" for nothing."""
        try:
            protocol = self.protocol()
            if problem := self.cases.problem(needed(protocol)):
                return problem
            if self.cases.from_database:
                self.people(protocol)
        except StudyError as error:
            return error.message
        return ""

    def create_study(self) -> None:
        if not self.wrong():
            self.create_wanted.emit(self.protocol())

    def open_protocol(self, file: Path) -> None:
        """Show a protocol of the command line's; any of its settings can be changed here."""
        try:
            protocol = read_protocol(file)
        except StudyError as error:
            self.said.emit(about(error, key="protocol"))
            return
        self.design.show_protocol(protocol)
        self.scale.show_protocol(protocol)
        self.said.emit(Message(f"Read the protocol {file}.", kind="info", key="protocol"))

    def save_protocol(self, file: Path) -> None:
        """Write what is chosen as a protocol, which the command line reads as well."""
        try:
            write_text(file, to_toml(self.protocol()))
        except AppError as error:
            self.said.emit(about(error, key="protocol"))
            return
        self.said.emit(Message(f"Wrote the protocol to {file}.", kind="info", key="protocol"))

    def choose_protocol(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Open a protocol", "", _FILTER)
        if chosen:
            self.open_protocol(Path(chosen))

    def choose_place(self) -> None:
        name = f"{self.design.name.text() or 'protocol'}.toml"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the protocol", name, _FILTER)
        if chosen:
            self.save_protocol(Path(chosen))

    def follow(self) -> None:
        """Bring buttons and the sentence below in line with what is chosen."""
        self.cases.set_codes(self.design.codes())
        wrong = self.wrong()
        self.problem.setText(wrong or "Everything is there.")
        self.create_button.setEnabled(not wrong)
        try:
            count = needed(self.protocol())
        except StudyError:
            count = 0
        self._saver.setEnabled(count > 0)
        self.cases.set_needed(count)

    def _turn(self, by: int) -> None:
        """To another step and its first field: a button that goes would leave the keys outside."""
        self.steps.setCurrentIndex(self.steps.currentIndex() + by)
        first = (self.design.name, self.scale.rubric[5], self.cases.source)
        first[self.steps.currentIndex()].setFocus()

    def _go(self, step: int) -> None:
        self.pages.setCurrentIndex(step)
        self.back.setVisible(step > 0)
        self.next.setVisible(step < len(STEPS) - 1)
        self.create_button.setVisible(step == len(STEPS) - 1)
        self.follow()
