"""The last step of a new study: where its cases come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.reading.signed_cases import NOBODY
from app.ui.coordinator.parts import card, form, quiet
from app.ui.coordinator.told import Listed, Signed

_SOURCES = (
    ("list", "A list of cases (CSV)"),
    ("database", "Reports that were signed in this program"),
)
UNTOLD = "?"
"""What a person's box holds before it is said which reader they are."""


class CasesPage(QWidget):
    """``list_wanted(Path)`` and ``signed_wanted()`` when cases shall be read; ``changed()``."""

    list_wanted = Signal(object)
    signed_wanted = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listed: Listed | None = None
        self.signed: Signed | None = None
        self.people: dict[str, QComboBox] = {}
        self._codes: tuple[str, ...] = ()
        self.source = QComboBox()
        for value, text in _SOURCES:
            self.source.addItem(text, value)
        self.source.currentIndexChanged.connect(self._switched)
        self.file = QLineEdit(placeholderText="cases.csv, with the columns image and report")
        self.file.setAccessibleName("List of cases")
        self.file.returnPressed.connect(self._read)
        self.file.textChanged.connect(self._other_file)
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        self._row = QWidget()
        line = QHBoxLayout(self._row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.file, 1)
        line.addWidget(choose)
        self.told, self.needed = quiet(), quiet()
        where, column = card("Cases")
        rows = form()
        rows.addRow("From", self.source)
        column.addLayout(rows)
        column.addWidget(self._row)
        column.addWidget(self.told)
        column.addWidget(self.needed)
        self._who, self._people = card(
            "Who is who",
            quiet(
                "The database knows people by name, the study by code. Nobody is shown a case that "
                "they signed, opened, measured or rated before."
            ),
        )
        self._form: QWidget | None = None
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(where)
        whole.addWidget(self._who)
        whole.addStretch(1)
        self._follow()

    @property
    def from_database(self) -> bool:
        return bool(self.source.currentData() == "database")

    def set_needed(self, count: int) -> None:
        """How many cases the design draws; 0 when that isn't known."""
        self.needed.setText(
            f"The design draws {count} cases of different patients; more let some be exchanged."
            if count
            else ""
        )

    def set_codes(self, codes: Sequence[str]) -> None:
        """The readers' codes that a person can have."""
        if tuple(codes) != self._codes:
            self._codes = tuple(codes)
            for box in self.people.values():
                chosen = box.currentData()
                self._fill(box)
                box.setCurrentIndex(max(0, box.findData(chosen)))

    def show_listed(self, listed: Listed) -> None:
        self.listed = listed
        self._follow()

    def show_signed(self, signed: Signed) -> None:
        self.signed = signed
        if self._form is not None:
            self._people.removeWidget(self._form)
            self._form.deleteLater()
        self._form = QWidget()
        rows = form()
        self._form.setLayout(rows)
        self.people = {}
        for name in signed.people:
            box = QComboBox()
            self._fill(box)
            same = box.findData(name)
            box.setCurrentIndex(max(0, same))
            box.currentIndexChanged.connect(self.changed)
            self.people[name] = box
            rows.addRow(name, box)
        self._people.addWidget(self._form)
        before = self.source
        for box in self.people.values():  # made after the buttons below, but reached before them
            QWidget.setTabOrder(before, box)
            before = box
        self._follow()

    def who(self) -> tuple[tuple[str, str], ...]:
        """Names and codes, as far as they are told."""
        chosen = {name: str(box.currentData()) for name, box in self.people.items()}
        return tuple((name, code) for name, code in chosen.items() if code != UNTOLD)

    def problem(self, needed: int) -> str:
        """What is still missing for a design of ``needed`` cases, in a sentence; "" for nothing."""
        if not self.from_database:
            if self.listed is None:
                return "The list of cases isn't read yet."
            return _too_few(len(self.listed.cases), needed, "the list has")
        if self.signed is None:
            return "The signed reports aren't looked up yet."
        if not self.signed.studies:
            return "No study in the database has a signed report."
        if too_few := _too_few(len(self.signed.studies), needed, "signed are"):
            return too_few
        untold = [name for name in self.people if name not in dict(self.who())]
        return f"Which reader is {untold[0]}, or none?" if untold else ""

    def read_file(self, file: Path) -> None:
        self.file.setText(str(file))
        self._read()

    def _fill(self, box: QComboBox) -> None:
        blocked = box.blockSignals(True)
        box.clear()
        box.addItem("Choose…", UNTOLD)
        box.addItem("reads nothing in this study", NOBODY)
        for code in self._codes:
            box.addItem(code, code)
        box.blockSignals(blocked)

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "A list of cases", "", "CSV (*.csv);;All files (*)"
        )
        if chosen:
            self.read_file(Path(chosen))

    def _read(self) -> None:
        if self.file.text().strip():
            self.list_wanted.emit(Path(self.file.text().strip()).expanduser())

    def _other_file(self) -> None:
        if self.listed is not None and self.file.text() != str(self.listed.file):
            self.listed = None
            self._follow()

    def _switched(self) -> None:
        if self.from_database:
            self.signed_wanted.emit()
        self._follow()

    def _follow(self) -> None:
        self._row.setVisible(not self.from_database)
        self._who.setVisible(self.from_database and bool(self.people))
        if self.from_database:
            count = len(self.signed.studies) if self.signed is not None else 0
            self.told.setText(f"{count} studies with a signed report." if self.signed else "")
        elif self.listed is not None:
            self.told.setText(f"{len(self.listed.cases)} cases in {self.listed.file.name}.")
        else:
            self.told.setText("Choose the list; Enter reads it.")
        self.changed.emit()


def _too_few(count: int, needed: int, what: str) -> str:
    return f"The design draws {needed} cases, and {what} {count}." if count < needed else ""
