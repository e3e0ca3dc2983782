"""A study before its freeze: drafting, what would tell the arms apart, the freeze."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.reading.preflight import NO_WORD, WANTED_POWER, Preflight
from app.ui import theme
from app.ui.coordinator.item_table import ItemTable
from app.ui.coordinator.parts import ActionButton, card, chosen_by, form, quiet, scrolled
from app.ui.coordinator.told import FreezeOrder, Prepared

_SHOWN = 3
"""Groups of equal texts that are named; the preflight on the command line has them all."""


class PreparingPage(QWidget):
    """Shows a :class:`Prepared`; what can be done is in the window's actions."""

    def __init__(
        self,
        actions: dict[str, QAction],
        place: Callable[[str], Path],
        parent: QWidget | None = None,
    ) -> None:
        """``place`` says where a frozen study of a name usually lies."""
        super().__init__(parent)
        self.study: Prepared | None = None
        self._place = place
        self.head = QLabel()
        self.head.setStyleSheet("font-size: 17px; font-weight: 600;")
        self.head.setWordWrap(True)  # a long title doesn't widen the window
        self.stand = quiet()
        self.force = QCheckBox("Draft what the gate refuses, too")
        self.replace = QCheckBox("Put other cases in the place of refused ones")
        line = QHBoxLayout()
        line.addWidget(self.force)
        line.addWidget(self.replace)
        line.addStretch(1)
        self.draft_button = ActionButton(actions["draft"], primary=True)
        line.addWidget(self.draft_button)
        self._drafting, column = card("Machine's reports", self.stand)
        column.addLayout(line)
        self.flags = QLabel()
        self.flags.setWordWrap(True)
        self.flags.setTextFormat(Qt.TextFormat.PlainText)  # a flag may quote "<nou>"
        self.flags.setAccessibleName("What would tell the arms apart")
        self.figures = quiet()
        self.items = ItemTable()
        self.items.head.addWidget(ActionButton(actions["see"]))
        for name in ("rewrite", "reword", "exclude"):
            self.items.buttons.addWidget(ActionButton(actions[name]))
        check = QWidget()
        column = QVBoxLayout(check)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        top = QHBoxLayout()
        words = QVBoxLayout()
        words.addWidget(self.flags)
        words.addWidget(self.figures)
        top.addLayout(words, 1)
        top.addWidget(ActionButton(actions["rewrite_all"]))
        column.addLayout(top)
        column.addWidget(self.items, 1)
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setAccessibleName("Log of the preparation")
        self.tabs = QTabWidget()
        self.tabs.addTab(check, "Before the freeze")
        self.tabs.addTab(scrolled(self._freeze(actions)), "Freeze")
        self.tabs.addTab(self.log, "Log")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(12)
        whole.addWidget(self.head)
        whole.addWidget(self._drafting)
        whole.addWidget(self.tabs, 1)
        self.force.toggled.connect(self.follow)

    def show_study(self, study: Prepared) -> None:
        if self.study is None or self.study.folder != study.folder:
            self.folder.setText(str(self._place(study.name)))
            self.key.clear()
            self.accept.setChecked(False)
            self.forget()
        self.study = study
        self.items.show_study(study)
        self.follow()

    def forget(self) -> None:
        """Let no passphrase stay in the window."""
        self.passphrase.clear()
        self.again.clear()

    def order(self) -> FreezeOrder:
        """What the freeze is asked for; :meth:`not_frozen` has said that it can be."""
        key = self.key.text().strip()
        return FreezeOrder(
            Path(self.folder.text().strip()).expanduser(),
            self.passphrase.text(),
            Path(key).expanduser() if key else None,
            self.accept.isChecked(),
        )

    def not_frozen(self) -> str:
        """Why it can't be frozen now; "" when it can."""
        study = self.study
        if study is None or study.found is None:
            return "Machine reports are still to be drafted."
        if any(one.tell.kind == NO_WORD for one in study.found.found):
            return "Reword the items without a word, or exclude their cases."
        if not study.found.ok and not self.accept.isChecked():
            return "Mend what was found, or tick that you freeze in spite of it."
        if not self.folder.text().strip():
            return "Say where the study shall lie."
        if not self.passphrase.text():
            return "Choose a passphrase."
        if self.passphrase.text() != self.again.text():
            return "The two passphrases differ."
        return ""

    def follow(self) -> None:
        """Bring every word in line with the study."""
        study = self.study
        if study is None:
            return
        protocol = study.preparation.protocol
        self.head.setText(protocol.title or protocol.name)
        left = len(study.waiting(force=self.force.isChecked()))
        count = len({case for chosen in study.preparation.arms.values() for case in chosen})
        self.stand.setText(
            f"{left} of {count} images are still to be seen by the model {protocol.model}."
            if left
            else f"All {count} images are done; nothing is drafted while somebody reads."
        )
        for widget in (self.force, self.replace, self.draft_button):
            widget.setVisible(left > 0 or (widget is self.force and self.force.isChecked()))
        self._show_found(study.found)
        self.log.setPlainText("\n".join(study.preparation.log))

    def _show_found(self, found: Preflight | None) -> None:
        for place in (0, 1):
            self.tabs.setTabEnabled(place, found is not None)
        if found is None:
            self.tabs.setCurrentIndex(2)
            return
        if not self.tabs.isTabEnabled(self.tabs.currentIndex()) or self.tabs.currentIndex() == 2:
            self.tabs.setCurrentIndex(0)
        signs = "\n".join(f"•  {flag}" for flag in found.flags)
        self.flags.setText(signs or "Nothing was found that would tell the arms apart.")
        self.flags.setStyleSheet(f"color: {theme.ATTENTION if signs else theme.WRITTEN};")
        self.figures.setText(_figures(found))
        self.accept.setVisible(not found.ok)

    def _freeze(self, actions: dict[str, QAction]) -> QWidget:
        page = QWidget()
        self.folder, self.key = QLineEdit(), QLineEdit()
        self.key.setPlaceholderText("in the study's folder; better elsewhere")
        self.passphrase, self.again = QLineEdit(), QLineEdit()
        for line, name in ((self.passphrase, "Passphrase"), (self.again, "Once more")):
            line.setEchoMode(QLineEdit.EchoMode.Password)
            line.setAccessibleName(name)
        self.accept = QCheckBox("In spite of what was found before the freeze")
        self.why_not = quiet()
        rows = form()
        for name, line, choose in (
            ("Study's folder", self.folder, self._choose_folder),
            ("Sealed key", self.key, self._choose_key),
        ):
            rows.addRow(name, chosen_by(line, name, choose))
        rows.addRow("Passphrase", self.passphrase)
        rows.addRow("Once more", self.again)
        rows.addRow("", self.accept)
        told = quiet(
            "The freeze fixes everything: images are copied under opaque names without metadata, "
            "protocol and items get a sha256, the key is sealed under the passphrase, and this "
            "preparation is removed. Who loses the passphrase can't unblind the study."
        )
        box, column = card("Freeze", told)
        column.addLayout(rows)
        foot = QHBoxLayout()
        foot.addWidget(self.why_not, 1)
        foot.addWidget(ActionButton(actions["freeze"], primary=True))
        column.addLayout(foot)
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(box)
        whole.addStretch(1)
        return page

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "An empty folder for the study")
        if chosen:
            self.folder.setText(chosen)

    def _choose_key(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Where the sealed key goes", "key.sealed")
        if chosen:
            self.key.setText(chosen)


def _figures(found: Preflight) -> str:
    leak, equal = "too few texts for a classifier", ""
    if found.twice:
        few = found.twice[:_SHOWN]
        more = f"; and {len(found.twice) - _SHOWN} more" if found.twice[_SHOWN:] else ""
        equal = f"   ·   equal texts: {'; '.join(' = '.join(codes) for codes in few)}{more}"
    if found.leak is not None:
        leak = f"a classifier on words, 0.5 is blind: {found.leak.told}"
    return (
        f"words, median: {found.length.human:g} human, {found.length.machine:g} machine   ·   "
        f"{leak}"
        f"   ·   power for the margin {found.power:.0%} ({WANTED_POWER:.0%} is wanted){equal}"
    )
