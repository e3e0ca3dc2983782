"""The log file: what went wrong, for whoever mends it, and nothing about patients.

File and folder names often carry a patient's name, so every path outside the program is replaced by
its suffix before a line is written.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

SIZE = 1_000_000
"""Bytes after which a new file is begun; ``OLD_FILES`` old ones are kept."""
OLD_FILES = 4
NAME = "readingroom.log"
_log = logging.getLogger(__name__)

_PROGRAM = tuple({str(Path(__file__).resolve().parent), sys.prefix, sys.base_prefix})
_START = r"(?:/(?!/)|~/|[A-Za-z]:[\\/]|\\\\|file://)"
_QUOTED = re.compile(rf"(?P<quote>['\"])(?P<path>{_START}.+?)(?P=quote)")
# A bare path may hold blanks: it goes on while a separator or an image's suffix still follows.
_BARE = re.compile(
    rf"(?<![\w/\\.<>'\"])(?P<path>{_START}[^\s'\"]+"
    r"(?:(?: [^\s'\"/\\]+){0,4} [^\s'\"/\\]*[/\\][^\s'\"]*)*"
    r"(?:(?: [^\s'\"/\\]+){0,4}? ?[^\s'\"/\\]*\.(?:dcm|png|jpe?g|webp|tiff?|zip|csv)\b)?)",
    re.IGNORECASE,
)


class DiscreetFormatter(logging.Formatter):
    """Time (UTC), level, module, message and traceback, with paths outside the program taken
    out."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.converter = time.gmtime
        self.default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        return without_paths(super().format(record))


def without_paths(text: str) -> str:
    """``text`` with every absolute path outside the program as ``<path>`` and its suffix."""
    return _BARE.sub(_discreet, _QUOTED.sub(_discreet, text))


def set_up(folder: Path, level: int = logging.INFO) -> logging.Handler | None:
    """Write the log into ``folder``, in files of at most ``SIZE`` bytes; returns the handler.

    Returns None when that folder can't be written: the program then runs without a log file.
    """
    logger = logging.getLogger()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / NAME, maxBytes=SIZE, backupCount=OLD_FILES, encoding="utf-8"
        )
    except OSError:
        return None
    handler.setFormatter(DiscreetFormatter())
    handler.setLevel(level)
    logger.addHandler(handler)
    logger.setLevel(min(level, logger.level or level))
    # pydicom and Pillow write values of the file's header into their warnings.
    for library in ("pydicom", "PIL"):
        logging.getLogger(library).setLevel(logging.ERROR)
    return handler


def tear_down(handler: logging.Handler | None) -> None:
    """Stop writing to the handler of :func:`set_up` and close its file."""
    if handler is not None:
        logging.getLogger().removeHandler(handler)
        handler.close()


def catch_unhandled(tell: Callable[[BaseException], None] | None = None) -> None:
    """Log every error that nobody caught, in any thread, with its traceback; then ``tell`` of it.

    ``tell`` is called in the thread of the error. Ctrl-C still ends the program.
    """

    def caught(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or issubclass(kind, (KeyboardInterrupt, SystemExit)):
            if not issubclass(kind, SystemExit):
                sys.__excepthook__(kind, error or kind(), trace)
            return
        _log.critical("An error that nobody caught", exc_info=(kind, error, trace))
        if tell is None:
            sys.__excepthook__(kind, error, trace)
        else:
            tell(error)

    sys.excepthook = caught
    threading.excepthook = lambda args: caught(args.exc_type, args.exc_value, args.exc_traceback)


def _discreet(match: re.Match[str]) -> str:
    path = match["path"]
    if path.startswith(_PROGRAM):
        return match.group()
    suffix = Path(path.rstrip(".,:;)!?")).suffix
    suffix = suffix if re.fullmatch(r"\.\w{1,6}", suffix) else ""
    return match.group().replace(path, f"<path>{suffix}")
