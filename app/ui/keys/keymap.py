"""Which action has which keys: those it was made with, or those that the reader has given it.

Only what differs from the program's own keys is kept, so that a later version's new keys arrive.
What the reader chose always wins: a key given away is taken from the action that had it by
default. Names that this version doesn't know are kept for the one that does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from app.ui.keys.shown import first_key, name_of, with_key

Keys = tuple[str, ...]

_KEPT = {
    "Up": "walks lists and drafts",
    "Down": "walks lists and drafts",
    "Left": "walks the words of a draft",
    "Right": "walks the words of a draft",
    "Return": "takes or opens what is chosen",
    "Enter": "takes or opens what is chosen",
    "Shift+Return": "takes the sentence",
    "Space": "presses buttons and writes a space",
    "Tab": "goes from field to field",
    "Shift+Tab": "goes from field to field",
    "Shift+Backtab": "goes from field to field",
    "Backtab": "goes from field to field",
    "Esc": "leaves and dismisses",
    "Del": "takes away what is chosen",
}
"""Keys that panels and lists use themselves, and what for: no action can have them."""


def portable(key: str) -> str:
    """``key`` as it is stored (``Ctrl+Shift+K``); "" when it is no key, or more than one."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return text if sequence.count() == 1 else ""  # an unknown key is written as nothing


def kept_for(key: str) -> str:
    """What a key does in every list and panel, so that no action can have it; "" for others."""
    return _KEPT.get(key, "")


@dataclass(frozen=True)
class Resolved:
    """The keys of every action, and a sentence for each stored key that could not be used."""

    keys: dict[str, Keys]
    notes: tuple[str, ...] = ()


def resolve(
    own: Mapping[str, Keys], chosen: Mapping[str, Keys], titles: Mapping[str, str]
) -> Resolved:
    """Every action's keys from the program's ``own`` and the reader's ``chosen``, none twice."""
    owner: dict[str, str] = {}
    given: dict[str, Keys] = {}
    notes: list[str] = []
    for name, wanted in chosen.items():
        if name not in own:
            continue
        usable: list[str] = []
        for raw in wanted:
            key = portable(raw)
            trouble = _trouble(raw, key, owner, titles)
            if trouble:
                notes.append(f"The key “{raw}” for “{titles[name]}” was left out: {trouble}.")
            elif key not in usable:
                usable.append(key)
                owner[key] = name
        if usable or not wanted:
            given[name] = tuple(usable)
    keys = {
        name: given[name] if name in given else tuple(key for key in mine if key not in owner)
        for name, mine in own.items()
    }
    return Resolved(keys, tuple(notes))


def _trouble(raw: str, key: str, owner: Mapping[str, str], titles: Mapping[str, str]) -> str:
    if not key:
        return "it is not one key"
    if kept_for(key):
        return f"it {kept_for(key)}"
    if key in owner:
        return f"“{titles[owner[key]]}” has it already"
    return ""


class Keymap(QObject):
    """Gives actions their keys. ``changed()`` when the reader has changed some: they are to be
    kept.
    """

    changed = Signal()

    def __init__(self, actions: Sequence[tuple[str, QAction]], parent: QObject) -> None:
        super().__init__(parent)
        self.listed = [(menu, one) for menu, one in actions if one.objectName()]
        self._actions = {one.objectName(): one for _, one in self.listed}
        self._own = {name: _stored(one) for name, one in self._actions.items()}
        self._titles = {name: name_of(one) for name, one in self._actions.items()}
        self._chosen: dict[str, Keys] = {}
        self.use({})

    @property
    def chosen(self) -> dict[str, Keys]:
        """What the reader has changed, by the actions' names; also names unknown here."""
        return dict(self._chosen)

    def use(self, chosen: Mapping[str, Keys]) -> tuple[str, ...]:
        """Use stored choices; returns a sentence for each that can't be used."""
        self._chosen = dict(chosen)
        resolved = resolve(self._own, self._chosen, self._titles)
        for name, keys in resolved.keys.items():
            action = self._actions[name]
            if _stored(action) != keys:
                action.setShortcuts([QKeySequence.fromString(key) for key in keys])
            if action.statusTip():
                action.setToolTip(with_key(action.statusTip(), first_key(action)))
        return resolved.notes

    def keys(self, name: str) -> Keys:
        """An action's keys as they are stored."""
        return _stored(self._actions[name])

    def action(self, name: str) -> QAction:
        return self._actions[name]

    def is_changed(self, name: str) -> bool:
        """Whether an action has other keys than the program's own."""
        return self.keys(name) != self._own[name]

    def owner(self, key: str) -> str | None:
        """The name of the action that has ``key``."""
        return next((name for name in self._actions if key in self.keys(name)), None)

    def give(self, name: str, keys: Keys) -> None:
        """Give an action these keys and no others; who had one of them loses it."""
        changes = {name: keys}
        for key in keys:
            loser = self.owner(key)
            if loser is not None and loser != name:
                rest = changes.get(loser, self.keys(loser))
                changes[loser] = tuple(one for one in rest if one != key)
        self._change(changes)

    def reset(self, name: str) -> None:
        """The program's own keys for one action; who has been given one of them loses it."""
        self.give(name, self._own[name])

    def reset_all(self) -> None:
        """The program's own keys for every action."""
        self._chosen = {
            name: keys for name, keys in self._chosen.items() if name not in self._actions
        }
        self.use(self._chosen)
        self.changed.emit()

    def _change(self, changes: Mapping[str, Keys]) -> None:
        chosen = {**self._chosen, **changes}
        self.use({name: keys for name, keys in chosen.items() if keys != self._own.get(name)})
        self.changed.emit()


def _stored(action: QAction) -> Keys:
    form = QKeySequence.SequenceFormat.PortableText
    return tuple(sequence.toString(form) for sequence in action.shortcuts())
