"""What a reader study is going to do, fixed before anybody reads.

A protocol is a TOML file that the coordinator writes; :func:`from_toml` says in one sentence what
is wrong with it. Its canonical text (:func:`to_toml`) is what the freeze hashes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from app.errors import StudyError
from app.reading.analysis.comparison import Design

Strata = Literal["", "truth", "length"]

PAPER_RUBRIC: Final[Mapping[int, str]] = MappingProxyType(
    {
        5: "all conditions identified and accurately described",
        4: "major conditions identified correctly, minor problems outside the chest missed",
        3: "major conditions identified correctly, minor problems inside the chest missed",
        2: "major conditions identified but described inaccurately",
        1: "major conditions missed or identified incorrectly",
    }
)
"""The scale of arXiv 2006.10347: 4 and 5 are called acceptable."""


@dataclass(frozen=True)
class Question:
    """An extra question per item; without ``choices`` the answer is free text."""

    key: str
    text: str
    choices: tuple[str, ...] = ()
    required: bool = False


OFFERED: Final = (
    Question("acceptable", "Acceptable as it stands?", ("yes", "no")),
    Question(
        "error_category",
        "What is wrong?",
        ("none", "false finding", "omission", "location", "severity"),
    ),
    Question("error_severity", "How serious?", ("none", "minor", "major")),
    Question("image_quality", "Image quality", ("good", "fair", "poor")),
    Question("guess", "Who wrote it?", ("human", "machine", "don't know")),
    Question("confidence", "How sure are you?", ("1", "2", "3", "4", "5")),
)
"""Questions that a protocol can ask by their key alone."""


@dataclass(frozen=True)
class Protocol:
    """What is read by whom, how, and what will be called non-inferior.

    design       "unpaired": the arms show different images, as in the paper; "paired": the same
                 images, with ``washout_days`` between the two showings
    per_arm      items in each arm; ``training`` items come first and count for nothing;
                 ``repeats`` items of the real ones are shown twice to measure a reader's constancy
    stratify     by "truth" (normal or abnormal), by "length" of the human report, or not at all
    margin       of non-inferiority, in points of the scale
    dark_gap     seconds without an image between two items; ``idle_after`` seconds without input
                 the reader counts as away
    """

    name: str
    design: Design
    seed: int
    margin: float
    readers: tuple[str, ...]
    per_arm: int
    title: str = ""
    training: int = 0
    repeats: int = 0
    stratify: Strata = ""
    washout_days: int = 0
    going_back: bool = False
    dark_gap: float = 1.0
    idle_after: float = 60.0
    rubric: Mapping[int, str] = field(default_factory=lambda: PAPER_RUBRIC)
    questions: tuple[Question, ...] = ()
    model: str = "densenet121-lstm"
    choice: str = "rank 1"

    @property
    def sha256(self) -> str:
        """Of the canonical text, in hexadecimal."""
        return hashlib.sha256(to_toml(self).encode()).hexdigest()


def from_toml(text: str, source: Path) -> Protocol:
    """Read a protocol. Raises :class:`StudyError`: what is wrong, in which file, what to do."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{source} is not a protocol: {error}.", "Mend that line.") from error
    return from_settings(found, f"The protocol {source}")


def from_settings(found: dict[str, Any], named: str = "The protocol") -> Protocol:
    """The protocol with these settings, as a TOML file would give them: the same checks.

    Raises :class:`StudyError` that begins with ``named`` and says what is wrong.
    """
    try:
        return _protocol(found)
    except _ProtocolError as wrong:
        raise StudyError(f"{named}: {wrong}.", "Mend it and try again.") from wrong


def to_toml(protocol: Protocol) -> str:
    """The canonical text: every setting, in the order of the fields."""
    lines = []
    for each in fields(protocol):
        value = getattr(protocol, each.name)
        if each.name not in ("rubric", "questions"):
            lines.append(f"{each.name} = {_written(value)}")
    lines += ["", "[rubric]"]
    lines += [f"{score} = {_written(protocol.rubric[score])}" for score in range(5, 0, -1)]
    for question in protocol.questions:
        lines += ["", "[[questions]]"]
        lines += [
            f"{each.name} = {_written(getattr(question, each.name))}" for each in fields(question)
        ]
    return "\n".join(lines) + "\n"


class _ProtocolError(ValueError):
    pass


