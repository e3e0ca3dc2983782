"""The first step of a new study: design, numbers, readers, model."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.reading.protocol import Protocol
from app.ui.coordinator.parts import card, decimal, form, indent, quiet

_DESIGNS = (
    ("unpaired", "Unpaired: each arm has its own images"),
    ("paired", "Paired: every image with both reports"),
)
_STRATA = (
    ("length", "By the length of the human report"),
    ("truth", "By normal or abnormal"),
    ("", "Not at all"),
)
_CHOICES = (("rank 1", "The first draft"), ("best", "The most probable draft per word"))
SEEDS = 10**9


class DesignPage(QWidget):
    """``changed()`` when anything is; what is chosen is read by :meth:`settings`."""

    changed = Signal()

    def __init__(self, models: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """``models``: ids with their titles, the first one preferred."""
        super().__init__(parent)
        self._unpaired_washout = 0  # without a meaning there, but kept as the protocol has it
        self._make(models)
        left, column = card("Study")
        column.addLayout(
            form(
                ("Name", self.name),
                ("Title", self.title),
                ("Design", self.design),
                ("Washout", self.washout),
            )
        )
        people, column = card("Readers")
        column.addLayout(
            form(
                ("Codes", self.readers),
                ("", self.going_back),
                ("Dark gap", self.dark_gap),
                ("Away after", self.idle_after),
            )
        )
        numbers, column = card("Numbers")
        column.addLayout(
            form(
                ("In each arm", self.per_arm),
                ("Training", self.training),
                ("Hidden repeats", self.repeats),
                ("Stratify", self.stratify),
                ("Margin", self.margin),
                ("Seed", self._seed_row()),
            )
        )
        column.addWidget(self.total)
        machine, column = card("Machine's reports")
        column.addLayout(form(("Model", self.model), ("Draft", self.choice)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for pair in ((left, people), (numbers, machine)):
            side = QVBoxLayout()
            side.setSpacing(12)
            for part in pair:
                side.addWidget(part)
            side.addStretch(1)
            row.addLayout(side, 1)
        self._follow()

    def settings(self) -> dict[str, Any]:
        """As a protocol's TOML would give them, unchecked."""
        paired, seed = self.design.currentData() == "paired", self.seed.text().strip()
        return {
            "name": self.name.text().strip(),
            "title": self.title.text().strip(),
            "design": self.design.currentData(),
            "washout_days": self.washout.value() if paired else self._unpaired_washout,
            "readers": self.codes(),
            "going_back": self.going_back.isChecked(),
            "dark_gap": self.dark_gap.value(),
            "idle_after": self.idle_after.value(),
            "per_arm": self.per_arm.value(),
            "training": self.training.value(),
            "repeats": self.repeats.value(),
            "stratify": self.stratify.currentData(),
            "margin": self.margin.value(),
            "seed": int(seed) if seed.isdecimal() else seed,
            "model": self.model.currentData() or "",
            "choice": self.choice.currentData(),
        }

    def codes(self) -> list[str]:
        """The readers' codes as they are typed, separated by blanks or commas."""
        return self.readers.text().replace(",", " ").split()

    def show_protocol(self, protocol: Protocol) -> None:
        self.name.setText(protocol.name)
        self.title.setText(protocol.title)
        self.readers.setText(" ".join(protocol.readers))
        self.seed.setText(str(protocol.seed))
        self.going_back.setChecked(protocol.going_back)
        if self.model.findData(protocol.model) < 0:
            self.model.addItem(f"{protocol.model}  (not here)", protocol.model)
        for box, value in (
            (self.design, protocol.design),
            (self.stratify, protocol.stratify),
            (self.model, protocol.model),
            (self.choice, protocol.choice),
        ):
            box.setCurrentIndex(box.findData(value))
        for whole, number in (
            (self.washout, protocol.washout_days),
            (self.per_arm, protocol.per_arm),
            (self.training, protocol.training),
            (self.repeats, protocol.repeats),
        ):
            whole.setValue(number)
        self._unpaired_washout = 0 if protocol.design == "paired" else protocol.washout_days
        self.dark_gap.setValue(protocol.dark_gap)
        self.idle_after.setValue(protocol.idle_after)
        self.margin.setValue(protocol.margin)

    def new_seed(self) -> None:
        self.seed.setText(str(secrets.randbelow(SEEDS)))

    def _make(self, models: Sequence[tuple[str, str]]) -> None:
        self.name = QLineEdit(placeholderText="letters, digits, - and _", maxLength=64)
        self.title = QLineEdit(placeholderText="as it stands over the results")
        self.design, self.stratify = _combo(_DESIGNS), _combo(_STRATA)
        self.washout = _whole(0, 3650, 28, " days")
        self.readers = QLineEdit(placeholderText="R1 R2 R3")
        self.going_back = QCheckBox("May go back to a settled item")
        self.dark_gap = decimal(0, 30, 1, 0.5, " s without an image between two items")
        self.idle_after = decimal(5, 3600, 60, 5, " s without input")
        self.per_arm = _whole(2, 5000, 100, " human and as many machine reports")
        self.training = _whole(0, 200, 4, " items first, in no result")
        self.repeats = _whole(0, 1000, 10, " items shown twice")
        self.margin = decimal(0, 4, 0.5, 0.05, " points of the scale")
        self.seed = QLineEdit()
        self.seed.setAccessibleName("Seed from which everything is drawn")
        self.new_seed()
        self.model = _combo([(key, f"{key}  ({title})") for key, title in models])
        self.choice = _combo(_CHOICES)
        self.total = quiet()
        for line in (self.name, self.title, self.readers, self.seed):
            line.textChanged.connect(self._follow)
        for box in (self.design, self.stratify, self.model, self.choice):
            box.currentIndexChanged.connect(self._follow)
        for spin in (self.washout, self.per_arm, self.training, self.repeats):
            spin.valueChanged.connect(self._follow)
        for number in (self.dark_gap, self.idle_after, self.margin):
            number.valueChanged.connect(self._follow)
        self.going_back.toggled.connect(self._follow)

    def _follow(self) -> None:
        paired = self.design.currentData() == "paired"
        self.washout.setEnabled(paired)
        shown = 2 * self.per_arm.value() + self.training.value() + self.repeats.value()
        self.total.setText(f"Every reader is shown {shown} items.")
        self.changed.emit()

    def _seed_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        again = QPushButton("Draw")
        again.setAccessibleName("Draw another seed")
        again.clicked.connect(self.new_seed)
        line.addWidget(self.seed, 1)
        line.addWidget(again)
        return row


def _combo(entries: Sequence[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(24)
    for value, text in entries:
        box.addItem(text, value)
    return box


def _whole(low: int, high: int, value: int, suffix: str) -> QSpinBox:
    box = QSpinBox(minimum=low, maximum=high, value=value)
    box.setSuffix(suffix)
    indent(box)
    return box
