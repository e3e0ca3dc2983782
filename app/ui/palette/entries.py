"""What the palette lists: actions of the menus, studies of the worklist, and the worklist's filter.

Decides what is shown for typed letters and in which order; the widget only paints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtGui import QAction, QIcon

from app.ui import theme
from app.ui.keys.shown import keys_of, name_of
from app.ui.palette.ranking import fit

MOST_STUDIES = 6
_RECENT_BONUS = 3.0
_FAR_BEHIND = 0.6  # of the best fit: what falls short of it was hardly meant


@dataclass(frozen=True)
class Entry:
    """One row. ``do`` None: it can't be done now, and ``about`` says why; ``heading`` rows can't
    be chosen. ``letters`` are the places in ``name`` that were typed.
    """

    name: str
    menu: str = ""
    keys: tuple[str, ...] = ()
    about: str = ""
    icon: QIcon | None = None
    do: Callable[[], None] | None = None
    key: str = ""  # under which it is remembered as recent
    letters: tuple[int, ...] = ()
    checked: bool = False
    heading: bool = False

    @property
    def available(self) -> bool:
        return self.do is not None


def of_action(menu: str, action: QAction, why: Callable[[QAction], str]) -> Entry:
    """The row of an action; ``why`` says why one can't be done now."""
    enabled = action.isEnabled()
    return Entry(
        name=name_of(action),
        menu=menu.replace("&", ""),
        keys=keys_of(action),
        about=action.statusTip() if enabled else why(action),
        icon=action.icon(),
        do=action.trigger if enabled else None,
        key=action.objectName(),
        checked=action.isCheckable() and action.isChecked(),
    )


@dataclass(frozen=True)
class StudyChoice:
    """A study of the worklist as the palette knows it: words that may be shown, and a way there.

    ``haystack`` is what is looked through, in lower case; it holds no more than may be shown.
    """

    name: str
    details: str
    haystack: str
    open: Callable[[], None]


def listed(
    typed: str,
    actions: Sequence[Entry],
    studies: Iterable[StudyChoice],
    recent: Sequence[str],
    search: Callable[[str], None],
) -> list[Entry]:
    """The rows for what was typed, the best first.

    Nothing typed: the recent ones, then every action by menu. Else actions that fit, studies that
    have every word, and last the way to the worklist's filter.
    """
    text = " ".join(typed.split())
    if not text:
        return _all(actions, recent)
    places = {key: place for place, key in enumerate(recent)}
    fits = [
        (fit(text, one.name, one.menu, one.about if one.available else ""), number, one)
        for number, one in enumerate(actions)
    ]
    fitting: list[tuple[float, int, Entry]] = []
    best = max((found.score for found, _, _ in fits if found is not None), default=0.0)
    for found, number, entry in fits:
        if found is None or found.score < _FAR_BEHIND * best:
            continue
        score = found.score
        if entry.key in places:
            score += _RECENT_BONUS / (1 + places[entry.key])
        if not entry.available:
            score -= _RECENT_BONUS
        fitting.append((-score, number, replace(entry, letters=found.letters)))
    rows = [entry for _, _, entry in sorted(fitting, key=lambda one: one[:2])]
    found_studies = _studies(text, studies)
    search_row = Entry(
        name=f"Filter the worklist by “{text}”",
        icon=theme.icon("search"),
        do=lambda: search(text),
    )
    return [*rows, *found_studies, search_row]


def _all(actions: Sequence[Entry], recent: Sequence[str]) -> list[Entry]:
    by_key = {entry.key: entry for entry in actions if entry.key}
    latest = [by_key[key] for key in recent if key in by_key]
    rows: list[Entry] = []
    if latest:
        rows += [Entry("Recent", heading=True), *latest]
    by_menu: dict[str, list[Entry]] = {}
    for entry in actions:
        by_menu.setdefault(entry.menu, []).append(replace(entry, menu=""))
    for menu, entries in by_menu.items():
        rows += [Entry(menu, heading=True), *entries]
    return rows


def _studies(text: str, studies: Iterable[StudyChoice]) -> list[Entry]:
    words = text.casefold().split()
    rows: list[Entry] = []
    for study in studies:
        haystack = f"go to study {study.haystack}"
        if all(word in haystack for word in words):
            rows.append(
                Entry(
                    name=f"Go to study {study.name}",
                    menu=study.details,
                    icon=theme.icon("image"),
                    do=study.open,
                )
            )
            if len(rows) == MOST_STUDIES:
                break
    return rows