def _protocol(found: dict[str, Any]) -> Protocol:
    known = {each.name for each in fields(Protocol)}
    if unknown := sorted(found.keys() - known):
        raise _ProtocolError(f"there is no setting {unknown[0]!r}")
    for name in ("name", "design", "seed", "margin", "readers", "per_arm"):
        if name not in found:
            raise _ProtocolError(f"{name} is missing")
    texts = {name: _text(found, name) for name in ("name", "title", "model", "choice")}
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", texts["name"]):
        raise _ProtocolError("name must be letters, digits, - and _ only, at most 64")
    design, stratify = found["design"], found.get("stratify", "")
    if design not in ("unpaired", "paired"):
        raise _ProtocolError(f'design is {design!r}; it must be "unpaired" or "paired"')
    if stratify not in ("", "truth", "length"):
        raise _ProtocolError(f'stratify is {stratify!r}; it must be "truth", "length" or ""')
    going_back = found.get("going_back", False)
    if not isinstance(going_back, bool):
        raise _ProtocolError("going_back must be true or false")
    made = Protocol(
        name=texts["name"],
        design=design,
        seed=_whole(found, "seed", 0, 2**63 - 1),
        margin=_seconds(found, "margin", 0.0, 4.0),
        readers=_readers(found["readers"]),
        per_arm=_whole(found, "per_arm", 2, 5000),
        title=texts["title"],
        training=_whole(found, "training", 0, 200),
        repeats=_whole(found, "repeats", 0, 1000),
        stratify=stratify,
        washout_days=_whole(found, "washout_days", 0, 3650),
        going_back=going_back,
        dark_gap=_seconds(found, "dark_gap", 0.0, 30.0),
        idle_after=_seconds(found, "idle_after", 5.0, 3600.0),
        rubric=_rubric(found.get("rubric")),
        questions=_questions(found.get("questions", [])),
        model=texts["model"] or "densenet121-lstm",
        choice=texts["choice"] or "rank 1",
    )
    if made.margin <= 0:
        raise _ProtocolError("margin must be above 0: it is fixed before anybody reads")
    if made.repeats > 2 * made.per_arm:
        raise _ProtocolError("repeats can't be more than there are items")
    if made.design == "paired" and made.washout_days < 1:
        raise _ProtocolError(
            "a paired design shows every image twice: washout_days must be at least 1"
        )
    if made.choice not in ("rank 1", "best"):
        raise _ProtocolError(f'choice is {made.choice!r}; it must be "rank 1" or "best"')
    return made


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise _ProtocolError(f"{name} must be a text")
    return value.strip()


def _whole(found: dict[str, Any], name: str, low: int, high: int) -> int:
    value = found.get(name, _default(name))
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _ProtocolError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")
    return value


def _seconds(found: dict[str, Any], name: str, low: float, high: float) -> float:
    value = found.get(name, _default(name))
    right = isinstance(value, int | float) and not isinstance(value, bool)
    if not right or not math.isfinite(value) or not low <= value <= high:
        raise _ProtocolError(f"{name} is {value!r}; it must be a number from {low:g} to {high:g}")
    return float(value)


def _default(name: str) -> Any:
    return next(each.default for each in fields(Protocol) if each.name == name)


def _readers(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _ProtocolError('readers must be a list of codes such as ["R1", "R2"]')
    for code in value:
        if not isinstance(code, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", code):
            raise _ProtocolError(
                f"the reader's code {code!r} must be letters, digits, - and _ only"
            )
    if len(set(value)) < len(value):
        raise _ProtocolError("a reader is named twice")
    return tuple(value)


def _rubric(value: Any) -> Mapping[int, str]:
    if value is None:
        return PAPER_RUBRIC
    if not isinstance(value, dict) or set(value) != {"1", "2", "3", "4", "5"}:
        raise _ProtocolError("rubric must say what 1, 2, 3, 4 and 5 mean")
    if not all(isinstance(text, str) and text.strip() for text in value.values()):
        raise _ProtocolError("a score of the rubric has no text")
    return MappingProxyType({int(score): value[score].strip() for score in "54321"})


def _questions(value: Any) -> tuple[Question, ...]:
    offered = {question.key: question for question in OFFERED}
    if not isinstance(value, list):
        raise _ProtocolError("questions must be a list")
    made: list[Question] = []
    for each in value:
        if isinstance(each, str) and each in offered:
            made.append(offered[each])
            continue
        if not isinstance(each, dict) or not each.keys() <= {"key", "text", "choices", "required"}:
            raise _ProtocolError(
                f"{each!r} is no question; {', '.join(offered)} are known by their names"
            )
        key, base = each.get("key", ""), offered.get(each.get("key", ""))
        text = each.get("text", base.text if base else "")
        choices = each.get("choices", list(base.choices) if base else [])
        right = isinstance(key, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,31}", key)
        if not right:
            raise _ProtocolError(f"the question {key!r} needs a key of small letters, digits and _")
        if not isinstance(text, str) or not text.strip():
            raise _ProtocolError(f"the question {key!r} has no text")
        if not isinstance(choices, list) or not all(isinstance(c, str) and c for c in choices):
            raise _ProtocolError(f"the choices of {key!r} must be texts")
        made.append(Question(key, text.strip(), tuple(choices), each.get("required") is True))
    if len({question.key for question in made}) < len(made):
        raise _ProtocolError("a question is asked twice")
    return tuple(made)


def _written(value: object) -> str:
    """A value as TOML: JSON writes numbers, texts and lists of texts the same way."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")
