"""Similar cases in the reading column: the reader's own signed studies that look alike, or that
words describe.

Keys: ↑ ↓ from case to case, Enter opens one; in the words' field Enter looks for them, ↓ goes to
the list, Esc empties the field and goes back to the image.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.panels.heading import Heading
from app.ui.panels.similar_rows import SIMILAR, SimilarModel, SimilarRow
from app.ui.similar_cases import Listing
from app.ui.worklist_model import WorklistModel

NOTE = (
    "Similarity is no diagnosis: it may follow a device, a view or an exposure. A case that is "
    "missing here proves nothing."
)


class SimilarPanel(QWidget):
    """``chosen(StudyRecord)`` to open one; ``searched(words)``, empty for the open image;
    ``cancelled()`` the look at images for the first time; ``closed()``; ``back_wanted()``.
    """

    chosen = Signal(object)
    searched = Signal(str)
    cancelled = Signal()
    closed = Signal()
    back_wanted = Signal()

    def __init__(self, studies: WorklistModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("similar_panel")
        self.model = SimilarModel(studies, self)
        self._build()
        self.set_back("")
        self.set_indexing(0, 0)
        self.set_message("")

    def set_listing(self, listing: Listing) -> None:
        """Show what was found; the first row is chosen."""
        self.model.set_found(listing.found)
        by = "by words" if listing.query else "by image"
        self._heading.set_aside(f"{by} · {_of(listing)}")
        if listing.found:
            self.set_message("")
            self.view.setCurrentIndex(self.model.index(0, 0))
        elif listing.query:
            self.set_message("No signed study was found with these words.")
        elif listing.indexed:
            self.set_message("None of your signed studies is similar.")
        else:
            self.set_message("No signed study has been compared yet.")
        self._unknown.setText(_unknown(listing.unknown))
        self._unknown.setVisible(bool(listing.unknown))

    def set_message(self, text: str, hint: str = "") -> None:
        """Say something in place of the list; nothing brings the list back."""
        self._message.setText(f"{text}\n{hint}".strip())
        if text and self.view.hasFocus():
            self.setFocus()  # a hidden list would give the keys to who knows whom
        self._message.setVisible(bool(text))
        self.view.setVisible(not text)
        if not text and self.hasFocus():
            self.view.setFocus()
        if text:
            self._unknown.hide()

    def set_waiting(self, text: str) -> None:
        """Say what is being done, beside what is listed so far."""
        self._heading.set_aside(text)

    def set_unavailable(self, text: str, hint: str) -> None:
        self.model.set_found(())
        self._heading.set_aside("")
        self.set_message(text, hint)

    def set_indexing(self, done: int, total: int) -> None:
        """How many images were looked at for the first time; (0, 0) when that is over."""
        self._progress.setVisible(total > 0)
        if total:
            self._progress_text.setText(f"Looking at your signed studies, {done:,} of {total:,}…")
            self._bar.setRange(0, total)
            self._bar.setValue(done)

    def set_back(self, text: str) -> None:
        """Offer the way back to the study that a case was opened from; empty: there is none."""
        self._back.setText(text)
        self._back.setVisible(bool(text))

    def set_query(self, words: str) -> None:
        self.words.setText(words)

    def take_focus(self) -> None:
        """Let the keys walk through what is listed, now or as soon as something is."""
        (self if self.view.isHidden() else self.view).setFocus()

    def message(self) -> str:
        """What stands in place of the list."""
        return self._message.text() if self._message.isVisibleTo(self) else ""

    def aside(self) -> str:
        return self._heading.aside()

    def _build(self) -> None:
        self._heading = Heading("Similar cases")
        close = QToolButton()
        close.setObjectName("similar_close")
        close.setIcon(theme.icon("close"))
        close.setToolTip("Back to the drafts")
        close.setAccessibleName("Close similar cases")
        close.clicked.connect(self.closed)
        self._heading.add(close)
        self.words = _Words()
        self.words.setObjectName("similar_words")
        self.words.setPlaceholderText("Search by words, such as: effusion right base")
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName("Search signed studies by words")
        self.words.returnPressed.connect(self._search)
        self.words.emptied.connect(self._search)
        self._unknown = _quiet()
        self._back = QPushButton()
        self._back.setObjectName("similar_back")
        self._back.setIcon(theme.icon("chevron-left"))
        self._back.setStyleSheet("text-align: left;")
        self._back.clicked.connect(self.back_wanted)
        self.view = _List()
        self.view.setObjectName("similar_list")
        self.words.down.connect(self.view.setFocus)
        self.view.setAccessibleName("Similar cases, the most similar first")
        self.view.setModel(self.model)
        self.view.setItemDelegate(SimilarRow(self.view))
        self.view.entered_row.connect(self._choose)
        self.view.clicked.connect(self.view.setCurrentIndex)
        self.view.doubleClicked.connect(self._choose)
        self._message = QLabel()
        self._message.setObjectName("similar_message")
        self._message.setProperty("role", "second")
        self._message.setWordWrap(True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        note = _quiet(NOTE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._heading, self.words, self._unknown, self._back, self._progress_row()):
            column.addWidget(part)
        column.addWidget(self.view, 1)
        column.addWidget(self._message, 1)
        column.addWidget(note)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _progress_row(self) -> QWidget:
        self._progress = QWidget()
        self._progress_text = QLabel()
        self._progress_text.setProperty("role", "second")
        self._bar = QProgressBar(textVisible=False)
        cancel = QPushButton("Cancel")
        cancel.setObjectName("similar_cancel")
        cancel.setProperty("role", "quiet")
        cancel.setToolTip("Compare with the studies that were looked at so far")
        cancel.clicked.connect(self.cancelled)
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addWidget(self._progress_text)
        told.addWidget(self._bar)
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(told, 1)
        row.addWidget(cancel)
        return self._progress

    def _search(self) -> None:
        self.searched.emit(self.words.text())

    def _choose(self, index: QModelIndex) -> None:
        one = index.data(SIMILAR)
        if one is not None:
            self.chosen.emit(one.record)


def _of(listing: Listing) -> str:
    if listing.indexed < listing.signed and not listing.query:
        return f"{listing.indexed:,} of {listing.signed:,} signed"
    return f"{listing.signed:,} signed"


def _unknown(words: tuple[str, ...]) -> str:
    listed = ", ".join(f"“{word}”" for word in words)
    return f"Never learned, looked for in the reports alone: {listed}"


def _quiet(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "small")
    label.setWordWrap(True)
    return label


class _Words(QLineEdit):
    """Esc empties the field; Esc in an empty one goes on to the window."""

    emptied = Signal()
    down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.emptied.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)


class _List(QListView):
    """Enter opens; letters and digits go on to the window's shortcuts."""

    entered_row = Signal(QModelIndex)

    def __init__(self) -> None:
        super().__init__()
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setMinimumHeight(120)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.entered_row.emit(self.currentIndex())
        elif event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)
