"""The comparison inside a document: everything between two comments is the program's."""

from __future__ import annotations

from pathlib import Path

from app.errors import AppError
from app.files import write_bytes

BEGIN, END = "<!-- readingroom compare: begin -->", "<!-- readingroom compare: end -->"


def check(file: Path) -> str:
    """The text of ``file``. Raises :class:`AppError` when it can't be read or doesn't hold both
    comments once, in their order.
    """
    try:
        # As it is: line ends that a person chose stay outside the comments.
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise AppError(f"{file} can't be read: {reason}.", "Name an existing document.") from error
    once = text.count(BEGIN) == 1 and text.count(END) == 1
    if not once or text.index(BEGIN) > text.index(END):
        raise AppError(
            f"{file} doesn't hold the two comments between which the tables belong, once each.",
            f"Put {BEGIN} and {END} into it, each on a line of its own.",
        )
    return text


def put(file: Path, lines: list[str]) -> None:
    """Replace what stands between the comments of ``file``; raises as :func:`check`."""
    text = check(file)
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    write_bytes(file, "\n".join([before + BEGIN, "", *lines, "", END + after]).encode())
