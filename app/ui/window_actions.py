"""What the menus' commands do: opening, saving pictures, going somewhere, opening the side
windows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QWidget

from app.paths import program_folder
from app.reporting.report import Revision
from app.ui.commands import make_commands
from app.ui.controller import login_name
from app.ui.exporting import Exported
from app.ui.keys.keymap import Keymap
from app.ui.menus import Menus
from app.ui.message_bar import Message
from app.ui.model_desk import ModelDesk
from app.ui.palette.sources import PaletteSources
from app.ui.pictures.actions import PictureActions
from app.ui.pictures.drawing import burned_in
from app.ui.undoing import Undoing

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

_IMAGES = "Radiographs (*.dcm *.dicom *.png *.jpg *.jpeg *.webp *.tif *.tiff *.zip);;All files (*)"
_READING = (
    "command",
    "comment",
    "focus_filter",
    "focus_worklist",
    "focus_drafts",
    "focus_editor",
    "similar",
    "similar_words",
)
_GUIDE = ("docs", "user-guide.md")


class WindowActions(QObject):
    """Owns the window's commands and its menus."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._controller = window.controller
        self._side_windows: dict[str, QWidget] = {}
        self.pictures = PictureActions(window)
        self.desk = ModelDesk(window)
        column, worklist = window.column, window.worklist
        self.undoing = Undoing(column.report.editor, window.viewer.history, self)
        self.commands = make_commands(
            {
                "open_file": self.open_files,
                "open_folder": self.open_folder,
                "stop_search": self._controller.library.stop_searching,
                "synthetic": self._controller.open_synthetic,
                "remove_study": worklist.remove_chosen,
                "reveal_study": worklist.reveal_chosen,
                "export": lambda: self.export("ratings"),
                "export_measurements": lambda: self.export("measurements"),
                "insert_measurements": self._insert_measurements,
                "screenshot": self.save_screenshot,
                "save_picture": self.pictures.save,
                "copy_picture": self.pictures.copy,
                "print": self.show_print,
                "undo": self.undoing.undo,
                "redo": self.undoing.redo,
                "settings": self.show_settings,
                "quit": window.close,
                "hide_identity": self._toggle_identity,
                "fold_worklist": lambda: window.fold_worklist(not worklist.folded),
                "stronger": lambda: self._change_opacity(0.1),
                "fainter": lambda: self._change_opacity(-0.1),
                "viewer_window": window.place.toggle_apart,
                "viewer_full_screen": window.place.toggle_filled,
                "full_screen": window.place.toggle_full_screen,
                "models": lambda: self.desk.show(),
                "compare_models": lambda: self.desk.compare(),
                "other_drafts": column.compared.switch,
                "end_comparison": self._controller.comparing.end,
                "draft": lambda: self._controller.drafting.draft(),
                "cancel_draft": self._cancel_drafts,
                "draft_anyway": lambda: self._controller.drafting.draft(force=True),
                "amend": self._amend,
                "history": self.show_history,
                "comment": column.rating.comment.setFocus,
                "next": lambda: self._go(1),
                "previous": lambda: self._go(-1),
                "next_unrated": lambda: self._go(1, unrated=True),
                "similar": window.similar.toggle,
                "similar_words": window.similar.find_words,
                "similar_back": window.similar.back,
                "command": self._open_palette,
                "focus_filter": worklist.focus_filter,
                "focus_worklist": worklist.view.setFocus,
                "focus_drafts": lambda: column.compared.at_hand.setFocus(),
                "focus_editor": column.report.setFocus,
                "test_pattern": self.show_test_pattern,
                "reader_studies": self.show_reader_studies,
                "read_study": self.show_read_study,
                "shortcuts": self.show_shortcuts,
                "change_keys": self.show_keys,
                "guide": self.show_guide,
                "about": self.show_about,
            },
            window,
        )
        window.addActions(list(self.commands.values()))
        self.menus = Menus(
            window.top.menus, self.commands, window.viewer, column, window.set_colour_map
        )
        self.finder = PaletteSources(window, self.menus)
        self.keymap = Keymap(self.menus.actions(), self)
        self.keymap.changed.connect(self._keep_keys)
        self._use_keys()
        self._show_own_keys()
        for name in _READING:
            self.commands[name].triggered.connect(window.place.to_reading)

    # keys

    def _use_keys(self) -> None:
        """The reader's own keys; what can't be used of them is said once."""
        notes = self.keymap.use(dict(self._controller.settings.shortcuts))
        if notes:
            hint = " ".join(notes[1:]) or "Help › Change shortcuts shows what holds now."
            self._window.messages.show_message(Message(notes[0], hint, kind="info", key="keys"))

    def _keep_keys(self) -> None:
        self._controller.takes(shortcuts=tuple(self.keymap.chosen.items()))
        if self.side_window("shortcuts") is not None:
            self.show_shortcuts()  # with the keys that hold now

    def _show_own_keys(self) -> None:
        """Let every place that shows a key follow its action."""
        window, commands = self._window, self.commands
        window.top.commands.follow(commands["command"])
        window.status.follow(commands["shortcuts"])
        window.viewer.follow_keys(commands["open_file"], commands["draft"], commands["shortcuts"])
        window.column.drafts.draft_action = commands["draft"]
        window.column.report.set_history_action(commands["history"])

    # opening

    def open_paths(self, files: list[Path]) -> None:
        self._controller.open_paths(files)

    def open_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Open radiographs", "", _IMAGES)
        if chosen:
            self.open_paths([Path(file) for file in chosen])

    def open_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, "Open every study in a folder")
        if chosen:
            self.open_paths([Path(chosen)])

    def refresh_recent(self) -> None:
        settings = self._controller.settings
        files = () if settings.hide_identity else settings.recent  # file names name patients
        self.menus.set_recent(files, lambda path: self.open_paths([path]))

    # saving

    def export(self, what: Exported) -> None:
        """Ask for a file and what to hide; the store's thread writes it."""
        dialog = QFileDialog(self._window, f"Export {what}", f"{what}.csv", "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setDefaultSuffix("csv")
        pseudonymise = QCheckBox("Pseudonyms for patients, studies and images")
        pseudonymise.setChecked(self._controller.settings.hide_identity)
        bom = QCheckBox("For Excel (byte order mark)")
        layout = dialog.layout()
        for box in (pseudonymise, bom):
            if layout is not None:
                layout.addWidget(box)
        if dialog.exec() == QDialog.DialogCode.Accepted and dialog.selectedFiles():
            self._controller.exporting.write(
                what,
                Path(dialog.selectedFiles()[0]),
                who=self._controller.reader,
                pseudonymise=pseudonymise.isChecked(),
                bom=bom.isChecked(),
            )

    def save_screenshot(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save a picture of the window", "reading-room.png", "PNG (*.png)"
        )
        if chosen:
            self.write_screenshot(Path(chosen))

    def write_screenshot(self, file: Path) -> bool:
        """Save the window as it looks; says how that went."""
        saved = self._window.grab().save(str(file), "PNG")
        if saved:
            said = Message(f"Saved a picture of the window as {file}.", kind="info", key="picture")
        else:
            said = Message(
                f"The picture could not be saved as {file}.",
                "Choose another folder.",
                key="picture",
            )
        self._window.messages.show_message(said)
        return saved

    # going

    def _go(self, step: int, *, unrated: bool = False) -> None:
        current = self._controller.current
        here = current.study_id if current is not None else ""
        record = self._window.worklist.neighbour(here, step, unrated=unrated)
        if record is not None:
            self._controller.open(record)
        elif unrated:
            self._window.status.hint("Every study of the list is rated.")
        else:
            self._window.status.hint("That was the last study of the list.")

    def _open_palette(self) -> None:
        self.finder.open(self._window)

    def _insert_measurements(self) -> None:
        report, sentences = self._window.column.report, self._window.measurements.sentences()
        if report.is_read_only():
            self._window.status.hint("The report can't be written on now.")
        elif not sentences:
            self._window.status.hint("Nothing has been measured on these images yet.")
        else:
            report.insert_text(" ".join(sentences))

    def _cancel_drafts(self) -> None:
        for drafting in (self._controller.drafting, self._controller.comparing.drafting):
            drafting.cancel()

    def _amend(self) -> None:
        if self._window.column.report.is_signed():
            self._window.reading.amend()

    # appearance

    def _change_opacity(self, step: float) -> None:
        self._window.set_opacity(self._controller.settings.attention_opacity + step)

    def _toggle_identity(self) -> None:
        hidden = not self._controller.settings.hide_identity
        self._window.set_identity_hidden(hidden)
        pane = self._window.viewer.active_pane
        if hidden and pane is not None:  # what is part of the pixels can't be hidden
            self._window.status.hint(burned_in(pane.radiograph))

    # side windows

    def show_settings(self) -> None:
        from app.ui.settings_dialog import SettingsDialog

        dialog = SettingsDialog(
            self._controller.settings,
            self._controller.models,
            self._controller.places.home,
            login_name(),
            self._window,
        )
        dialog.chosen.connect(self._window.change_settings)
        self.show_beside("settings", dialog)

    def show_shortcuts(self) -> None:
        from app.ui.shortcuts import ShortcutSheet

        sheet = ShortcutSheet(self.menus.actions(), self._window)
        sheet.change_wanted.connect(self.show_keys)
        self.show_beside("shortcuts", sheet)

    def show_print(self) -> None:
        box = self.pictures.print_box()
        if box is not None:
            self.show_beside("print", box)

    def show_test_pattern(self) -> None:
        from app.ui.test_pattern import TestPatternWindow

        self.show_beside("test_pattern", TestPatternWindow(self._window))

    def show_reader_studies(self) -> None:
        from app.ui.coordinator.window import CoordinatorWindow

        open_one = self.side_window("reader_studies")
        if open_one is not None:  # it may be drafting
            open_one.raise_()
            open_one.activateWindow()
            return
        self.show_beside("reader_studies", CoordinatorWindow(self._controller, self._window))

    def show_read_study(self) -> None:
        from app.ui.coordinator.seat import SeatBox

        box = SeatBox(self._controller.places, self._why_nobody_reads, self._window)
        self._controller.escaped.connect(box.escaped)
        self.show_beside("read_study", box)

    def _why_nobody_reads(self) -> str:
        """Nothing is computed while somebody reads: how fast an item comes must tell nothing."""
        if self._controller.model.idle:
            return ""
        return "The model is drafting. Wait until it has finished, or cancel it."

    def close_beside(self) -> None:
        """Close every side window: one may have a thread to end."""
        for widget in list(self._side_windows.values()):
            widget.close()

    def show_keys(self) -> None:
        from app.ui.keys.sheet import KeySheet

        self.show_beside("keys", KeySheet(self.keymap, self._window))

    def show_about(self) -> None:
        from app.ui.about import AboutBox

        self.show_beside("about", AboutBox(self._window))

    def show_history(self) -> None:
        """Every revision of the open report; gone when another study is opened."""
        record = self._controller.current
        if record is None:
            self._window.status.hint("Open a study to see its report's revisions.")
            return
        self._controller.report.history(
            lambda revisions: self._show_revisions(record.study_id, revisions)
        )

    def _show_revisions(self, study_id: str, revisions: list[Revision]) -> None:
        from app.ui.history import HistoryBox

        current = self._controller.current
        if current is None or current.study_id != study_id:
            return
        if not revisions:
            self._window.status.hint("Nothing has been written about this study yet.")
            return
        box = HistoryBox(revisions, self._window)
        box.restored.connect(self._window.reading.restore)
        self._controller.closed.connect(box.close)
        self.show_beside("history", box)

    def show_guide(self) -> None:
        guide = program_folder().joinpath(*_GUIDE)
        if not guide.is_file() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(guide))):
            self.show_shortcuts()

    def side_window(self, name: str) -> QWidget | None:
        """The open side window: ``settings``, ``models``, ``shortcuts``, ``keys``, ``about``,
        ``history``.
        """
        return self._side_windows.get(name)

    def show_beside(self, name: str, widget: QWidget) -> None:
        """Show a window of its own, in place of an earlier one of the same kind; never modal."""
        earlier = self._side_windows.pop(name, None)
        if earlier is not None:
            earlier.close()
        widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        widget.destroyed.connect(lambda: self._forget(name, widget))
        self._side_windows[name] = widget
        widget.show()
        widget.raise_()
        widget.activateWindow()

    def _forget(self, name: str, widget: QWidget) -> None:
        if self._side_windows.get(name) is widget:
            del self._side_windows[name]
