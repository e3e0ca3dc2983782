"""Everything the window itself can be told to do, as actions with a name, a menu, a key and an
icon.

The viewer and the panels bring their own actions; :mod:`app.ui.menus` puts all of them into
menus, and the shortcut sheet and the palette read those menus, so that the three can't
disagree. Single letters reach an action only while no text field has the focus: Qt gives a text
field its letters first.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from app.ui import theme
from app.ui.keys.shown import first_key, with_key

# name: (text, keys, icon, what it does)
_COMMANDS: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "open_file": ("Open file…", ("Ctrl+O",), "open", "Open radiographs"),
    "open_folder": ("Open folder…", ("Ctrl+Shift+O",), "folder", "Open every study in a folder"),
    "stop_search": ("Stop looking for studies", (), "close", "Keep what was found in the folder"),
    "synthetic": ("Synthetic study", (), "image", "A phantom made by this project"),
    "remove_study": ("Remove study", (), "close", "Take the chosen study off the worklist"),
    "reveal_study": ("Show study's folder", (), "folder", "Where the chosen study's files lie"),
    "export": ("Export ratings…", ("Ctrl+Shift+E",), "export", "Write all ratings to a CSV file"),
    "export_measurements": ("Export measurements…", (), "export", "Write them to a CSV file"),
    "insert_measurements": ("Measurements into report", ("Ctrl+M",), "plus", "As your sentences"),
    "screenshot": ("Save screenshot…", ("Ctrl+Shift+S",), "image", "Save a picture of the window"),
    "save_picture": ("Save picture…", ("Ctrl+Alt+S",), "image", "Save the image, identity hidden"),
    "copy_picture": ("Copy picture", ("Ctrl+Shift+C",), "copy", "Copy the image, identity hidden"),
    "print": ("Print…", ("Ctrl+P",), "print", "Print what is shown, on paper or as a PDF"),
    "undo": ("Undo", ("Ctrl+Z",), "undo", "Take back the last change"),
    "redo": ("Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "Do it again"),
    "settings": ("Settings…", ("Ctrl+,",), "settings", "Name, model, device, appearance"),
    "quit": ("Quit", ("Ctrl+Q",), "close", "Save and leave"),
    "hide_identity": ("Hide identity", ("Ctrl+H",), "hide", "Show no name or number of a patient"),
    "fold_worklist": ("Worklist", ("Ctrl+B",), "side-by-side", "Show or fold the list of studies"),
    "stronger": ("Stronger map", ("Ctrl+Up",), "attention", "More opaque by a tenth"),
    "fainter": ("Fainter map", ("Ctrl+Down",), "attention", "Less opaque by a tenth"),
    "full_screen": ("Full screen", ("F11",), "fit", "Use the whole screen"),
    "viewer_window": ("Viewer in its own window", ("Ctrl+Shift+D",), "screens", "And back again"),
    "viewer_full_screen": ("Viewer full screen", ("Shift+F11",), "fit", "The images alone"),
    "draft": ("Draft this study", ("D",), "pen", "Let the model draft the open study"),
    "cancel_draft": ("Cancel drafting", ("Ctrl+.",), "close", "Stop the model"),
    "draft_anyway": ("Draft anyway", (), "warning", "Draft an image that the gate refuses"),
    "models": ("Models…", ("Ctrl+Shift+M",), "info", "Which one drafts, and what it is"),
    "compare_models": ("Compare with another model…", ("Shift+D",), "compare", "Its drafts too"),
    "other_drafts": ("Go to the other model's drafts", ("Shift+G",), "side-by-side", "Back too"),
    "end_comparison": ("End the comparison", ("Ctrl+Alt+D",), "close", "One model's drafts again"),
    "amend": ("Amend report", (), "pen", "Write on after the signature"),
    "history": ("Revisions…", ("Ctrl+Shift+H",), "reset", "Every state of the report"),
    "comment": ("Comment on the rating", ("C",), "pen", "Write why"),
    "next": ("Next study", ("N",), "chevron-right", "The next one of the worklist"),
    "previous": ("Previous study", ("P",), "chevron-left", "The one before"),
    "next_unrated": ("Next unrated study", ("U",), "star", "The next one that nobody has rated"),
    "command": ("Search or command", ("Ctrl+K",), "search", "Type what you want to do"),
    "focus_filter": ("Filter studies", ("Ctrl+F",), "search", "Find a study in the worklist"),
    "similar": ("Similar cases", ("Shift+S",), "grid", "Your signed studies that look alike"),
    "similar_words": ("Find cases by words", ("Ctrl+Shift+F",), "search", "Among signed studies"),
    "similar_back": ("Back from a similar case", ("Alt+Left",), "chevron-left", "To your study"),
    "focus_worklist": ("Go to the worklist", ("Ctrl+L",), "template", "Move with ↑ ↓, Enter opens"),
    "focus_drafts": ("Go to the drafts", ("G",), "attention", "Walk their words with the arrows"),
    "focus_editor": ("Go to the report", ("E",), "pen", "Write"),
    "test_pattern": ("Test pattern", (), "test-pattern", "Is this screen fit to read on?"),
    "reader_studies": ("Reader studies…", (), "shield", "Prepare, watch and evaluate them"),
    "read_study": ("Read a blinded study…", (), "user", "Score reports as one of its readers"),
    "shortcuts": ("Shortcuts", ("?",), "keyboard", "Every key on one sheet"),
    "change_keys": ("Change shortcuts…", (), "keyboard", "Give actions other keys"),
    "guide": ("User guide", ("F1",), "info", "How to work with Reading Room"),
    "about": ("About Reading Room", (), "info", "Version, licence, what it may not be used for"),
}  # fmt: skip

_CHECKABLE = frozenset(
    {"hide_identity", "fold_worklist", "full_screen", "viewer_window", "viewer_full_screen"}
    | {"similar"}
)


def make_commands(handlers: dict[str, Callable[[], object]], parent: QObject) -> dict[str, QAction]:
    """The window's actions by name; their object names are ``command_<name>``."""
    made: dict[str, QAction] = {}
    for name, (text, keys, icon, tip) in _COMMANDS.items():
        action = QAction(theme.icon(icon), text, parent)
        action.setObjectName(f"command_{name}")
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(with_key(tip, first_key(action)))
        action.setStatusTip(tip)
        action.setCheckable(name in _CHECKABLE)
        action.triggered.connect(handlers[name])
        made[name] = action
    return made
