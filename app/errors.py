"""Errors that a user can mend.

Everything that is raised as an :class:`AppError` is shown as one sentence in the window and as one
line with exit code 2 on the command line. Anything else that escapes is a fault of ours: it is
logged with its traceback and shown as such.
"""

from __future__ import annotations


class AppError(Exception):
    """Something a user can mend.

    ``message`` says what is wrong and with which file, ``hint`` what to do about it. Both are whole
    sentences for a reader, without patient names.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class StudyError(AppError):
    """A file or folder that can't be opened as a study."""


class ModelError(AppError):
    """Weights, a device or a configuration that can't be used."""


class StoreError(AppError):
    """The database or an export file can't be read or written."""


class UsageError(AppError):
    """An option or a path on the command line that makes no sense."""


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """Raised inside long work when the user cancelled it."""
