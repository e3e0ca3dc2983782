"""How a DICOM person name is written for a reader; the one place that decides it."""

from __future__ import annotations


def as_written(name: str) -> str:
    """“Yamada^Tarou=山田^太郎” → “Yamada, Tarou (山田 太郎)” (PS3.5 6.2.1).

    The phonetic group, the third, is left out; a name that is written already stays as it is.
    """
    groups = [group for group in name.split("=")[:2] if group.strip("^ ")]
    shown = []
    for separator, group in zip((", ", " "), groups, strict=False):
        family, *others = [part.strip() for part in group.split("^")]
        given = " ".join(part for part in others[:2] if part)
        shown.append(separator.join(part for part in (family, given) if part))
    return f"{shown[0]} ({shown[1]})" if len(shown) == 2 else "".join(shown)
