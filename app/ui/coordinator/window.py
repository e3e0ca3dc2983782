"""The coordinator's window: the studies on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.reading.beginning import frozen_folder
from app.reading.protocol import Protocol
from app.ui import theme
from app.ui.controller import Controller
from app.ui.coordinator.deeds import allow, make_deeds, why_not
from app.ui.coordinator.item_image import ItemImage
from app.ui.coordinator.parts import ActionButton, quiet
from app.ui.coordinator.preparing_page import PreparingPage
from app.ui.coordinator.running_page import RunningPage
from app.ui.coordinator.told import Entry, Prepared, Running
from app.ui.coordinator.wizard import Wizard
from app.ui.coordinator.work import Coordinator
from app.ui.message_bar import Message, MessageBar

TITLE: Final = "Reader studies · Reading Room"
LOOK_MS: Final = 5_000
_WELCOME: Final = (
    "Are the machine's reports as good as your radiologists'?\n\n"
    "A study draws cases, drafts the machine's reports, shows what would tell the two arms apart, "
    "and freezes everything under a passphrase. Readers then score reports without knowing whose "
    "they are; when all have finished, the study is locked, unblinded and exported.\n\n"
    "Begin with a new study (Ctrl+N), or choose one on the left."
)
_PASSING: Final = ("coordinator", "protocol", "discard", "withdraw", "lock")
"""Keys of messages that another deed makes old: what was said, and what was asked."""
_TICKED: Final = {
    "in preparation": theme.EDITED,
    "frozen": theme.ACCENT,
    "locked": theme.ACCENT,
    "unblinded": theme.WRITTEN,
    "damaged": theme.ATTENTION,
}


class CoordinatorWindow(QMainWindow):
    """A window of its own beside the work. It decides nothing: :class:`Coordinator` does."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(TITLE)
        self.work = Coordinator(controller, self)
        self.actions_of = make_deeds(self.menuBar(), self._handlers(), self)
        self._controller = controller
        self._entries: tuple[Entry, ...] = ()
        self.messages = MessageBar()
        self.list = QListWidget()
        self.list.setAccessibleName("Reader studies")
        self.list.setFixedWidth(240)
        self.list.setStyleSheet("QListWidget::item { padding: 8px 10px; }")
        self.list.currentRowChanged.connect(self._choose)
        self.preparing = PreparingPage(
            self.actions_of, lambda name: frozen_folder(controller.places, name)
        )
        self.run_page = RunningPage(self.actions_of)
        self.image = ItemImage(self)
        self.wizard = self._new_wizard()
        self.pages = QStackedWidget()
        self._welcome = self._make_welcome()
        for page in (self._welcome, self.wizard, self.preparing, self.run_page):
            self.pages.addWidget(page)
        self._build()
        self._wire()
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._look_again)
        self._look.start()
        self.resize(1240, 760)
        self.follow()
        self.work.refresh()

    # building

    def _build(self) -> None:
        side = QFrame()
        side.setProperty("panel", "side")
        column = QVBoxLayout(side)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(ActionButton(self.actions_of["new"], primary=True))
        column.addWidget(self.list, 1)
        self.busy_words = QLabel()
        self.busy_words.setProperty("role", "second")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = ActionButton(self.actions_of["cancel"])
        self.busy = QFrame()
        self.busy.setProperty("panel", "bar")
        line = QHBoxLayout(self.busy)
        line.setContentsMargins(16, 6, 16, 6)
        line.addWidget(self.busy_words)
        line.addWidget(self.bar, 1)
        line.addWidget(self.cancel_button)
        self.busy.hide()
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(side)
        rule = QFrame()
        rule.setProperty("panel", "line")
        rule.setFixedWidth(1)
        middle.addWidget(rule)
        middle.addWidget(self.pages, 1)
        central = QWidget()
        whole = QVBoxLayout(central)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.messages)
        whole.addLayout(middle, 1)
        whole.addWidget(self.busy)
        self.setCentralWidget(central)

    def _make_welcome(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(48, 48, 48, 48)
        words = quiet(_WELCOME)
        words.setMaximumWidth(640)
        column.addWidget(words)
        column.addStretch(1)
        return page

    def _new_wizard(self) -> Wizard:
        wizard = Wizard([(one.model_id, one.title) for one in self._controller.models])
        wizard.said.connect(self.messages.show_message)
        wizard.cases.list_wanted.connect(self.work.read_cases)
        wizard.cases.signed_wanted.connect(self.work.read_signed)
        wizard.create_wanted.connect(self._create)
        return wizard

    def _wire(self) -> None:
        work, page = self.work, self.preparing
        work.said.connect(self.messages.show_message)
        work.listed.connect(self._show_list)
        work.prepared.connect(self._show_prepared)
        work.running.connect(self._show_running)
        work.looked.connect(self._show_looked)
        work.cases.connect(lambda found: self.wizard.cases.show_listed(found))
        work.signed.connect(lambda found: self.wizard.cases.show_signed(found))
        work.busy.connect(self._show_busy)
        work.progress.connect(self._show_progress)
        work.seen.connect(self.image.show_image)
        work.exported.connect(self._exported)
        work.discarded.connect(self._discarded)
        page.items.chosen.connect(self.follow)
        page.items.text.textChanged.connect(self.follow)
        page.items.why.textChanged.connect(self.follow)
        for line in (page.passphrase, page.again, page.folder):
            line.textChanged.connect(self.follow)
        page.accept.toggled.connect(self.follow)
        page.force.toggled.connect(self.follow)
        run = self.run_page
        run.table.itemSelectionChanged.connect(self.follow)
        for line in (run.why, run.passphrase, run.out):
            line.textChanged.connect(self.follow)

    # what can be done

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "new": self.new_study,
            "open_folder": self._choose_folder,
            "refresh": lambda: self.work.refresh(),
            "list": lambda: self.list.setFocus(),
            "close": self.close,
            "draft": self._draft,
            "cancel": lambda: self.work.cancel(),
            "see": self._see,
            "rewrite_all": lambda: self._on_prepared(lambda study: self.work.rewrite(study)),
            "rewrite": self._rewrite,
            "reword": self._reword,
            "exclude": self._exclude,
            "discard": self._ask_to_discard,
            "freeze": self._freeze,
            "withdraw": self._ask_to_withdraw,
            "lock": self._ask_to_lock,
            "unblind": self._unblind,
            "export": self._export,
        }

    def follow(self) -> None:
        """Allow what can be done now; everything else says why not."""
        here, page, run = self.pages.currentWidget(), self.preparing, self.run_page
        reasons = why_not(self.work, page if here is page else None, run if here is run else None)
        for name, reason in reasons.items():
            allow(self.actions_of[name], reason)
        page.why_not.setText(reasons["freeze"])

    def new_study(self) -> None:
        """Show the steps of a new study, empty."""
        earlier, self.wizard = self.wizard, self._new_wizard()
        self.pages.insertWidget(self.pages.indexOf(earlier), self.wizard)
        self.pages.removeWidget(earlier)
        earlier.deleteLater()
        self._select("")
        self._show_page(self.wizard)
        self.wizard.design.name.setFocus()

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "The folder of a frozen study")
        if chosen:
            self.work.open_folder(Path(chosen))

    def _create(self, protocol: Protocol) -> None:
        cases = self.wizard.cases
        if cases.from_database and cases.signed is not None:
            people = self.wizard.people(protocol)
            self.work.create(protocol, "database", self.work.gather(cases.signed, people))
        elif cases.listed is not None:
            listed = cases.listed.cases
            self.work.create(protocol, "list", lambda _progress: listed)

    def _on_prepared(self, deed: Callable[[Prepared], None]) -> None:
        if self.preparing.study is not None:
            deed(self.preparing.study)

    def _draft(self) -> None:
        page = self.preparing
        self.messages.dismiss("drafting")
        if page.study is not None:
            self.work.draft(
                page.study,
                force=page.force.isChecked(),
                replace_refused=page.replace.isChecked(),
            )

    def _see(self) -> None:
        item = self.preparing.items.item
        if item is not None:
            self._on_prepared(lambda study: self.work.see(study, item))

    def _rewrite(self) -> None:
        item = self.preparing.items.item
        if item is not None:
            self._on_prepared(lambda study: self.work.rewrite(study, item.code))

    def _reword(self) -> None:
        items = self.preparing.items
        item, text, why = items.item, items.changed_text(), items.why.text().strip()
        if item is not None:
            self._on_prepared(lambda study: self.work.reword(study, item.code, text, why))

    def _exclude(self) -> None:
        items = self.preparing.items
        item, why = items.item, items.why.text().strip()
        if item is not None:
            self._on_prepared(lambda study: self.work.exclude(study, item.case, why))

    def _ask_to_discard(self) -> None:
        study = self.preparing.study
        if study is not None:
            self._ask(
                "discard",
                f"Drafts, wordings and log of the preparation {study.name} are then gone for good.",
                "Discard it",
                lambda: self.work.discard(study),
            )

    def _freeze(self) -> None:
        order = self.preparing.order()
        self.preparing.forget()
        self._on_prepared(lambda study: self.work.freeze(study, order))

    def _ask(self, key: str, text: str, action: str, act: Callable[[], None]) -> None:
        """What is for good is said once, and done by the button beside what is said."""
        self.messages.show_message(Message(text, kind="info", key=key, action=action, act=act))

    def _ask_to_withdraw(self) -> None:
        run = self.run_page
        study, reader, why = run.study, run.reader, run.why.text().strip()
        if study is None:
            return

        def withdraw() -> None:
            self.work.withdraw(study, reader, why)
            run.why.clear()

        self._ask(
            "withdraw",
            f"Withdrawing {reader} is for good: none of their ratings counts.",
            f"Withdraw {reader}",
            withdraw,
        )

    def _ask_to_lock(self) -> None:
        study = self.run_page.study
        if study is not None:
            said = "Locking ends the reading for good."
            self._ask(
                "lock",
                f"{said} {self.run_page.unfinished()}".strip(),
                "Lock it",
                lambda: self.work.lock(study),
            )

    def _unblind(self) -> None:
        run = self.run_page
        if run.study is not None:
            key = run.key.text().strip()
            passphrase = run.passphrase.text()
            run.passphrase.clear()
            self.work.unblind(run.study, passphrase, Path(key).expanduser() if key else None)

    def _export(self) -> None:
        run = self.run_page
        if run.study is not None:
            out = Path(run.out.text().strip() or run.study.folder / "exports").expanduser()
            self.work.export(run.study, out)

    # what the work says

    def _show_list(self, entries: Sequence[Entry]) -> None:
        chosen = self._chosen()
        self._entries = tuple(entries)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for entry in self._entries:
            line = QListWidgetItem(f"{entry.name}\n{entry.state}")
            line.setToolTip(str(entry.folder))
            line.setIcon(theme.icon("shield", _TICKED[entry.state]))
            self.list.addItem(line)
        self.list.blockSignals(blocked)
        self._select(chosen)

    def _show_prepared(self, study: Prepared) -> None:
        self.preparing.show_study(study)
        self._show_page(self.preparing)
        self._select(str(study.folder))

    def _show_running(self, study: Running) -> None:
        self.run_page.show_study(study)
        self._show_page(self.run_page)
        self._select(str(study.folder))

    def _show_looked(self, study: Running) -> None:
        """News of the study on the right; what is shown stays where it is."""
        if self._chosen() == str(study.folder) and self.work.idle:
            self.run_page.show_study(study)
            self.follow()

    def _exported(self, files: list[Path]) -> None:
        self.run_page.show_files(files)
        text = f"Wrote {len(files)} files to {files[0].parent}."
        self.messages.show_message(Message(text, kind="info", key="coordinator"))

    def _discarded(self, name: str) -> None:
        self.preparing.study = None
        text = f"The preparation {name} is removed; its name is free again."
        self.messages.show_message(Message(text, kind="info", key="coordinator"))
        self._show_page(self._welcome)

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self.follow()

    def _show_busy(self, what: str) -> None:
        if what:
            for key in _PASSING:
                self.messages.dismiss(key)
            self.bar.setRange(0, 0)
        self.busy_words.setText(what)
        self.busy.setVisible(bool(what))
        self.cancel_button.setVisible(self.work.can_cancel)
        self.wizard.setEnabled(not what)
        self.follow()

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        behind = f"{done} of {total}" if total else str(done)
        self.busy_words.setText(f"{self.work.what}  {behind}")

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._entries):
            if self.work.idle:
                self.work.open(self._entries[row])
            else:
                self._select(self._chosen())

    def _chosen(self) -> str:
        """The folder of the study on the right."""
        here = self.pages.currentWidget()
        if here is self.preparing and self.preparing.study is not None:
            return str(self.preparing.study.folder)
        if here is self.run_page and self.run_page.study is not None:
            return str(self.run_page.study.folder)
        return ""

    def _select(self, folder: str) -> None:
        rows = [n for n, entry in enumerate(self._entries) if str(entry.folder) == folder]
        blocked = self.list.blockSignals(True)
        self.list.setCurrentRow(rows[0] if rows else -1)
        self.list.blockSignals(blocked)

    def _look_again(self) -> None:
        run = self.run_page
        if self.isVisible() and self.pages.currentWidget() is run and run.study is not None:
            self.work.look(run.study.folder)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.messages.dismiss_newest()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._look.stop()
        self.image.close()
        self.preparing.forget()
        self.run_page.passphrase.clear()
        self.hide()  # the thread may take a moment to end; nobody needs to watch
        self.work.stop()
        super().closeEvent(event)
