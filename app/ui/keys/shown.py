"""Showing an action's keys somewhere, so that they follow when a reader changes them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence


def name_of(action: QAction) -> str:
    """An action's words as they are read: no mnemonic, no dots, no shortcut of a template."""
    return action.text().replace("&", "").partition("\t")[0].removesuffix("…")


def keys_of(action: QAction) -> tuple[str, ...]:
    """An action's keys as this platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return tuple(sequence.toString(native) for sequence in action.shortcuts())


def first_key(action: QAction) -> str:
    """The key that is shown where there is room for one; "" without any."""
    return next(iter(keys_of(action)), "")


def with_key(text: str, key: str) -> str:
    """A tooltip with its key behind it."""
    return f"{text}  ({key})" if key else text


def follow(action: QAction, tell: Callable[[str], None]) -> None:
    """Call ``tell`` with the action's first key, now and whenever it changes.

    For widgets that live as long as the action does.
    """
    last: list[str] = []

    def agree() -> None:
        key = first_key(action)
        if last != [key]:
            last[:] = [key]
            tell(key)

    action.changed.connect(agree)
    agree()
