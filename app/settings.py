"""What a user chose, kept between starts.

A setting is never worth a crash: a value of the wrong kind falls back to its default, a file that
can't be read at all is put aside with its content and defaults are used.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.files import write_text

RECENT_LIMIT = 12
DEVICES = ("auto", "cpu", "cuda")
_log = logging.getLogger(__name__)

_RANGES: dict[str, tuple[float, float]] = {
    "beams": (1, 20),
    "attention_opacity": (0.0, 1.0),
    "font_size": (8, 48),
}
"""The lowest and highest value of each number; a number outside is moved to the nearer end."""


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults.

    ``user_name`` is empty until it was asked for. ``model`` is a model's id, empty for the first
    one found. ``attention_opacity`` is in [0, 1], ``font_size`` in points for report text.
    ``templates_path`` is empty for the file in the data folder. ``recent_commands`` are names of
    actions, the last one first. ``shortcuts`` are the keys of actions as the reader has changed
    them, by the actions' names (in the file an object of lists). ``window_geometry`` and
    ``window_state`` are Qt's own bytes in base64. ``viewer_apart``: the viewer has a window of its
    own; ``viewer_places`` says where, by the screens that were there (in the file an object).
    """

    user_name: str = ""
    device: str = "auto"
    model: str = ""
    beams: int = 3
    length_normalised: bool = False
    draft_automatically: bool = True
    hide_identity: bool = False
    colour_map: str = "amber"
    attention_opacity: float = 0.55
    link_views: bool = False
    font_size: int = 15
    templates_path: str = ""
    recent: tuple[str, ...] = ()
    recent_commands: tuple[str, ...] = ()
    shortcuts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    window_geometry: str = ""
    window_state: str = ""
    viewer_apart: bool = False
    viewer_places: tuple[tuple[str, str], ...] = ()

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read settings. Never raises for a bad file: it is kept beside as ``….broken`` and
        defaults used."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, RecursionError) as error:
            return cls._put_aside(path, type(error).__name__)
        if not isinstance(stored, dict):
            return cls._put_aside(path, "not an object")
        return cls._from(stored)

    def save(self, path: Path) -> None:
        """Write settings, whole or not at all. Raises :class:`app.errors.StoreError`."""
        values = dataclasses.asdict(self)
        values["shortcuts"] = dict(self.shortcuts)
        values["viewer_places"] = dict(self.viewer_places)
        write_text(path, json.dumps(values, indent=2, ensure_ascii=False) + "\n")

    def changed(self, **values: Any) -> Settings:
        """A copy with some values replaced."""
        return dataclasses.replace(self, **values)

    def with_recent(self, path: Path | str) -> Settings:
        """A copy with ``path`` first in the recent list, once, at most ``RECENT_LIMIT`` long."""
        newest = str(path)
        others = (old for old in self.recent if old != newest)
        return self.changed(recent=(newest, *others)[:RECENT_LIMIT])

    def with_recent_command(self, name: str) -> Settings:
        """A copy with the action ``name`` first among those done last, once."""
        others = (old for old in self.recent_commands if old != name)
        return self.changed(recent_commands=(name, *others)[:RECENT_LIMIT])

    def with_viewer_place(self, screens: str, place: str) -> Settings:
        """A copy that remembers ``place`` for these screens, and the newest few others."""
        others = (old for old in self.viewer_places if old[0] != screens)
        return self.changed(viewer_places=((screens, place), *others)[:RECENT_LIMIT])

    @classmethod
    def _from(cls, stored: dict[str, Any]) -> Settings:
        values = {}
        for setting in dataclasses.fields(cls):
            if setting.name in stored:
                value = _fitting(setting.name, stored[setting.name], setting.default)
                if value is not None:
                    values[setting.name] = value
        return cls(**values)

    @classmethod
    def _put_aside(cls, path: Path, reason: str) -> Settings:
        _log.warning("The settings can't be read (%s); defaults are used.", reason)
        aside = path.with_name(path.name + ".broken")
        number = 2
        while aside.exists():
            aside = path.with_name(f"{path.name}.broken-{number}")
            number += 1
        with contextlib.suppress(OSError):
            path.rename(aside)
        return cls()


def _fitting(name: str, value: Any, default: Any) -> Any:
    """``value`` as the kind that ``default`` is, or None when it is of another kind."""
    if name == "shortcuts":
        return _keys(value)
    if name == "viewer_places":
        return _places(value)
    if isinstance(default, bool) or isinstance(value, bool):
        return value if isinstance(default, bool) and isinstance(value, bool) else None
    if isinstance(default, tuple):
        if not isinstance(value, list):
            return None
        return tuple(entry for entry in value if isinstance(entry, str))[:RECENT_LIMIT]
    if isinstance(default, (int, float)):
        if not isinstance(value, (int, float)) or value != value:
            return None
        low, high = _RANGES[name]
        return type(default)(min(max(value, low), high))
    if not isinstance(value, str):
        return None
    return None if name == "device" and value not in DEVICES else value


def _keys(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """An object of lists of keys; what is no list of strings in it is left out, alone."""
    if not isinstance(value, dict):
        return None
    return tuple(
        (name, tuple(keys))
        for name, keys in value.items()
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys)
    )


def _places(value: Any) -> tuple[tuple[str, str], ...] | None:
    """An object of strings; what is none in it is left out, alone."""
    if not isinstance(value, dict):
        return None
    kept = [(screens, place) for screens, place in value.items() if isinstance(place, str)]
    return tuple(kept[:RECENT_LIMIT])
