"""What stands around an item: the bar above, what is said, the pages, a line below."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.reading.session import Session
from app.ui import theme
from app.ui.blinded.scale import px, scale_of
from app.ui.message_bar import MessageBar

TITLE: Final = "Reading session"


class Frame(QWidget):
    """``image`` and ``form`` stand side by side on the page :attr:`reading`.

    The other pages are all dark: the gap between two items, the pause, and words at the end, where
    :attr:`back` leads to the last item if the protocol allows.
    """

    def __init__(self, image: QWidget, form: QWidget) -> None:
        super().__init__()
        self.messages = MessageBar()
        self.where = QLabel()
        self.where.setProperty("role", "second")
        self.where.setFont(theme.tabular(self.where.font()))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(250)
        self.pause = QPushButton()
        self.pause.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.leave = QPushButton("Leave  Ctrl+Q")  # a full screen has no other way out in sight
        self.leave.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._menu = QToolButton()
        self._menu.setText("Menu  F10")
        self._menu.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

        self.reading = QWidget()
        row = QHBoxLayout(self.reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(image, 1)
        row.addWidget(form)
        self.dark = QWidget()
        self.dark.setStyleSheet(f"background: {theme.BLACK};")
        self._at_rest = _words("Paused. The clock stands still. P goes on.")
        self.paused = _page(self._at_rest)
        self._said = _words("")
        self.back = QPushButton("Back to the last item  Ctrl+←")
        self.back.hide()
        self.ended = _page(self._said, self.back)
        self._pages = QStackedWidget()
        for page in (self.dark, self.reading, self.paused, self.ended):
            self._pages.addWidget(page)

        self._foot = QLabel(
            "Answers are saved as you give them. You can leave and go on at any time."
        )
        self._foot.setProperty("role", "third")
        self._foot.setContentsMargins(14, 4, 14, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top())
        column.addWidget(self.messages)
        column.addWidget(self._pages, 1)
        column.addWidget(self._foot)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._pages.currentWidget() or self.dark

    @property
    def said(self) -> str:
        """What the page at the end says."""
        return self._said.text()

    def show_page(self, page: QWidget) -> None:
        self._foot.setVisible(page is not self.ended)  # where nobody can go on just now
        self._pages.setCurrentWidget(page)

    def end(self, text: str, *, can_go_back: bool = False) -> None:
        """No item is shown, and ``text`` says why."""
        self._said.setText(text)
        self.back.setVisible(can_go_back)
        self.show_page(self.ended)

    def fit(self, window: QSize) -> None:
        """Words as large as ``window`` allows."""
        scale = scale_of(window)
        for part in (self._title, self.where, self._menu, self.pause, self.leave, self._foot):
            part.setStyleSheet(f"font-size: {px(13, scale)}px;")
        for label in self._said, self._at_rest:
            label.setStyleSheet(f"font-size: {px(17, scale)}px; color: {theme.SECOND};")
        self.back.setStyleSheet(f"font-size: {px(13, scale)}px;")

    def set_menu(self, menu: QMenu) -> None:
        self._menu.setMenu(menu)

    def open_menu(self) -> None:
        """Without a mouse: some tools have no key of their own."""
        menu = self._menu.menu()
        menu.popup(self._menu.mapToGlobal(self._menu.rect().bottomLeft()))
        menu.setActiveAction(menu.actions()[0])

    def show_progress(self, reader: str, session: Session) -> None:
        """Where the reader is, and whether there is anything to be paused."""
        number, of = session.position
        item = session.item
        self.where.setText(f"Reader {reader} · {where(session)}")
        self._bar.setRange(0, max(of, 1))
        self._bar.setValue(number - 1 if item is not None else of)
        self.pause.setText("Go on  P" if session.paused else "Pause  P")
        self.pause.setEnabled(item is not None and session.waits_until is None)

    def _top(self) -> QWidget:
        self._title = QLabel(TITLE)
        self._title.setProperty("role", "title")
        top = QFrame()
        top.setProperty("panel", "bar")
        line = QHBoxLayout(top)
        line.setContentsMargins(14, 6, 14, 6)
        line.setSpacing(12)
        for part in (self._title, self.where, self._bar):
            line.addWidget(part)
        line.addStretch(1)
        line.addWidget(self._menu)
        line.addWidget(self.pause)
        line.addWidget(self.leave)
        return top


def where(session: Session) -> str:
    """``Item 3 of 200 · KQ7T2M``: nothing more is said about an item."""
    item = session.item
    if item is None:
        return "finished"
    number, of = session.position
    return f"{'Training' if item.training else 'Item'} {number} of {of} · {item.code}"


def washout_sentence(until: datetime, days: int) -> str:
    """When the second part begins, in this computer's own time; never before the full minute."""
    here = (until + timedelta(seconds=59)).astimezone()
    return (
        f"The first part is read. The second part opens on {here.day} {here:%B %Y at %H:%M}, "
        f"{days} day{'' if days == 1 else 's'} after your last reading; you can close this window."
    )


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label


def _page(*parts: QWidget) -> QWidget:
    page = QWidget()
    page.setObjectName("page")
    page.setStyleSheet(f"#page {{ background: {theme.BLACK}; }}")
    column = QVBoxLayout(page)
    column.setSpacing(18)
    column.addStretch(1)
    for part in parts:
        column.addWidget(part)
        if isinstance(part, QPushButton):
            column.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(1)
    return page
