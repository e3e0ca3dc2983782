"""One row per reader and showing of an item, and the dictionary that explains the columns."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.files import replacing
from app.reading.ratings import Score
from app.reporting.csv_export import escaped, iso_utc

Cell = str | int | float


@dataclass(frozen=True)
class Column:
    name: str
    meaning: str
    of: Callable[[Score], Cell]


COLUMNS: Final = (
    Column("reader", "reader's code", lambda s: s.reader),
    Column("item", "code under which the item was shown", lambda s: s.item),
    Column(
        "case", "case: image and patient; ratings of one case belong together", lambda s: s.case
    ),
    Column("arm", "whose report it was: human or machine", lambda s: s.arm),
    Column("score", "last score, 1 to 5 by the rubric; it counts", lambda s: s.score),
    Column("first_score", "score that was given first", lambda s: s.first_score),
    Column("changes", "how often the score was changed", lambda s: s.changes),
    Column(
        "repeat_of", "code of the first showing when this is a hidden repeat", lambda s: s.repeat_of
    ),
    Column("position", "place in this reader's order, from 1", lambda s: s.position),
    Column("training", "1: training case, in no result", lambda s: int(s.training)),
    Column(
        "seconds_to_first",
        "seconds shown until the first input",
        lambda s: _second(s.seconds_to_first),
    ),
    Column(
        "seconds_active",
        "active seconds until submitted; idle and paused taken out",
        lambda s: _second(s.seconds_active),
    ),
    Column("seconds_paused", "seconds taken out", lambda s: _second(s.paused)),
    Column(
        "comment",
        "the reader's comment; an apostrophe stands before what a spreadsheet would run",
        lambda s: s.comment,
    ),
    Column("shown_at", "first shown, UTC", lambda s: iso_utc(s.shown_at)),
    Column("submitted_at", "last submitted, UTC", lambda s: iso_utc(s.submitted_at)),
)


def write(scores: Iterable[Score], questions: Mapping[str, str], file: Path) -> int:
    """Write the ratings to ``file`` (UTF-8, CRLF); returns how many.

    Answers to extra questions follow as columns ``answer_<key>``, one for each of ``questions``
    even if nobody answered it. Text that a spreadsheet would run gets an apostrophe in front.
    Raises :class:`app.errors.StoreError` when the file can't be written; an existing one is then
    intact.
    """
    rows = sorted(scores, key=lambda score: (score.reader, score.position))
    keys = _answer_keys(rows, questions)
    with replacing(file, encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([column.name for column in COLUMNS] + [f"answer_{key}" for key in keys])
        for row in rows:
            cells = [column.of(row) for column in COLUMNS]
            cells += [row.answers.get(key, "") for key in keys]
            writer.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in cells])
    return len(rows)


def write_dictionary(scores: Iterable[Score], questions: Mapping[str, str], file: Path) -> None:
    """Write what every column means; ``questions``: an extra question's wording by its key."""
    with replacing(file, encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["column", "meaning"])
        writer.writerows((column.name, escaped(column.meaning)) for column in COLUMNS)
        for key in _answer_keys(scores, questions):
            writer.writerow([f"answer_{key}", escaped(questions.get(key, "extra question"))])


def _answer_keys(scores: Iterable[Score], questions: Mapping[str, str]) -> list[str]:
    """The keys of the questions in their order, then of any other that was answered, sorted."""
    answered = {key for score in scores for key in score.answers}
    return [*questions, *sorted(answered - questions.keys())]


def _second(value: float) -> float:
    return round(value, 3)
