"""Where a reader of a blinded study begins: which study, and as whom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.paths import Paths
from app.reading.beginning import frozen_studies
from app.store.reader_study import ReaderStudy
from app.ui import theme
from app.ui.blinded.window import ReadingWindow
from app.ui.coordinator.parts import form, quiet

_UNTOLD = "Choose…"
_TOLD = (
    "Everything else is hidden while you read. Every answer is kept at once; the window can be "
    "closed at any time and goes on where it was."
)


class SeatBox(QWidget):
    """A small window; opens the reading window in place of everything else.

    ``escaped(error)`` is sent to it for a bug of ours: the reading window says it, since no other
    is to be seen.
    """

    escaped = Signal(object)

    def __init__(
        self,
        places: Paths,
        why_not: Callable[[], str] = lambda: "",
        parent: QWidget | None = None,
    ) -> None:
        """``why_not`` says what keeps anybody from reading just now, "" for nothing."""
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Read a blinded study · Reading Room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"SeatBox {{ background: {theme.PANEL}; }}")
        self._places = places
        self._why_not = why_not
        self.window_of: ReadingWindow | None = None
        self.study, self.reader = QComboBox(), QComboBox()
        self.study.setMinimumWidth(280)
        self.study.setAccessibleName("Study")
        self.reader.setAccessibleName("Your code")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setStyleSheet(f"color: {theme.EDITED};")
        other, leave = QPushButton("Other folder…"), QPushButton("Cancel")
        other.clicked.connect(self._choose)
        leave.clicked.connect(self.close)
        self.begin = QPushButton("Begin reading")
        self.begin.setProperty("role", "primary")
        self.begin.clicked.connect(self.read)
        self.study.currentIndexChanged.connect(self._follow)
        self.reader.currentIndexChanged.connect(self._allow)
        for folder in frozen_studies(places):
            self.study.addItem(folder.name, folder)
        rows = form()
        rows.addRow("Study", self.study)
        rows.addRow("Your code", self.reader)
        foot = QHBoxLayout()
        foot.addWidget(other)
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(self.begin)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(14)
        column.addLayout(rows)
        column.addWidget(self.problem)
        column.addWidget(quiet(_TOLD))
        column.addStretch(1)
        column.addLayout(foot)
        self.setMinimumWidth(520)
        self._follow()

    def add_folder(self, folder: Path) -> None:
        """Offer a study that lies somewhere else."""
        self.study.addItem(folder.name, folder)
        self.study.setCurrentIndex(self.study.count() - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keys, else begins; Esc closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            (focused if isinstance(focused, QPushButton) else self.begin).click()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def read(self) -> None:
        """Open the reading window and hide every other; they come back when it is closed."""
        if reason := self._why_not():
            self.problem.setText(reason)
            return
        try:
            study = ReaderStudy.open(self.study.currentData())
        except AppError as error:
            self._say(error)
            return
        try:
            window = ReadingWindow(study, self.reader.currentText(), self._places.home)
        except AppError as error:
            study.close()
            self._say(error)
            return
        application = QApplication.instance()
        others = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        others = [one for one in others if one is not window]
        if isinstance(application, QApplication):
            application.setQuitOnLastWindowClosed(False)

        def back() -> None:
            study.close()
            for one in others:
                one.show()
            if isinstance(application, QApplication):
                application.setQuitOnLastWindowClosed(True)
            self.window_of = None
            self.close()

        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.destroyed.connect(back)
        self.escaped.connect(window.escaped)
        self.window_of = window
        window.showFullScreen()
        self.hide()
        others.remove(self)
        for one in others:
            one.hide()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "The folder of a frozen study")
        if chosen:
            self.add_folder(Path(chosen))

    def _follow(self) -> None:
        self.reader.clear()
        self.problem.clear()
        folder = self.study.currentData()
        if folder is None:
            self.problem.setText(
                "There is no frozen study here. Choose the folder that you were given."
            )
        else:
            try:
                with ReaderStudy.open(folder) as study:
                    self.reader.addItems([_UNTOLD, *study.protocol.readers])
            except AppError as error:
                self._say(error)
        self._allow()

    def _allow(self) -> None:
        """Nobody begins as somebody else because that code happens to stand first."""
        chosen = self.reader.currentIndex() > 0
        self.begin.setEnabled(chosen)
        self.begin.setToolTip("" if chosen else "Choose the study and your code.")

    def _say(self, error: AppError) -> None:
        self.problem.setText(str(error))
