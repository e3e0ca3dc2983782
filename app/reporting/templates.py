"""Ready-made sentences that a typed shortcut puts into a report.

Kept as TOML, which a person can edit by hand: a list of ``[[template]]`` with ``shortcut``,
``title`` and ``text``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import StoreError
from app.files import write_text


@dataclass(frozen=True)
class Template:
    """``text`` takes the place of ``shortcut`` (no white space in it); ``title`` is what a menu
    shows."""

    shortcut: str
    title: str
    text: str


def load(path: Path) -> tuple[Template, ...]:
    """The templates in ``path``, none when it does not exist.

    Raises :class:`StoreError` with the reason when the file is no TOML or an entry is incomplete.
    """
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreError(f"The templates in {path} can't be read ({reason}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoreError(
            f"The templates in {path} are not valid TOML: {error}.", "Mend or remove the file."
        ) from error
    entries = stored.get("template", [])
    if not isinstance(entries, list):
        raise StoreError(f"{path} has no list of [[template]].", "Mend or remove the file.")
    return tuple(_template(path, number, entry) for number, entry in enumerate(entries, start=1))


def save(path: Path, templates: Iterable[Template]) -> None:
    """Write templates, whole or not at all. Raises :class:`StoreError`."""
    entries = (
        f"[[template]]\nshortcut = {_quoted(template.shortcut)}\n"
        f"title = {_quoted(template.title)}\ntext = {_quoted(template.text)}\n"
        for template in templates
    )
    write_text(path, "\n".join(entries))


def merged(builtin: Iterable[Template], own: Iterable[Template]) -> tuple[Template, ...]:
    """All templates; a user's own one takes the place of the built-in one with its shortcut."""
    by_shortcut = {template.shortcut: template for template in builtin}
    by_shortcut.update({template.shortcut: template for template in own})
    return tuple(by_shortcut.values())


def expand(text_before_cursor: str, templates: Sequence[Template]) -> tuple[int, str] | None:
    """How many characters before the cursor to replace, and by what; None when there is no
    shortcut.

    A shortcut counts only as a word of its own: behind white space, a bracket or nothing. Of two
    that fit the longer one wins.
    """
    fitting = [
        template
        for template in templates
        if template.shortcut
        and text_before_cursor.endswith(template.shortcut)
        and _stands_alone(text_before_cursor, len(template.shortcut))
    ]
    if not fitting:
        return None
    longest = max(fitting, key=lambda template: len(template.shortcut))
    return len(longest.shortcut), longest.text


def _stands_alone(text: str, length: int) -> bool:
    before = text[:-length][-1:]
    return not before or before.isspace() or before in "([{。，；："


def _template(path: Path, number: int, entry: object) -> Template:
    if isinstance(entry, dict):
        values = [entry.get(name) for name in ("shortcut", "title", "text")]
        shortcut, title, text = (value if isinstance(value, str) else "" for value in values)
        if shortcut and text and not any(character.isspace() for character in shortcut):
            return Template(shortcut, title or shortcut, text)
    raise StoreError(
        f"Template {number} in {path} needs a shortcut without spaces and a text.",
        "Mend the file.",
    )


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but for the delete character, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
