"""Save, copy and print what is in sight. Identity is left out unless the reader ticks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from app.ui.loader import READ
from app.ui.message_bar import Message, about
from app.ui.pictures.drawing import as_shown, burned_in
from app.ui.pictures.save_dialog import SaveDialog, Wanted
from app.ui.pictures.saving import save

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow
    from app.ui.pictures.printing import Page

_KEY = "picture"
_PRINT_FINER = 2.0  # than the screen


class PictureActions(QObject):
    """What the File menu's picture commands do in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def save(self) -> None:
        """Ask where to, what and with whose name; the picture is of the moment of asking."""
        pane = self._window.viewer.active_pane
        if pane is None:
            self._window.status.hint("Open a study to save a picture of it.")
            return
        dialog = SaveDialog(pane, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            wanted = dialog.wanted()
            if wanted is not None:
                self.write(wanted)
        dialog.deleteLater()

    def write(self, wanted: Wanted) -> None:
        """Draw here, write in the thread that has to do with files; says how that went."""
        pane = self._window.viewer.active_pane
        if pane is None:
            return
        picture = wanted.draw(pane)
        said = "" if wanted.identity else burned_in(pane.radiograph)
        done = Message(f"Saved the picture as {wanted.file}.", said, kind="info", key=_KEY)
        self._window.controller.loader.call(
            lambda: save(picture, wanted.file),
            lambda _: self._say(done),
            self._failed,
            priority=READ,
        )

    def copy(self) -> None:
        """The active pane as shown to the clipboard, without identity."""
        pane = self._window.viewer.active_pane
        if pane is None:
            self._window.status.hint("Open a study to copy a picture of it.")
            return
        picture = as_shown(pane)
        picture.setDevicePixelRatio(1.0)
        QGuiApplication.clipboard().setImage(picture)
        said = burned_in(pane.radiograph)
        self._window.status.hint(f"Copied the picture, identity hidden. {said}".strip())

    def print_box(self) -> QWidget | None:
        """A window that shows the page and prints it; None without an image."""
        from app.ui.pictures.print_box import PrintBox

        window = self._window
        if window.viewer.active_pane is None:
            window.status.hint("Open a study to print it.")
            return None
        box = PrintBox(self.page, bool(window.column.report.text().strip()), window)
        box.printed.connect(lambda text: self._say(Message(text, kind="info", key=_KEY)))
        box.failed.connect(self._failed)
        window.controller.closed.connect(box.close)
        return box

    def page(self, identity: bool, report: bool) -> Page:
        """The panes in sight, and the report as it stands."""
        from app.ui.pictures.printing import Page

        window = self._window
        panes = window.viewer.panes_in_sight
        pictures = [
            as_shown(pane, identity_hidden=not identity, finer=_PRINT_FINER) for pane in panes
        ]
        notes = [] if identity else [burned_in(pane.radiograph) for pane in panes]
        text = window.column.report.text().strip() if report else ""
        if text:
            signed = window.column.report.is_signed()
            text = f"{'Report' if signed else 'Report (not signed)'}\n\n{text}"
        return Page(pictures, text, " ".join(dict.fromkeys(note for note in notes if note)))

    def _say(self, message: Message) -> None:
        self._window.say(message)

    def _failed(self, error: Exception) -> None:
        self._window.say(about(error, key=_KEY))
