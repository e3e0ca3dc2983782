"""The findings of the classification head, most probable first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.inference.drafts import Finding
from app.ui.panels.heading import ElidedLabel, FoldingHeading
from app.ui.panels.keycap import Bar, KeyButton
from app.ui.theme import SECOND, tabular

FEW = 5
_TOOLTIP = (
    "Sigmoid output of the classification head, from 0 to 1. It is uncalibrated:\n"
    ".80 does not mean that eight of ten such images show the finding."
)


def percent_free(probability: float) -> str:
    """A probability as two decimals without the leading zero: ``.88``, ``1.00``."""
    text = f"{probability:.2f}"
    return text[1:] if text.startswith("0") else text


def readable(name: str) -> str:
    """A label of the training data as prose: ``Pleural_Thickening`` → ``Pleural thickening``."""
    first, *rest = name.replace("_", " ").split() or [""]
    return " ".join([first[:1].upper() + first[1:], *(word.lower() for word in rest)])


class FindingsPanel(QWidget):
    """A list of findings with bars; the first five, or all of them; folds to one line at its
    title.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings: tuple[Finding, ...] = ()
        self._all = False
        self._heading = FoldingHeading("Findings")
        self._heading.setToolTip(_TOOLTIP)
        self._heading.toggled.connect(self._fold)
        self._more = KeyButton("", "")
        self._more.clicked.connect(self._toggle_all)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        self._summary = ElidedLabel()
        top.addWidget(self._heading)
        top.addWidget(self._summary, 1)
        top.addWidget(self._more)
        self._rows = QWidget()
        self._rows.setToolTip(_TOOLTIP)
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, 128)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._rows)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_findings(())

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these findings, or nothing at all when there are none."""
        self._findings = tuple(sorted(findings, key=lambda one: (-one.probability, one.name)))
        self._fill()
        self.setVisible(bool(self._findings))

    def set_model(self, name: str) -> None:
        """Whose findings they are, while those of two models are at hand; "" otherwise."""
        self._heading.set_title(f"Findings of {name}" if name else "Findings")

    def set_folded(self, folded: bool) -> None:
        """Fold the list away or show it."""
        self._heading.setChecked(not folded)

    def summary(self) -> str:
        """What stands beside the title while the list is folded."""
        return self._summary.text()

    def is_folded(self) -> bool:
        """Whether only the title is shown."""
        return not self._heading.isChecked()

    def show_all(self, on: bool) -> None:
        """Show all findings, or the five most probable ones."""
        self._all = on
        self._fill()

    def shown(self) -> tuple[Finding, ...]:
        """The findings in the list as it stands."""
        return self._findings if self._all else self._findings[:FEW]

    def _toggle_all(self) -> None:
        self.show_all(not self._all)

    def _fold(self, open_: bool) -> None:
        self._rows.setVisible(open_)
        self._more.setVisible(open_ and len(self._findings) > FEW)
        said = (f"{readable(one.name)} {percent_free(one.probability)}" for one in self._findings)
        self._summary.setText("" if open_ else " · ".join(list(said)[:FEW]))

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
        for row, finding in enumerate(self.shown()):
            name, bar = QLabel(readable(finding.name)), Bar()
            bar.set_value(finding.probability)
            number = QLabel(percent_free(finding.probability))
            number.setFont(tabular(number.font()))
            number.setStyleSheet(f"color: {SECOND};")
            name.setAccessibleName(f"{name.text()}, probability {number.text()}")
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(number, row, 2, Qt.AlignmentFlag.AlignRight)
        count = len(self._findings)
        self._more.setText("show fewer" if self._all else f"show all {count}")
        self._more.setAccessibleName(self._more.text())
        self._more.updateGeometry()
        self._fold(self._heading.isChecked())
