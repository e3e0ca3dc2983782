"""How far a long command is, on stderr, so that stdout stays a clean stream of results."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO


class Progress:
    """A bar on a terminal; elsewhere (a log file, a pipe) a plain line now and then."""

    def __init__(self, total: int, what: str, *, shown: bool = True) -> None:
        self._total = total
        self._what = what
        self._shown = shown
        self._stream: TextIO = sys.stderr
        self._terminal = shown and self._stream.isatty()
        self._began = time.monotonic()
        self._said = 0

    def show(self, done: int) -> None:
        """Say that ``done`` of the total are behind us."""
        if self._terminal:
            filled = 30 * done // max(self._total, 1)
            bar = "█" * filled + "·" * (30 - filled)
            left = self._left(done)
            self._stream.write(f"\r{bar} {done}/{self._total} {self._what}{left}\x1b[K")
            if done >= self._total:
                self._stream.write("\n")
        elif self._shown and (
            done >= self._total or done - self._said >= max(self._total // 10, 1)
        ):
            self._said = done
            self._stream.write(f"{done}/{self._total} {self._what}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the bar away, so that another line can be written in its place."""
        if self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _left(self, done: int) -> str:
        if not 0 < done < self._total:
            return ""
        seconds = (time.monotonic() - self._began) / done * (self._total - done)
        return (
            f", about {seconds:.0f} s left"
            if seconds < 100
            else f", about {seconds / 60:.0f} min left"
        )


def counted(what: str) -> Callable[[int, int], None]:
    """A bar that begins when it is known how many there are: ``show(done, total)``."""
    bars: list[Progress] = []

    def show(done: int, total: int) -> None:
        if not bars:
            bars.append(Progress(total, what))
        bars[0].show(done)

    return show
