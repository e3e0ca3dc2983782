"""What collections write in many ways, in one: split, view, age, sex."""

from __future__ import annotations

import re

from app.errors import AppError

_SPLITS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validate": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
    "": "",
}  # fmt: skip
_OLDEST = 120


def split(word: str, where: str) -> str:
    """ "train", "val", "test" or "" from what a table says; ``where`` is named when it is none."""
    known = _SPLITS.get(word.strip().lower())
    if known is None:
        raise AppError(
            f"{where} names the unknown split {word!r}.",
            "Use train, val or test, or leave it empty.",
        )
    return known


def view(word: str) -> str:
    """ "PA", "AP", "frontal", "lateral", or "" when the word says nothing of it."""
    text = word.strip().lower().replace("-", "")
    if re.search(r"\b[lr]{0,2}lat|lateral|侧位|^[lr]l$", text):
        return "lateral"
    if re.search(r"\bpa\b|posteroanterior|后前", text):
        return "PA"
    if re.search(r"\bap\b|anteroposterior|前后", text):
        return "AP"
    return "frontal" if "front" in text or "正位" in text else ""


def age(word: str) -> float | None:
    """Years from "57", "057Y", "18M", "3 weeks"; None when it is no age of a person."""
    found = re.fullmatch(r"\s*(\d{1,3}(?:\.\d+)?)\s*([a-z]*)\s*", word.lower())
    if not found:
        return None
    unit = {"": 1.0, "y": 1.0, "m": 12.0, "w": 52.18, "d": 365.25}.get(found[2][:1])
    years = float(found[1]) / unit if unit else _OLDEST + 1.0
    return round(years, 3) if years <= _OLDEST else None


def sex(word: str) -> str:
    """ "F", "M" or ""."""
    first = word.strip().upper()[:1]
    return {"F": "F", "W": "F", "女": "F", "M": "M", "男": "M"}.get(first, "")
