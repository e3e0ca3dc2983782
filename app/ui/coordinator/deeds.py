"""What the coordinator can do, as actions with a menu, a key, and a reason when they can't."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar

from app.reading.study import allowed
from app.ui.palette.reasons import WHY

if TYPE_CHECKING:
    from app.ui.coordinator.preparing_page import PreparingPage
    from app.ui.coordinator.running_page import RunningPage
    from app.ui.coordinator.work import Coordinator

DEEDS: Final[dict[str, dict[str, tuple[str, str, str]]]] = {
    "Study": {
        "new": ("New study…", "Ctrl+N", "A protocol, its cases and its readers"),
        "open_folder": ("Open study's folder…", "Ctrl+O", "A frozen study that lies elsewhere"),
        "refresh": ("Refresh", "F5", "Look for studies again"),
        "list": ("Go to the list", "Ctrl+L", "Choose with ↑ ↓"),
        "close": ("Close", "Ctrl+W", "Back to the reading room"),
    },
    "Prepare": {
        "draft": ("Draft the machine's reports", "Ctrl+D", "Goes on where it was stopped"),
        "cancel": ("Cancel", "Ctrl+.", "What is drafted stays"),
        "see": ("Show the image", "Ctrl+I", "What the chosen item's text speaks of"),
        "rewrite_all": ("Rewrite all neutrally", "Ctrl+Shift+R", "Both arms, by the same rules"),
        "rewrite": ("Rewrite neutrally", "Ctrl+R", "Take the tells out of the chosen item"),
        "reword": ("Keep my wording", "Ctrl+Return", "As it is typed, with the reason"),
        "exclude": ("Exclude the case", "Ctrl+Shift+X", "Another case takes its place"),
        "discard": ("Discard the preparation…", "Ctrl+Shift+D", "Its name is free again"),
        "freeze": ("Freeze the study", "Ctrl+Shift+F", "Nothing is changed any more"),
    },
    "Run": {
        "withdraw": ("Withdraw the reader", "Ctrl+Shift+W", "None of their ratings counts"),
        "lock": ("Lock the study", "Ctrl+Shift+L", "End the reading for good"),
        "unblind": ("Unblind", "Ctrl+U", "Open the key"),
        "export": ("Export the results", "Ctrl+E", "Ratings, results, pictures, checklists"),
    },
}
"""By menu and name: text, key, what it does."""


def make_deeds(
    bar: QMenuBar, handlers: dict[str, Callable[[], object]], parent: QObject
) -> dict[str, QAction]:
    """Fill the menu bar; the actions by their names."""
    made: dict[str, QAction] = {}
    for title, deeds in DEEDS.items():
        menu = bar.addMenu(title)
        for name, (text, key, tip) in deeds.items():
            action = QAction(text, parent)
            action.setObjectName(f"study_{name}")
            action.setShortcut(QKeySequence(key))
            action.setToolTip(f"{tip}  ({key})")
            action.triggered.connect(handlers[name])
            menu.addAction(action)
            made[name] = action
    return made


def allow(action: QAction, why_not: str) -> None:
    """Enable an action, or say why it can't be done now."""
    action.setProperty(WHY, why_not)
    action.setEnabled(not why_not)


def why_not(
    work: Coordinator, page: PreparingPage | None, run: RunningPage | None
) -> dict[str, str]:
    """For each deed why it can't be done now, "" when it can; ``page`` and ``run`` are the pages
    when they are the one that is shown."""
    busy = "" if work.idle else work.what
    cancel = "" if work.can_cancel else "Nothing runs that can be cancelled."
    return {
        "new": busy,
        "open_folder": busy,
        "cancel": cancel,
        **_preparing(busy, page),
        **_running(busy, run),
    }


def _preparing(busy: str, page: PreparingPage | None) -> dict[str, str]:
    if busy or page is None or page.study is None:
        return dict.fromkeys(
            ("draft", "see", "rewrite_all", "rewrite", "reword", "exclude", "discard", "freeze"),
            busy or "Open a study that is being prepared.",
        )
    left = page.study.waiting(force=page.force.isChecked())
    not_drafted = "" if page.study.items else "Draft the reports first."
    no_item = not_drafted or ("" if page.items.item is not None else "Choose an item.")
    no_why = no_item or ("" if page.items.why.text().strip() else "Say why.")
    no_text = no_item or ("" if page.items.changed_text() else "Change the text first.")
    return {
        "draft": "" if left else "Every image is done.",
        "see": no_item,
        "rewrite_all": not_drafted,
        "rewrite": no_item,
        "reword": no_text or no_why,
        "exclude": no_why,
        "discard": "",
        "freeze": page.not_frozen(),
    }


def _running(busy: str, run: RunningPage | None) -> dict[str, str]:
    if busy or run is None or run.study is None:
        return dict.fromkeys(
            ("withdraw", "lock", "unblind", "export"), busy or "Open a frozen study."
        )
    can = allowed(run.study.state)
    no_reader = "" if run.reader else "Choose a reader who isn't withdrawn."
    no_why = no_reader or ("" if run.why.text().strip() else "Say why.")
    no_passphrase = "" if run.passphrase.text() else "Type the passphrase."
    return {
        "withdraw": no_why if "withdraw" in can else "The reading has ended.",
        "lock": "" if "lock" in can else "The study is locked.",
        "unblind": no_passphrase if "unblind" in can else "Only a locked study is unblinded.",
        "export": "" if "export" in can else "Unblind the study first.",
    }
