"""What stands in the centre without an image: how to begin, what is loading, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.keys.shown import follow, with_key

_KEYS = ("draft a report", "show the map of a word", "all keys")
_CENTER = Qt.AlignmentFlag.AlignCenter


class _OnBlack(QWidget):
    """A black page with everything in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewer_page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"QWidget#viewer_page {{ background: {theme.BLACK}; }}")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(32, 32, 32, 32)
        self.column.setSpacing(8)
        self.column.addStretch(1)

    def add(self, widget: QWidget) -> None:
        self.column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)


class EmptyPage(_OnBlack):
    """The first thing a new user sees: where to drop a file, the synthetic study, three keys."""

    open_requested = Signal()
    synthetic_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = QLabel()
        picture.setPixmap(theme.pixmap("image", theme.THIRD, 56, self.devicePixelRatioF()))
        self.add(picture)
        self.column.addSpacing(8)
        title = QLabel("Drop a chest radiograph here")
        title.setStyleSheet(f"font-size: 20px; color: {theme.TEXT};")
        self.add(title)
        kinds = QLabel("a file or a folder · DICOM, PNG, JPEG, WebP or TIFF")
        kinds.setProperty("role", "second")
        self.add(kinds)
        self.column.addSpacing(12)
        self.add(self._buttons())
        self.column.addSpacing(20)
        self._caps = [QLabel() for _ in _KEYS]
        self.add(_keys(self._caps))
        self.column.addStretch(1)

    def follow(self, opening: QAction, three: Sequence[QAction]) -> None:
        """Whose keys to show: what opens a file, and the three of :data:`_KEYS`."""
        follow(opening, lambda key: self._opener.setToolTip(with_key("Open a file", key)))
        for action, cap in zip(three, self._caps, strict=True):
            follow(action, cap.setText)

    def _buttons(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        opener = QPushButton("Open a file…")
        opener.setObjectName("viewer_open")
        opener.setProperty("role", "primary")
        self._opener = opener
        opener.clicked.connect(self.open_requested)
        synthetic = QPushButton("Try the synthetic study")
        synthetic.setObjectName("viewer_synthetic")
        synthetic.setToolTip("A phantom made by this project: no patient, no evidence of quality")
        synthetic.clicked.connect(self.synthetic_requested)
        layout.addWidget(opener)
        layout.addWidget(synthetic)
        return row


class MessagePage(_OnBlack):
    """One sentence and what to do about it; also used for progress."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = QLabel()
        self.add(self.picture)
        self.message = _line(theme.TEXT, 15)
        self.hint = _line(theme.SECOND, theme.BODY_PX)
        self.add(self.message)
        self.add(self.hint)
        self.column.addStretch(1)

    def say(self, message: str, hint: str = "", icon: str = "") -> None:
        """Show ``message`` and ``hint`` under an icon; empty parts take no room."""
        self.picture.setVisible(bool(icon))
        if icon:
            ratio = self.devicePixelRatioF()
            self.picture.setPixmap(theme.pixmap(icon, theme.SECOND, 32, ratio))
        self.message.setText(message)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))


class Banner(QWidget):
    """One line on top of the image: what is odd about it. Hidden when there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewer_banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(
            f"QWidget#viewer_banner {{ background: {theme.RAISED};"
            f" border-bottom: 1px solid {theme.LINE}; }}"
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(8)
        picture = QLabel()
        picture.setPixmap(theme.pixmap("warning", theme.TEXT, 16, self.devicePixelRatioF()))
        self.label = QLabel()
        self.label.setWordWrap(True)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)
        self.hide()

    def say(self, text: str) -> None:
        """Show ``text``, or nothing."""
        self.label.setText(text)
        self.setVisible(bool(text))


def _keys(caps: Sequence[QLabel]) -> QWidget:
    block = QWidget()
    grid = QGridLayout(block)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    for row, (cap, meaning) in enumerate(zip(caps, _KEYS, strict=True)):
        cap.setProperty("role", "key")
        text = QLabel(meaning)
        text.setProperty("role", "third")
        grid.addWidget(cap, row, 0, _CENTER)
        grid.addWidget(text, row, 1)
    return block


def _line(color: str, pixels: int) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setAlignment(_CENTER)
    label.setFixedWidth(480)  # a centred label of any other width gets the height of a wider one
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setStyleSheet(f"color: {color}; font-size: {pixels}px;")
    return label
